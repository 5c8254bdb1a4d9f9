import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { efforts, type Effort } from './contest.js';
import { callgrindCounter, runUnderCallgrind } from './instructions.js';
import { cpuBenchmark } from './cpu-benchmark.js';
import { machine } from './machine.js';
import { markdown } from './markdown.js';
import { rowLines } from './report.js';
import { buildRivals } from './rivals.js';
import { met, type RowResult } from './row.js';
import { rows } from './rows.js';

const usage = `npm run bench -- [options]
  --only PATTERN   rows whose name contains PATTERN, or that it matches as a regular expression
  --list           names of the rows
  --instructions   counts instructions under callgrind instead of taking times
  --quick          fewer and shorter rounds; good for a first look, not for a verdict
  --markdown FILE  writes docs/benchmarks.md, instructions included; takes some minutes
  --json           one JSON object`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean' },
    instructions: { type: 'boolean' },
    // Of the run inside callgrind: where it writes its counts.
    dumps: { type: 'string' },
    quick: { type: 'boolean' },
    markdown: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  console.log(usage);
  process.exit(0);
}
const pattern = new RegExp(values.only ?? '', 'i');
const counting = values.instructions === true;
const chosen = rows.filter(({ name, uncounted }) => pattern.test(name) && !(counting && uncounted));
if (values.list === true) {
  for (const { name } of chosen) console.log(name);
  process.exit(0);
}
if (chosen.length === 0) {
  console.error(`no row matches ${values.only}; --list names them`);
  process.exit(2);
}
if (counting && values.dumps === undefined) {
  const done = runUnderCallgrind(process.argv.slice(2), false);
  if (typeof done !== 'string') process.exit(done.status);
  console.log(`skipped: instructions (${done})`);
  process.exit(0);
}
const say = (line: string): void => {
  if (values.json !== true) console.log(line);
};

const rivals = buildRivals();
const about = machine(rivals);
for (const [name, value] of Object.entries(about)) say(`${name}: ${value}`);
const effort = chooseEffort();
say(
  counting
    ? '\nInstructions an operation, counted by callgrind; speed is their ratio: 1 is Facewire.'
    : `\nTime is ${effort.benchmark === undefined ? 'wall time' : 'CPU time of the thread'}, the median of rounds in rotating order, speed the median of the ratios of the rounds: 1 is Facewire.`,
);

const unit = counting ? 'instructions' : 'µs';
const results: Record<string, RowResult> = {};
for (const row of chosen) {
  const result = await row.run({ effort, rivals });
  // The goals are about time.
  results[row.name] = counting ? { ...result, checks: [] } : result;
  for (const line of rowLines(row.name, results[row.name], unit)) say(line);
}
const checks = Object.values(results)
  .flatMap((result) => result.checks)
  .flatMap(({ must, ...check }) => (must === undefined ? [] : [{ ...check, must }]));
if (checks.length > 0) {
  const reached = checks.filter((check) => met(check, check.must));
  say(`\n${reached.length} of ${checks.length} targets met`);
}
if (values.json === true) console.log(JSON.stringify({ machine: about, unit, rows: results }, undefined, 2));
if (values.markdown !== undefined) {
  const file = values.markdown;
  const write = (counted: Record<string, RowResult> | string): void =>
    writeFileSync(file, markdown({ machine: about, rows: results, counted }));
  // Counting takes minutes, and what is measured should outlive its end.
  write('the run under callgrind did not end');
  say('\nCounting instructions');
  write(countedRows());
  say(`wrote ${file}`);
}

/** The same rows once more, under callgrind. */
function countedRows(): Record<string, RowResult> | string {
  const only = values.only === undefined ? [] : ['--only', values.only];
  const done = runUnderCallgrind(['--instructions', '--json', ...only], true);
  if (typeof done === 'string') return done;
  if (done.status !== 0) return `the run under callgrind ended with status ${done.status}`;
  return (JSON.parse(done.output) as { rows: Record<string, RowResult> }).rows;
}

function chooseEffort(): Effort {
  const benchmark = cpuBenchmark(rivals);
  const chosen = {
    ...(values.quick === true ? efforts.quick : efforts.full),
    ...(benchmark && { benchmark }),
  };
  if (values.dumps === undefined) return chosen;
  const counter = callgrindCounter(rivals, values.dumps);
  if (typeof counter !== 'string') return { ...chosen, counter };
  console.log(`skipped: instructions (${counter})`);
  process.exit(0);
}
