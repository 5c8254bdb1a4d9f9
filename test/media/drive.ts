import { MediaSession, frameWidth, type MediaSessionOptions } from '../../src/media/index.js';
import { wireMessage, type Piece } from '../reference/utterance.js';

export interface Outcome {
  readonly samples: Float32Array;
  /** Rows of frameWidth, one each `step` samples. */
  readonly frames: Float32Array;
}

/** Pushes pieces of one utterance as wire messages or parsed, then reads everything once. */
export function play(
  pieces: readonly Piece[],
  options: MediaSessionOptions & { wireRate: number; door: 'wire' | 'array' | 'float32'; step?: number },
): Outcome {
  using session = new MediaSession({ idleSeed: -1, ...options });
  session.begin('r');
  for (const piece of pieces) {
    const report =
      options.door === 'wire'
        ? session.push(wireMessage(piece, 'r', options.wireRate))
        : session.pushParsed({
            audio: piece.audio.toString('base64'),
            features: options.door === 'array' ? piece.features : Float32Array.from(piece.features),
            sampleRate: options.wireRate,
            featureDimension: 52,
            clause: piece.sequence,
            sentenceStart: piece.start,
            final: piece.final,
          });
    if (report.kind !== 'speech')
      throw new Error(`a piece was ${report.kind}: ${String(report.toError()?.message)}`);
  }
  return drain(session, options.step ?? 797);
}

/** Commits what waits and a tail of silence, reading block by block within the window. */
export function drain(session: MediaSession, step: number): Outcome {
  const from = session.committed();
  const end = from + session.readySamples() + session.sampleRate / 2;
  const samples = new Float32Array(end - from);
  const rows = Math.ceil((end - from) / step);
  const frames = new Float32Array(rows * frameWidth);
  for (let block = from; block < end; block += session.sampleRate) {
    const until = Math.min(end, block + session.sampleRate);
    session.commit(until);
    session.readAudio(block, samples.subarray(block - from, until - from));
  }
  for (let i = 0; i < rows; i++)
    session.frameAt(from + i * step, frames.subarray(i * frameWidth, (i + 1) * frameWidth));
  return { samples, frames };
}

export function sameBits(one: Float32Array, other: Float32Array): boolean {
  const bytes = (array: Float32Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return one.length === other.length && bytes(one).equals(bytes(other));
}
