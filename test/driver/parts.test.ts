import { describe, expect, it } from 'vitest';
import { Backoff } from '../../src/backoff.js';
import { EventQueue } from '../../src/driver/event-queue.js';
import { TextSplitter } from '../../src/driver/text-splitter.js';
import { FacewireError } from '../../src/errors.js';
import { isWellFormed, utf8Length } from '../../src/wire/index.js';
import { Random } from '../reference/random.js';

describe('TextSplitter', () => {
  const split = (...texts: string[]): string[] => {
    const splitter = new TextSplitter();
    return [...texts.flatMap((text) => splitter.push(text)), ...splitter.finish()];
  };

  it('passes a short text on as it is', () => expect(split('Hello')).toEqual(['Hello']));
  it('gives nothing for nothing', () => expect(split('')).toEqual([]));
  it('takes "a < b" for text', () => expect(split('a < b', ' and c')).toEqual(['a < b', ' and c']));
  it('holds half a tag back', () => expect(split('x<bre', 'ak/>y')).toEqual(['x', '<break/>y']));
  it('holds half a character back', () => expect(split('x\ud83d', '\ude00')).toEqual(['x', '😀']));
  it('cuts before a tag that would straddle the limit', () => {
    const [first, second] = split(`${'a'.repeat(990)}<break time="1s"/>b`);
    expect([first.length, second]).toEqual([990, '<break time="1s"/>b']);
  });
  it('cuts a tag that is longer than a fragment rather than hang', () => {
    expect(split(`<sub alias="${'x'.repeat(3000)}">`).every((piece) => utf8Length(piece) <= 1000)).toBe(true);
    expect(split(`<never closed ${'x'.repeat(3000)}`).join('')).toHaveLength(3014);
  });
  it('refuses half a character in the middle and keeps its state', () => {
    const splitter = new TextSplitter();
    splitter.push('<br');
    expect(() => splitter.push('>\ud83dx')).toThrow(expect.objectContaining({ code: 'ERR_WIRE_LIMIT' }));
    expect(splitter.push('/>')).toEqual(['<br/>']);
  });
  it('replaces half a character at the very end', () => expect(split('a\ud83d').join('')).toBe('a\ufffd'));
  it('loses nothing and keeps to the limit for any cutting of a mixed text', () => {
    const unit = 'Grüße <emphasis level="strong">好好好</emphasis> 😀😀 a<b <';
    const text = unit.repeat(120);
    for (let step = 1; step < 700; step += 13) {
      const parts = Array.from({ length: Math.ceil(text.length / step) }, (_, i) =>
        text.slice(i * step, (i + 1) * step),
      );
      const pieces = split(...parts);
      expect(pieces.join('')).toBe(text);
      expect(pieces.every((piece) => utf8Length(piece) <= 1000 && piece !== '' && isWellFormed(piece))).toBe(
        true,
      );
      // No piece ends inside one of the tags.
      expect(pieces.filter((piece) => /<\/?emph[^>]*$/.test(piece))).toEqual([]);
    }
  });
});

