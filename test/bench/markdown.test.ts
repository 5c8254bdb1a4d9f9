import { expect, it } from 'vitest';
import { markdown } from '../../bench/markdown.js';
import type { RowResult } from '../../bench/row.js';

const row: RowResult = {
  work: 'much',
  ways: [
    { name: 'facewire', cost: 2 },
    { name: 'rival', cost: 3, speed: 2 / 3, more: { 'delay ms': '1.5..3' } },
  ],
  checks: [
    { what: 'speed over rival', unit: '×', measured: 1.5, bound: 'at least', must: 1.2, stretch: 2 },
    { what: 'size', unit: 'bytes', measured: 70, bound: 'at most', stretch: 60 },
  ],
  skipped: [{ name: 'absent', reason: 'install it' }],
};

it('a page says what was measured, what was reached and what was left out', () => {
  const counted = { work: { ...row, ways: [{ name: 'facewire', cost: 12_345.4 }] } };
  const page = markdown({ machine: { cpu: 'one' }, rows: { work: row }, counted });
  expect(page).toContain('| cpu | one |');
  expect(page).toContain('| work | speed over rival | 1.50× | ≥ 1.2×: met | ≥ 2×: **not met** |');
  expect(page).toContain('| work | size | 70.0 bytes |  | ≤ 60 bytes: **not met** |');
  expect(page).toContain('| facewire | 2.00 | 1 | 12,345 |  |');
  expect(page).toContain('| rival | 3.00 | 0.67× |  | 1.5..3 |');
  expect(page).toContain('Skipped: absent (install it).');
});

it('a page without counts says why', () => {
  const page = markdown({ machine: {}, rows: { work: row }, counted: 'install valgrind' });
  expect(page).toContain('Instructions were skipped: install valgrind.');
  expect(page).toContain('| rival | 3.00 | 0.67× | 1.5..3 |');
});
