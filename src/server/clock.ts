/** Time for the timers of sessions; tests bring one of their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls `run` once after `ms`; the function that comes back calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Calls `run` when restart() has not been called for `ms`. Runs from the start. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #run: () => void;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, ms: number, run: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#run = run;
    this.restart();
  }

  restart(): void {
    if (this.#stopped) return;
    this.#cancel?.();
    this.#cancel = this.#clock.after(this.#ms, () => {
      this.#stopped = true;
      this.#run();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }
}
