import { parseArgs } from 'node:util';

import { efforts } from './contest.js';
import { machine } from './machine.js';
import { rowLines } from './report.js';
import { buildRivals } from './rivals.js';
import type { RowResult } from './row.js';
import { rows } from './rows.js';

const usage = `npm run bench -- [options]
  --only PATTERN   rows whose name contains PATTERN, or that it matches as a regular expression
  --list           names of the rows
  --quick          fewer and shorter rounds; good for a first look, not for a verdict
  --json           one JSON object`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean' },
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
const chosen = rows.filter(({ name }) => pattern.test(name));
if (values.list === true) {
  for (const { name } of chosen) console.log(name);
  process.exit(0);
}
if (chosen.length === 0) {
  console.error(`no row matches ${values.only}; --list names them`);
  process.exit(2);
}
const quick = values.quick === true;
const say = (line: string): void => {
  if (values.json !== true) console.log(line);
};

const rivals = buildRivals();
const about = machine(rivals);
for (const [name, value] of Object.entries(about)) say(`${name}: ${value}`);
say(
  '\nTime is the median of rounds in rotating order, speed the median of the ratios of the rounds: 1 is Facewire.',
);

const results: Record<string, RowResult> = {};
for (const row of chosen) {
  results[row.name] = await row.run({ effort: quick ? efforts.quick : efforts.full, rivals });
  for (const line of rowLines(row.name, results[row.name])) say(line);
}
if (values.json === true) console.log(JSON.stringify({ machine: about, rows: results }, undefined, 2));
