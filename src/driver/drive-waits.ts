import { ticksPerMillisecond, type Ticks } from '../wire/index.js';
import type { DriveTimes, Expectation } from './drive-setup.js';

/** Timers of Node that are set longer fire at once. */
export const longestTimerMs = 0x7fffffff;

/** How a drive stands when it begins to wait for the next message. */
export interface Standing {
  readonly times: DriveTimes;
  readonly expectation: Expectation;
  /** When the first message, and the first sound, came; performance.now(). */
  readonly firstPacket: number | undefined;
  readonly firstSpeech: number | undefined;
  /** Length of the sound that has come. */
  readonly audioEnd: Ticks;
  /** Every clause was for show only. */
  readonly allSilent: boolean;
  /** Everything that was to be spoken has come. */
  readonly allSpoken: boolean;
}

/** How long to wait, and what to do then. */
export interface Wait {
  readonly ms: number;
  readonly then: 'quiet' | 'silent' | 'fail';
  /** The cloud owed us the end. */
  readonly missing: boolean;
}

export function waitOf(standing: Standing): Wait {
  const { times, expectation, firstPacket, allSilent, allSpoken } = standing;
  const hasHeard = firstPacket !== undefined;
  if (expectation !== 'speak' && (!hasHeard || expectation === 'farewell'))
    return { ms: times.quietMs, then: 'quiet', missing: false };
  if (allSilent) return { ms: times.silentGraceMs, then: 'silent', missing: false };
  if (allSpoken) {
    const ms = Math.min(longestTimerMs, soundLeftMs(standing) + times.missingFinalMs);
    return { ms, then: 'quiet', missing: true };
  }
  return { ms: hasHeard ? times.betweenMessagesMs : times.firstMessageMs, then: 'fail', missing: false };
}

/** Sound that has come and would not have been heard by now, had it been played as it came. */
function soundLeftMs({ audioEnd, firstSpeech }: Standing): number {
  const passedMs = firstSpeech === undefined ? 0 : performance.now() - firstSpeech;
  return Math.max(0, audioEnd / ticksPerMillisecond - passedMs);
}
