/** Counts of durations in steps of 10 ms, up to a minute: as large after hours as at first. */
export class Durations {
  readonly #counts = new Uint32Array(6000);
  #all = 0;

  get count(): number {
    return this.#all;
  }

  add(ms: number): void {
    const step = Math.min(this.#counts.length - 1, Math.round(ms / 10));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#all += 1;
  }

  /** The shortest that `percent` of all do not pass, in ms; 0 when there are none. */
  percentile(percent: number): number {
    let left = (percent / 100) * this.#all;
    if (this.#all === 0) return 0;
    for (const [step, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0 && count > 0) return step * 10;
    }
    return 0;
  }
}
