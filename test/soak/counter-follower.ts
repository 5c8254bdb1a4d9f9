import { counterSamples, cycle } from '../integration/counter.js';

/** Reads a recorded counter as it comes and finds what is missing, repeated or silent in it. */
export class CounterFollower {
  /** Samples in their place so far. */
  good = 0;
  lost = 0;
  repeated = 0;
  /** Places where it did not go on with the next sample. */
  breaks = 0;
  /** Samples of silence inside. */
  silent = 0;
  readonly #length: number;
  #next: number | undefined;
  #rest: Buffer = Buffer.alloc(0);

  /** @param length samples of the counter in all; what follows is not looked at. */
  constructor(length: number) {
    this.#length = length;
  }

  push(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (; at + 4 <= all.length; at += 4) this.#take(all.readInt16LE(at));
    this.#rest = all.subarray(at);
  }

  #take(sample: number): void {
    if (this.#next === undefined) {
      if (sample !== 1) return;
      this.#next = 0;
    }
    if (this.#next >= this.#length) return;
    if (sample === counterSamples(this.#next)) {
      this.#next += 1;
      this.good += 1;
      return;
    }
    if (sample === 0) {
      this.silent += 1;
      return;
    }
    // Less than half a cycle forward is a loss, else a repetition.
    const step = (sample - counterSamples(this.#next) + cycle) % cycle;
    this.breaks += 1;
    if (step < cycle / 2) this.lost += step;
    else this.repeated += cycle - step;
    this.#next += step < cycle / 2 ? step + 1 : step - cycle + 1;
  }
}
