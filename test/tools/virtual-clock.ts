import type { Clock } from '../../src/clock.js';

/** Time that only a test moves. Timers run in the order of their times, those of one time in the order they were set. */
export class VirtualClock implements Clock {
  readonly #timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  #now = 0;
  #last = 0;

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const id = ++this.#last;
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), run });
    return () => void this.#timers.delete(id);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Runs everything that is due within `ms`. What that sets in turn runs, too, when it is due. */
  advance(ms: number): void {
    const until = this.#now + ms;
    while (this.#runNext(until));
    this.#now = until;
  }

  /** Jumps to the next timer, at most `ms` ahead, and runs it. */
  step(ms: number): void {
    const until = this.#now + ms;
    if (!this.#runNext(until)) this.#now = until;
  }

  #runNext(until: number): boolean {
    let next: number | undefined;
    for (const [id, timer] of this.#timers) {
      if (timer.at <= until && (next === undefined || timer.at < this.#timers.get(next)!.at)) next = id;
    }
    if (next === undefined) return false;
    const { at, run } = this.#timers.get(next)!;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, at);
    run();
    return true;
  }
}

/** Lets sockets and promises go on until the condition holds; the test's own timeout ends a vain wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Moves the clock in steps of at most `stepMs` until the condition holds, and
 * lets sockets go on in between. Time stands still while nothing waits for it.
 */
export async function advanceUntil(
  clock: VirtualClock,
  condition: () => boolean,
  stepMs = 100,
): Promise<void> {
  while (!condition()) {
    if (clock.timers > 0) clock.step(stepMs);
    for (let turn = 0; turn < 4 && !condition(); turn++)
      await new Promise((resolve) => setImmediate(resolve));
  }
}
