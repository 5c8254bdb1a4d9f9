import { mostPoints, wantedPoints, type ScoreCard } from './card.js';
import { passes, tests, type Check, type TestNumber } from './check.js';
import { isCaught, type ControlCheck } from './speech-checks.js';

/** The card as a page of Markdown, which is also what is printed. */
export function describeCard(card: ScoreCard): string {
  const { checks, controls, skipped, spoken, points, total } = card;
  const numbers = Object.keys(tests).map(Number) as TestNumber[];
  return [
    `**${total.toFixed(1)} of ${mostPoints} points** (wanted: ${wantedPoints})`,
    '',
    [...spoken]
      .map(
        ([language, { seconds, takes }]) => `${language}: ${takes} takes, ${seconds.toFixed(0)} s of speech.`,
      )
      .join(' '),
    ...skipped.map((reason) => `Skipped: ${reason}.`),
    '',
    '| test | points |',
    '|---|---:|',
    ...numbers.map(
      (test) => `| ${test} ${tests[test].name} | ${points[test].toFixed(1)} of ${tests[test].points} |`,
    ),
    '',
    '| test | of | number | must be | measured | worst condition | |',
    '|---|---|---|---|---:|---|---|',
    ...checks.map(checkRow),
    '',
    'Wrong on purpose; each must be caught:',
    '',
    '| control | of | number | fails when | measured | |',
    '|---|---|---|---|---:|---|',
    ...controls.flatMap(({ name, of, mustFail }) =>
      mustFail.map(
        (check) =>
          `| ${name} | ${of} | ${check.what} | ${failsWhen(check)} | ${shown(check.value, check.unit)} | ${isCaught([check]) ? 'caught' : '**not caught**'} |`,
      ),
    ),
  ].join('\n');
}

function checkRow(check: Check): string {
  const { test, of, what, value, unit, count, worst } = check;
  const of_ = count === undefined ? '' : ` (${count})`;
  const at = worst === undefined ? '' : `${shown(worst.value, unit)}, ${worst.where}`;
  return `| ${test} | ${of} | ${what}${of_} | ${limitsOf(check)} | ${shown(value, unit)} | ${at} | ${passes(check) ? 'yes' : '**no**'} |`;
}

function limitsOf({ least, most, unit }: Check): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${suffix(unit)}`;
  return least !== undefined ? `≥ ${least}${suffix(unit)}` : `≤ ${most}${suffix(unit)}`;
}

function failsWhen({ below, above, unit }: ControlCheck): string {
  return below !== undefined ? `< ${Number(below.toFixed(3))}${suffix(unit)}` : `> ${above}${suffix(unit)}`;
}

function shown(value: number, unit: Check['unit']): string {
  if (Number.isNaN(value)) return 'nothing to measure';
  const small = value !== 0 && Math.abs(value) < 0.001;
  const digits = unit === '' ? 3 : unit === '/s³' ? 0 : 1;
  const text = small ? value.toExponential(0) : Number.isInteger(value) ? `${value}` : value.toFixed(digits);
  return `${text}${suffix(unit)}`;
}

function suffix(unit: Check['unit']): string {
  return unit === '' ? '' : unit === '%' ? ' %' : unit === 'ms' ? ' ms' : unit;
}
