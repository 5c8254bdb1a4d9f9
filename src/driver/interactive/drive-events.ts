import { FacewireError } from '../../errors.js';
import type { AudioEnd, Content, SpeakStatus } from '../../wire/index.js';

export type InteractiveKind = 'text' | 'stream' | 'audio';

export type InteractiveEvent =
  | {
      readonly type: 'status';
      readonly status: SpeakStatus;
      /** Number of the clause, 0 when the cloud gave none. */
      readonly sequence: number;
      readonly audioEnd?: AudioEnd;
    }
  | ({ readonly type: 'content' } & Content)
  /** `resent`: packets went out again after a reconnect. `retried`: the command was sent again as the code of the cloud asks. */
  | { readonly type: 'warning'; readonly code: 'resent' | 'retried'; readonly message: string };

export interface InteractiveResult {
  readonly requestId: string;
  readonly kind: InteractiveKind;
  /** What ended a sound. */
  readonly audioEnd?: AudioEnd;
  /** Events dropped because nobody read them. */
  readonly droppedEvents: number;
}

/** The error of what was stopped on purpose. */
export function interrupted(why: string, cause?: unknown): FacewireError {
  return new FacewireError('ERR_INTERRUPTED', why, {
    expected: 'the drive to go on to its end',
    received: why,
    ...(cause !== undefined && { cause }),
  });
}

/** The text of a message, without its ids. */
export function contentOf(message: Content): Content {
  const { content, sequence, text, spokenText, displayText, contentType, spoken, last } = message;
  const { highlighted, uninterruptible, microphoneOff, interactionType, interactionContent, extra } = message;
  return {
    content,
    sequence,
    text,
    spokenText,
    displayText,
    contentType,
    spoken,
    last,
    highlighted,
    uninterruptible,
    microphoneOff,
    interactionType,
    interactionContent,
    extra,
  };
}

/** Bytes that an event holds, about. */
export function sizeOfEvent(event: InteractiveEvent): number {
  let bytes = 256;
  for (const value of Object.values(event)) if (typeof value === 'string') bytes += 2 * value.length;
  return bytes;
}
