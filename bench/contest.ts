import Benchmark from 'benchmark';

/** One way to do a row's work. `run` does one operation; it takes care itself that inputs rotate. */
export interface Contestant {
  readonly name: string;
  readonly run: () => void;
}

export interface Timing {
  readonly name: string;
  /** Microseconds an operation, one number a round; or instructions, a single number. */
  readonly rounds: readonly number[];
}

export interface Effort {
  readonly size: 'full' | 'quick' | 'smoke';
  readonly rounds: number;
  /** Seconds of a contestant's turn in a round: short, so that all of a round meet the same weather. */
  readonly turnSeconds: number;
  /** `benchmark` with another clock. */
  readonly benchmark?: typeof Benchmark;
  /** Counts instructions instead of taking the time. */
  readonly counter?: InstructionCounter;
}

export interface InstructionCounter {
  /** Instructions that this thread takes for `run`. */
  count(run: () => void): number;
}

export const efforts = {
  full: { size: 'full', rounds: 61, turnSeconds: 0.004 },
  quick: { size: 'quick', rounds: 11, turnSeconds: 0.004 },
  /** For the tests: everything runs, nothing is worth reading. */
  smoke: { size: 'smoke', rounds: 1, turnSeconds: 0.0001 },
} as const satisfies Record<string, Effort>;

/**
 * Times the contestants in rounds. The order rotates from round to round, so
 * that a slow moment of the machine, or what one leaves in the caches, does not
 * always hit the same one.
 */
export function contest(contestants: readonly Contestant[], effort: Effort): Timing[] {
  const { counter } = effort;
  if (counter !== undefined)
    return contestants.map(({ name, run }) => ({ name, rounds: [instructions(run, counter)] }));
  const { benchmark: Clocked = Benchmark } = effort;
  const timings = contestants.map(({ name }) => ({ name, rounds: [] as number[] }));
  const counts = contestants.map(() => 1);
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (round + turn) % contestants.length;
      const { name, run } = contestants[index];
      const bench = new Clocked(name, run, {
        initCount: counts[index],
        minTime: effort.turnSeconds,
        maxTime: effort.turnSeconds,
        minSamples: 1,
      }).run() as Benchmark & { readonly error?: unknown };
      if (bench.error !== undefined) throw asError(bench.error);
      counts[index] = bench.count;
      timings[index].rounds.push(bench.stats.mean * 1e6);
    }
  }
  return timings;
}

/** Instructions an operation, once the code is compiled and the buffers have grown. */
function instructions(run: () => void, counter: InstructionCounter): number {
  const from = performance.now();
  let warm = 0;
  while (warm < 10 || (warm < 20_000 && performance.now() - from < 1000)) {
    run();
    warm += 1;
  }
  // Callgrind is slow: fewer of what takes long.
  const times = Math.min(10_000, Math.max(4, Math.round((50 * warm) / (performance.now() - from))));
  const total = counter.count(() => {
    for (let i = 0; i < times; i++) run();
  });
  return total / times;
}

/** How many times faster `one` is than `other`: the median of the ratios of their rounds. */
export function ratio(one: Timing, other: Timing): number {
  return median(one.rounds.map((micros, round) => other.rounds[round] / micros));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
