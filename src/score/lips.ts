import {
  atLeast,
  atMost,
  aperture,
  closedAperture,
  framesOf,
  framesWithin,
  openAperture,
  weight,
  type JudgedSound,
  type Motion,
} from './motion.js';
import { shareOf, type Share } from './share.js';

/** Lips must part within this many seconds after a closure. */
const openWithin = 0.12;

/** One p b m, and what became of it. */
export interface Closure {
  readonly sound: JudgedSound;
  /** The least aperture in [start − 40 ms, end]. */
  readonly least: number;
  readonly closed: boolean;
  /** Whether they parted in time; true where they need not. */
  readonly opened: boolean;
}

export interface Closures {
  /** p b m that were closed, and open again. */
  readonly bilabials: Share;
  /** Frames of other sounds in which the lips were closed. */
  readonly elsewhere: Share;
  readonly each: readonly Closure[];
}

/**
 * Test 1. p b m are closed when the aperture is at most 0.03 in [start − 40 ms, end] and at least
 * 0.08 within 120 ms after, unless the sound after it has closed lips, too, or is silence. f and v
 * count as closed there: test 2 wants them at an aperture of 0.08 or less.
 */
export function closures(motion: Motion, sounds: readonly JudgedSound[]): Closures {
  const each = sounds.flatMap((sound, index): Closure[] => {
    if (!sound.bilabial) return [];
    const next = sounds[index + 1];
    const mayStay = next === undefined || next.silent || next.bilabial || next.labiodental;
    const least = Math.min(...framesOf(motion, sound).map((frame) => aperture(motion, frame)));
    const after = framesWithin(motion, sound.end, sound.end + openWithin);
    const opened = mayStay || after.some((frame) => atLeast(aperture(motion, frame), openAperture));
    return [{ sound, least, closed: atMost(least, closedAperture), opened }];
  });
  const others = sounds.filter((sound) => !sound.silent && !sound.bilabial);
  const frames = others.flatMap((sound) => framesInside(motion, sound));
  return {
    bilabials: shareOf(each, ({ closed, opened }) => closed && opened),
    elsewhere: shareOf(frames, (frame) => atMost(aperture(motion, frame), closedAperture)),
    each,
  };
}

/** Frames at an instant in [start, end): each belongs to one sound. */
function framesInside(motion: Motion, { start, end }: JudgedSound): number[] {
  return framesWithin(motion, start, end - 2e-6);
}

/** Test 2: f v with the lower lip in (mouthRollLower at least 0.15) at an aperture of at most 0.08, in one frame of [start − 40 ms, end]. */
export function tucks(motion: Motion, sounds: readonly JudgedSound[]): Share {
  return shareOf(
    sounds.filter((sound) => sound.labiodental),
    (sound) =>
      framesOf(motion, sound).some(
        (frame) =>
          atLeast(weight(motion, frame, 'mouthRollLower'), 0.15) &&
          atMost(aperture(motion, frame), openAperture),
      ),
  );
}
