import { FacewireError } from '../errors.js';
import type { ClausePlan } from './clause-plan.js';
import { backgroundClock, type Clock } from '../clock.js';
import { FragmentOrder, mostEarly } from './fragment-order.js';
import { MarkdownCutter } from './text/markdown-cutter.js';

/** A streamed text closes itself when no packet comes for this long. */
export const streamIdleMs = 2000;
/** Most characters of one stream. */
const mostCharacters = 200_000;

interface Fragment {
  readonly sequence: number;
  readonly text: string;
  readonly final: boolean;
}

/**
 * Joins the fragments of a streamed text in the order of their numbers and
 * gives out clauses as they complete.
 */
export class StreamText {
  readonly #cutter = new MarkdownCutter();
  #idleMs: number;
  readonly #onIdle: (() => FacewireError) | undefined;
  readonly #clock: Clock;
  readonly #order = new FragmentOrder<Fragment>();
  readonly #clauses: ClausePlan[] = [];
  #begun = false;
  #characters = 0;
  #ended = false;
  #error: FacewireError | undefined;
  readonly #waiting: (() => void)[] = [];
  #cancelIdle: () => void = () => undefined;
  #isHeld = false;

  /** @param onIdle what a pause of `idleMs` does: ends the text (the default), or makes it fail. */
  constructor(idleMs: number = streamIdleMs, onIdle?: () => FacewireError, clock: Clock = backgroundClock) {
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
    this.#clock = clock;
    this.#restartTimer();
  }

  /** True when there was any text, or there will be none. */
  get begun(): boolean {
    return this.#begun || this.#ended;
  }

  /** From now on a pause of `ms` is too long. */
  setIdle(ms: number): void {
    if (ms === this.#idleMs || this.#ended) return;
    this.#idleMs = ms;
    this.#restartTimer();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The first fragment that has not come. */
  get nextSequence(): number {
    return this.#order.next;
  }

  /** Nobody can send fragments: a pause means nothing until release(). */
  hold(): void {
    this.#isHeld = true;
    this.#cancelIdle();
  }

  release(): void {
    this.#isHeld = false;
    if (!this.#ended) this.#restartTimer();
  }

  /** Takes one fragment. A stream that breaks a limit fails with ERR_WIRE_LIMIT. */
  push(fragment: Fragment): void {
    if (this.#ended) return;
    this.#restartTimer();
    if (fragment.sequence < this.#order.next) return;
    this.#characters += fragment.text.length;
    const ready = this.#order.push(fragment);
    if (ready === undefined || this.#characters > mostCharacters) {
      return this.fail(
        new FacewireError(
          'ERR_WIRE_LIMIT',
          'the streamed text is too long, or too many fragments are missing',
          {
            expected: `at most ${mostCharacters} characters and ${mostEarly} fragments ahead of a missing one`,
          },
        ),
      );
    }
    for (const { text, final } of ready) {
      if (text !== '') this.#begun = true;
      this.#clauses.push(...this.#cutter.push(text));
      if (final) {
        this.end();
        break;
      }
    }
    this.#wake();
  }

  /** No more text will come: what is there is given out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelIdle();
    this.#clauses.push(...this.#cutter.end());
    this.#wake();
  }

  /** What is there is given out, then clauses() fails with `error`. */
  fail(error: FacewireError): void {
    this.#error = error;
    this.end();
  }

  /** Clauses in order, each with whether it is known to be the last. */
  async *clauses(): AsyncGenerator<{ readonly plan: ClausePlan; readonly last: boolean }, void, undefined> {
    for (;;) {
      const plan = this.#clauses.shift();
      if (plan !== undefined) yield { plan, last: this.#ended && this.#clauses.length === 0 };
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Resolves with true when `begun` is, with false after `ms` or when `signal` fires. */
  async beginsWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    let over = signal.aborted;
    const stop = (): void => {
      over = true;
      this.#wake();
    };
    const cancel = this.#clock.after(Math.max(0, ms), stop);
    signal.addEventListener('abort', stop, { once: true });
    while (!this.begun && !over) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    cancel();
    signal.removeEventListener('abort', stop);
    return this.begun;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #restartTimer(): void {
    this.#cancelIdle();
    if (this.#isHeld) return;
    this.#cancelIdle = this.#clock.after(this.#idleMs, () => {
      if (this.#onIdle === undefined) this.end();
      else this.fail(this.#onIdle());
    });
  }
}
