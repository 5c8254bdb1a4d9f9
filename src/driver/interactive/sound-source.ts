import { commandSampleRate } from '../../wire/index.js';
import { isWav, readWav } from '../../read-wav.js';
import { StreamResampler } from '../../media/stream-resampler.js';
import { invalid } from '../options.js';

/** Mono sound: samples, a WAV file or little-endian s16 bytes, whole or in pieces. */
export type Sound = Int16Array | Uint8Array | AsyncIterable<Int16Array | Uint8Array> | Iterable<Int16Array>;

/** Bytes that are kept for a sound before it begins; pieces that are yet to come are not. */
export function heldBytes(sound: Sound): number {
  if (sound instanceof Int16Array || sound instanceof Uint8Array) return sound.byteLength;
  if (!Array.isArray(sound)) return 0;
  return (sound as readonly Int16Array[]).reduce((sum, piece) => sum + piece.byteLength, 0);
}

/**
 * The sound at 16 kHz, piece by piece. Throws at once for a file that cannot be read or a missing rate.
 * @param sampleRate in Hz; not needed for a WAV file, which says it.
 */
export function soundAt16k(sound: Sound, sampleRate: number | undefined): AsyncIterable<Int16Array> {
  if (sound instanceof Uint8Array && isWav(sound)) {
    const wav = readWav(sound);
    return convert([wav.pcm], wav.sampleRate);
  }
  if (sampleRate === undefined || !(sampleRate > 0)) {
    throw invalid('sampleRate', 'the rate of the sound in Hz', String(sampleRate));
  }
  const whole = sound instanceof Int16Array || sound instanceof Uint8Array;
  return convert(whole ? [sound] : sound, sampleRate);
}

async function* convert(
  pieces: AsyncIterable<Int16Array | Uint8Array> | Iterable<Int16Array | Uint8Array>,
  rate: number,
): AsyncGenerator<Int16Array> {
  const resampler = new StreamResampler(rate, commandSampleRate);
  const samples = sampleJoiner();
  try {
    for await (const piece of pieces) {
      // A whole recording in seconds, so that no more than one waits converted.
      const all = samples(piece);
      for (let at = 0; at < all.length; at += rate) yield resampler.push(all.subarray(at, at + rate));
    }
    yield resampler.finish();
  } finally {
    resampler.close();
  }
}

/** Bytes may be cut in the middle of a sample; the odd one waits for the next piece. */
function sampleJoiner(): (piece: Int16Array | Uint8Array) => Int16Array {
  let odd: number | undefined;
  return (piece) => {
    if (piece instanceof Int16Array) return piece;
    const bytes = odd === undefined ? Buffer.from(piece) : Buffer.concat([Buffer.from([odd]), piece]);
    odd = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
    return Int16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i));
  };
}
