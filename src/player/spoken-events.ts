import type { FacewireError } from '../errors.js';
import type { TextRange } from '../driver/transcript.js';

/**
 * What is heard and shown, told when it is: `at` is the sample of the player's
 * output. Every performance that began gives exactly one `finished` or
 * `interrupted`, and nothing after it.
 */
export type SpokenEvent =
  /** The first sample of speech. */
  | { readonly type: 'started'; readonly at: number }
  /**
   * A clause begins, or one that is only shown has its turn. `range` is its
   * place in the text of the drive: all clauses shown so far, which is the
   * beginning of the text that was sent as long as the cloud shows that.
   */
  | {
      readonly type: 'subtitle';
      readonly at: number;
      readonly text: string;
      readonly spoken: boolean;
      readonly range: TextRange;
    }
  /** A word begins. `range` is undefined when it does not stand in the text. */
  | {
      readonly type: 'word';
      readonly at: number;
      readonly text: string;
      readonly range: TextRange | undefined;
    }
  | { readonly type: 'action'; readonly at: number; readonly name: string }
  /** A facial expression begins or ends. */
  | {
      readonly type: 'expression';
      readonly at: number;
      readonly name: string;
      readonly phase: 'begin' | 'end';
    }
  | { readonly type: 'finished'; readonly at: number }
  | InterruptedEvent;

/** Speech ended before its end. */
export interface InterruptedEvent {
  readonly type: 'interrupted';
  readonly at: number;
  /** The last word that began; undefined when there was none. */
  readonly lastWord: string | undefined;
  /** Where that word ends in the text of the drive; 0 when there was none. */
  readonly textEnd: number;
  /** Why the drive failed; undefined when the player was interrupted or stopped. */
  readonly error: FacewireError | undefined;
}
