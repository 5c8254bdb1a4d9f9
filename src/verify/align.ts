/**
 * Where two signals fit best. All functions are pure; times are in samples of
 * the stated rate unless a name says milliseconds.
 */

/** Pearson correlation of two equally long signals; 0 when one of them is constant. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = Math.min(a.length, b.length);
  let sumA = 0;
  let sumB = 0;
  for (let i = 0; i < n; i++) {
    sumA += a[i];
    sumB += b[i];
  }
  const meanA = sumA / n;
  const meanB = sumB / n;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    const x = a[i] - meanA;
    const y = b[i] - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

export interface Alignment {
  /** How much later `b` appears in `a`'s time, in samples; fractional. */
  readonly shift: number;
  /** Correlation at the best whole shift, -1 to 1. */
  readonly correlation: number;
}

/** Vertex of the parabola through three equally spaced values, as an offset in (-0.5, 0.5). */
function parabolaVertex(left: number, centre: number, right: number): number {
  const bend = left - 2 * centre + right;
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (left - right) / (2 * bend))) : 0;
}

/**
 * Finds `needle` inside `haystack`: the shift in [from, to] with the highest
 * normalised cross-correlation over the overlap, which must hold at least half
 * of the needle. Refined between samples by a parabola.
 */
export function findShift(
  haystack: ArrayLike<number>,
  needle: ArrayLike<number>,
  from: number,
  to: number,
): Alignment {
  let best = -2;
  let bestShift = from;
  const scores: number[] = [];
  for (let shift = from; shift <= to; shift++) {
    const score = scoreAt(haystack, needle, shift);
    scores.push(score);
    if (score > best) {
      best = score;
      bestShift = shift;
    }
  }
  const at = bestShift - from;
  const refine = at > 0 && at < scores.length - 1 ? parabolaVertex(scores[at - 1], best, scores[at + 1]) : 0;
  return { shift: bestShift + refine, correlation: best };
}

/** Normalised cross-correlation without removing the mean: sound has none, and level must not count. */
function scoreAt(haystack: ArrayLike<number>, needle: ArrayLike<number>, shift: number): number {
  const begin = Math.max(0, -shift);
  const end = Math.min(needle.length, haystack.length - shift);
  if (end - begin < needle.length / 2) return -2;
  let hn = 0;
  let hh = 0;
  let nn = 0;
  for (let i = begin; i < end; i++) {
    const h = haystack[i + shift];
    const x = needle[i];
    hn += h * x;
    hh += h * h;
    nn += x * x;
  }
  return hh > 0 && nn > 0 ? hn / Math.sqrt(hh * nn) : 0;
}

/** Root-mean-square level in blocks of `block` samples, mean removed. */
function envelope(signal: Float32Array, block: number): Float32Array {
  const out = new Float32Array(Math.floor(signal.length / block));
  let mean = 0;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = i * block; j < (i + 1) * block; j++) sum += signal[j] ** 2;
    out[i] = Math.sqrt(sum / block);
    mean += out[i];
  }
  mean /= Math.max(1, out.length);
  for (let i = 0; i < out.length; i++) out[i] = out[i] - mean;
  return out;
}

function decimate(signal: Float32Array, factor: number): Float32Array {
  const out = new Float32Array(Math.floor(signal.length / factor));
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = i * factor; j < (i + 1) * factor; j++) sum += signal[j];
    out[i] = sum / factor;
  }
  return out;
}

/**
 * Where `voice` lies in `recording`, both mono at the same rate (a multiple of
 * 8 Hz × 6 works best: 48 kHz). Coarse by level in 4 ms blocks, then by wave
 * form at 1/6 and at the full rate, so that minutes of sound stay cheap.
 */
export function locateSound(recording: Float32Array, voice: Float32Array, sampleRate: number): Alignment {
  const block = Math.round(sampleRate / 250);
  const coarseRecording = envelope(recording, block);
  const coarseVoice = envelope(voice, block);
  const half = Math.floor(coarseVoice.length / 2);
  const coarse = findShift(coarseRecording, coarseVoice, -half, coarseRecording.length - half);
  const factor = 6;
  const middle = Math.round((coarse.shift * block) / factor);
  const reach = Math.ceil((4 * block) / factor);
  const medium = findShift(
    decimate(recording, factor),
    decimate(voice, factor),
    middle - reach,
    middle + reach,
  );
  const fine = Math.round(medium.shift * factor);
  return findShift(recording, voice, fine - 2 * factor, fine + 2 * factor);
}

/** A curve known at rising times, read between them along straight lines; flat outside. */
export class Curve {
  readonly #times: ArrayLike<number>;
  readonly #values: ArrayLike<number>;

  /** @param timesMs rising, milliseconds; `values` of the same length. */
  constructor(timesMs: ArrayLike<number>, values: ArrayLike<number>) {
    this.#times = timesMs;
    this.#values = values;
  }

  at(timeMs: number): number {
    const times = this.#times;
    const last = times.length - 1;
    if (last < 0) return 0;
    if (timeMs <= times[0]) return this.#values[0];
    if (timeMs >= times[last]) return this.#values[last];
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= timeMs) low = middle;
      else high = middle;
    }
    const a = times[low];
    const b = times[high];
    const va = this.#values[low];
    return va + (this.#values[high] - va) * ((timeMs - a) / (b - a));
  }
}

/**
 * The delay in milliseconds after which `reference` explains `samples` best
 * (highest Pearson correlation), searched in steps of `stepMs` and refined.
 */
export function locateCurve(
  sampleTimesMs: ArrayLike<number>,
  samples: ArrayLike<number>,
  reference: Curve,
  fromMs: number,
  toMs: number,
  stepMs = 1,
): { delayMs: number; correlation: number } {
  const steps = Math.floor((toMs - fromMs) / stepMs) + 1;
  const values = new Float32Array(samples.length);
  const scores = new Float64Array(steps);
  let best = 0;
  for (let step = 0; step < steps; step++) {
    const delay = fromMs + step * stepMs;
    for (let i = 0; i < values.length; i++) values[i] = reference.at(sampleTimesMs[i] - delay);
    scores[step] = pearson(samples, values);
    if (scores[step] > scores[best]) best = step;
  }
  const refine =
    best > 0 && best < steps - 1 ? parabolaVertex(scores[best - 1], scores[best], scores[best + 1]) : 0;
  return { delayMs: fromMs + (best + refine) * stepMs, correlation: scores[best] };
}
