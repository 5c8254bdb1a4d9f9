import type { FacewireError } from '../../errors.js';
import type { ChannelMessage } from '../../wire/index.js';

export interface UtteranceOptions {
  /**
   * `interrupt` takes the place of what is being said and voids what waits; `queue` waits for both, and throws
   * ERR_BUFFER_FULL, voiding nothing, when `maxQueuedDrives` or `maxQueuedBytes` wait already. Default interrupt.
   */
  readonly when?: 'interrupt' | 'queue';
  /** Interrupts the drive. */
  readonly signal?: AbortSignal;
}

export interface SpeakOptions extends UtteranceOptions {
  /** Also past a mark that says 'not interruptible'. Default false. */
  readonly force?: boolean;
  /** Lets the cloud add gestures by itself. Default false. */
  readonly smartActions?: boolean;
  /** JSON text that is carried in the picture's stream. Default none. */
  readonly seiInfo?: string;
}

export interface ChatOptions extends SpeakOptions {
  /** Round of the conversation. Default: one for the whole session. */
  readonly roundId?: string;
  /** Visitor of the knowledge engine, at most 64 characters. Default none. */
  readonly visitorId?: string;
}

export interface StreamOptions extends UtteranceOptions {
  /** Default false. */
  readonly smartActions?: boolean;
  /** Clause mode: every piece is one clause, spoken as it is, sent when the cloud asks for it. Default false. */
  readonly clauses?: boolean;
}

export interface PlayOptions extends UtteranceOptions {
  /** In Hz; not needed for a WAV file. */
  readonly sampleRate?: number;
  /** JSON text that is carried in the picture's stream. Default none. */
  readonly seiInfo?: string;
}

export interface SessionCounters {
  /** Drives that wait for their turn now, and the bytes that they keep. */
  readonly queuedDrives: number;
  readonly queuedBytes: number;
  /** Drives that found no room there. */
  readonly refusedDrives: number;
  /** Pieces of streamed text that found no room. */
  readonly refusedTexts: number;
  /** Bytes that wait for the channel now. */
  readonly waitingBytes: number;
  /** Frames that found no room there. */
  readonly refusedFrames: number;
  readonly reconnects: number;
  readonly resentFrames: number;
  /** Statuses that came again. */
  readonly duplicateStatuses: number;
  readonly heartbeats: number;
  /** Frames of the cloud that could not be read. */
  readonly malformedFrames: number;
}

export type SessionWarning =
  | 'frame-malformed'
  | 'code-unowned'
  | 'close-failed'
  | 'uninterruptible'
  /** The recording ended early; the session goes on. */
  | 'recording-stopped';

export interface InteractiveSessionEvents {
  /** The channel is open; `again` after it was lost. */
  connected: [again: boolean];
  /** The channel was lost and is going to be opened again. */
  disconnected: [error: FacewireError];
  /** The session is over, once: closed by us (undefined) or by the cloud. */
  closed: [error: FacewireError | undefined];
  /** Whatever belongs to no drive of ours that is running. */
  message: [message: ChannelMessage];
  warning: [code: SessionWarning, message: string];
}
