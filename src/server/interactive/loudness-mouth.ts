import { defaultFeatureDimension } from '../../wire/endpoint.js';
import { standardFeatureOrder } from '../../wire/feature-order.js';

/** Samples at 16 kHz under one row of features: 40 ms. */
export const samplesPerRow = 640;

/** How far each channel goes at full loudness. */
const shape: Readonly<Partial<Record<(typeof standardFeatureOrder)[number], number>>> = {
  jawOpen: 0.62,
  mouthLowerDownLeft: 0.34,
  mouthLowerDownRight: 0.34,
  mouthUpperUpLeft: 0.16,
  mouthUpperUpRight: 0.16,
  mouthFunnel: 0.12,
};
const columns = standardFeatureOrder.flatMap((name, column) => {
  const reach = shape[name];
  return reach === undefined ? [] : [{ column, reach }];
});

/** Loudness below the running peak, in dB, at which the mouth is shut. */
const rangeDb = 30;
/** Quieter than this is silence, whatever the peak. */
const floorDb = -52;
/** The peak is never taken to be lower than this, so that noise between words does not chatter. */
const leastPeakDb = -32;
const peakFallDbPerRow = 0.15;
// A mouth opens faster than it shuts.
const opening = 0.65;
const closing = 0.4;

/**
 * Mouth shapes from loudness alone, for sound of which nobody knows the words:
 * the mouth opens as far as each 40 ms is loud beside the loudest lately.
 */
export class LoudnessMouth {
  #rest = new Int16Array(0);
  #peakDb = leastPeakDb;
  #level = 0;

  /** Takes mono s16 at 16 kHz and returns the rows that are complete, 52 columns each in wire order. */
  push(pcm: Int16Array): Float32Array {
    const samples = new Int16Array(this.#rest.length + pcm.length);
    samples.set(this.#rest);
    samples.set(pcm, this.#rest.length);
    const rows = Math.floor(samples.length / samplesPerRow);
    const out = new Float32Array(rows * defaultFeatureDimension);
    for (let row = 0; row < rows; row++) {
      const part = samples.subarray(row * samplesPerRow, (row + 1) * samplesPerRow);
      this.#write(part, out.subarray(row * defaultFeatureDimension));
    }
    this.#rest = samples.slice(rows * samplesPerRow);
    return out;
  }

  /** The row of what is left, if anything is, and one of a mouth at rest. */
  end(): Float32Array {
    const rows = this.#rest.length > 0 ? 2 : 1;
    const out = new Float32Array(rows * defaultFeatureDimension);
    if (rows === 2) this.#write(this.#rest, out);
    this.#rest = new Int16Array(0);
    this.#level = 0;
    return out;
  }

  #write(part: Int16Array, row: Float32Array): void {
    const db = loudness(part);
    this.#peakDb = Math.max(leastPeakDb, db, this.#peakDb - peakFallDbPerRow);
    const wanted = db < floorDb ? 0 : Math.max(0, 1 - (this.#peakDb - db) / rangeDb);
    this.#level += (wanted - this.#level) * (wanted > this.#level ? opening : closing);
    if (this.#level < 0.02) this.#level = 0;
    for (const { column, reach } of columns) row[column] = reach * this.#level;
  }
}

/** Root mean square in dB of full scale. */
function loudness(part: Int16Array): number {
  let sum = 0;
  for (const sample of part) sum += sample * sample;
  return 10 * Math.log10(sum / Math.max(1, part.length) / 32768 ** 2 + 1e-12);
}
