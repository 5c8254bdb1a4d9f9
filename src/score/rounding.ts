import { framesOf, framesWithin, percentile, rounding, type JudgedSound, type Motion } from './motion.js';
import { shareOf, type Share } from './share.js';

/** A rounded vowel must be rounded at least this much, or it has nothing to anticipate. */
const leastTarget = 0.15;
/** Seconds before the vowel in which half of the rounding must be there. */
const window = { from: 0.15, to: 0.06 } as const;

export interface RoundingResult {
  /** Rounded vowels after consonants of which half was there 60 to 150 ms before. */
  readonly anticipated: Share;
  /** Spread vowels, not beside a rounded sound, at most a fifth as round as rounded vowels are. */
  readonly spread: Share;
}

/**
 * Test 3. A vowel's target is the most that it reaches itself. The consonants before it carry the
 * anticipation; p b m f v block it, and so does what is not a consonant: only instants within the
 * run of free consonants directly before the vowel are looked at, and a vowel without one counts
 * not. (In a vowel before it spread lips may be asked for at the same time.)
 */
export function roundings(motion: Motion, sounds: readonly JudgedSound[]): RoundingResult {
  const targets: number[] = [];
  const anticipations: boolean[] = [];
  sounds.forEach((sound, index) => {
    if (!sound.rounded) return;
    const target = Math.max(0, ...framesOf(motion, sound).map((frame) => rounding(motion, frame)));
    targets.push(target);
    let first = index;
    while (first > 0 && isFree(sounds[first - 1])) first--;
    const run = sounds[first];
    if (first === index || run === undefined) return;
    const frames = framesWithin(
      motion,
      Math.max(run.start, sound.start - window.from),
      sound.start - window.to,
    );
    if (frames.length === 0) return;
    const most = Math.max(...frames.map((frame) => rounding(motion, frame)));
    anticipations.push(target >= leastTarget && most >= target / 2);
  });
  const usual = percentile(targets, 0.5);
  const spread = sounds.filter(
    (sound, index) =>
      sound.spread && sound.vowel && !isRoundish(sounds[index - 1]) && !isRoundish(sounds[index + 1]),
  );
  return {
    anticipated: shareOf(anticipations, (good) => good),
    spread: shareOf(spread, (sound) => leastInside(motion, sound) <= 0.2 * Math.max(usual, leastTarget)),
  };
}

/** A consonant that leaves the lips free for what comes. */
function isFree(sound: JudgedSound | undefined): boolean {
  return (
    sound !== undefined &&
    !sound.vowel &&
    !sound.spread &&
    !sound.silent &&
    !sound.bilabial &&
    !sound.labiodental
  );
}

function isRoundish(sound: JudgedSound | undefined): boolean {
  return sound?.roundish ?? false;
}

/** The least rounding in [start − 40 ms, end]: a mouth that leads leaves a short vowel before it ends. */
function leastInside(motion: Motion, sound: JudgedSound): number {
  return Math.min(...framesOf(motion, sound).map((frame) => rounding(motion, frame)));
}
