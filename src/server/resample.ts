import { MediaSession } from '../media/session.js';
import { toPcm16 } from '../sinks/pcm16.js';

/**
 * Converts a whole clause to another rate with the media core's resampler:
 * output sample 0 at input sample 0, ceil(frames × to / from) samples out.
 *
 * @param to a rate that a media session puts out: 16000, 24000, 44100 or 48000.
 */
export function resample(input: Int16Array, from: number, to: number): Int16Array {
  if (from === to || input.length === 0) return input;
  const session = new MediaSession({
    sampleRate: to,
    idleSeed: -1,
    maxBufferedSeconds: Math.ceil(input.length / from) + 1,
    // Base64 of s16 takes 8/3 bytes a sample.
    maxMessageBytes: Math.max(1024 * 1024, 3 * input.length + 1024),
  });
  try {
    session.begin();
    const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    const error = session
      .pushParsed({ audio: bytes.toString('base64'), sampleRate: from, final: true })
      .toError();
    if (error !== undefined) throw error;
    const samples = new Float32Array(session.readySamples());
    // The window that can be read back holds four seconds; two at a time stay inside it.
    for (let at = 0; at < samples.length; at += 2 * to) {
      const piece = samples.subarray(at, Math.min(samples.length, at + 2 * to));
      session.commit(at + piece.length);
      session.readAudio(at, piece);
    }
    const pcm = toPcm16(samples);
    return Int16Array.from({ length: samples.length }, (_, i) => pcm.readInt16LE(2 * i));
  } finally {
    session.close();
  }
}
