/** Progress of a drive. A terminal one ends it: text-over, audio-over, error. Any other may be missed. */
export type SpeakStatus =
  | 'initial'
  | 'waiting-text-start'
  | 'text-start'
  | 'waiting-text-over'
  | 'text-over'
  | 'waiting-audio-start'
  | 'audio-start'
  | 'waiting-audio-over'
  | 'audio-over'
  | 'clause-start'
  | 'clause-over'
  /** The next clause may be sent. */
  | 'clause-next'
  | 'error';

/** The vendor's names. */
export const speakStatusNames: Readonly<Record<SpeakStatus, string>> = {
  initial: 'Initial',
  'waiting-text-start': 'WaitingTextStart',
  'text-start': 'TextStart',
  'waiting-text-over': 'WaitingTextOver',
  'text-over': 'TextOver',
  'waiting-audio-start': 'WaitingAudioStart',
  'audio-start': 'AudioStart',
  'waiting-audio-over': 'WaitingAudioOver',
  'audio-over': 'AudioOver',
  'clause-start': 'SentenceStart',
  'clause-over': 'SentenceOver',
  'clause-next': 'SentenceNext',
  error: 'Error',
};

/** What ended a sound: the caller's final packet, the cloud because none came in time, or an interrupt. */
export type AudioEnd = 'client' | 'timeout' | 'interrupted';
export const audioEndNumbers: Readonly<Record<AudioEnd, number>> = { client: 1, timeout: 2, interrupted: 3 };

/** `input` echoes what the user said; `speech` is what will be said; `answer` and `reasoning` come from a large model. */
export type ContentKind = 'input' | 'speech' | 'answer' | 'reasoning';
export const contentKindNumbers: Readonly<Record<ContentKind, number>> = {
  input: 1,
  speech: 2,
  answer: 4,
  reasoning: 5,
};

export interface ChannelIds {
  readonly requestId: string;
  readonly sessionId: string;
}

/** A text of a drive; left out is empty, 0 or false. */
export interface Content {
  readonly content: ContentKind;
  readonly sequence: number;
  /** The question. */
  readonly text: string;
  /** What is spoken, SSML included. */
  readonly spokenText: string;
  readonly displayText: string;
  /** A number as of replies, or one of the names of an older page; as it came, written out. */
  readonly contentType: string;
  readonly spoken: boolean;
  readonly last: boolean;
  readonly highlighted: boolean;
  readonly uninterruptible: boolean;
  readonly microphoneOff: boolean;
  readonly interactionType: string;
  /** JSON as text, or empty. */
  readonly interactionContent: string;
  /** JSON as text, or empty. */
  readonly extra: string;
}

export interface StatusMessage {
  readonly kind: 'status';
  readonly status: SpeakStatus;
  /** Number of the clause, 0 when the message has none. */
  readonly sequence: number;
  readonly audioEnd?: AudioEnd;
  /** Beside the status `error`; 0 for none. */
  readonly errorCode: number;
  readonly errorMessage: string;
}

export type ChannelMessage =
  | (StatusMessage & ChannelIds)
  | ({ readonly kind: 'content' } & Content & ChannelIds)
  /** The input was dropped, because what is being said must not be interrupted. */
  | ({
      readonly kind: 'uninterruptible';
      readonly errorCode: number;
      readonly errorMessage: string;
    } & ChannelIds)
  | ({
      readonly kind: 'error';
      readonly code: number;
      readonly message: string;
      /** Number of the packet that it is about, 0 when the message has none. */
      readonly sequence: number;
      /** Where the code stood. */
      readonly place: 'header' | 'payload';
    } & ChannelIds)
  | { readonly kind: 'pong' }
  /** Valid JSON of a type that is to be ignored. */
  | ({ readonly kind: 'other'; readonly type: number | undefined } & ChannelIds)
  | { readonly kind: 'malformed'; readonly fault: string };

/** Most bytes of one downstream frame of the channel that is accepted. */
export const maxChannelFrameBytes = 1024 * 1024;
