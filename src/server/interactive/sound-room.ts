import type { MediaSession } from '../../media/session.js';
import { commandSampleRate } from '../../wire/interactive/command-types.js';

/** Sound of a caller that may wait to be heard, in seconds: at the fastest documented rate that is 20 minutes of sound. */
export const mostWaitingSeconds = 305;
/** What a media session must have room for: converters hold some of it back. */
export const roomySeconds = mostWaitingSeconds + 5;

/**
 * Milliseconds until this much more of a caller's sound may wait, 0 when it may now.
 *
 * @param samples at the rate of SEND_AUDIO.
 */
export function roomInMs(
  session: Pick<MediaSession, 'readySamples' | 'sampleRate'>,
  samples: number,
): number {
  const seconds = session.readySamples() / session.sampleRate + samples / commandSampleRate;
  return Math.max(0, Math.ceil(1000 * (seconds - mostWaitingSeconds)));
}
