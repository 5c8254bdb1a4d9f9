import { cost, digits } from './report.js';
import { met, type Check, type RowResult } from './row.js';

export interface Report {
  readonly machine: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, RowResult>>;
  /** The same rows with instructions for times, or why there are none. */
  readonly counted: Readonly<Record<string, RowResult>> | string;
}

/** The page docs/benchmarks.md. */
export function markdown({ machine, rows, counted }: Report): string {
  const lines = [
    '# Benchmarks',
    '',
    ...about,
    '',
    '## This run',
    '',
    ...table(['what', 'value'], Object.entries(machine)),
    '',
    ...(typeof counted === 'string' ? [`Instructions were skipped: ${counted}.`, ''] : []),
    '## Goals',
    '',
    ...table(
      ['row', 'what', 'measured', 'target', 'stretch'],
      Object.entries(rows).flatMap(([name, { checks }]) => checks.map((check) => goal(name, check))),
    ),
  ];
  for (const [name, result] of Object.entries(rows)) {
    const instructions = typeof counted === 'string' ? undefined : counted[name];
    lines.push('', `## ${name}`, '', `${result.work}.`, '', ...waysTable(result, instructions));
    for (const { name: way, reason } of result.skipped) lines.push('', `Skipped: ${way} (${reason}).`);
  }
  return `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

const about = [
  '`npm run bench` measures Facewire and its rivals side by side in one process and says which goals are met. This page',
  'is its output: `npm run bench -- --markdown docs/benchmarks.md` writes it anew.',
  '',
  '- Take the ratios. Each is the median of the ratios of 61 rounds (11 with `--quick`); in a round all have a turn of 4 ms, and the',
  '  order rotates, so that a busy moment of the machine hits all alike. Time is CPU time of the thread where the',
  '  system tells it. Absolute times move with the machine.',
  '- Messages and texts take turns, about 20,000 different numbers in all: with one text repeated the branch predictor',
  '  learns the digits, and every parser reads up to twice too fast.',
  '- Contestants are compared before they are timed: the same features and numbers to the bit, and sound of the same',
  '  length that differs by less than −80 dB; pictures by less than −46 dB.',
  '- Instructions are counted by callgrind on the same contestants in the same program (`--instructions`). For native code',
  '  they hardly change from run to run; for JavaScript they hold some of its compiler and collector.',
  '- THD+N, ripple and delay come from one meter for all resamplers (`bench/quality.ts`): 21 tones from 0.002 to 0.45 of',
  '  the lower rate at −6 dBFS in chunks of 20 ms, least squares in double precision. Delay is audio fed less the input',
  '  time of the newest output sample, after every chunk of 1 ms; a range means that sound is held back in blocks.',
  '- Rivals are what one would use instead, at the cheapest setting that reaches −100 dB (soxr: HQ). What is compiled here',
  '  (simdjson, fast_float) gets `-O3 -march=haswell`; soxr and speexdsp are those of the system. The glue of simdjson,',
  '  simdutf and soxr has everything allocated ahead and shares its buffers between sessions. It checks what these',
  '  libraries check by themselves, which is less than Facewire does.',
  '- A rival that is not installed is skipped by name. On Debian: `apt install libsoxr-dev libspeexdsp-dev',
  '  libfast-float-dev valgrind`.',
  '',
  'Other options: `--only PATTERN`, `--list`, `--quick`, `--json`. `FACEWIRE_KERNELS=scalar` (sse41, avx2, avx512, neon) measures',
  'whole messages on another kernel table.',
];

function goal(row: string, check: Check): string[] {
  const unit = check.unit === '×' || check.unit === '' ? check.unit : ` ${check.unit}`;
  const sign = check.bound === 'at least' ? '≥' : '≤';
  const limit = (value: number | undefined): string =>
    value === undefined ? '' : `${sign} ${value}${unit}: ${met(check, value) ? 'met' : '**not met**'}`;
  return [row, check.what, `${digits(check.measured)}${unit}`, limit(check.must), limit(check.stretch)];
}

function waysTable({ ways }: RowResult, counted: RowResult | undefined): string[] {
  if (ways.length === 0) return [];
  const instructions = new Map(counted?.ways.map((way) => [way.name, way.cost]));
  const more = [...new Set(ways.flatMap((way) => Object.keys(way.more ?? {})))];
  const timed = ways.some((way) => way.cost !== undefined);
  return table(
    ['', ...(timed ? ['µs', 'speed'] : []), ...(instructions.size > 0 ? ['instructions'] : []), ...more],
    ways.map((way) => [
      way.name,
      ...(timed ? [cost(way), way.speed === undefined ? '1' : `${digits(way.speed)}×`] : []),
      ...(instructions.size > 0 ? [thousands(instructions.get(way.name))] : []),
      ...more.map((heading) => way.more?.[heading] ?? ''),
    ]),
  );
}

function thousands(count: number | undefined): string {
  return count === undefined ? '' : Math.round(count).toLocaleString('en');
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  // Columns of numbers to the right.
  const numeric = headings.map((_, i) => i > 0 && rows.every((row) => /^[-<≤≥]?[\d.]|^$/.test(row[i])));
  return [
    line(headings),
    `|${numeric.map((right) => (right ? '---:' : '---')).join('|')}|`,
    ...rows.map(line),
  ];
}
