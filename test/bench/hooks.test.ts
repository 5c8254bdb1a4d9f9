import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/media/index.js';
import { rowsWithSlopes } from '../../bench/plain-pool.js';
import { Random } from '../reference/random.js';
import { codeOf } from '../code-of.js';

const { bench, availableKernels, pool } = loadAddon();

describe.each(availableKernels)('what the benchmarks call, with %s kernels', (table) => {
  const random = new Random(7);

  it.each(['standard', 'archive'] as const)('feeds a stream in chunks of any size: %s', (quality) => {
    const input = Int16Array.from({ length: 3000 }, () => random.integer(-20000, 20000));
    const whole = new Float32Array(8000);
    const count = bench.resampleChunks(
      bench.createResampler(table, 24000, 44100, quality),
      input,
      3000,
      whole,
    );
    expect(count).toBeGreaterThan(5000);
    for (const chunk of [1, 7, 480]) {
      const out = new Float32Array(8000);
      const stream = bench.createResampler(table, 24000, 44100, quality);
      expect(bench.resampleChunks(stream, input, chunk, out)).toBe(count);
      expect(out).toEqual(whole);
    }
  });

  it('refuses a stream that is none, a quality that is none and too little room', () => {
    const input = new Int16Array(480);
    const out = new Float32Array(2000);
    const stream = bench.createResampler(table, 24000, 48000);
    expect(codeOf(() => bench.createResampler(table, 24000, 48000, 'splendid' as never))).toBe(
      'ERR_OPTION_INVALID',
    );
    expect(codeOf(() => bench.resampleChunks(pool.create() as never, input, 480, out))).toBe(
      'ERR_OPTION_INVALID',
    );
    expect(codeOf(() => bench.resampleChunks(stream, input, 0, out))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => bench.resampleChunks(stream, input, 480, new Float32Array(10)))).toBe(
      'ERR_OPTION_INVALID',
    );
  });

  it('tells what a stream weighs, where the C library does', () => {
    const bytes = bench.resamplerBytes(table, 24000, 48000);
    expect(bytes === -1 || (bytes > 200 && bytes < 10_000)).toBe(true);
  });

  it('reads numbers as JSON.parse does', () => {
    const numbers = Array.from({ length: 200 }, () => random.next() * 10 ** random.integer(-8, 3));
    for (const separator of [',', ', ', ' ,\n']) {
      for (const length of [1, 2, 5, 200]) {
        const text = `[${numbers.slice(0, length).join(separator)}]`;
        const out = new Float32Array(length + 4);
        expect(bench.parseFloats(table, Buffer.from(text), out)).toBe(length);
        expect(out.slice(0, length)).toEqual(Float32Array.from(JSON.parse(text) as number[]));
      }
    }
    for (const text of ['', '[', '[]', '[1', '[1,', '[1,]', '[1 2]', '1,2', '[x]'])
      expect([text, codeOf(() => bench.parseFloats(table, Buffer.from(text), new Float32Array(8)))]).toEqual([
        text,
        'ERR_WIRE_MALFORMED',
      ]);
    expect(codeOf(() => bench.parseFloats(table, Buffer.from('[1,2,3]'), new Float32Array(2)))).toBe(
      'ERR_OPTION_INVALID',
    );
  });

  it('draws rows of many tracks as it draws one', () => {
    const [tracks, rows, width] = [5, 6, 52];
    const each = Array.from({ length: tracks }, () =>
      Float32Array.from({ length: rows * width }, () => random.next()),
    );
    const all = rowsWithSlopes(each, width);
    const positions = Float64Array.from({ length: tracks }, () => 1 + random.next() * 3);
    const out = new Float32Array(tracks * width);
    const single = new Float32Array(width);
    bench.cubicRows(table, all, width, rows, positions, out);
    for (let i = 0; i < tracks; i++) {
      bench.interpolate(table, each[i], width, positions[i], single);
      for (let k = 0; k < width; k++) expect(out[i * width + k]).toBeCloseTo(single[k], 5);
    }
    const at = (position: number) => () =>
      bench.cubicRows(table, all, width, rows, Float64Array.of(position), out);
    expect(codeOf(at(0))).toBe('none');
    for (const position of [-0.1, rows - 1, Number.NaN])
      expect(codeOf(at(position))).toBe('ERR_OPTION_INVALID');
  });
});
