import type { ExpressionSpan } from './response.js';
import type { Ticks } from './ticks.js';

/** An expression put together from its parts, which may lie in several messages. */
export interface ExpressionState {
  readonly name: string;
  readonly start: Ticks;
  /** End as far as it is known. */
  readonly end: Ticks;
  /** Code point in the text where it began. */
  readonly position: number;
  /** True until the closing part has come. */
  readonly open: boolean;
}

/**
 * Follows expressions over the messages of one drive: opened by B, carried on
 * by I, closed by E; S does all at once. A part whose beginning never came is
 * taken as the beginning. At most 64 are open at a time; older ones are closed.
 */
export class ExpressionTracker {
  readonly #open = new Map<string, ExpressionState>();
  readonly #maxOpen = 64;

  /** Takes the parts of one message and returns every expression that changed, as it is now. */
  push(spans: readonly ExpressionSpan[]): ExpressionState[] {
    return spans.map((span) => this.#take(span));
  }

  /** Closes what the drive left open. */
  finish(): ExpressionState[] {
    const closed = [...this.#open.values()].map((state) => ({ ...state, open: false }));
    this.#open.clear();
    return closed;
  }

  #take(span: ExpressionSpan): ExpressionState {
    const continues = span.part === 'inside' || span.part === 'end';
    const before = continues ? this.#open.get(span.name) : undefined;
    const state = {
      name: span.name,
      start: before?.start ?? span.start,
      end: Math.max(before?.end ?? 0, span.end) as Ticks,
      position: before?.position ?? span.position,
      open: span.part === 'begin' || span.part === 'inside',
    };
    if (state.open) {
      this.#open.set(span.name, state);
      if (this.#open.size > this.#maxOpen) this.#open.delete(this.#open.keys().next().value!);
    } else if (continues) {
      this.#open.delete(span.name);
    }
    return state;
  }
}
