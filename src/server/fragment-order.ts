/** Most fragments that may wait for one that is missing. */
export const mostEarly = 64;

/**
 * Puts numbered fragments in order. One socket keeps its order by itself; what
 * comes by a second socket, or beside it by HTTPS, need not.
 */
export class FragmentOrder<T extends { readonly sequence: number }> {
  readonly #early = new Map<number, T>();
  #expected: number | undefined;

  /** The first fragment that has not come; 0 before any has. */
  get next(): number {
    return this.#expected ?? 0;
  }

  /** Those that wait for a missing one. */
  get early(): Iterable<T> {
    return this.#early.values();
  }

  /** The fragments that may be used now, in order; undefined when too many wait for a missing one. */
  push(fragment: T): T[] | undefined {
    // The count starts at 1; some samples start at 0.
    this.#expected ??= fragment.sequence === 0 ? 0 : 1;
    if (fragment.sequence < this.#expected) return [];
    if (fragment.sequence > this.#expected && this.#early.size >= mostEarly) return undefined;
    this.#early.set(fragment.sequence, fragment);
    const ready: T[] = [];
    for (let next = this.#early.get(this.#expected); next; next = this.#early.get(this.#expected)) {
      this.#early.delete(this.#expected++);
      ready.push(next);
    }
    return ready;
  }

  /** Gives up on what is missing: all that waits, in order. */
  flush(): T[] {
    const rest = [...this.#early.values()].sort((a, b) => a.sequence - b.sequence);
    this.#early.clear();
    return rest;
  }
}
