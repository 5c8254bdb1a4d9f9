import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { toFacewireError } from '../errors.js';
import { isGood, runScore, wantedPoints } from './card.js';
import { passes } from './check.js';
import { describeCard } from './report.js';

const help = `Runs the score card of the mouth (docs/score.md) on speech that the local voices make on the spot.

  npm run score                            everything, some CPU minutes
  npm run score -- --short                 one language, a few sentences
  npm run score -- --json                  every number as one JSON value
  npm run score -- --markdown docs/score-table.md

Exits with 1 when a test fails or a control is not caught.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void console.log(help);
  const card = await runScore({
    size: values.short ? 'short' : 'full',
    ...(!values.json && { progress: (text: string) => process.stderr.write(`${text}\n`) }),
  });
  const page = describeCard(card);
  if (values.markdown !== undefined) await writeFile(values.markdown, `${page}\n`);
  const good = isGood(card);
  if (values.json) {
    const checks = card.checks.map((check) => ({ ...check, passed: passes(check) }));
    console.log(
      JSON.stringify({ ...card, checks, spoken: Object.fromEntries(card.spoken), good }, undefined, 1),
    );
  } else {
    console.log(page);
    console.log(
      `\n${good ? 'Every test passes and every control is caught' : 'Not all is as it must be'}; ${card.seconds.toFixed(0)} s.`,
    );
  }
  if (!good || card.total < wantedPoints) process.exitCode = 1;
}

main().catch((thrown: unknown) => {
  const error = toFacewireError(thrown);
  console.error(`${error.code}: ${error.message}\n${error.remedy}`);
  process.exitCode = 2;
});