describe('Backoff', () => {
  it('grows by 1.7 from 250 ms to the cap of 10 s, and starts again after a reset', () => {
    const backoff = new Backoff(() => 0.999_999_9);
    const waits = Array.from({ length: 10 }, () => Math.round(backoff.next()));
    expect(waits).toEqual([250, 425, 722, 1228, 2088, 3550, 6034, 10_000, 10_000, 10_000]);
    backoff.reset();
    expect(Math.round(backoff.next())).toBe(250);
  });
  it('spreads clients over the whole wait', () => {
    const dice = [0, 0.5, 0.25];
    const waits = dice.map((value) => new Backoff(() => value).next());
    expect(waits).toEqual([0, 125, 62.5]);
  });
  it('brings no two of 50 clients together again and again in a minute of refusals', () => {
    const bins = Array.from({ length: 50 }, (_, client) => {
      const random = new Random(client + 1);
      const backoff = new Backoff(() => random.next());
      const mine = new Set<number>();
      for (let now = 0; now < 60_000; now += backoff.next()) mine.add(Math.floor(now / 10));
      // All begin together, as they do when a server goes down.
      mine.delete(0);
      return mine;
    });
    let most = 0;
    for (const [i, one] of bins.entries())
      for (const other of bins.slice(i + 1))
        most = Math.max(most, [...one].filter((bin) => other.has(bin)).length);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('brings at most a fifth of all attempts of 200 clients into any quarter of a second', () => {
    const quarters = new Map<number, number>();
    let attempts = 0;
    for (let client = 0; client < 200; client++) {
      const random = new Random(client + 1);
      const backoff = new Backoff(() => random.next());
      // All lose their connection at the same time.
      for (let now = backoff.next(); now < 10_000; now += backoff.next()) {
        const quarter = Math.floor(now / 250);
        quarters.set(quarter, (quarters.get(quarter) ?? 0) + 1);
        attempts++;
      }
    }
    expect(attempts).toBeGreaterThan(200 * 5);
    expect(Math.max(...quarters.values())).toBeLessThanOrEqual(attempts / 5);
  });

  it('makes 8 to 30 attempts in a minute of refusals', () => {
    const backoff = new Backoff(() => 0.5);
    let attempts = 0;
    for (let ms = 0; ms < 60_000; ms += backoff.next()) attempts++;
    expect(attempts).toBeGreaterThanOrEqual(8);
    expect(attempts).toBeLessThanOrEqual(30);
  });
});

describe('EventQueue', () => {
  it('asks for a pause when full and for more when half empty', async () => {
    const pressure: boolean[] = [];
    const queue = new EventQueue<number>({ max: 4, onPressure: (full) => pressure.push(full) });
    const reader = queue.iterate();
    for (let i = 0; i < 4; i++) queue.push(i);
    expect(pressure).toEqual([true]);
    await reader.next();
    await reader.next();
    expect(pressure).toEqual([true, false]);
  });
  it('is bounded in bytes too: drops and counts without a reader, presses with one', async () => {
    const pressed: boolean[] = [];
    const queue = new EventQueue<number>({
      max: 100,
      sizeOf: () => 4 * 1024 * 1024,
      onPressure: (full) => pressed.push(full),
    });
    for (let i = 0; i < 5; i++) queue.push(i);
    expect(queue.dropped).toBe(2);
    const reader = queue.iterate();
    expect((await reader.next()).value).toBe(2);
    queue.push(5);
    expect(pressed).toEqual([true]);
    await reader.next();
    await reader.next();
    expect(pressed).toEqual([true, false]);
    expect((await reader.next()).value).toBe(5);
  });

  it('drops the oldest also for a slow reader when nobody can be asked to pause', async () => {
    const queue = new EventQueue<number>({ max: 3, maxBytes: 10, sizeOf: (item) => item });
    const reader = queue.iterate();
    for (let i = 0; i < 5; i++) queue.push(1);
    expect(queue.dropped).toBe(2);
    queue.push(9);
    expect(queue.dropped).toBe(4);
    expect([(await reader.next()).value, (await reader.next()).value]).toEqual([1, 9]);
    queue.push(20);
    expect((await reader.next()).value).toBe(20);
  });

  it('gives what is queued before it throws, and throws once', async () => {
    const queue = new EventQueue<number>({ max: 4 });
    queue.push(1);
    queue.finish(new FacewireError('ERR_TIMEOUT', 'x'));
    const reader = queue.iterate();
    expect(await reader.next()).toEqual({ value: 1, done: false });
    await expect(reader.next()).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });
  it('rejects a second next() before the first has settled', async () => {
    const reader = new EventQueue<number>({ max: 4 }).iterate();
    void reader.next();
    await expect(reader.next()).rejects.toMatchObject({ code: 'ERR_STATE' });
  });
});
