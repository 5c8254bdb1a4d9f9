import { parseArgs } from 'node:util';

import { efforts, type Effort } from './contest.js';
import { callgrindCounter, runUnderCallgrind } from './instructions.js';
import { machine } from './machine.js';
import { rowLines } from './report.js';
import { buildRivals } from './rivals.js';
import type { RowResult } from './row.js';
import { rows } from './rows.js';

const usage = `npm run bench -- [options]
  --only PATTERN   rows whose name contains PATTERN, or that it matches as a regular expression
  --list           names of the rows
  --instructions   counts instructions under callgrind instead of taking times
  --quick          fewer and shorter rounds; good for a first look, not for a verdict
  --json           one JSON object`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean' },
    instructions: { type: 'boolean' },
    // Of the run inside callgrind: where it writes its counts.
    dumps: { type: 'string' },
    quick: { type: 'boolean' },
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
  const done = runUnderCallgrind(process.argv.slice(2));
  if (typeof done === 'number') process.exit(done);
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
    : '\nTime is the median of rounds in rotating order, speed the median of the ratios of the rounds: 1 is Facewire.',
);

const unit = counting ? 'instructions' : 'µs';
const results: Record<string, RowResult> = {};
for (const row of chosen) {
  const result = await row.run({ effort, rivals });
  // The goals are about time.
  results[row.name] = counting ? { ...result, checks: [] } : result;
  for (const line of rowLines(row.name, results[row.name], unit)) say(line);
}
if (values.json === true) console.log(JSON.stringify({ machine: about, unit, rows: results }, undefined, 2));

function chooseEffort(): Effort {
  const chosen = values.quick === true ? efforts.quick : efforts.full;
  if (values.dumps === undefined) return chosen;
  const counter = callgrindCounter(rivals, values.dumps);
  if (typeof counter !== 'string') return { ...chosen, counter };
  console.log(`skipped: instructions (${counter})`);
  process.exit(0);
}
