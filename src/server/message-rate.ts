/** Messages that one client may send: so many a second for ever, and so many at once. */
export interface MessageRateLimits {
  /** Default 500. */
  readonly perSecond: number;
  /** Default 2000. */
  readonly burst: number;
}

export const defaultMessageRate: MessageRateLimits = { perSecond: 500, burst: 2000 };

/** A token bucket. */
export class MessageRate {
  readonly #limits: MessageRateLimits;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** @param now a clock in ms that never goes back. */
  constructor(limits: MessageRateLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#tokens = limits.burst;
    this.#at = now();
  }

  /** Counts a message; false when it is one too many. */
  take(): boolean {
    const now = this.#now();
    const { perSecond, burst } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
