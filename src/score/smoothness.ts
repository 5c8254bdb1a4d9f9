import {
  aperture,
  closedAperture,
  curve,
  percentile,
  rounding,
  weight,
  type JudgedSound,
  type Motion,
} from './motion.js';

export interface SmoothnessResult {
  /** Speeds of jawOpen from frame to frame, per second. */
  readonly speeds: Float64Array;
  /** Third differences of jawOpen, per second cubed. */
  readonly jerks: Float64Array;
  /** Changes of the mouth's shape, and the seconds of speech they happened in. */
  readonly changes: number;
  readonly spokenSeconds: number;
  /** Shapes that the mouth took: heights of aperture, rounding and spreading. */
  readonly shapes: number;
  /** Of these, those that lasted less than 70 ms and do not lie beside a closure, with the time in seconds of their height. */
  readonly flickers: readonly number[];
}

/** Shorter shapes flicker, in seconds. */
const shortestShape = 0.07;
/** Smaller movements are not seen as a shape. */
const leastHeight = 0.1;
/** A closure this near cuts a shape short: lips must close for p b m f v and open at once after. In seconds. */
const besideClosure = 0.05;

/** Test 8, one take. */
export function smoothness(motion: Motion, sounds: readonly JudgedSound[]): SmoothnessResult {
  const rate = motion.framesPerSecond;
  const jaw = curve(motion, (of, frame) => weight(of, frame, 'jawOpen'));
  const speeds = jaw.slice(1).map((value, i) => Math.abs(value - (jaw[i] ?? 0)) * rate);
  const jerks = jaw
    .slice(3)
    .map((d, i) => (d - 3 * (jaw[i + 2] ?? 0) + 3 * (jaw[i + 1] ?? 0) - (jaw[i] ?? 0)) * rate ** 3);
  const shapes = shapesOf(motion);
  const spoken = sounds.filter((sound) => !sound.silent);
  const isSpoken = (frame: number): boolean => {
    const time = frame / rate;
    return spoken.some(({ start, end }) => time >= start && time < end);
  };
  return {
    speeds,
    jerks,
    changes: changesOf(shapes, rate).filter(isSpoken).length,
    spokenSeconds: spoken.reduce((sum, { start, end }) => sum + end - start, 0),
    ...flickersOf(motion),
  };
}

export function rootMeanSquare(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}

/** Whether a shape is there, by frame. */
type States = readonly boolean[];

/**
 * The shape of a mouth as people tell shapes apart: lips closed, jaw open, lips round, lips spread.
 * Each is judged against what this mouth does at most (its 95th percentile), and has to pass well
 * through the middle to change, so that a shape is not entered and left by a hair's breadth.
 */
function shapesOf(motion: Motion): States[] {
  const gap = curve(motion, aperture);
  const round = curve(motion, rounding);
  const wide = curve(motion, spreading);
  const upper = (values: Float64Array): States => {
    const most = percentile(values, 0.95);
    // Nothing to tell apart in a mouth that hardly does it.
    return most < 0.05 ? [...values].map(() => false) : schmitt(values, 0.35 * most, 0.6 * most);
  };
  return [schmitt(gap, closedAperture, 2 * closedAperture), upper(gap), upper(round), upper(wide)];
}

/** True from where a curve passes `high` to where it comes down to `low`. */
function schmitt(values: Float64Array, low: number, high: number): boolean[] {
  let on = (values[0] ?? 0) >= high;
  return [...values].map((value) => (on = on ? value > low : value >= high));
}

/** Frames at which the shape becomes another; what changes within 70 ms changes at once. */
function changesOf(shapes: readonly States[], rate: number): number[] {
  const frames: number[] = [];
  const length = shapes[0]?.length ?? 0;
  for (let frame = 1; frame < length; frame++) {
    const changed = shapes.some((on) => on[frame] !== on[frame - 1]);
    if (changed && (frames.length === 0 || (frame - (frames.at(-1) ?? 0)) / rate >= shortestShape))
      frames.push(frame);
  }
  return frames;
}

/** Heights of the aperture, of rounding and of spreading that are narrower than 70 ms half way down. */
function flickersOf(motion: Motion): Pick<SmoothnessResult, 'shapes' | 'flickers'> {
  const rate = motion.framesPerSecond;
  const gap = curve(motion, aperture);
  const tuck = curve(motion, (of, frame) => weight(of, frame, 'mouthRollLower'));
  const isClosed = gap.map((value, frame) => (value <= closedAperture || (tuck[frame] ?? 0) >= 0.15 ? 1 : 0));
  const reach = Math.ceil(besideClosure * rate);
  const heights = [gap, curve(motion, rounding), curve(motion, spreading)].flatMap(heightsOf);
  const flickers = heights
    .filter(({ from, to }) => (to - from) / rate < shortestShape - 1e-6)
    .filter(
      ({ from, to }) =>
        !isClosed.subarray(Math.max(0, Math.floor(from) - reach), Math.ceil(to) + reach + 1).includes(1),
    );
  return { shapes: heights.length, flickers: flickers.map(({ top }) => top / rate) };
}

function spreading(motion: Motion, frame: number): number {
  return Math.max(weight(motion, frame, 'mouthStretchLeft'), weight(motion, frame, 'mouthSmileLeft'));
}

/** A local maximum, and where the curve is half way down from it, in frames. */
interface Height {
  readonly top: number;
  readonly from: number;
  readonly to: number;
}

/** Maxima that stand out by at least `leastHeight` above the higher of the valleys beside them. */
function heightsOf(values: Float64Array): Height[] {
  const at = (frame: number): number => values[frame] ?? 0;
  const found: Height[] = [];
  for (let top = 1; top < values.length - 1; top++) {
    if (!(at(top) > at(top - 1) && at(top) >= at(top + 1))) continue;
    const valley = (step: 1 | -1): number => {
      let least = at(top);
      for (let i = top + step; i >= 0 && i < values.length && at(i) <= at(top); i += step)
        least = Math.min(least, at(i));
      return least;
    };
    const base = Math.max(valley(-1), valley(1));
    if (at(top) - base < leastHeight) continue;
    const half = (at(top) + base) / 2;
    const edge = (step: 1 | -1): number => {
      let i = top;
      while (i > 0 && i < values.length - 1 && at(i) > half) i += step;
      const inner = at(i - step);
      return inner > at(i) ? i - (step * (half - at(i))) / (inner - at(i)) : i;
    };
    found.push({ top, from: edge(-1), to: edge(1) });
  }
  return found;
}
