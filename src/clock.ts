/** Time for what waits; tests bring one of their own. */
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
