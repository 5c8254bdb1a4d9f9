import { FacewireError } from '../errors.js';

/** Reads a mono 16-bit PCM WAV file. */
export function readWave(bytes: Uint8Array): { pcm: Int16Array; sampleRate: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.byteLength < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE')
    throw malformed('a RIFF WAVE file', 'other bytes');
  let sampleRate = 0;
  for (let at = 12; at + 8 <= bytes.byteLength;) {
    const name = tag(at);
    const size = view.getUint32(at + 4, true);
    const body = at + 8;
    if (name === 'fmt ') {
      const [format, channels, bits] = [
        view.getUint16(body, true),
        view.getUint16(body + 2, true),
        view.getUint16(body + 14, true),
      ];
      if (format !== 1 || channels !== 1 || bits !== 16) {
        throw malformed('16-bit mono PCM', `format ${format}, ${channels} channels, ${bits} bits`);
      }
      sampleRate = view.getUint32(body + 4, true);
    } else if (name === 'data') {
      const frames = Math.min(size, bytes.byteLength - body) >> 1;
      const pcm = new Int16Array(frames);
      for (let i = 0; i < frames; i++) pcm[i] = view.getInt16(body + 2 * i, true);
      return { pcm, sampleRate };
    }
    at = body + size + (size & 1);
  }
  throw malformed('a data chunk', 'none');
}

function malformed(expected: string, received: string): FacewireError {
  return new FacewireError('ERR_VOICE_FAILED', 'the voice engine wrote unusable audio', {
    expected,
    received,
  });
}
