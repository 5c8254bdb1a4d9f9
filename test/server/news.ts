/** Wakes whoever waits for something that messages bring. */
export class News {
  readonly #waiting = new Set<() => void>();

  tell(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves when `test` holds, which is asked now and at each news. */
  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }
}
