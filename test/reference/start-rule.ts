/**
 * When speech may start, said in the plainest way; all times are whole ticks of
 * 100 ns. Sound is late by as much longer than it takes to be heard as it took
 * to come, since the earliest of its stretch.
 */
export class StartRule {
  /** The latest of some arrivals: after the earliest, and after the first of their stretch. */
  readonly #spells: { aboveLine: number; afterFirst: number; arrivals: number }[] = [];
  #dry = false;
  /** Arrivals of the stretch. */
  #stretch: { readonly tick: number; readonly position: number; readonly late: number }[] = [];

  /** The next arrival begins a stretch that has nothing to do with the one before. */
  restart(): void {
    this.#stretch = [];
    if ((this.#spells.at(-1)?.arrivals ?? 0) >= 32) this.#nextSpell();
  }

  /** The next arrival was late, and begins a stretch. */
  ranDry(): void {
    this.#dry = true;
  }

  arrived(tick: number, position: number): void {
    const first = this.#stretch.at(0);
    let late = 0;
    if (first !== undefined) {
      late = tick - first.tick - (position - first.position);
      if (this.#spells.length === 0) this.#nextSpell();
      const spell = this.#spells.at(-1)!;
      const above = late - this.#line();
      if (above <= 6_000_000) spell.aboveLine = Math.max(spell.aboveLine, above);
      spell.afterFirst = Math.max(spell.afterFirst, Math.min(late, 6_000_000));
      spell.arrivals += 1;
      if (spell.arrivals === 256) this.#nextSpell();
    }
    if (this.#dry) {
      this.#stretch = [];
      late = 0;
    }
    this.#dry = false;
    this.#stretch.push({ tick, position, late });
  }

  /** With `ready` ticks of sound there at `now`, of which `ahead` are taken at once. */
  mayStart(now: number, ready: number, ahead: number): boolean {
    const first = this.#stretch.at(0);
    if (first === undefined || this.#dry) return true;
    const passed = now - first.tick;
    if (passed >= 6_000_000) return true;
    // The one that is being filled, and 16 that are whole.
    const recent = this.#spells.slice(-17).filter(({ arrivals }) => arrivals > 0);
    if (recent.length === 0) return ready >= 600_000;
    const most = Math.max(0, ...recent.map(({ aboveLine }) => aboveLine));
    const after = Math.max(...recent.map(({ afterFirst }) => afterFirst));
    const arrivals = recent.reduce((sum, spell) => sum + spell.arrivals, 0);
    const start =
      this.#line() + most + Math.floor(most / 16) + Math.floor((most * 4) / Math.max(arrivals, 4));
    return passed >= (after <= 0 ? Math.min(start, after) : start) + ahead && ready >= 200_000;
  }

  #line(): number {
    return Math.min(...this.#stretch.map(({ late }) => late));
  }

  #nextSpell(): void {
    this.#spells.push({ aboveLine: 0, afterFirst: -Infinity, arrivals: 0 });
  }
}
