import { describe, expect, it } from 'vitest';
import { contest, efforts, median, ratio } from '../../bench/contest.js';
import { checkText, rowLines } from '../../bench/report.js';
import { noRivals } from '../../bench/rivals.js';
import { faster, met, ours, ways, type Check } from '../../bench/row.js';
import { rows } from '../../bench/rows.js';
import { describeLong } from '../tools.js';

/** Native rivals that each row must name as skipped when they are not there. */
const rivalsOf = (name: string): string[] => {
  if (name.startsWith('whole message') || name.startsWith('64 sessions'))
    return ['simdjson + simdutf + soxr HQ'];
  if (name.startsWith('resample ')) return ['soxr HQ', 'speexdsp q5'];
  if (name.startsWith('base64')) return ['simdutf'];
  if (name.startsWith('float array')) return ['fast_float', 'std::from_chars'];
  return [];
};

describeLong([], 'every row of the benchmark', () => {
  it('has a name of its own', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  // Rows compare what the contestants put out before they time them, and throw.
  it.each(rows.map((row) => [row.name, row] as const))(
    'runs without native rivals: %s',
    async (name, row) => {
      const result = await row.run({ effort: efforts.smoke, rivals: noRivals('not built for this test') });

      for (const way of result.ways) {
        expect(way.cost === undefined && way.more === undefined).toBe(false);
        if (way.cost !== undefined) expect(way.cost).toBeGreaterThan(0);
        if (way.speed !== undefined) expect(way.speed).toBeGreaterThan(0);
      }
      for (const check of result.checks) {
        expect(check.measured).not.toBeNaN();
        expect(check.must ?? check.stretch).toBeTypeOf('number');
      }
      const skipped = result.skipped.map((skip) => skip.name);
      const measured = result.ways.map((way) => way.name);
      for (const rival of rivalsOf(name)) {
        expect(skipped).toContain(rival);
        expect(measured).not.toContain(rival);
      }
      for (const { reason } of result.skipped) expect(reason).not.toBe('');
      // Facewire is measured, or it is said why not.
      expect(measured.length > 0 || skipped.includes(ours)).toBe(true);
      expect(rowLines(name, result).join('\n')).toContain(name);
    },
  );
});

describe('contest', () => {
  it('gives every contestant a turn in every round and a time', () => {
    const calls = { a: 0, b: 0 };
    const timings = contest(
      [
        { name: 'a', run: () => void calls.a++ },
        { name: 'b', run: () => void calls.b++ },
      ],
      { ...efforts.smoke, rounds: 3 },
    );
    expect(timings.map(({ name, rounds }) => [name, rounds.length])).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
    expect(Math.min(calls.a, calls.b)).toBeGreaterThanOrEqual(3);
  });

  it('hands on what a contestant throws', () => {
    const broken = () => {
      throw new Error('out of order');
    };
    expect(() => contest([{ name: 'a', run: broken }], efforts.smoke)).toThrow('out of order');
  });

  it('takes the median of the ratios of the rounds', () => {
    const one = { name: ours, rounds: [1, 10, 2] };
    const other = { name: 'rival', rounds: [3, 20, 8] };
    expect(median([3, 1, 2, 10])).toBe(2.5);
    expect(ratio(one, other)).toBe(3);
    expect(ways([one, other]).map(({ speed }) => speed)).toEqual([undefined, 1 / 3]);
    expect(faster([one, other], 'rival', 2, 4)).toEqual([
      { what: 'speed over rival', unit: '×', measured: 3, bound: 'at least', must: 2, stretch: 4 },
    ]);
    expect(faster([one], 'rival', 2)).toEqual([]);
  });
});

describe('checks', () => {
  const least: Check = { what: 'speed', unit: '×', measured: 2.5, bound: 'at least', must: 2, stretch: 3 };
  const most: Check = { what: 'delay', unit: 'ms', measured: 1.52, bound: 'at most', must: 1.4 };

  it('know on which side of their bound they are', () => {
    expect([met(least, 2), met(least, 2.5), met(least, 3)]).toEqual([true, true, false]);
    expect([met(most, 1.4), met(most, 1.52), met(most, 2)]).toEqual([false, true, true]);
  });

  it('say it', () => {
    expect(checkText(least)).toBe('speed 2.50×: target ≥ 2× met, stretch ≥ 3× NOT MET');
    expect(checkText(most)).toBe('delay 1.52 ms: target ≤ 1.4 ms NOT MET');
  });
});
