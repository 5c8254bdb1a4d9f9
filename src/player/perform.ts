import { toFacewireError } from '../errors.js';
import type { Drive } from '../driver/drive.js';
import type { DriveEvent } from '../driver/events.js';
import type { MediaSession } from '../media/session.js';
import type { DriveMoments } from '../metrics/waterfall.js';
import type { Player } from './player.js';
import type { SpokenEvent } from './spoken-events.js';
import { SpokenTeller } from './spoken-teller.js';
import type { Subtitles } from './subtitles.js';
import type { Cue } from './utterance-log.js';
import { ticksToSamples, type Ticks } from '../wire/ticks.js';

/** What is needed of a drive. */
export type PerformableDrive = Pick<Drive, 'requestId' | 'marks' | 'done'> &
  Partial<Pick<Drive, 'text'>> &
  AsyncIterable<DriveEvent>;

/** What is needed of the media session that the drive fills. */
export type PerformableSession = Pick<MediaSession, 'sampleRate' | 'sourceCommitted' | 'readySamples'>;

export interface PerformOptions {
  /** Told what is heard and shown, when it is. A listener that throws causes an uncaught exception, not a pause. */
  readonly onEvent?: (event: SpokenEvent) => void;
  /** Filled with what is said, for a Composition that writes it into the pictures; one for each that reads them. */
  readonly subtitles?: Subtitles | readonly Subtitles[];
}

export interface Performance {
  readonly outcome: 'finished' | 'interrupted';
  /** Speech received, in seconds of the output's clock. */
  readonly seconds: number;
  /** Frame of the player in which the first sample was due; -1 when nothing was heard. */
  readonly firstFrame: number;
  readonly moments: DriveMoments;
  /** Everything that was shown; the ranges of the events are places in it. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Performs one drive on a player: follows its events, tells `onEvent` of words
 * and all else when they are heard, and resolves when the last sample was presented. Rejects
 * with the drive's error after what had arrived was played.
 *
 * The drive must have been made with the session (or a tap on it) as `media`.
 */
export async function perform(
  drive: PerformableDrive,
  player: Player,
  session: PerformableSession,
  options: PerformOptions = {},
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
  let failure: unknown;
  const at = (start: Ticks): number => Math.max(0, firstSource) + ticksToSamples(start, session.sampleRate);
  const tell = options.onEvent ?? ((): void => undefined);
  const teller = new SpokenTeller(spoken, () => drive.text, at, tell);
  const written = [options.subtitles ?? []].flat().map((each) => each.follow(() => drive.text, at));
  const onStarted = (event: { id: string; sample: number; frame: number; atMs: number }): void => {
    if (event.id !== id) return;
    teller.started(event.sample);
    moments.firstSampleMs = event.atMs;
    firstFrame = event.frame;
  };
  const onDrawn = (event: { id: string; atMs: number }): void => {
    if (event.id === id) moments.firstPictureMs = event.atMs;
  };
  const onCue = (event: { id: string; sample: number; cue: Cue }): void => {
    if (event.id === id) teller.cue(event.cue, event.sample);
  };
  const finish = (sample: number, interrupted: boolean): void =>
    teller.finish(sample, interrupted, failure === undefined ? undefined : toFacewireError(failure));
  const onFinished = (event: { id: string; sample: number }): void => {
    if (event.id === id) finish(event.sample, false);
  };
  const onInterrupted = (event: { id: string; sample: number }): void => {
    if (event.id !== id) return;
    for (const track of written) track.cut();
    finish(event.sample, true);
  };
  player.on('started', onStarted).on('drawn', onDrawn).on('cue', onCue);
  player.on('finished', onFinished).on('interrupted', onInterrupted);
  try {
    for await (const event of drive) {
      if (event.type === 'warning') warnings.push(`${event.code}: ${event.message}`);
      if (event.type === 'reply') {
        teller.reply(event);
        for (const track of written) track.reply(event);
      }
      if (event.type !== 'speech' || event.clauseStartSample === undefined) continue;
      if (firstSource < 0) {
        firstSource = event.clauseStartSample;
        spoken.begin(firstSource);
      }
      teller.speech(event);
      for (const track of written) track.speech(event);
    }
    await drive.done;
  } catch (error) {
    failure = error;
  }
  // Also after an error: what has arrived is played to its end.
  const sourceEnd = session.sourceCommitted() + session.readySamples();
  spoken.end(sourceEnd);
  for (const track of written) track.end(sourceEnd);
  const outcome = await spoken.finished;
  // A player that was stopped says nothing more by itself.
  finish(player.position, outcome === 'interrupted');
  player.off('started', onStarted).off('drawn', onDrawn).off('cue', onCue);
  player.off('finished', onFinished).off('interrupted', onInterrupted);
  if (failure !== undefined) throw toFacewireError(failure);
  moments.requestMs = drive.marks.requestSent ?? moments.requestMs;
  moments.firstPacketMs = drive.marks.firstPacket;
  const seconds = firstSource < 0 ? 0 : (sourceEnd - firstSource) / session.sampleRate;
  return { outcome, seconds, firstFrame, moments, text: teller.text, warnings };
}
