import { setTimeout as sleep } from 'node:timers/promises';

/** `asap`: as fast as it is made. `realtime-ahead`: at most some seconds ahead of what can have been heard. */
export type Pace = 'asap' | 'realtime-ahead';

/** Default of how far a paced cloud runs ahead, in seconds. */
export const defaultAheadSeconds = 4;

/** Holds messages back so that the client has at most `aheadMs` of speech in hand. */
export class Pacer {
  readonly #aheadMs: number;
  readonly #now: () => number;
  #startedMs: number | undefined;

  /** @param now a clock in ms that never goes back. */
  constructor(
    pace: Pace,
    aheadSeconds: number = defaultAheadSeconds,
    now: () => number = () => performance.now(),
  ) {
    this.#aheadMs = pace === 'asap' ? Number.POSITIVE_INFINITY : aheadSeconds * 1000;
    this.#now = now;
  }

  /** Time to wait, in ms, before speech at `mediaMs` of the drive may go out. */
  waitFor(mediaMs: number): number {
    const now = this.#now();
    this.#startedMs ??= now - mediaMs;
    // When speech was late, the client has been waiting and its clock stood still.
    this.#startedMs = Math.max(this.#startedMs, now - mediaMs);
    const early = mediaMs - (now - this.#startedMs) - this.#aheadMs;
    return Math.max(0, early);
  }

  /** Resolves when it may go out; rejects with AbortError when `signal` fires. */
  async until(mediaMs: number, signal: AbortSignal): Promise<void> {
    const wait = this.waitFor(mediaMs);
    if (wait > 0) await sleep(wait, undefined, { signal });
  }
}
