const stallMs = 250;
/** Looks in a row, 50 ms apart, after which a device that does nothing is given up: about 5 s. */
const mostStalledLooks = 100;

/**
 * Tells a device that pauses from one that is gone. Counts looks instead of
 * time, because a process that was stopped itself has an old callback, too.
 */
export class StallWatch {
  #looks = 0;
  #count = 0;

  /** Stalls so far. */
  get count(): number {
    return this.#count;
  }

  /** No stall at the moment. */
  get isCalm(): boolean {
    return this.#looks < 2;
  }

  /** The stall lasts for so long that the device counts as lost. */
  get isHopeless(): boolean {
    return this.#looks >= mostStalledLooks;
  }

  restart(): void {
    this.#looks = 0;
  }

  /** @param blockAgeMs time since the last callback, -1 before the first. True when a stall begins. */
  look(blockAgeMs: number): boolean {
    if (blockAgeMs >= 0 && blockAgeMs < stallMs) this.#looks = 0;
    else this.#looks += 1;
    // One look may be late itself, and before the first callback a device may take its time.
    const begins = this.#looks === 2 && blockAgeMs >= stallMs;
    if (begins) this.#count += 1;
    return begins;
  }
}
