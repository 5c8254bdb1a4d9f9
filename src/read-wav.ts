import { FacewireError } from './errors.js';

/** Mono sound in signed 16 bits. */
export interface MonoSound {
  readonly pcm: Int16Array;
  /** In Hz. */
  readonly sampleRate: number;
}

const pcmFormat = 1;
const floatFormat = 3;
const extensibleFormat = 0xfffe;

/** True when the bytes begin like a RIFF WAVE file. */
export function isWav(bytes: Uint8Array): boolean {
  return bytes.byteLength >= 12 && tag(bytes, 0) === 'RIFF' && tag(bytes, 8) === 'WAVE';
}

/**
 * Reads a WAV file: 8, 16, 24 or 32-bit integers or 32 or 64-bit floats, any
 * number of channels, which are mixed to one by their mean. A file that was cut
 * off, or that says 0 or too much for its length, is read as far as it goes.
 * Throws ERR_INPUT_UNREADABLE.
 */
export function readWav(bytes: Uint8Array): MonoSound {
  if (!isWav(bytes)) throw unreadable('a RIFF WAVE file', 'other bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.byteLength;) {
    const name = tag(bytes, at);
    const body = at + 8;
    const size = Math.min(view.getUint32(at + 4, true), bytes.byteLength - body);
    if (name === 'fmt ') format = readFormat(view, body, size);
    else if (name === 'data') {
      if (format === undefined) throw unreadable('a fmt chunk before the data', 'none');
      return { pcm: readFrames(view, body, size, format), sampleRate: format.sampleRate };
    }
    at = body + size + (size & 1);
  }
  throw unreadable('a data chunk', 'none');
}

interface Format {
  readonly channels: number;
  readonly sampleRate: number;
  readonly bytes: number;
  readonly float: boolean;
}

function readFormat(view: DataView, at: number, size: number): Format {
  if (size < 16) throw unreadable('a fmt chunk of 16 bytes', `${size} bytes`);
  let code = view.getUint16(at, true);
  if (code === extensibleFormat && size >= 26) code = view.getUint16(at + 24, true);
  const channels = view.getUint16(at + 2, true);
  const bits = view.getUint16(at + 14, true);
  const float = code === floatFormat;
  const known = float ? bits === 32 || bits === 64 : code === pcmFormat && [8, 16, 24, 32].includes(bits);
  if (!known || channels === 0) {
    throw unreadable('integer or float PCM', `format ${code}, ${channels} channels, ${bits} bits`);
  }
  return { channels, sampleRate: view.getUint32(at + 4, true), bytes: bits / 8, float };
}

function readFrames(view: DataView, at: number, size: number, format: Format): Int16Array {
  const { channels, bytes } = format;
  const frames = Math.floor(size / (channels * bytes));
  const read = sampleReader(view, format);
  const pcm = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      sum += read(at + (frame * channels + channel) * bytes);
    }
    // A float that is no number is silence.
    const value = Math.round((sum / channels) * 32768);
    pcm[frame] = Math.max(-32768, Math.min(32767, Number.isNaN(value) ? 0 : value));
  }
  return pcm;
}

/** One sample in [-1, 1]. */
function sampleReader(view: DataView, { bytes, float }: Format): (at: number) => number {
  if (float) return bytes === 4 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  switch (bytes) {
    case 1:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 2:
      return (at) => view.getInt16(at, true) / 32768;
    case 3:
      return (at) => (view.getUint16(at, true) | (view.getInt8(at + 2) << 16)) / 8388608;
    default:
      return (at) => view.getInt32(at, true) / 2147483648;
  }
}

function tag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function unreadable(expected: string, received: string): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', `the WAV file cannot be read: ${received}`, {
    expected,
    received,
  });
}
