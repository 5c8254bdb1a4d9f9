import { describe, expect, it } from 'vitest';
import { AudioRate } from '../../../src/server/interactive/audio-rate.js';
import { ClauseQueue } from '../../../src/server/interactive/clause-queue.js';
import { FragmentOrder, mostEarly } from '../../../src/server/fragment-order.js';
import { LoudnessMouth, samplesPerRow } from '../../../src/server/interactive/loudness-mouth.js';
import { standardFeatureOrder } from '../../../src/wire/feature-order.js';
import { VirtualClock } from '../../tools/virtual-clock.js';

const jaw = standardFeatureOrder.indexOf('jawOpen');
const rowsOf = (features: Float32Array): number[] =>
  Array.from({ length: features.length / 52 }, (_, row) => features[row * 52 + jaw] ?? -1);
/** A tone of so many rows of 40 ms. */
const tone = (rows: number, amplitude: number): Int16Array =>
  Int16Array.from({ length: rows * samplesPerRow }, (_, i) => amplitude * Math.sin(i / 12));

describe('LoudnessMouth', () => {
  it('opens with sound, wider the louder it is, and rests in silence', () => {
    const mouth = new LoudnessMouth();
    const loud = rowsOf(mouth.push(tone(10, 12_000)));
    expect(loud.at(-1)).toBeGreaterThan(0.5);
    const soft = rowsOf(mouth.push(tone(10, 1500)));
    expect(soft.at(-1)).toBeLessThan((loud.at(-1) ?? 0) * 0.7);
    expect(soft.at(-1)).toBeGreaterThan(0.1);
    const silent = rowsOf(mouth.push(tone(12, 0)));
    expect(silent.at(-1)).toBe(0);
    expect(Math.max(...rowsOf(mouth.end()))).toBe(0);
  });

  it('hears a quiet speaker as well, but not noise', () => {
    expect(Math.max(...rowsOf(new LoudnessMouth().push(tone(20, 1500))))).toBeGreaterThan(0.4);
    expect(Math.max(...rowsOf(new LoudnessMouth().push(tone(20, 60))))).toBe(0);
  });

  it('opens and shuts without a jump', () => {
    const mouth = new LoudnessMouth();
    const rows = [...rowsOf(mouth.push(tone(6, 20_000))), ...rowsOf(mouth.push(tone(10, 0)))];
    rows.forEach((row, i) =>
      expect(Math.abs(row - (rows[i - 1] ?? 0))).toBeLessThanOrEqual(0.62 * 0.65 + 1e-6),
    );
  });

  it('gives the same rows however the sound is cut', () => {
    const sound = Int16Array.from(
      { length: 40 * samplesPerRow + 100 },
      (_, i) => 9000 * Math.sin(i * i * 1e-6),
    );
    const whole = new LoudnessMouth();
    const expected = [...whole.push(sound), ...whole.end()];
    const parts = new LoudnessMouth();
    const got: number[] = [];
    for (let at = 0; at < sound.length; at += 333) got.push(...parts.push(sound.subarray(at, at + 333)));
    got.push(...parts.end());
    expect(got).toEqual(expected);
    expect(got.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});

describe('AudioRate', () => {
  it('lets real time and 0.75 of it through for ever, and nothing faster', () => {
    for (const [intervalMs, refused] of [
      [160, false],
      [120, false],
      [100, true],
    ] as const) {
      const clock = new VirtualClock();
      const rate = new AudioRate(clock);
      let refusals = 0;
      for (let i = 0; i < 1000; i++) {
        if (rate.admit(2560) > 0) refusals++;
        if (i >= 5) clock.advance(intervalMs);
      }
      expect(refusals > 0).toBe(refused);
    }
  });

  it('says when a refused packet may come, and is right', () => {
    const clock = new VirtualClock();
    const rate = new AudioRate(clock);
    while (rate.admit(2560) === 0);
    const waitMs = rate.admit(2560);
    clock.advance(waitMs - 1);
    expect(rate.admit(2560)).toBe(1);
    clock.advance(1);
    expect(rate.admit(2560)).toBe(0);
  });
});

describe('ClauseQueue', () => {
  it('puts what is inserted before what waits, in the order of insertion', async () => {
    const queue = new ClauseQueue<string>();
    for (const item of ['a1', 'a2', 'a3']) queue.add(item);
    expect(await queue.take()).toBe('a1');
    queue.insert('x');
    queue.insert('y');
    queue.end();
    const rest: (string | undefined)[] = [];
    for (let i = 0; i < 5; i++) rest.push(await queue.take());
    expect(rest).toEqual(['x', 'y', 'a2', 'a3', undefined]);
  });

  it('wakes who waits, and forgets everything when it is closed', async () => {
    const queue = new ClauseQueue<string>();
    const first = queue.take();
    queue.add('late');
    expect(await first).toBe('late');
    queue.add('lost');
    const next = queue.take();
    queue.close();
    expect(await next).toBe('lost');
    expect(await queue.take()).toBeUndefined();
    queue.add('after the end');
    expect(queue.size).toBe(0);
  });
});

describe('FragmentOrder', () => {
  const piece = (sequence: number): { sequence: number } => ({ sequence });

  it('gives out fragments in order, from 1 or from 0, each once', () => {
    const order = new FragmentOrder<{ sequence: number }>();
    expect(order.push(piece(2))).toEqual([]);
    expect(order.push(piece(1))).toEqual([piece(1), piece(2)]);
    expect(order.push(piece(2))).toEqual([]);
    const fromZero = new FragmentOrder<{ sequence: number }>();
    expect(fromZero.push(piece(0))).toEqual([piece(0)]);
    expect(fromZero.push(piece(1))).toEqual([piece(1)]);
  });

  it('refuses when too many wait for a missing one, and gives them out in the end', () => {
    const order = new FragmentOrder<{ sequence: number }>();
    for (let n = 0; n < mostEarly; n++) expect(order.push(piece(2 + n))).toEqual([]);
    expect(order.push(piece(500))).toBeUndefined();
    expect(order.flush()).toHaveLength(mostEarly);
  });
});
