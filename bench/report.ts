import { met, type Check, type RowResult, type Way } from './row.js';

/** A row's result as lines of text. */
export function rowLines(name: string, result: RowResult, unit = 'µs'): string[] {
  const lines = ['', `${name}: ${result.work}`];
  const headings = [...new Set(result.ways.flatMap(({ more }) => Object.keys(more ?? {})))];
  if (result.ways.length > 0) {
    const timed = result.ways.some(({ cost }) => cost !== undefined);
    const table = [
      ['', ...(timed ? [unit, 'speed'] : []), ...headings],
      ...result.ways.map((way) => [
        way.name,
        ...(timed ? [cost(way), way.speed === undefined ? '' : `${digits(way.speed)}×`] : []),
        ...headings.map((heading) => way.more?.[heading] ?? ''),
      ]),
    ];
    lines.push(...aligned(table).map((line) => `  ${line}`));
  }
  for (const check of result.checks) lines.push(`  → ${checkText(check)}`);
  for (const { name: way, reason } of result.skipped) lines.push(`  skipped: ${way} (${reason})`);
  return lines;
}

export function checkText(check: Check): string {
  const sign = check.bound === 'at least' ? '≥' : '≤';
  const limit = (name: string, value: number): string =>
    `${name} ${sign} ${value}${unit(check)} ${met(check, value) ? 'met' : 'NOT MET'}`;
  const limits = [
    ...(check.must === undefined ? [] : [limit('target', check.must)]),
    ...(check.stretch === undefined ? [] : [limit('stretch', check.stretch)]),
  ];
  return `${check.what} ${digits(check.measured)}${unit(check)}: ${limits.join(', ')}`;
}

export function cost(way: Way): string {
  return way.cost === undefined ? '' : digits(way.cost);
}

/** Three or four digits that say something. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.001) return value.toExponential(1);
  return value.toFixed(size < 0.1 ? 4 : size < 10 ? 2 : size < 1000 ? 1 : 0);
}

function unit({ unit }: Check): string {
  return unit === '×' || unit === '' ? unit : ` ${unit}`;
}

/** Columns of text: the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
