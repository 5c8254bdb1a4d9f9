/**
 * When speech may start, said in the plainest way; all times are whole ticks of
 * 100 ns. Sound is late by as much longer than it takes to be heard as it took
 * to come, since the first of its stretch.
 */
export class StartRule {
  readonly #late: number[] = [];
  #dry = false;
  #first: { readonly tick: number; readonly position: number } | undefined;
  #target = 600_000;
  #looked: number | undefined;

  /** The next arrival begins a stretch that has nothing to do with the one before. */
  restart(): void {
    this.#first = undefined;
  }

  /** The next arrival was late, and begins a stretch. */
  ranDry(): void {
    this.#dry = true;
  }

  arrived(tick: number, position: number): void {
    if (this.#first !== undefined)
      this.#late.push(tick - this.#first.tick - (position - this.#first.position));
    if (this.#first === undefined || this.#dry) this.#first = { tick, position };
    this.#dry = false;
  }

  /** With `ready` ticks of sound there at `now`, of which `ahead` are taken at once. */
  mayStart(now: number, ready: number, ahead: number): boolean {
    if (this.#first === undefined || this.#dry) return true;
    const latest = this.#late.slice(-128).sort((a, b) => a - b);
    const percentile = latest.length > 0 ? latest[Math.ceil(latest.length * 0.95) - 1] : 0;
    if (latest.length > 0) {
      const fallen = this.#target - Math.floor((now - (this.#looked ?? now)) / 100);
      this.#target = Math.max(200_000, Math.min(6_000_000, percentile), fallen);
    }
    this.#looked = now;
    const passed = now - this.#first.tick;
    if (passed >= 6_000_000) return true;
    return (latest.length === 0 || passed >= percentile + ahead) && ready >= this.#target;
  }
}
