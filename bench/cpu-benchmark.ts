import Benchmark from 'benchmark';

import type { Rivals } from './rivals.js';

/**
 * `benchmark` with the CPU time of this thread for a clock, so that what other
 * processes take away does not count. Undefined where nothing tells that time.
 */
export function cpuBenchmark({ addon }: Rivals): typeof Benchmark | undefined {
  const lap = new Float64Array(1);
  if (addon?.cpuLap(lap, 0) !== true) return undefined;
  let nanoseconds = 0;
  // In the form of process.hrtime(), which is what `benchmark` asks its context for.
  const hrtime = (before: readonly [number, number] = [0, 0]): [number, number] => {
    addon.cpuLap(lap, 0);
    nanoseconds += lap[0];
    const seconds = Math.floor(nanoseconds / 1e9);
    return [seconds - before[0], nanoseconds - seconds * 1e9 - before[1]];
  };
  return Benchmark.runInContext({ process: { ...process, hrtime } }) as unknown as typeof Benchmark;
}
