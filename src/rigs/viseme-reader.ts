import { arkitIndex, type ArkitName } from '../frame.js';
import { visemeTargets, type VisemeClass } from './visemes.js';
import type { VisemeSet } from './viseme-sets.js';

/** Seconds that a shape is held at least; closures come at once and may be shorter. */
const leastHoldSeconds = 0.07;
/** Seconds that a shape must be seen before it is taken for one. */
const dwellSeconds = 0.02;
/** Seconds in which one shape gives way to the next. */
const fadeSeconds = 0.07;

/** Lips this near to each other are closed. */
const closed = 0.03;
/** Opening at which a vowel is as large as it gets. */
const wide = 0.4;

const column = (name: ArkitName): number => arkitIndex[name];
const columns = {
  jaw: column('jawOpen'), close: column('mouthClose'), pucker: column('mouthPucker'), funnel: column('mouthFunnel'),
  smileLeft: column('mouthSmileLeft'), smileRight: column('mouthSmileRight'),
  stretchLeft: column('mouthStretchLeft'), stretchRight: column('mouthStretchRight'),
  rollLower: column('mouthRollLower'), rollUpper: column('mouthRollUpper'), tongue: column('tongueOut'),
  press: column('mouthPressLeft'), pressRight: column('mouthPressRight'),
} as const; // prettier-ignore

/** What tells shapes apart: opening, rounding, spreading, lower lip, tongue, each with its weight. */
const axisWeights = [2.2, 1, 0.7, 1.2, 1.2, 1.5] as const;
const axisCount = axisWeights.length;

/**
 * The shape of a set that a face shows, from its weights, picture by picture.
 * Renderers without blend shapes draw it. One for each face; allocates nothing
 * after its construction.
 */
export class VisemeReader {
  readonly set: VisemeSet;
  readonly #hold: number;
  readonly #dwell: number;
  readonly #fade: number;
  /** Of each prototype: its shape, and its place on the axes. */
  readonly #shapes: Uint8Array;
  readonly #places: Float64Array;
  readonly #here = new Float64Array(axisCount);
  readonly #tuck: number;
  #shape = 0;
  #next = 0;
  #nextSince = Number.NEGATIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;
  #last = Number.NaN;

  /** @param sampleRate of the samples that read() is told. */
  constructor(set: VisemeSet, sampleRate: number) {
    this.set = set;
    this.#hold = Math.ceil(leastHoldSeconds * sampleRate);
    this.#dwell = Math.ceil(dwellSeconds * sampleRate);
    this.#fade = fadeSeconds * sampleRate;
    // Closures and tucks are known by rule; the rest is the nearest one.
    const classes = (Object.keys(visemeTargets) as VisemeClass[]).filter(
      (name) => !['sil', 'PP', 'FF'].includes(name) && set.ofClass[name] !== undefined,
    );
    this.#shapes = Uint8Array.from(classes.map((name) => set.ofClass[name] ?? 0));
    this.#places = new Float64Array(classes.length * axisCount);
    classes.forEach((name, index) => {
      const row = new Float32Array(52);
      for (const [channel, weight] of Object.entries(visemeTargets[name]))
        row[arkitIndex[channel as ArkitName]] = weight;
      place(row, this.#places.subarray(index * axisCount, (index + 1) * axisCount));
    });
    this.#tuck = set.ofClass.FF ?? 0;
  }

  /**
   * Reads a weight row (frame.ts) that is shown at sample `sample`; later rows come later. Returns the number of the
   * shape. `weights`, if given, has one number for each shape of the set: it keeps the blend from call to call.
   */
  read(row: Float32Array, sample: number, weights?: Float32Array): number {
    const found = this.#classify(row);
    const held = sample - this.#since;
    if (found !== this.#next) {
      this.#next = found;
      // The first picture is taken as it is.
      this.#nextSince = Number.isNaN(this.#last) ? Number.NEGATIVE_INFINITY : sample;
    }
    // On its way from one shape to another the mouth passes others, which are not meant.
    const isMeant = sample - this.#nextSince >= this.#dwell && held >= this.#hold;
    if (found !== this.#shape && (isMeant || found === this.set.closure)) {
      this.#shape = found;
      this.#since = sample;
    }
    if (weights !== undefined) this.#blend(row, sample, weights);
    this.#last = sample;
    return this.#shape;
  }

  #classify(row: Float32Array): number {
    const aperture = row[columns.jaw] - row[columns.close];
    const press = (row[columns.press] + row[columns.pressRight]) / 2;
    const lower = row[columns.rollLower];
    if (lower >= 0.25 && aperture <= 0.1 && press < 0.1) return this.#tuck;
    if (aperture <= closed) {
      // Lips that lie on each other, without a pressed or a lowered jaw below them, rest.
      const pressed = press > 0.08 || row[columns.rollUpper] > 0.08 || row[columns.jaw] > 2 * closed;
      return pressed ? this.set.closure : 0;
    }
    place(row, this.#here);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#shapes.length; i++) {
      let distance = 0;
      for (let axis = 0; axis < axisCount; axis++) {
        const apart = axisWeights[axis] * (this.#here[axis] - this.#places[i * axisCount + axis]);
        distance += apart * apart;
      }
      if (distance < least) {
        least = distance;
        best = this.#shapes[i];
      }
    }
    return best;
  }

  #blend(row: Float32Array, sample: number, weights: Float32Array): void {
    const step = this.#last < sample ? (sample - this.#last) / this.#fade : 1;
    const aperture = row[columns.jaw] - row[columns.close];
    // The few shapes of VRM are vowels, whose size tells how far the mouth is open.
    const size = this.set.name === 'vrm' ? Math.min(1, 0.2 + (0.8 * aperture) / wide) : 1;
    for (let i = 0; i < this.set.shapes.length; i++) {
      const wanted = i === this.#shape ? Math.max(0, size) : 0;
      const now = weights[i];
      weights[i] = now + Math.min(Math.max(wanted - now, -step), step);
    }
  }
}

/** Where a row lies on the axes. */
function place(row: Float32Array, out: Float64Array): void {
  out[0] = Math.max(0, row[columns.jaw] - row[columns.close]);
  out[1] = row[columns.pucker];
  out[2] = row[columns.funnel];
  out[3] =
    (row[columns.smileLeft] +
      row[columns.smileRight] +
      row[columns.stretchLeft] +
      row[columns.stretchRight]) /
    4;
  out[4] = row[columns.rollLower];
  out[5] = row[columns.tongue];
}
