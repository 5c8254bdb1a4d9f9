import { loadAddon } from '../dist/media/load-addon.js';

import { contest, median, ratio, type Contestant, type Timing } from './contest.js';
import { inTurn, numberTexts } from './material.js';
import type { Rivals } from './rivals.js';
import { faster, ours, ways, type Check, type Context, type Row, type RowResult, type Skip } from './row.js';

const rows = 30;
const floats = rows * 52;
const texts = 64;

export const floatRows: readonly Row[] = [
  { name: 'float array, 9 digits', run: (context) => floatArray(9, 2.6, context) },
  { name: 'float array, 17 digits', run: (context) => floatArray(17, 2.7, context) },
];

type Parse = (text: Buffer, out: Float32Array) => number;

function floatArray(digits: number, must: number, { effort, rivals }: Context): RowResult {
  const tight = numberTexts(texts, rows, digits, ',').map((text) => Buffer.from(text));
  const blank = numberTexts(texts, rows, digits, ', ').map((text) => Buffer.from(text));
  const { parsers, skipped } = enter(rivals);
  const out = new Float32Array(floats + 8);

  for (const [name, parse] of parsers)
    for (const text of [...tight, ...blank]) assertSame(name, parse, text, out);
  const contestants: Contestant[] = parsers.map(([name, parse]) => {
    const next = inTurn(tight);
    return { name, run: () => void parse(next(), out) };
  });
  const own = parsers.find(([name]) => name === ours)?.[1];
  const nextBlank = inTurn(blank);
  if (own !== undefined) contestants.push({ name: withBlanks, run: () => void own(nextBlank(), out) });

  const timings = contest(contestants, effort);
  return {
    work: `${floats} sparse numbers of ${digits} digits, ${texts} texts take turns`,
    ways: ways(
      timings,
      Object.fromEntries(
        timings.map((timing) => [timing.name, perFloat(timing, effort.counter !== undefined)]),
      ),
    ),
    checks: [...faster(timings, 'fast_float', must), ...ownChecks(timings)],
    skipped,
  };
}

const withBlanks = `${ours}, blanks between`;

function nanoseconds({ rounds }: Timing): number {
  return (median(rounds) * 1000) / floats;
}

function perFloat(timing: Timing, counted: boolean): Record<string, string> {
  return counted
    ? { 'instructions a float': (median(timing.rounds) / floats).toFixed(1) }
    : { 'ns a float': nanoseconds(timing).toFixed(1) };
}

function ownChecks(timings: readonly Timing[]): Check[] {
  const own = timings.find(({ name }) => name === ours);
  const blank = timings.find(({ name }) => name === withBlanks);
  if (own === undefined || blank === undefined) return [];
  return [
    {
      what: 'time with blanks over time without',
      unit: '×',
      measured: ratio(own, blank),
      bound: 'at most',
      must: 1.3,
    },
    { what: 'time a float', unit: 'ns', measured: nanoseconds(own), bound: 'at most', stretch: 4 },
  ];
}

function enter({ addon, missing }: Rivals): { parsers: [string, Parse][]; skipped: Skip[] } {
  const parsers: [string, Parse][] = [];
  const skipped: Skip[] = [];
  const { bench, availableKernels } = loadAddon();
  for (const [index, table] of availableKernels.entries()) {
    const name = index === 0 ? ours : `${ours} (${table})`;
    parsers.push([name, (text, out) => bench.parseFloats(table, text, out)]);
  }
  for (const name of ['fast_float', 'std::from_chars']) {
    const reason = missing(name);
    if (reason !== undefined || addon === undefined) skipped.push({ name, reason: reason ?? 'no addon' });
    else parsers.push([name, (text, out) => addon.parseFloats(name, text, out) ?? -1]);
  }
  parsers.push([
    'JSON.parse + Float32Array.from',
    (text, out) => {
      const made = Float32Array.from(JSON.parse(text.toString()) as number[]);
      out.set(made);
      return made.length;
    },
  ]);
  return { parsers, skipped };
}

/** Every number must be that of JavaScript, to the bit. */
function assertSame(name: string, parse: Parse, text: Buffer, out: Float32Array): void {
  const expected = Float32Array.from(JSON.parse(text.toString()) as number[]);
  out.fill(Number.NaN);
  const count = parse(text, out);
  if (count !== expected.length) throw new Error(`${name} reads ${count} of ${expected.length} numbers`);
  const wrong = expected.findIndex((value, i) => !Object.is(value, out[i]));
  if (wrong >= 0) throw new Error(`${name} reads ${out[wrong]} for ${expected[wrong]}`);
}
