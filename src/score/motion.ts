import { arkitIndex, weightCount, type ArkitName } from '../frame.js';
import { isArpabet, soundOf, type Sound } from './sounds.js';

/** A mouth over time: one row of 52 weights (frame.ts) per picture, the first at time 0. */
export interface Motion {
  readonly framesPerSecond: number;
  readonly rows: Float32Array;
}

/** A sound of speech with its time in seconds. */
export interface TimedSound {
  readonly symbol: string;
  readonly start: number;
  readonly end: number;
}

/** The same with what it asks of the lips. */
export interface JudgedSound extends TimedSound, Sound {}

export function judged(sounds: readonly TimedSound[]): JudgedSound[] {
  const arpabet = isArpabet(sounds.map(({ symbol }) => symbol));
  return sounds.map((sound) => ({ ...sound, ...soundOf(sound.symbol, arpabet) }));
}

/** Lips not further apart than this are seen as closed. */
export const closedAperture = 0.03;
/** Lips at least this far apart are seen as open again. */
export const openAperture = 0.08;
/** A mouth may run ahead of its sound by so many seconds. */
export const earliest = 0.04;
const slack = 1e-6;

/** Comparisons that do not mind the rounding of a weight to 32 bits. */
export function atMost(value: number, limit: number): boolean {
  return value <= limit + slack;
}

export function atLeast(value: number, limit: number): boolean {
  return value >= limit - slack;
}

export function frameCount({ rows }: Motion): number {
  return rows.length / weightCount;
}

export function weight(motion: Motion, frame: number, name: ArkitName): number {
  return motion.rows[frame * weightCount + arkitIndex[name]] ?? 0;
}

export function aperture(motion: Motion, frame: number): number {
  return weight(motion, frame, 'jawOpen') - weight(motion, frame, 'mouthClose');
}

export function rounding(motion: Motion, frame: number): number {
  return Math.max(weight(motion, frame, 'mouthPucker'), weight(motion, frame, 'mouthFunnel'));
}

/** One number per frame. */
export function curve(motion: Motion, value: (motion: Motion, frame: number) => number): Float64Array {
  return Float64Array.from({ length: frameCount(motion) }, (_, frame) => value(motion, frame));
}

/** Frames that are shown at an instant in [from, to], in seconds. */
export function framesWithin(motion: Motion, from: number, to: number): number[] {
  const rate = motion.framesPerSecond;
  const first = Math.max(0, Math.ceil(from * rate - slack));
  const last = Math.min(frameCount(motion) - 1, Math.floor(to * rate + slack));
  const frames: number[] = [];
  for (let frame = first; frame <= last; frame++) frames.push(frame);
  return frames;
}

/** Frames in which the picture of a sound is looked for: from 40 ms before it to its end. */
export function framesOf(motion: Motion, sound: TimedSound): number[] {
  return framesWithin(motion, sound.start - earliest, sound.end);
}

export function percentile(values: readonly number[] | Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * (sorted.length - 1) + 0.5))] ?? Number.NaN;
}
