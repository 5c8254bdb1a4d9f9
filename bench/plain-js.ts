/**
 * The rival: the same work as a user would write it in plain JavaScript with
 * nothing but the standard library. Kept straightforward on purpose, but not
 * wasteful: typed arrays, no allocation where it is easy to avoid.
 */

export interface PlainMessage {
  readonly audio: string;
  readonly features: number[];
  readonly dimension: number;
  readonly sampleRate: number;
}

/** Wire bytes → the parts of a speech message. */
export function readMessage(bytes: Buffer): PlainMessage {
  const frame = JSON.parse(bytes.toString('utf8')) as {
    Payload: { SpeechRsp: { Audio: string; ThFeat: number[]; ThDim: number; Sampling: number } };
  };
  const speech = frame.Payload.SpeechRsp;
  return {
    audio: speech.Audio,
    features: speech.ThFeat,
    dimension: speech.ThDim,
    sampleRate: speech.Sampling,
  };
}

/** Base64 → s16. */
export function decodeBase64(text: string): Int16Array {
  const bytes = Buffer.from(text, 'base64');
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** A polyphase windowed-sinc resampler of 64 taps a phase, the usual hand-written form; keeps its history. */
export class PlainResampler {
  readonly #up: number;
  readonly #down: number;
  readonly #taps = 64;
  readonly #phases: Float32Array[];
  #history: Float32Array;
  #phase = 0;

  constructor(inputRate: number, outputRate: number) {
    const divisor = gcd(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    this.#history = new Float32Array(this.#taps - 1);
    const cut = Math.min(1, outputRate / inputRate) * 0.94;
    this.#phases = Array.from({ length: this.#up }, (_, phase) => {
      const row = new Float32Array(this.#taps);
      for (let k = 0; k < this.#taps; k++) {
        const x = k - this.#taps / 2 + 1 - phase / this.#up;
        const window =
          0.42 +
          0.5 * Math.cos((2 * Math.PI * x) / this.#taps) +
          0.08 * Math.cos((4 * Math.PI * x) / this.#taps);
        row[k] = cut * (x === 0 ? 1 : Math.sin(Math.PI * cut * x) / (Math.PI * cut * x)) * window;
      }
      return row;
    });
  }

  process(input: Int16Array): Float32Array {
    const taps = this.#taps;
    const line = new Float32Array(this.#history.length + input.length);
    line.set(this.#history);
    for (let i = 0; i < input.length; i++) line[this.#history.length + i] = input[i] / 32768;
    const out = new Float32Array(Math.ceil(((input.length + 1) * this.#up) / this.#down));
    let count = 0;
    let at = 0;
    let phase = this.#phase;
    while (at + taps <= line.length) {
      const row = this.#phases[phase];
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += line[at + k] * row[k];
      out[count++] = sum;
      phase += this.#down;
      at += Math.floor(phase / this.#up);
      phase %= this.#up;
    }
    this.#history = line.slice(at);
    this.#phase = phase;
    return out.subarray(0, count);
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Straight-line interpolation between feature rows, clamped to [0, 1]. */
export function interpolate(frames: Float32Array, width: number, position: number, out: Float32Array): void {
  const row = Math.floor(position);
  const t = position - row;
  for (let i = 0; i < width; i++) {
    const a = frames[row * width + i];
    const b = frames[(row + 1) * width + i];
    out[i] = Math.min(1, Math.max(0, a + (b - a) * t));
  }
}

/** RGBA to YUV 4:2:0, BT.709, limited range, whole pictures of even size; rounds as our kernels do. */
export function rgbaToYuv(rgba: Uint8Array, width: number, height: number, out: Uint8Array): void {
  const blueAt = width * height;
  const redAt = blueAt + blueAt / 4;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let [r, g, b] = [0, 0, 0];
      for (let corner = 0; corner < 4; corner++) {
        const at = (y + (corner >> 1)) * width + x + (corner & 1);
        const [red = 0, green = 0, blue = 0] = [rgba[4 * at], rgba[4 * at + 1], rgba[4 * at + 2]];
        out[at] = 16 + ((5983 * red + 20127 * green + 2032 * blue + 16384) >> 15);
        r += red;
        g += green;
        b += blue;
      }
      const half = (y / 2) * (width / 2) + x / 2;
      out[blueAt + half] = 128 + ((-3298 * r - 11094 * g + 14392 * b + 65536) >> 17);
      out[redAt + half] = 128 + ((14392 * r - 13073 * g - 1319 * b + 65536) >> 17);
    }
  }
}
