import { hasSpeech } from '../voice/scripts.js';
import type { ContentType } from '../wire/response.js';
import type { PlainText } from './text/plain-text.js';

/** A clause that is ready to be spoken or shown. */
export interface ClausePlan {
  /** What is shown. All positions count its code points. */
  readonly display: string;
  /** First code point of `display` in the whole text (for SSML, without its tags). */
  readonly start: number;
  /** What is said, with the place in `display` of every code point; empty for what is only shown. */
  readonly spoken: PlainText;
  readonly contentType: ContentType;
  readonly sentenceEnd: boolean;
  /** Silence that the text asks for before the first word; absent: the usual. In ms. */
  readonly pauseBeforeMs?: number;
  /** Silence that the text asks for between the last word and the next clause's first one; absent: the usual. In ms. */
  readonly pauseAfterMs?: number;
  /** Actions that start with the word at a code point of `display`, or at its end. */
  readonly actions: readonly { readonly at: number; readonly name: string }[];
  /** Ranges of `display` that are one word. */
  readonly words?: readonly { readonly start: number; readonly end: number }[];
  /** Language that the text needs, a BCP 47 code; absent: judged by its letters. */
  readonly language?: string;
}

/** Whether there is something to hear or to do in it, if only a pause. */
export function isSpoken(plan: ClausePlan): boolean {
  return hasWords(plan) || plan.actions.length > 0 || plan.pauseAfterMs !== undefined;
}

export function hasWords(plan: ClausePlan): boolean {
  return hasSpeech(plan.spoken.text);
}
