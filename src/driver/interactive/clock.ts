/** Time as the session sees it; a test puts its own in place. */
export interface Clock {
  /** Monotonic, in ms. */
  now(): number;
  /** Returns what clear() takes. */
  set(run: () => void, waitMs: number): unknown;
  clear(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  set: (run, waitMs) => setTimeout(run, waitMs),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Resolves after `waitMs`, or at once when the signal is or becomes aborted; look at the signal afterwards. */
export function pause(clock: Clock, waitMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true || waitMs <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clock.clear(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.set(finish, waitMs);
    signal?.addEventListener('abort', finish);
  });
}
