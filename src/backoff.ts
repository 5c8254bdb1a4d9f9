/** Waiting times between connection attempts: full jitter under a growing ceiling. */
export class Backoff {
  readonly #baseMs: number;
  readonly #factor: number;
  readonly #capMs: number;
  readonly #random: () => number;
  #failures = 0;

  /**
   * @param random gives numbers in [0, 1).
   * @param baseMs ceiling of the first wait, default 250 ms; each further one is 1.7 times longer, up to 10 s.
   */
  constructor(random: () => number = Math.random, baseMs = 250, factor = 1.7, capMs = 10_000) {
    this.#random = random;
    this.#baseMs = baseMs;
    this.#factor = factor;
    this.#capMs = capMs;
  }

  /** Counts a failure and returns how long to wait before the next attempt, in ms. */
  next(): number {
    const ceiling = Math.min(this.#capMs, this.#baseMs * this.#factor ** this.#failures);
    this.#failures++;
    return this.#random() * ceiling;
  }

  reset(): void {
    this.#failures = 0;
  }
}
