import { percentile } from '../dist/metrics/percentiles.js';

import { median } from './contest.js';
import { GcWatch } from './gc-watch.js';
import { speechMessages } from './material.js';
import { glueName, messageWays, type MessageWay } from './message-ways.js';
import type { Rivals } from './rivals.js';
import { ours, type Check, type Context, type Row, type RowResult, type Skip } from './row.js';

const sessions = 64;

/** Many sessions in turn: what the slow ones of the messages cost, and what the garbage costs. */
export const sessionRow: Row = { name: `${sessions} sessions, messages of 200 ms`, uncounted: true, run };

/** What one way did in all rounds. */
interface Tally {
  readonly name: string;
  readonly ways: readonly MessageWay[];
  /** Microseconds of every message, round by round. */
  readonly rounds: Float64Array[];
  collections: number;
  collectionMs: number;
  /** Bytes of JavaScript heap a message, of the rounds without a collection. */
  readonly growth: number[];
}

async function run({ effort, rivals }: Context): Promise<RowResult> {
  const all = await messageWays(rivals);
  const { requestId, messages } = speechMessages(200, 64);
  const perSession = effort.size === 'full' ? 20 : effort.size === 'quick' ? 10 : 2;
  const rounds = effort.size === 'full' ? 13 : effort.size === 'quick' ? 5 : 1;
  const { lap, skipped } = clock(rivals);
  const tallies: Tally[] = [...all.make]
    .filter(([name]) => !name.includes('plain JS'))
    .map(([name, create]) => ({
      name,
      ways: Array.from({ length: sessions }, () => create(requestId)),
      rounds: [],
      collections: 0,
      collectionMs: 0,
      growth: [],
    }));

  const watch = new GcWatch();
  const laps = new Float64Array(sessions * perSession);
  const drive = (ways: readonly MessageWay[]): void => {
    // The others have had the caches; a server has one way only.
    for (let i = 0; i < sessions; i++) ways[i].push(messages[i & 63]);
    lap(laps, 0);
    for (let i = 0; i < laps.length; i++) {
      ways[i % sessions].push(messages[(i + (i >> 6)) & 63]);
      lap(laps, i);
    }
  };
  // Buffers have grown and code is compiled before anything counts.
  for (const { ways } of tallies) for (let i = 0; i < 3; i++) drive(ways);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < tallies.length; turn++) {
      const tally = tallies[(round + turn) % tallies.length];
      let growth = 0;
      const { count, milliseconds } = await watch.during(() => {
        const before = process.memoryUsage().heapUsed;
        drive(tally.ways);
        growth = process.memoryUsage().heapUsed - before;
      });
      tally.rounds.push(laps.map((nanoseconds) => nanoseconds / 1000));
      tally.collections += count;
      tally.collectionMs += milliseconds;
      if (count === 0) tally.growth.push(growth / (laps.length + sessions));
    }
  }
  watch.close();

  const measured = rounds * laps.length;
  return {
    work: `CPU of the thread a message, ${sessions} sessions in turn, ${measured} messages`,
    ways: tallies.map((tally) => ({ name: tally.name, more: columns(tally) })),
    checks: checks(tallies),
    skipped: [...all.skipped, ...skipped],
  };
}

function columns({ rounds, collections, collectionMs, growth }: Tally): Record<string, string> {
  const micros = rounds.flatMap((round) => [...round]);
  const at = (p: number): string => percentile(micros, p).toFixed(1);
  const all = micros.reduce((sum, one) => sum + one, 0) / 1000;
  return {
    'p50 µs': at(50),
    'p99 µs': at(99),
    'p99.9 µs': at(99.9),
    'max µs': at(100),
    GCs: String(collections),
    'GC % of CPU': ((100 * collectionMs) / all).toFixed(1),
    'heap bytes a message': growth.length === 0 ? 'collected' : Math.max(0, median(growth)).toFixed(0),
  };
}

function checks(tallies: readonly Tally[]): Check[] {
  const own = tallies.find(({ name }) => name === ours) as Tally;
  const glue = tallies.find(({ name }) => name === glueName);
  const p99 = (round: Float64Array): number => percentile([...round], 99);
  return [
    ...(glue === undefined
      ? []
      : [
          {
            what: `p99 CPU, as part of that of ${glueName}`,
            unit: '×',
            measured: median(own.rounds.map((round, i) => p99(round) / p99(glue.rounds[i]))),
            bound: 'at most' as const,
            must: 0.47,
            stretch: 0.38,
          },
        ]),
    { what: 'garbage collections', unit: '', measured: own.collections, bound: 'at most', must: 0 },
  ];
}

type Lap = (laps: Float64Array, index: number) => unknown;

/** CPU time of this thread if anything tells it, so that other processes do not count; else wall time, and says so. */
function clock({ addon }: Rivals): { lap: Lap; skipped: Skip[] } {
  if (addon?.cpuLap(new Float64Array(1), 0) === true)
    return { lap: (laps, index) => addon.cpuLap(laps, index), skipped: [] };
  let before = 0;
  return {
    lap: (laps, index) => {
      const now = performance.now() * 1e6;
      laps[index] = now - before;
      before = now;
    },
    skipped: [{ name: 'CPU time of the thread', reason: 'no rivals addon; this is wall time' }],
  };
}
