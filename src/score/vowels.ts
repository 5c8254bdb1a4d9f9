import { atLeast, atMost, aperture, framesOf, weight, type JudgedSound, type Motion } from './motion.js';
import { shareOf, type Share } from './share.js';

/** Vowels of at least this many seconds must be seen to open. */
const shownFrom = 0.06;
const leastOpening = 0.06;
const sibilantJaw = 0.12;

export interface VowelResult {
  /** How far every open and every close vowel opens at most, in [start − 40 ms, end]. */
  readonly open: readonly number[];
  readonly close: readonly number[];
  /** Sibilants whose jaw comes to 0.12 or less. */
  readonly sibilants: Share;
  /** Vowels of at least 60 ms that open by at least 0.06. */
  readonly opened: Share;
}

/** Test 4. */
export function vowels(motion: Motion, sounds: readonly JudgedSound[]): VowelResult {
  const peaks = (height: 'open' | 'close'): number[] =>
    sounds
      .filter((sound) => sound.height === height)
      .map((sound) =>
        framesOf(motion, sound).reduce((most, frame) => Math.max(most, aperture(motion, frame)), 0),
      );
  return {
    open: peaks('open'),
    close: peaks('close'),
    sibilants: shareOf(
      sounds.filter((sound) => sound.sibilant),
      (sound) =>
        framesOf(motion, sound).some((frame) => atMost(weight(motion, frame, 'jawOpen'), sibilantJaw)),
    ),
    opened: shareOf(
      sounds.filter(({ vowel, start, end }) => vowel && end - start >= shownFrom - 1e-9),
      (sound) => framesOf(motion, sound).some((frame) => atLeast(aperture(motion, frame), leastOpening)),
    ),
  };
}

/** Area under the curve: how often a value of `high` is above one of `low`; equal ones count half. NaN without either. */
export function areaUnderCurve(high: readonly number[], low: readonly number[]): number {
  if (high.length === 0 || low.length === 0) return Number.NaN;
  const sorted = Float64Array.from(low).sort();
  const below = (value: number, orEqual: boolean): number => {
    let from = 0;
    let to = sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const found = sorted[middle] ?? 0;
      if (found < value || (orEqual && found === value)) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  const wins = high.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0);
  return wins / (high.length * low.length);
}
