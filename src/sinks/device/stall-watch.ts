/** No callback for so long is a stall, in ms: told, and waited for. */
export const stallMs = 250;
/** How often a sink looks, in ms. */
export const lookMs = 50;
/** Looks in a row at a stall for which time is held, so that nothing is left out: until 0.8 s after the last callback. */
const mostHeldLooks = 11;
/**
 * The same in the first 3 s of a stream, as looks that saw it play: 2.2 s after its last callback. A sound server may
 * take up to two seconds of sound at once when a stream begins, and then nothing until that was heard.
 */
const mostHeldEarlyLooks = 40;
const earlyLooks = 60;
/** Looks in a row at a stall after which the device is opened anew: about 5 s after its last callback. */
const mostStalledLooks = 95;
/** The same before the first callback of all, for which a device may take its time: 5 s. */
const mostFirstLooks = 100;
/** The same when the device was lost before: 1 s. */
const mostReturnLooks = 20;

/**
 * Tells a device that pauses from one that is gone. Counts looks instead of
 * time, because a process that was stopped itself has an old callback, too.
 */
export class StallWatch {
  #looks = 0;
  /** Looks since the device was opened that saw it play. */
  #played = 0;
  #count = 0;
  #hasBegun = false;
  #mostLooks = mostFirstLooks;

  /** Stalls so far. */
  get count(): number {
    return this.#count;
  }

  /** No stall at the moment. */
  get isCalm(): boolean {
    return this.#looks < 2;
  }

  /** The stall lasts for so long that time must go on without the device. */
  get isLong(): boolean {
    return this.#hasBegun && this.#looks >= (this.#played < earlyLooks ? mostHeldEarlyLooks : mostHeldLooks);
  }

  /** The stall lasts for so long that the device counts as lost. */
  get isHopeless(): boolean {
    return this.#looks >= this.#mostLooks;
  }

  /** A device was opened. */
  restart(isReturn: boolean): void {
    this.#looks = 0;
    this.#played = 0;
    this.#hasBegun = false;
    this.#mostLooks = isReturn ? mostReturnLooks : mostFirstLooks;
  }

  /** @param blockAgeMs time since the last callback, -1 before the first. True when a stall begins. */
  look(blockAgeMs: number): boolean {
    if (blockAgeMs >= 0) {
      this.#hasBegun = true;
      this.#mostLooks = mostStalledLooks;
    }
    if (blockAgeMs >= 0 && blockAgeMs < stallMs) {
      this.#looks = 0;
      this.#played += 1;
    } else {
      this.#looks += 1;
    }
    // One look may be late itself, and before the first callback a device may take its time.
    const begins = this.#looks === 2 && blockAgeMs >= stallMs;
    if (begins) this.#count += 1;
    return begins;
  }
}
