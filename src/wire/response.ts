import type { Ticks } from './ticks.js';

/** One phone of the clause. `phone` is opaque; Mandarin has the form letters + tone digit ("zh4", "sil0"). */
export interface PhoneSpan {
  readonly phone: string;
  readonly start: Ticks;
  readonly end: Ticks;
}

/** A word and its phones as the wire has them: `-` joins initial and final, `|` separates syllables. No times. */
export interface WordPhones {
  readonly word: string;
  readonly phones: string;
}

/** A piece of text with its time and its half-open range of Unicode code points. */
export interface SubtitleSpan {
  readonly text: string;
  readonly start: Ticks;
  readonly end: Ticks;
  readonly positionStart: number;
  readonly positionEnd: number;
}

export interface ActionCue {
  /** Name of the action. */
  readonly name: string;
  readonly start: Ticks;
}

/** Which part of an expression a span is; `whole` begins and ends here. */
export type ExpressionPart = 'begin' | 'inside' | 'end' | 'whole';

export interface ExpressionSpan {
  readonly name: string;
  readonly start: Ticks;
  readonly end: Ticks;
  /** Code point in the text. */
  readonly position: number;
  readonly part: ExpressionPart;
}

/** The timed texts of a speech frame, in the wire's own time base. */
export interface SpeechTiming {
  readonly phones: readonly PhoneSpan[];
  readonly words: readonly WordPhones[];
  readonly subtitles: readonly SubtitleSpan[];
  readonly actions: readonly ActionCue[];
  readonly expressions: readonly ExpressionSpan[];
}

/** Known reply types; others pass through as they came. */
export type ReplyType =
  | 'cloudAiGpt'
  | 'yunxiaowei'
  | 'cloudAiWaiting'
  | 'cloudAiTimeOut'
  | 'sensitive'
  | 'input'
  | 'enhanceText'
  | 'cloudAiThought'
  | (string & {});

/** Kinds of content of a clause, as the wire numbers them. */
export const contentTypes = {
  unknown: 0,
  text: 1,
  orderedList: 2,
  list: 3,
  image: 4,
  link: 5,
  table: 6,
  title: 8,
  ssml: 9,
} as const;
export type ContentType = keyof typeof contentTypes;

/** What is going to be said in one clause. */
export interface Reply {
  readonly replyType: ReplyType;
  /** What is spoken, SSML included. */
  readonly spokenText: string;
  /** What to show, rich text included. */
  readonly displayText: string;
  readonly interactionType: string;
  /** JSON as text, or empty. */
  readonly interactionContent: string;
  /** The current speech must not be interrupted. */
  readonly uninterruptible: boolean;
  /** The microphone should be off while this is spoken. */
  readonly microphoneOff: boolean;
  /** Number of the clause; only its order means anything. */
  readonly clause: number;
  /** 0 unknown, 1 text, 2 ordered list, 3 list, 4 image, 5 link, 6 table, 8 title, 9 SSML; others pass through. */
  readonly contentType: number;
  /** False: this clause is shown only, no speech will come for it. */
  readonly spoken: boolean;
  /** Last clause of the text. */
  readonly last: boolean;
  readonly highlighted: boolean;
  /** JSON as text, may hold references; or empty. */
  readonly extra: string;
}

/** Sound and mouth of (a part of) one clause, as one message brought them. */
export interface Speech {
  readonly clause: number;
  readonly clauseStart: boolean;
  readonly clauseEnd: boolean;
  /** No more speech in this drive. */
  readonly final: boolean;
  /** No more features in this clause. */
  readonly featuresFinal: boolean;
  /** Little-endian s16 mono; may be empty or have an odd byte count. */
  readonly audio: Uint8Array;
  /** In Hz; 0 when the message does not say. */
  readonly sampleRate: number;
  /** Row-major in wire order, as received: not clamped, NaN where the wire had no finite number. */
  readonly features: Float32Array;
  /** Values per row; 0 when the message does not say. */
  readonly featureDimension: number;
  /** `RealThType`, for example 3D_standard, or empty. */
  readonly featureFamily: string;
  readonly timing: SpeechTiming;
}

export interface FrameIds {
  readonly requestId: string;
  readonly streamId: string;
}

export type WireFrame =
  | ({ readonly kind: 'reply'; readonly reply: Reply } & FrameIds)
  | ({ readonly kind: 'speech'; readonly speech: Speech } & FrameIds)
  | ({
      readonly kind: 'error';
      readonly code: number;
      readonly message: string;
      /** Where the code stood. */
      readonly place: 'header' | 'payload';
    } & FrameIds)
  | { readonly kind: 'pong' }
  /** Valid JSON that is none of the above. */
  | ({ readonly kind: 'other'; readonly responseType: string } & FrameIds)
  | { readonly kind: 'malformed'; readonly fault: string };

export type WireWarningCode =
  | 'frame-malformed'
  | 'field-type'
  | 'item-dropped'
  | 'base64-invalid'
  | 'start-assumed'
  | 'id-assumed'
  | 'object-misplaced'
  | 'type-unknown'
  | 'audio-odd-byte'
  | 'audio-rate-changed'
  | 'audio-rate-unsupported'
  | 'features-length'
  | 'features-not-finite'
  | 'features-out-of-range'
  | 'features-dimension-changed'
  | 'features-family-unknown';

export interface WireWarning {
  readonly code: WireWarningCode;
  /** Documented name of the field, with its path. */
  readonly field: string;
  readonly message: string;
}

export interface FrameReading {
  readonly frame: WireFrame;
  readonly warnings: readonly WireWarning[];
}
