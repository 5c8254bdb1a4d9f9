import type { Sink } from '../sinks/sink.js';

/** The time between two looks counts as at most so much: a process that stood still itself blames nobody. */
const mostBetweenMs = 100;

/** Knows which sink has had no room for too long, where others wait for it. */
export class RoomWatch {
  readonly #limitMs: number;
  /** For how long each sink that has no room has had none. */
  readonly #fullMs = new Map<Sink, number>();
  #lookedAt = 0;
  #isFree = true;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Whether all sinks had room at the last look. */
  get isFree(): boolean {
    return this.#isFree;
  }

  /** Returns a sink that has had no room for `samples` for longer than the limit. */
  look(sinks: readonly Sink[], samples: number): Sink | undefined {
    const now = performance.now();
    const passedMs = Math.min(now - this.#lookedAt, mostBetweenMs);
    this.#lookedAt = now;
    this.#isFree = true;
    let stuck: Sink | undefined;
    for (const sink of sinks) {
      if (sink.room === undefined || sink.room >= samples) {
        if (this.#fullMs.size > 0) this.#fullMs.delete(sink);
        continue;
      }
      this.#isFree = false;
      const fullMs = (this.#fullMs.get(sink) ?? 0) + passedMs;
      this.#fullMs.set(sink, fullMs);
      if (fullMs > this.#limitMs) stuck = sink;
    }
    return stuck;
  }
}
