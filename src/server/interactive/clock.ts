import type { Clock } from '../../clock.js';

export { systemClock, type Clock } from '../../clock.js';

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
