import { atMost, aperture, closedAperture, framesWithin, type JudgedSound, type Motion } from './motion.js';
import { none, shareOf, type Share } from './share.js';

/** A longer silence is a pause, at whose start the mouth comes to rest within this time. In seconds. */
const restWithin = 0.35;
/** A mouth may get ready for the sound after a pause this long before it: 150 ms, and the lead it is allowed. */
const getsReady = 0.25;
const stillSpeed = 0.2;
/** Silences shorter than this are no reason to close. */
const shortGap = 0.12;

export interface RestResult {
  /** Pauses over 350 ms in which the lips close within 350 ms. */
  readonly closed: Share;
  /** Frames of such pauses, once it rests and until it gets ready, in which the aperture moves by less than 0.2 a second. */
  readonly still: Share;
  /** Gaps under 120 ms, not beside a sound with closed lips, that the mouth stays open in. */
  readonly held: Share;
}

/** Test 7. */
export function rests(motion: Motion, sounds: readonly JudgedSound[]): RestResult {
  const pauses = sounds.filter(
    ({ silent, start, end }, index) => silent && index > 0 && end - start > restWithin,
  );
  const gaps = sounds.filter(({ silent, start, end }, index) => {
    const beside = [sounds[index - 1], sounds[index + 1]];
    return (
      silent &&
      end - start < shortGap &&
      beside.every((sound) => sound !== undefined && !sound.bilabial && !sound.labiodental)
    );
  });
  return {
    closed: shareOf(pauses, ({ start }) =>
      framesWithin(motion, start, start + restWithin).some((frame) =>
        atMost(aperture(motion, frame), closedAperture),
      ),
    ),
    still: pauses.reduce((sum, pause) => {
      const last = pause === sounds.at(-1) ? pause.end : pause.end - getsReady;
      const frames = framesWithin(motion, pause.start + restWithin + 1 / motion.framesPerSecond, last);
      const own = shareOf(frames, (frame) => speed(motion, frame) < stillSpeed);
      return { good: sum.good + own.good, all: sum.all + own.all };
    }, none),
    held: shareOf(gaps, ({ start, end }) =>
      framesWithin(motion, start, end).every((frame) => !atMost(aperture(motion, frame), closedAperture)),
    ),
  };
}

function speed(motion: Motion, frame: number): number {
  return Math.abs(aperture(motion, frame) - aperture(motion, frame - 1)) * motion.framesPerSecond;
}
