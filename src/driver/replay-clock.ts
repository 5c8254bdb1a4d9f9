/** Lets what was recorded pass at the speed that was asked for. */
export class ReplayClock {
  readonly #speed: number;
  #beganMs = 0;
  #firstMs = 0;

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** What is between two drives is not waited for. */
  start(atMs: number): void {
    this.#firstMs = atMs;
    this.#beganMs = performance.now();
  }

  async until(atMs: number): Promise<void> {
    const waitMs = this.#beganMs + (atMs - this.#firstMs) / this.#speed - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 0x7fffffff)));
  }
}
