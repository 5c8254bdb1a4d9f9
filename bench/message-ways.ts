import { MediaSession } from '../dist/media/session.js';

import { speechMessages, type MessageSet } from './material.js';
import { decodeBase64, readMessage, PlainResampler } from './plain-js.js';
import type { Rivals } from './rivals.js';
import { ours, type Skip } from './row.js';
import { SpeexWasm } from './speex-wasm.js';

export const outputRate = 48_000;

/** One conversation in one way: a message in, its sound at 48 kHz in `audio` and its features read. */
export interface MessageWay {
  /** Frames put into `audio`, from its beginning on. */
  push(message: Buffer): number;
  readonly audio: Float32Array;
  /** Feature numbers read from the latest message, in wire order; Facewire keeps them inside and gives its count. */
  readonly featureCount: () => number;
  readonly features?: Float32Array;
}

/** Ways to make conversations; each may be asked for many. */
export interface MessageWays {
  readonly make: ReadonlyMap<string, (requestId: string) => MessageWay>;
  readonly skipped: readonly Skip[];
}

export const glueName = 'simdjson + simdutf + soxr HQ';
export const speexName = 'JSON.parse + Buffer + speex wasm q5';

export async function messageWays(rivals: Rivals): Promise<MessageWays> {
  const make = new Map<string, (requestId: string) => MessageWay>([[ours, facewire]]);
  const skipped: Skip[] = [];
  const reason = ['soxr', 'simdjson', 'simdutf']
    .map((name) => rivals.missing(name))
    .find((why) => why !== undefined);
  const { addon } = rivals;
  if (addon === undefined || reason !== undefined)
    skipped.push({ name: glueName, reason: reason ?? 'no addon' });
  else {
    make.set(glueName, (requestId) => {
      const glue = addon.createGlue(outputRate, requestId);
      if (glue === undefined) throw new Error('the glue lacks a library that was there');
      const audio = new Float32Array(1.5 * outputRate);
      const features = new Float32Array(52 * 100);
      const report = new Float64Array(8);
      return {
        audio,
        features,
        featureCount: () => report[1],
        push(message) {
          if (!glue.push(message, audio, features, report)) throw new Error('the glue refuses a message');
          return report[0];
        },
      };
    });
  }
  const speex = await SpeexWasm.load();
  if (typeof speex === 'string') skipped.push({ name: speexName, reason: speex });
  else {
    make.set(speexName, () => {
      const process = speex.create(24_000, outputRate, 5);
      return javascript((pcm, audio) => process(pcm, audio));
    });
  }
  make.set('JSON.parse + Buffer + plain JS', () => {
    const resampler = new PlainResampler(24_000, outputRate);
    return javascript((pcm, audio) => {
      const made = resampler.process(pcm);
      audio.set(made);
      return made.length;
    });
  });
  return { make, skipped };
}

/** As a client does it for each frame: take it, and fetch the sound as far as it has come. */
function facewire(requestId: string): MessageWay {
  const session = new MediaSession({ sampleRate: outputRate });
  session.begin(requestId);
  const audio = new Float32Array(1.5 * outputRate);
  let rows = 0;
  return {
    audio,
    featureCount: () => 52 * rows,
    push(message) {
      const report = session.push(message);
      if (report.kind !== 'speech') throw new Error(`a message was ${report.kind}`);
      rows = report.featureFrames;
      return session.readReady(audio);
    },
  };
}

function javascript(resample: (pcm: Int16Array, audio: Float32Array) => number): MessageWay {
  const audio = new Float32Array(1.5 * outputRate);
  let features = new Float32Array(0);
  return {
    audio,
    get features() {
      return features;
    },
    featureCount: () => features.length,
    push(message) {
      const parts = readMessage(message);
      const frames = resample(decodeBase64(parts.audio), audio);
      features = Float32Array.from(parts.features);
      return frames;
    },
  };
}

/**
 * Every way must have read the same before it is timed: all features of every
 * message, and sound of the same length and shape but for its delay.
 */
export function compareWays({ make }: MessageWays, milliseconds: number): void {
  const set = speechMessages(milliseconds, Math.ceil(2000 / milliseconds));
  const first = soundOf(ours, (make.get(ours) as (id: string) => MessageWay)(set.requestId), set);
  for (const [name, create] of make) {
    const sound = soundOf(name, create(set.requestId), set);
    if (Math.abs(sound.length - first.length) > 0.05 * outputRate)
      throw new Error(`${name} made ${sound.length} frames where Facewire made ${first.length}`);
    const likeness = bestCorrelation(first, sound, 150);
    if (likeness < 1 - 1e-8) throw new Error(`${name} makes another sound than Facewire: ${likeness}`);
  }
}

function soundOf(name: string, way: MessageWay, set: MessageSet): Float32Array {
  const sound = new Float32Array((set.messages.length * set.frames + 48_000) * 2);
  let length = 0;
  for (const [index, message] of set.messages.entries()) {
    const frames = way.push(message);
    sound.set(way.audio.subarray(0, frames), length);
    length += frames;
    const expected = Float32Array.from(set.features[index]);
    if (way.featureCount() !== expected.length)
      throw new Error(`${name} read ${way.featureCount()} features of ${expected.length}`);
    if (way.features?.subarray(0, expected.length).some((value, i) => value !== expected[i]) === true)
      throw new Error(`${name} read other features than JSON.parse`);
  }
  return sound.subarray(0, length);
}

/** Largest normalised correlation over shifts of up to `most` frames either way, in the middle of both. */
function bestCorrelation(one: Float32Array, other: Float32Array, most: number): number {
  const from = Math.floor(Math.min(one.length, other.length) / 4);
  let best = 0;
  for (let shift = -most; shift <= most; shift++) {
    let [xx, yy, xy] = [0, 0, 0];
    for (let i = from; i < 2 * from; i++) {
      const x = one[i];
      const y = other[i + shift];
      xx += x * x;
      yy += y * y;
      xy += x * y;
    }
    best = Math.max(best, xy / Math.sqrt(xx * yy));
  }
  return best;
}
