/**
 * One meter of quality for every resampler.
 *
 * 21 stationary tones from 0.002 to 0.45 of the lower rate at −6 dBFS, each
 * streamed in chunks of 20 ms and fitted by least squares in double precision.
 * - THD+N: everything in the output that is not the tone (images, distortion,
 *   noise) over the tone, worst of all tones.
 * - Ripple: the largest gain over the smallest.
 * - Delay: audio fed, less the input time of the newest output sample, after
 *   every chunk of 1 ms; smallest and largest. Libraries that take their delay
 *   off the time line hold the samples back just as long, and this shows it.
 */

/** A running converter. Consumes all of `input` and writes to `out`; both in double precision. */
export interface MeteredStream {
  process(input: Float64Array, out: Float64Array): number;
}

export interface Quality {
  readonly thdnDb: number;
  readonly rippleDb: number;
  readonly delayMs: { readonly least: number; readonly most: number };
}

const tones = Array.from({ length: 21 }, (_, i) => 0.002 + (i * (0.45 - 0.002)) / 20);
const amplitude = 10 ** (-6 / 20);

export function measureQuality(create: () => MeteredStream, inputRate: number, outputRate: number): Quality {
  const lower = Math.min(inputRate, outputRate);
  let worst = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  let lag = 0;
  for (const [index, tone] of tones.entries()) {
    const hertz = tone * lower;
    const input = sine(hertz, inputRate, 0.6);
    const output = stream(create(), input, inputRate / 50, outputRate);
    // The ends hold the step of switching on and what the filter has not let go.
    const fit = fitTone(output, hertz, outputRate, Math.round(0.1 * outputRate));
    worst = Math.max(worst, fit.residual / fit.gain);
    least = Math.min(least, fit.gain);
    most = Math.max(most, fit.gain);
    // The lowest tone's period is longer than any delay, so its phase is the delay.
    if (index === 0) lag = -fit.phase / (2 * Math.PI * hertz);
  }
  return {
    thdnDb: 20 * Math.log10(worst),
    rippleDb: 20 * Math.log10(most / least),
    delayMs: measureDelay(create(), inputRate, outputRate, lag),
  };
}

/** Runs `input` through in chunks and returns what came out. */
function stream(
  converter: MeteredStream,
  input: Float64Array,
  chunk: number,
  outputRate: number,
): Float64Array {
  const out = new Float64Array(outputRate * 2);
  let written = 0;
  for (let at = 0; at < input.length; at += chunk)
    written += converter.process(input.subarray(at, at + chunk), out.subarray(written));
  return out.subarray(0, written);
}

function sine(hertz: number, rate: number, seconds: number): Float64Array {
  const samples = new Float64Array(Math.round(rate * seconds));
  for (let i = 0; i < samples.length; i++)
    samples[i] = amplitude * Math.sin((2 * Math.PI * hertz * i) / rate);
  return samples;
}

interface Fit {
  /** Amplitude of the tone in the output over that in the input. */
  readonly gain: number;
  /** Phase against an output without delay, in radians. */
  readonly phase: number;
  /** Root mean square of the rest, over that of a sine of the input's amplitude. */
  readonly residual: number;
}

/** Fits a sin + b cos at a known frequency to the samples from `from` on. */
function fitTone(samples: Float64Array, hertz: number, rate: number, from: number): Fit {
  const step = (2 * Math.PI * hertz) / rate;
  let [ss, sc, cc, ys, yc] = [0, 0, 0, 0, 0];
  for (let i = from; i < samples.length; i++) {
    const s = Math.sin(step * i);
    const c = Math.cos(step * i);
    ss += s * s;
    sc += s * c;
    cc += c * c;
    ys += samples[i] * s;
    yc += samples[i] * c;
  }
  const determinant = ss * cc - sc * sc;
  const a = (ys * cc - yc * sc) / determinant;
  const b = (yc * ss - ys * sc) / determinant;
  let power = 0;
  for (let i = from; i < samples.length; i++) {
    const rest = samples[i] - a * Math.sin(step * i) - b * Math.cos(step * i);
    power += rest * rest;
  }
  const rms = Math.sqrt(power / (samples.length - from));
  return {
    gain: Math.hypot(a, b) / amplitude,
    phase: Math.atan2(b, a),
    residual: (rms * Math.SQRT2) / amplitude,
  };
}

/** `lag`: seconds by which output sample n shows an older instant than n / outputRate. */
function measureDelay(
  converter: MeteredStream,
  inputRate: number,
  outputRate: number,
  lag: number,
): { least: number; most: number } {
  const out = new Float64Array(outputRate);
  const input = sine(440, inputRate, 1);
  let [fed, written, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let ms = 1; ms <= 1000; ms++) {
    const until = Math.round((ms * inputRate) / 1000);
    written += converter.process(input.subarray(fed, until), out);
    fed = until;
    // Before that a converter may be filling its buffers.
    if (ms < 200) continue;
    const held = (1000 * fed) / inputRate - 1000 * ((written - 1) / outputRate - lag);
    least = Math.min(least, held);
    most = Math.max(most, held);
  }
  return { least, most };
}

/** What takes and gives 32-bit floats. */
export function floatStream(process: (input: Float32Array, out: Float32Array) => number): MeteredStream {
  const scratch = new Float32Array(0);
  let out = scratch;
  return {
    process(input, wide) {
      if (out.length < wide.length) out = new Float32Array(wide.length);
      const count = process(Float32Array.from(input), out);
      wide.set(out.subarray(0, count));
      return count;
    },
  };
}

/**
 * What takes s16. Sixteen bits alone would end the meter at about −92 dB below
 * the tone. But a converter is linear: two streams of it, one fed the upper 16
 * bits and one the 15 below them, add up to what a finer input would have given.
 */
export function shortStream(create: () => (input: Int16Array, out: Float32Array) => number): MeteredStream {
  const upper = create();
  const lower = create();
  let outs = [new Float32Array(0), new Float32Array(0)];
  return {
    process(input, wide) {
      if (outs[0].length < wide.length) outs = [new Float32Array(wide.length), new Float32Array(wide.length)];
      const high = Int16Array.from(input, (sample) => Math.round(sample * 32768));
      const low = Int16Array.from(input, (sample, i) => Math.round((sample * 32768 - high[i]) * 32767));
      const count = upper(high, outs[0]);
      lower(low, outs[1]);
      for (let i = 0; i < count; i++) wide[i] = outs[0][i] + outs[1][i] / 32767;
      return count;
    },
  };
}
