import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Collection {
  readonly at: number;
  readonly milliseconds: number;
}

/** Sees the garbage collections of this thread. */
export class GcWatch {
  readonly #seen: Collection[] = [];
  readonly #observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      this.#seen.push({ at: startTime, milliseconds: duration });
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Runs `work` on a clean heap, so that nobody pays for another's garbage, and returns the collections in it. */
  async during(work: () => void): Promise<{ count: number; milliseconds: number }> {
    collect();
    await turn();
    const from = performance.now();
    work();
    const until = performance.now();
    // Node hands the entries over in turns of the event loop.
    await turn();
    await turn();
    const inside = this.#seen.filter(({ at }) => at >= from && at < until);
    this.#seen.length = 0;
    return { count: inside.length, milliseconds: inside.reduce((sum, one) => sum + one.milliseconds, 0) };
  }

  close(): void {
    this.#observer.disconnect();
  }
}
