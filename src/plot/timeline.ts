import type { Drive } from '../driver/drive.js';
import type { SpeechEvent } from '../driver/events.js';
import { frameWidth, weightCount } from '../frame.js';
import type { MediaSession } from '../media/session.js';
import { sampleOfFrame, type FrameRate } from '../player/frame-clock.js';
import { judged, type JudgedSound, type Motion, type TimedSound } from '../score/motion.js';

/** What there is to draw. Times are seconds from the first sample. */
export interface Timeline {
  readonly sampleRate: number;
  readonly audio: Float32Array;
  readonly sounds: readonly JudgedSound[];
  readonly motion: Motion;
}

const ticksPerSecond = 10_000_000;
/** The mouth is at rest by then. */
const tailSeconds = 0.4;

/**
 * Plays drives into memory, as fast as they come: what a session gives out, picture by picture, with
 * the phones that the wire told of. Each drive must have been made with the session as `media`.
 */
export class TimelineRecorder {
  readonly #session: MediaSession;
  readonly #rate: FrameRate;
  readonly #audio: Float32Array[] = [];
  readonly #rows: Float32Array[] = [];
  readonly #sounds: TimedSound[] = [];
  readonly #row = new Float32Array(frameWidth);
  readonly #mostSeconds: number;
  /** Messages of this drive that came without a media session. */
  #pushed = 0;

  /** @param mostSeconds what comes after is not kept. */
  constructor(session: MediaSession, framesPerSecond: number, mostSeconds: number) {
    this.#session = session;
    this.#rate = { numerator: framesPerSecond, denominator: 1 };
    this.#mostSeconds = mostSeconds;
  }

  /** Takes one drive to its end; rejects when it fails, what had come is kept. */
  async take(drive: Drive): Promise<void> {
    const start = this.#session.committed() / this.#session.sampleRate;
    this.#pushed = 0;
    try {
      for await (const event of drive) {
        if (event.type !== 'speech') continue;
        if (event.packet !== undefined) this.#push(event);
        for (const { phone, start: from, end } of event.phones)
          this.#sounds.push({
            symbol: phone,
            start: start + from / ticksPerSecond,
            end: start + end / ticksPerSecond,
          });
        this.#show(this.#session.settledSamples());
      }
      await drive.done;
    } finally {
      this.#session.end();
      this.#show(this.#session.readySamples());
    }
  }

  /** A drive that was recorded without a media session brings its sound and features with its events. */
  #push({ packet, clause, clauseStart, clauseAudioStart, phones, final, featuresFinal }: SpeechEvent): void {
    if (packet === undefined) return;
    if (this.#pushed === 0) this.#session.begin();
    this.#pushed++;
    const { pcm, features, sampleRate, featureDimension } = packet;
    this.#session.pushParsed({
      audio: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
      features,
      sampleRate,
      featureDimension,
      clause,
      sentenceStart: clauseStart,
      featuresFinal,
      final,
      phones: phones.map(({ phone, start, end }) => ({
        symbol: phone,
        start: start - clauseAudioStart,
        end: end - clauseAudioStart,
      })),
    });
  }

  finish(): Timeline {
    this.#show(tailSeconds * this.#session.sampleRate);
    const audio = joined(this.#audio);
    const rows = joined(this.#rows);
    const end = audio.length / this.#session.sampleRate;
    const sounds = judged(this.#sounds.filter((sound) => sound.start < end));
    return {
      sampleRate: this.#session.sampleRate,
      audio,
      sounds,
      motion: { framesPerSecond: this.#rate.numerator, rows },
    };
  }

  /** Whole pictures, as many as `samples` more have room for. */
  #show(samples: number): void {
    const session = this.#session;
    const until = session.committed() + samples;
    for (;;) {
      const frame = this.#rows.length;
      const from = sampleOfFrame(frame, session.sampleRate, this.#rate);
      const to = sampleOfFrame(frame + 1, session.sampleRate, this.#rate);
      if (to > until || to > this.#mostSeconds * session.sampleRate) break;
      session.commit(to);
      const audio = new Float32Array(to - from);
      session.readAudio(from, audio);
      this.#audio.push(audio);
      session.frameAt(from, this.#row, to);
      this.#rows.push(this.#row.slice(0, weightCount));
    }
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
