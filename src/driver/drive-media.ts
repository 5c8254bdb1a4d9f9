import type { ErrorCode } from '../errors.js';
import type { ExpressionState, Ticks } from '../wire/index.js';

export type TimingName = 'phones' | 'words' | 'subtitles' | 'actions' | 'expressions';

/** What the media session says about one pushed message; read before the next push. */
export interface PushReportLike {
  readonly kind: 'other' | 'speech' | 'reply' | 'error' | 'pong' | 'stale' | 'refused';
  readonly final: boolean;
  readonly sentenceStart: boolean;
  readonly sentenceFinal: boolean;
  readonly featuresFinal: boolean;
  readonly clause: number;
  /** Audio frames in the message. */
  readonly audioFrames: number;
  /** In Hz, of this message's audio. */
  readonly sampleRate: number;
  /** Source sample at which the clause of this message begins. */
  readonly clauseStart: number;
  /** Why media was not taken; ERR_BUFFER_FULL means that nothing was, and the same bytes may be pushed again. */
  readonly errorCode: ErrorCode | undefined;
  warningNames(): readonly string[];
  /** The JSON text of one small array of the message; empty when it has none. */
  text(name: TimingName): string;
}

/** Where a drive puts sound and mouth. A MediaSession fits, or anything of the same form. */
export interface DriveMedia {
  /** A drive begins; messages of other request ids are stale from now on. */
  begin(requestId: string): void;
  /** Takes one wire frame as it came in, at `arrivalTicks` of performance.now() in 100 ns. Bad content must not throw. */
  push(bytes: Uint8Array, arrivalTicks: number): PushReportLike;
  /** No more audio will come in this drive. */
  end(): void;
  /** An expression of the drive began, went on or ended, between times of the drive; told right after its message. */
  expression?(state: ExpressionState): void;
  /** Ends of words of the drive, in its time; told right after their message. Speech may stop there when sound is late. */
  mayRest?(ends: readonly Ticks[]): void;
  /** What the order of the feature columns seems to be, after a report warned of it; undefined while it seems right. */
  readonly suspectedOrder?: string | undefined;
}
