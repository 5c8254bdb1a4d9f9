import { toFacewireError } from '../errors.js';
import type { Drive } from '../driver/drive.js';
import type { DriveEvent } from '../driver/events.js';
import type { MediaSession } from '../media/session.js';
import type { DriveMoments } from '../metrics/waterfall.js';
import type { Player } from './player.js';
import { ticksToSamples, type Ticks } from '../wire/ticks.js';

/** What is needed of a drive. */
export type PerformableDrive = Pick<Drive, 'requestId' | 'marks' | 'done'> & AsyncIterable<DriveEvent>;

/** What is needed of the media session that the drive fills. */
export type PerformableSession = Pick<MediaSession, 'sampleRate' | 'sourceCommitted' | 'readySamples'>;

export interface Performance {
  readonly outcome: 'finished' | 'interrupted';
  /** Speech received, in seconds of the output's clock. */
  readonly seconds: number;
  /** Frame of the player in which the first sample was due; -1 when nothing was heard. */
  readonly firstFrame: number;
  readonly moments: DriveMoments;
  readonly warnings: readonly string[];
}

/**
 * Performs one drive on a player: follows its events, announces words as cues
 * when they are heard, and resolves when the last sample was presented. Rejects
 * with the drive's error after what had arrived was played.
 *
 * The drive must have been made with the session (or a tap on it) as `media`.
 */
export async function perform(
  drive: PerformableDrive,
  player: Player,
  session: PerformableSession,
): Promise<Performance> {
  const id = drive.requestId;
  const spoken = player.follow(id);
  const moments: DriveMoments = {
    requestMs: drive.marks.created,
    firstPacketMs: undefined,
    firstSampleMs: undefined,
    firstPictureMs: undefined,
    firstIngestMs: undefined,
  };
  const warnings: string[] = [];
  let firstFrame = -1;
  let firstSource = -1;
  const onStarted = (event: { id: string; frame: number; atMs: number }): void => {
    if (event.id !== id) return;
    moments.firstSampleMs = event.atMs;
    firstFrame = event.frame;
  };
  const onDrawn = (event: { id: string; atMs: number }): void => {
    if (event.id === id) moments.firstPictureMs = event.atMs;
  };
  player.on('started', onStarted).on('drawn', onDrawn);
  let failure: unknown;
  try {
    for await (const event of drive) {
      if (event.type === 'warning') warnings.push(`${event.code}: ${event.message}`);
      if (event.type !== 'speech' || event.clauseStartSample === undefined) continue;
      if (firstSource < 0) {
        firstSource = event.clauseStartSample;
        spoken.begin(firstSource);
      }
      const at = (start: Ticks): number => firstSource + ticksToSamples(start, session.sampleRate);
      for (const word of event.subtitles)
        spoken.addCue({ name: word.text, sourceSample: at(word.start), data: word });
      for (const action of event.actions)
        spoken.addCue({ name: action.name, sourceSample: at(action.start), data: action });
    }
    await drive.done;
  } catch (error) {
    failure = error;
  }
  // Also after an error: what has arrived is played to its end.
  const sourceEnd = session.sourceCommitted() + session.readySamples();
  spoken.end(sourceEnd);
  const outcome = await spoken.finished;
  player.off('started', onStarted).off('drawn', onDrawn);
  if (failure !== undefined) throw toFacewireError(failure);
  moments.requestMs = drive.marks.requestSent ?? moments.requestMs;
  moments.firstPacketMs = drive.marks.firstPacket;
  const seconds = firstSource < 0 ? 0 : (sourceEnd - firstSource) / session.sampleRate;
  return { outcome, seconds, firstFrame, moments, warnings };
}
