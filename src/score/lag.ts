import { lowPass } from './filter.js';
import { aperture, curve, type Motion } from './motion.js';

/** Values per second at which sound and mouth are compared. */
export const gridRate = 200;
const cutoff = 8;
const farthest = 0.4;
/** Sound this much below the loudest of a take counts as silence, in dB. */
const floorDb = 50;
const windowSeconds = 0.025;

/** Level of a sound in dB below its loudest, at `gridRate`; root mean square over 25 ms. */
export function levelOf(pcm: Int16Array, sampleRate: number): Float64Array {
  const half = Math.round((windowSeconds * sampleRate) / 2);
  const sums = new Float64Array(pcm.length + 1);
  for (let i = 0; i < pcm.length; i++) sums[i + 1] = (sums[i] ?? 0) + (pcm[i] ?? 0) ** 2;
  const powers = Float64Array.from(
    { length: Math.ceil((pcm.length / sampleRate) * gridRate) },
    (_, index) => {
      const middle = Math.round((index * sampleRate) / gridRate);
      const [from, to] = [Math.max(0, middle - half), Math.min(pcm.length, middle + half)];
      return ((sums[to] ?? 0) - (sums[from] ?? 0)) / Math.max(1, to - from);
    },
  );
  const loudest = powers.reduce((most, power) => Math.max(most, power), 1);
  return powers.map((power) => Math.max(-floorDb, 10 * Math.log10(Math.max(power, 1e-9) / loudest)));
}

/** The aperture at `gridRate`, on a straight line between pictures. */
export function apertureOf(motion: Motion, length: number): Float64Array {
  const values = curve(motion, aperture);
  return Float64Array.from({ length }, (_, index) => {
    const place = Math.min(values.length - 1, (index * motion.framesPerSecond) / gridRate);
    const base = Math.floor(place);
    const here = values[base] ?? 0;
    return here + (place - base) * ((values[base + 1] ?? here) - here);
  });
}

/** Sums from which correlations at all lags follow; those of several takes are added. */
export interface Correlation {
  /** By lag, from −400 to +400 ms in steps of 1 / gridRate. */
  readonly products: Float64Array;
  readonly soundPower: number;
  readonly mouthPower: number;
}

const reach = Math.round(farthest * gridRate);

/** Test 5, one take: both low-passed at 8 Hz. */
export function correlate(level: Float64Array, mouth: Float64Array): Correlation {
  const sound = centred(lowPass(level, gridRate, cutoff));
  const lips = centred(lowPass(mouth, gridRate, cutoff));
  const products = new Float64Array(2 * reach + 1);
  for (let lag = -reach; lag <= reach; lag++) {
    let sum = 0;
    const from = Math.max(0, -lag);
    const to = Math.min(sound.length, lips.length - lag);
    for (let i = from; i < to; i++) sum += (sound[i] ?? 0) * (lips[i + lag] ?? 0);
    products[lag + reach] = sum;
  }
  return { products, soundPower: power(sound), mouthPower: power(lips) };
}

export function pool(all: readonly Correlation[]): Correlation {
  // Every take weighs what its length does, whatever its loudness.
  const products = new Float64Array(2 * reach + 1);
  let [soundPower, mouthPower] = [0, 0];
  for (const take of all) {
    take.products.forEach((value, lag) => (products[lag] = (products[lag] ?? 0) + value));
    soundPower += take.soundPower;
    mouthPower += take.mouthPower;
  }
  return { products, soundPower, mouthPower };
}

export interface Lag {
  /** Mouth after sound, in ms; + is a late mouth. */
  readonly ms: number;
  /** The correlation there. */
  readonly r: number;
}

/** The lag of the highest correlation, between grid points by a parabola. */
export function lagOf({ products, soundPower, mouthPower }: Correlation): Lag {
  let best = 0;
  products.forEach((value, lag) => {
    if (value > (products[best] ?? 0)) best = lag;
  });
  const [left, top, right] = [products[best - 1], products[best], products[best + 1]];
  const norm = Math.sqrt(soundPower * mouthPower);
  const bend = (left ?? Number.NaN) - 2 * (top ?? 0) + (right ?? Number.NaN);
  const shift = Number.isFinite(bend) && bend < 0 ? (0.5 * ((left ?? 0) - (right ?? 0))) / bend : 0;
  return { ms: ((best - reach + shift) * 1000) / gridRate, r: norm === 0 ? 0 : (top ?? 0) / norm };
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return values.map((value) => value - mean);
}

function power(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
