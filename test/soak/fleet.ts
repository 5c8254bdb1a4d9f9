/**
 * Row 40 of the fault matrix: sessions that speak for long, with resets of
 * their sockets, packets that come late or at once, and ingests that are lost,
 * at random. The server is a process of its own; everything goes over loopback.
 *
 *     npm run soak:fleet -- [sessions, default 500] [minutes, default 480] [seed, default 40] [one of so many pushes, default 10]
 */
import './link-addon.js';
import { appendFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

import type { Durations } from '../tools/durations.js';
import { runFleet } from '../tools/fleet.js';
import { residentMb } from './resident.js';

const [sessions = 500, minutes = 480, seed = 40, pushEvery = 10] = process.argv.slice(2).map(Number);
/** Two readings of memory in each minute say enough; the first tenth is start-up. */
const readingSeconds = 30;

interface Reading {
  readonly hours: number;
  readonly own: number;
  readonly server: number;
}

/** Megabytes an hour, by least squares. */
function slope(readings: readonly Reading[], of: (reading: Reading) => number): number {
  const count = readings.length;
  const mean = (value: (reading: Reading) => number): number =>
    readings.reduce((sum, reading) => sum + value(reading), 0) / count;
  const [x, y] = [mean(({ hours }) => hours), mean(of)];
  const above = readings.reduce((sum, reading) => sum + (reading.hours - x) * (of(reading) - y), 0);
  return above / readings.reduce((sum, { hours }) => sum + (hours - x) ** 2, 0);
}

let unhandled = 0;
process.on('unhandledRejection', (reason) => {
  unhandled += 1;
  console.error('unhandled rejection:', reason);
});
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}, load before ${loadavg()[0]?.toFixed(1)}`,
);
console.log(`${sessions} sessions for ${minutes} minutes, one of ${pushEvery} pushes, seed ${seed}`);
const readings: Reading[] = [];
const startedAt = performance.now();
const report = await runFleet({
  sessions,
  seconds: minutes * 60,
  seed,
  pushEvery,
  cloud: join(import.meta.dirname, '../../../test/tools/fleet-cloud.mjs'),
  onSecond: ({ utterances, server }) => {
    const seconds = (performance.now() - startedAt) / 1000;
    process.stderr.write(`\r${Math.round(seconds)} s of ${minutes * 60}, ${utterances} utterances `);
    if (server === undefined || seconds < 6 * minutes) return;
    const last = readings.at(-1)?.hours ?? -1;
    if (seconds - last * 3600 < readingSeconds) return;
    readings.push({ hours: seconds / 3600, own: residentMb(), server: server.rss / 2 ** 20 });
    const folder = process.env['FACEWIRE_SOAK_FOLDER'];
    if (folder !== undefined)
      appendFileSync(join(folder, 'fleet.jsonl'), `${JSON.stringify(readings.at(-1))}\n`);
  },
});
const at = (values: Durations): string => [50, 95, 100].map((share) => values.percentile(share)).join(' / ');
const { faults, server } = report;
console.log(
  `\n${report.utterances} utterances, ${(report.speechSeconds / 3600).toFixed(2)} hours of speech; faults ${JSON.stringify(faults)}`,
);
console.log(
  `damaged utterances ${report.damaged}, failures ${report.failures.length}, frames lost or repeated ${report.gaps}`,
);
for (const failure of new Set(report.failures)) console.log(`  ${failure}`);
console.log(
  `back after a reset in mid-drive, ms p50 / p95 / max: ${at(report.backMs)} of ${report.backMs.count}`,
);
console.log(
  `pushes off the air, ms p50 / p95 / max: ${at(report.offAirMs)} of ${report.offAirMs.count}; ${report.tags} tags, ${report.badTags} at a wrong time, twice or out of order`,
);
console.log(`silence in speech: ${((1000 * report.starvedSamples) / 24_000).toFixed(0)} ms in all`);
console.log(`server: ${JSON.stringify(server)}; unhandled rejections here ${unhandled}`);
if (readings.length > 2) {
  const first = readings[0];
  const last = readings[readings.length - 1];
  console.log(
    `memory here ${first?.own.toFixed(0)} to ${last?.own.toFixed(0)} MB, ${slope(readings, ({ own }) => own).toFixed(2)} MB an hour; server ${first?.server.toFixed(0)} to ${last?.server.toFixed(0)} MB, ${slope(readings, (reading) => reading.server).toFixed(2)} MB an hour`,
  );
}
console.log(`load after ${loadavg()[0]?.toFixed(1)}`);
