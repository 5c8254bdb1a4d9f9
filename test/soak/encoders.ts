/**
 * Encoders that are started, fed, killed and stopped at random, and Nodes that
 * are killed while they encode: whether a process or an open file is left.
 *
 *     npm run soak:encoders -- [encoders, default 500] [Nodes killed, default 50] [at once, default 4]
 */
import './link-addon.js';
import { allGone, oneKilledNode, oneLife, openFiles } from '../sinks/orphans.js';
import { randomNumbers } from '../sinks/synthetic.js';

const encoders = Number(process.argv[2] ?? 500);
const nodes = Number(process.argv[3] ?? 50);
const atOnce = Number(process.argv[4] ?? 4);
const random = randomNumbers(2026);

async function all(
  name: string,
  count: number,
  one: (random: () => number) => Promise<number[]>,
): Promise<void> {
  let left = count;
  let processes = 0;
  let slowestMs = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const pids = await one(random);
        const endedAt = performance.now();
        await allGone(pids);
        slowestMs = Math.max(slowestMs, performance.now() - endedAt);
        processes += pids.length;
        process.stderr.write(`\r${name}: ${left} left  `);
      }
    }),
  );
  console.log(
    `\n${name}: ${count}, with ${processes} ffmpegs, all gone within ${Math.round(slowestMs)} ms of the end`,
  );
}

await oneLife(random);
const before = openFiles();
await all('encoders', encoders, oneLife);
await all('Nodes killed', nodes, oneKilledNode);
console.log(`open files: ${before} before, ${openFiles()} after`);
