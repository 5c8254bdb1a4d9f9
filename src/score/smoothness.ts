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
  /** Shapes other than closures that lasted less than 70 ms, with the time in seconds at which they began. */
  readonly flickers: readonly number[];
}

/** Shorter shapes flicker, in seconds. */
const shortestShape = 0.07;

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
    flickers: shapes.flatMap((states) => flickersOf(states, rate)),
  };
}

export function rootMeanSquare(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}

/** A shape that is or is not there, by frame. */
interface States {
  readonly name: 'closed' | 'open' | 'round' | 'spread';
  readonly on: readonly boolean[];
}

/**
 * The shape of a mouth as people tell shapes apart: lips closed, jaw open, lips round, lips spread.
 * Each is judged against what this mouth does at most (its 95th percentile), and has to pass well
 * through the middle to change, so that a shape is not entered and left by a hair's breadth.
 */
function shapesOf(motion: Motion): States[] {
  const gap = curve(motion, aperture);
  const round = curve(motion, rounding);
  const wide = curve(motion, (of, frame) =>
    Math.max(weight(of, frame, 'mouthStretchLeft'), weight(of, frame, 'mouthSmileLeft')),
  );
  const upper = (values: Float64Array): States['on'] => {
    const most = percentile(values, 0.95);
    // Nothing to tell apart in a mouth that hardly does it.
    return most < 0.05 ? [...values].map(() => false) : schmitt(values, 0.35 * most, 0.6 * most);
  };
  const parted = schmitt(gap, closedAperture, 2 * closedAperture);
  return [
    { name: 'closed', on: parted.map((open) => !open) },
    { name: 'open', on: upper(gap) },
    { name: 'round', on: upper(round) },
    { name: 'spread', on: upper(wide) },
  ];
}

/** True from where a curve passes `high` to where it comes down to `low`. */
function schmitt(values: Float64Array, low: number, high: number): boolean[] {
  let on = (values[0] ?? 0) >= high;
  return [...values].map((value) => (on = on ? value > low : value >= high));
}

/** Frames at which the shape becomes another; what changes within 70 ms changes at once. */
function changesOf(shapes: readonly States[], rate: number): number[] {
  const frames: number[] = [];
  const length = shapes[0]?.on.length ?? 0;
  for (let frame = 1; frame < length; frame++) {
    const changed = shapes.some(({ on }) => on[frame] !== on[frame - 1]);
    if (changed && (frames.length === 0 || (frame - (frames.at(-1) ?? 0)) / rate >= shortestShape))
      frames.push(frame);
  }
  return frames;
}

/** When a shape, not a closure, was there for less than 70 ms. */
function flickersOf({ name, on }: States, rate: number): number[] {
  if (name === 'closed') return [];
  const found: number[] = [];
  let since = -1;
  on.forEach((is, frame) => {
    if (is && since < 0) since = frame;
    if (is || since < 0) return;
    if ((frame - since) / rate < shortestShape - 1e-6) found.push(since / rate);
    since = -1;
  });
  return found;
}
