import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { loadAddon } from '../dist/media/load-addon.js';

import { functionRows, machine, type Row } from './functions.js';
import { latencyRows } from './latency.js';

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  console.log(
    'npm run bench -- [--quick] [--json]\n  --quick  shorter rounds, 30 drives; under two minutes\n  --json   one JSON object',
  );
  process.exit(0);
}
const quick = values.quick === true;
const say = (line: string): void => {
  if (values.json !== true) console.log(line);
};

const about = machine();
say(
  Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n'),
);
say('\nFunctions (median of rounds in rotating order; ratio to plain JavaScript in the same run)');
const functions = functionRows(quick);
for (const table of loadAddon().availableKernels) {
  const script = fileURLToPath(new URL('whole-message.js', import.meta.url));
  const env = { ...process.env, FACEWIRE_KERNELS: table };
  const rows = JSON.parse(
    execFileSync(process.execPath, [script, ...(quick ? ['--quick'] : [])], { env, encoding: 'utf8' }),
  ) as Row[];
  functions.push(...rows);
}

let last = '';
// Each way stands under its ratio's own plain JavaScript row: the tables of whole messages run in processes of their own.
for (const { what, way, micros, ratio } of functions) {
  if (what !== last) say(`\n${what}`);
  last = what;
  say(
    `  ${way.padEnd(14)} ${micros.toFixed(micros < 10 ? 3 : 1).padStart(10)} µs  ${ratio.toFixed(2).padStart(7)}×`,
  );
}
say('\nDrives through the local cloud, the addon, the player and the drawn face at 720p25');
const latency = await latencyRows(quick ? 30 : 100);
for (const { what, drives, p50, p95, p99 } of latency) {
  say(
    `  ${what.padEnd(30)} p50 ${p50.toFixed(0).padStart(5)}  p95 ${p95.toFixed(0).padStart(5)}  p99 ${p99.toFixed(0).padStart(5)} ms  (${drives} drives)`,
  );
}
if (values.json === true) console.log(JSON.stringify({ machine: about, functions, latency }));
