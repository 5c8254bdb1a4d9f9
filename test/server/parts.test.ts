import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/server/outbox.js';
import { Pacer } from '../../src/server/pacing.js';
import { prefetch } from '../../src/server/prefetch.js';

describe('Pacer', () => {
  it('lets speech go so far ahead and then at real time', () => {
    let now = 1000;
    const pacer = new Pacer('realtime-ahead', 2, () => now);
    expect(pacer.waitFor(0)).toBe(0);
    expect(pacer.waitFor(2000)).toBe(0);
    expect(pacer.waitFor(2200)).toBeCloseTo(200);
    now += 200;
    expect(pacer.waitFor(2200)).toBeCloseTo(0);
  });

  it('counts anew from speech that came late, as the client waited for it', () => {
    let now = 0;
    const pacer = new Pacer('realtime-ahead', 1, () => now);
    pacer.waitFor(0);
    now = 10_000;
    expect(pacer.waitFor(500)).toBe(0);
    expect(pacer.waitFor(1500)).toBe(0);
    expect(pacer.waitFor(2000)).toBeCloseTo(500);
  });

  it('never waits when told to be fast, and gives up when stopped', async () => {
    expect(new Pacer('asap').waitFor(1e9)).toBe(0);
    const pacer = new Pacer('realtime-ahead', 1);
    pacer.waitFor(0);
    await expect(pacer.until(1e6, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('prefetch', () => {
  async function* count(to: number): AsyncGenerator<number> {
    for (let i = 0; i < to; i++) yield i;
  }

  it('makes the next item while one is used, and no more than that', async () => {
    const made: number[] = [];
    const used: number[] = [];
    for await (const item of prefetch(count(6), async (n) => (made.push(n), n), 1)) {
      await new Promise((resolve) => setImmediate(resolve));
      used.push(item);
      expect(made.length).toBeLessThanOrEqual(used.length + 2);
      if (item < 5) expect(made.length).toBeGreaterThan(used.length);
    }
    expect(used).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('delivers a failure in its turn', async () => {
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const item of prefetch(
        count(4),
        async (n) => (n === 2 ? Promise.reject(new Error('two')) : n),
        3,
      ))
        seen.push(item);
    };
    await expect(run()).rejects.toThrow('two');
    expect(seen).toEqual([0, 1]);
  });
});

describe('Outbox', () => {
  it('cuts a peer off at the hard limit without waiting', () => {
    const calls: unknown[] = [];
    const socket = {
      OPEN: 1,
      readyState: 1,
      bufferedAmount: 0,
      once: () => undefined,
      send(frame: string) {
        this.bufferedAmount += frame.length;
      },
      close(code: number) {
        calls.push(code);
        this.readyState = 2;
      },
      terminate: () => undefined,
    };
    const outbox = new Outbox(socket as never, { softBytes: 1000, softMs: 60_000, hardBytes: 2000 });
    for (let i = 0; i < 5; i++) void outbox.send('x'.repeat(600));
    expect(calls).toEqual([1013]);
    expect(outbox.largestBuffered).toBe(2400);
  });
});
