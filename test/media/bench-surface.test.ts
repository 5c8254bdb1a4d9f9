import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/media/index.js';
import { Random } from '../reference/random.js';
import { codeOf } from '../code-of.js';

const { bench, availableKernels } = loadAddon();
const random = new Random(1);

describe.each(availableKernels)('bench with %s kernels', (table) => {
  it('decodes base64 as Buffer does', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
      const out = new Uint8Array(length);
      expect(bench.decodeBase64(table, Buffer.from(bytes.toString('base64')), out)).toBe(length);
      expect(Buffer.from(out).equals(bytes)).toBe(true);
    }
    expect(codeOf(() => bench.decodeBase64(table, Buffer.from('AA*A'), new Uint8Array(3)))).toBe(
      'ERR_BASE64_INVALID',
    );
    expect(codeOf(() => bench.decodeBase64(table, Buffer.from('AAAA'), new Uint8Array(2)))).toBe(
      'ERR_OPTION_INVALID',
    );
  });

  it('resamples as the scalar table does, in both grades', () => {
    const input = Int16Array.from({ length: 5000 }, () => random.integer(-32768, 32767));
    const out = new Float32Array(20_000);
    const expected = new Float32Array(20_000);
    for (const quality of [undefined, 'standard', 'archive'] as const) {
      const count = bench.resample(table, 24000, 44100, input, out, quality);
      expect(count).toBe(Math.ceil((5000 * 44100) / 24000));
      expect(bench.resample('scalar', 24000, 44100, input, expected, quality)).toBe(count);
      // kFilterTolerance of kernel_table.h, times the magnitudes of a row of a sinc.
      const worst = Math.max(...out.map((sample, i) => Math.abs(sample - expected[i])));
      expect(worst).toBeLessThanOrEqual(5 / 2 ** 20);
    }
    expect(codeOf(() => bench.resample(table, 24000, 44100, input, out, 'best' as 'archive'))).toBe(
      'ERR_OPTION_INVALID',
    );
    expect(codeOf(() => bench.resample(table, 24001, 44100, input, out))).toBe('ERR_SAMPLE_RATE_UNSUPPORTED');
    expect(codeOf(() => bench.resample(table, 24000, 48000, input, new Float32Array(10)))).toBe(
      'ERR_OPTION_INVALID',
    );
  });

  it('interpolates through the rows, to the bits of the scalar table', () => {
    const frames = Float32Array.from({ length: 52 * 6 }, () => random.next());
    const out = new Float32Array(52);
    const expected = new Float32Array(52);
    for (const position of [0, 0.3, 1, 2.75, 4.5, 5, 99]) {
      bench.interpolate(table, frames, 52, position, out);
      bench.interpolate('scalar', frames, 52, position, expected);
      expect(out).toEqual(expected);
      const row = Math.min(position, 5);
      if (Number.isInteger(row)) expect(out).toEqual(frames.slice(row * 52, row * 52 + 52));
    }
    expect(codeOf(() => bench.interpolate(table, frames, 52, -1, out))).toBe('ERR_OPTION_INVALID');
  });
});

describe('bench', () => {
  it('refuses a table that this CPU does not have', () => {
    expect(codeOf(() => bench.decodeBase64('abacus', new Uint8Array(4), new Uint8Array(3)))).toBe(
      'ERR_OPTION_INVALID',
    );
  });
});
