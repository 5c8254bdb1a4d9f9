/** What waits to be spoken, in order, with a place for what is inserted. */
export class ClauseQueue<T> {
  readonly #items: T[] = [];
  /** Items at the front that were inserted. */
  #inserted = 0;
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;

  get size(): number {
    return this.#items.length;
  }

  /** What take() gives next. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Nothing waits and nothing will come. */
  get isDrained(): boolean {
    return this.#ended && this.#items.length === 0;
  }

  add(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wake?.();
  }

  /** Puts an item before all that wait, behind those that were inserted before it. */
  insert(item: T): void {
    if (this.#ended) return;
    this.#items.splice(this.#inserted++, 0, item);
    this.#wake?.();
  }

  /** No more comes; what waits is still given out. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Forgets what waits, and no more comes. */
  drop(): void {
    this.#items.length = 0;
    this.end();
  }

  /** Ends at once: take() gives nothing any more. */
  close(): void {
    this.#closed = true;
    this.drop();
  }

  /** The next item, undefined when there will be none. One caller at a time. */
  async take(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#closed) return undefined;
    this.#inserted = Math.max(0, this.#inserted - 1);
    return this.#items.shift();
  }
}
