/**
 * What the misbehaviour of one client costs the others (rows 10, 31 and 33 of the fault matrix): how long short drives of
 * four well-behaved clients take, in turns with and without it. Server, attackers and clients are three processes.
 *
 *     npm run soak:neighbours -- [turns of each, default 6] [seconds of a turn, default 10]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { percentile } from '../../src/metrics/percentiles.js';
import type { CloudConnection } from '../../src/server/local-cloud.js';
import { TestClient } from '../server/client.js';
import { ScriptProcess } from '../tools/script-process.js';
import type { Attack } from './attackers.js';
import { checkLimit } from './limits.js';

const [turns = 6, seconds = 10] = process.argv.slice(2).map(Number);
const kinds = ['malformed', 'notReading', 'overQuota'] as const;
const clients = 4;

/** Short drives one after another; returns how long each took from its request to its last frame, in ms. */
async function drives(connection: CloudConnection, until: number): Promise<number[]> {
  const client = await TestClient.connect(connection);
  const took: number[] = [];
  while (performance.now() < until) {
    // What it has had before is not searched again.
    client.frames.length = client.texts.length = 0;
    const askedAt = performance.now();
    const frames = await client.text('I am served.');
    if (frames.at(-1)?.Header.Code !== 0) throw new Error('a drive of a well-behaved client failed');
    took.push(performance.now() - askedAt);
    await sleep(20);
  }
  await client.close();
  return took;
}

async function turn(connection: CloudConnection): Promise<number[]> {
  const until = performance.now() + 1000 * seconds;
  return (await Promise.all(Array.from({ length: clients }, () => drives(connection, until)))).flat();
}

async function attacked(attack: Attack): Promise<number[]> {
  const attacker: ChildProcess = fork(join(import.meta.dirname, 'attackers.js'));
  attacker.send(attack);
  await sleep(1000);
  try {
    return await turn(attack.connection);
  } finally {
    const gone = once(attacker, 'exit');
    attacker.send('stop');
    await gone;
    await sleep(1000);
  }
}

function line(name: string, values: readonly number[]): string {
  const at = (share: number): string => percentile(values, share).toFixed(1).padStart(6);
  return `${name.padEnd(28)} n ${String(values.length).padStart(6)}  p50 ${at(50)}  p95 ${at(95)}  p99 ${at(99)}  max ${at(100)} ms`;
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
const script = join(import.meta.dirname, '../../../test/server/cloud-process.mjs');
const server = await new ScriptProcess<CloudConnection>(script).ready();
const connection = server.greeting;
await turn(connection);
for (const kind of kinds) {
  const [alone, beside]: [number[], number[]] = [[], []];
  for (let i = 0; i < turns; i++) {
    for (const ms of await turn(connection)) alone.push(ms);
    for (const ms of await attacked({ kind, connection })) beside.push(ms);
    process.stderr.write(`\r${kind}: ${i + 1} of ${turns} `);
  }
  process.stderr.write('\r');
  console.log(line(`${kind}: without it`, alone));
  console.log(line(`${kind}: with it`, beside));
  checkLimit(`${kind}: p99 with it less p99 without, ms`, percentile(beside, 99) - percentile(alone, 99), 2);
}
await server.close();
