import { frameWidth, weightCount } from '../frame.js';
import { loudnessOf } from '../media/loudness.js';
import { renderPhones } from '../media/render-phones.js';
import { MediaSession } from '../media/session.js';
import type { MediaSessionOptions } from '../media/session-options.js';
import { sampleOfFrame, type FrameRate } from '../player/frame-clock.js';
import { cutChunks, type SpeechChunk } from '../server/chunks.js';
import { defaultSampleRate } from '../wire/endpoint.js';
import { writeSpeechFrame } from '../wire/frames.js';
import type { Take } from './corpus.js';
import type { Motion } from './motion.js';

/** Something that moves a mouth to speech. */
export interface Subject {
  readonly name: string;
  /** @param mouthLeadMs how far the mouth is to run ahead of the sound. */
  readonly move: (take: Take, framesPerSecond: number, mouthLeadMs: number) => Motion;
}

/** The lead that sessions have by default. */
export const usualLeadMs = 40;

/** Pictures from the first sample to the last of a take. */
export function framesOfTake(take: Take, framesPerSecond: number): number {
  return Math.floor(((take.pcm.length - 1) * framesPerSecond) / defaultSampleRate) + 1;
}

const requestId = 'f1b4d0c2a6e84b7f9c3d5e6a7b8c9d0e';

/** The wire messages in which the server sends a take. */
export function* messagesOf(
  take: Take,
  change: (speech: SpeechChunk['speech']) => SpeechChunk['speech'] = (speech) => speech,
): Generator<Buffer> {
  for (const [index, clause] of take.clauses.entries()) {
    const chunks = [...cutChunks(clause, index + 1)];
    for (const [at, { speech }] of chunks.entries()) {
      const final = index === take.clauses.length - 1 && at === chunks.length - 1;
      const frame = writeSpeechFrame({ requestId, streamId: requestId }, { ...change(speech), final });
      yield Buffer.from(frame);
    }
  }
}

/** What a session shows for wire messages, picture by picture, as fast as they come. */
export function play(
  messages: Iterable<Buffer>,
  frames: number,
  framesPerSecond: number,
  options: MediaSessionOptions = {},
): Motion {
  using session = new MediaSession({ idleSeed: -1, ...options });
  session.begin(requestId);
  for (const message of messages) session.push(message);
  const rate: FrameRate = { numerator: framesPerSecond, denominator: 1 };
  const rows = new Float32Array(frames * weightCount);
  const row = new Float32Array(frameWidth);
  for (let frame = 0; frame < frames; frame++) {
    const next = sampleOfFrame(frame + 1, session.sampleRate, rate);
    session.commit(next);
    session.frameAt(sampleOfFrame(frame, session.sampleRate, rate), row, next);
    rows.set(row.subarray(0, weightCount), frame * weightCount);
  }
  return { framesPerSecond, rows };
}

/** The way from the server's frames through the media session: its weights, and the rules for closed lips on top. */
export const wholePath: Subject = {
  name: 'whole path',
  move: (take, framesPerSecond, mouthLeadMs) =>
    play(messagesOf(take), framesOfTake(take, framesPerSecond), framesPerSecond, { mouthLeadMs }),
};

/** The phone engine alone, fed with the phones that the wire would bring. */
export const phoneEngine: Subject = { name: 'phone engine', move: fromPhones };

/** @param constraints false leaves out the rules for closed lips, the control that must fail. */
export function fromPhones(
  take: Take,
  framesPerSecond: number,
  mouthLeadMs: number,
  constraints = true,
): Motion {
  const frames = framesOfTake(take, framesPerSecond);
  const rows = renderPhones(take.phones, {
    sampleRate: defaultSampleRate,
    frameRateNum: framesPerSecond,
    frameRateDen: 1,
    frames,
    constraints,
    mouthLeadSamples: Math.round((mouthLeadMs * defaultSampleRate) / 1000),
    level: loudnessOf(take.pcm, defaultSampleRate, framesPerSecond, frames),
  });
  return { framesPerSecond, rows };
}
