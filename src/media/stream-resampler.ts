import { MediaSession } from './session.js';

/**
 * Converts mono sound that comes in pieces to another rate with the media
 * core's resampler: output sample 0 at input sample 0, the phase kept over
 * pieces. After finish() everything that went in has come out:
 * ceil(frames × to / from) samples. Close it when it is not finished.
 */
export class StreamResampler {
  readonly #to: number;
  readonly #from: number;
  readonly #session: MediaSession | undefined;

  /**
   * @param from rate of what comes in, in Hz: one that a media session reads.
   * @param to rate of what goes out: 16000, 24000, 44100 or 48000.
   */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    if (from === to) return;
    this.#session = new MediaSession({ sampleRate: to, idleSeed: -1, maxBufferedSeconds: 8 });
    this.#session.begin();
  }

  /** What can be given out after these samples; throws ERR_SAMPLE_RATE_UNSUPPORTED. */
  push(pcm: Int16Array): Int16Array {
    if (this.#session === undefined) return pcm;
    const parts: Int16Array[] = [];
    // A second at a time keeps every message and the window that can be read back small.
    for (let at = 0; at < pcm.length; at += this.#from) {
      this.#take(pcm.subarray(at, at + this.#from), false);
      parts.push(this.#drain());
    }
    return join(parts);
  }

  /** The rest. Nothing can be pushed after it. */
  finish(): Int16Array {
    if (this.#session === undefined) return new Int16Array(0);
    this.#session.end();
    const rest = this.#drain();
    this.close();
    return rest;
  }

  close(): void {
    this.#session?.close();
  }

  #take(pcm: Int16Array, final: boolean): void {
    const audio = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
    const error = this.#session!.pushParsed({ audio, sampleRate: this.#from, final }).toError();
    if (error !== undefined) throw error;
  }

  #drain(): Int16Array {
    const session = this.#session!;
    const samples = new Float32Array(session.readySamples());
    // The window that can be read back holds four seconds; two at a time stay inside it.
    for (let at = 0; at < samples.length; at += 2 * this.#to) {
      session.readReady(samples.subarray(at, Math.min(samples.length, at + 2 * this.#to)));
    }
    const pcm = new Int16Array(samples.length);
    for (let i = 0; i < pcm.length; i++) {
      pcm[i] = Math.max(-32768, Math.min(32767, Math.round((samples[i] ?? 0) * 32768)));
    }
    return pcm;
  }
}

/** Converts a whole sound: output sample 0 at input sample 0, ceil(frames × to / from) samples out. Rates as StreamResampler's. */
export function resample(pcm: Int16Array, from: number, to: number): Int16Array {
  if (from === to || pcm.length === 0) return pcm;
  const resampler = new StreamResampler(from, to);
  try {
    return join([resampler.push(pcm), resampler.finish()]);
  } finally {
    resampler.close();
  }
}

function join(parts: readonly Int16Array[]): Int16Array {
  if (parts.length === 1) return parts[0];
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
