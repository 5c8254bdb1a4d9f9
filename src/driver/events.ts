import type {
  ExpressionState,
  JoinedSpeech,
  Reply,
  SpeechTiming,
  Ticks,
  WireWarningCode,
} from '../wire/index.js';
import type { TimeReference } from './time-base.js';

export interface ReplyEvent {
  readonly type: 'reply';
  /** What is going to be said in one clause; comes ahead of its speech. */
  readonly reply: Reply;
}

/** One message of speech. Every time counts from the start of the drive's audio. */
export interface SpeechEvent extends Omit<SpeechTiming, 'expressions'> {
  readonly type: 'speech';
  readonly clause: number;
  readonly clauseStart: boolean;
  readonly clauseEnd: boolean;
  readonly featuresFinal: boolean;
  readonly final: boolean;
  /** Where the audio of this message, and of its clause, begins. */
  readonly audioStart: Ticks;
  readonly clauseAudioStart: Ticks;
  /** Audio frames in this message. */
  readonly audioFrames: number;
  /** In Hz. */
  readonly sampleRate: number;
  readonly expressions: readonly ExpressionState[];
  /** What the text positions of subtitles count from; undefined until a later clause has told. */
  readonly positionReference: TimeReference | undefined;
  /** Source sample of the media session at which the clause begins; only with `media`. */
  readonly clauseStartSample: number | undefined;
  /** Samples and features; only without `media`. */
  readonly packet: JoinedSpeech | undefined;
}

/** Something was not as it should be and the drive goes on. */
export interface WarningEvent {
  readonly type: 'warning';
  readonly code: WarningCode;
  readonly message: string;
}

export type WarningCode =
  | WireWarningCode
  | 'features-invalid'
  | 'features-order'
  | 'media'
  | 'message-too-large'
  | 'request-unusual'
  | 'clock-corrected'
  | 'recording-stopped'
  | 'events-dropped';

export type DriveEvent = ReplyEvent | SpeechEvent | WarningEvent;

/** When things happened, in ms of performance.now(); undefined until they have. */
export interface DriveMarks {
  readonly created: number;
  /** The first frame of the request was handed to the socket. */
  readonly requestSent: number | undefined;
  /** The first frame of this drive arrived. */
  readonly firstPacket: number | undefined;
  /** The first frame with sound arrived. */
  readonly firstSpeech: number | undefined;
  readonly finished: number | undefined;
}

export interface DriveSummary {
  readonly requestId: string;
  /**
   * `final`: the cloud said so. `silent`: every clause was text to show only.
   * `quiet`: nothing was expected after a chat command, and nothing came.
   */
  readonly ended: 'final' | 'silent' | 'quiet';
  readonly replies: number;
  readonly speechMessages: number;
  /** Length of the audio. */
  readonly audio: Ticks;
  readonly warnings: number;
  /** Events that nobody read in time. */
  readonly droppedEvents: number;
  readonly marks: DriveMarks;
}
