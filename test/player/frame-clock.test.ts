import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FramePacer, sampleOfFrame } from '../../src/player/frame-clock.js';

describe('sampleOfFrame', () => {
  const rates = [
    { numerator: 24, denominator: 1 },
    { numerator: 25, denominator: 1 },
    { numerator: 60, denominator: 1 },
    { numerator: 30000, denominator: 1001 },
    { numerator: 120, denominator: 1 },
  ];
  for (const rate of rates) {
    for (const sampleRate of [16000, 24000, 44100, 48000]) {
      it(`is floor(n × ${sampleRate} × ${rate.denominator}/${rate.numerator}), also after a year`, () => {
        const year = Math.floor((365 * 86400 * rate.numerator) / rate.denominator);
        for (const frame of [0, 1, 2, 3, 999, 1000, 30000, 123457, year, year + 1]) {
          const exact =
            (BigInt(frame) * BigInt(sampleRate) * BigInt(rate.denominator)) / BigInt(rate.numerator);
          expect(BigInt(sampleOfFrame(frame, sampleRate, rate))).toBe(exact);
        }
      });
    }
  }
});

describe('FramePacer', () => {
  let missedMs: number;
  beforeEach(() => {
    missedMs = 0;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const now = performance.now.bind(performance);
    // Time in which no timer ran.
    vi.spyOn(performance, 'now').mockImplementation(() => now() + missedMs);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it.each([
    [400, 11],
    [60_000, 1],
  ])(
    'when nothing ran for %i ms it steps %i frames within the next period, and then one a period',
    (ms, burst) => {
      const steps: number[] = [];
      const pacer = new FramePacer({ numerator: 25, denominator: 1 }, (frame) => steps.push(frame));
      pacer.start(0);
      vi.advanceTimersByTime(201);
      expect(steps).toEqual([0, 1, 2, 3, 4, 5]);
      missedMs = ms;
      vi.advanceTimersByTime(40);
      expect(steps).toHaveLength(6 + burst);
      vi.advanceTimersByTime(400);
      expect(steps).toHaveLength(16 + burst);
      expect(steps).toEqual(steps.map((_, i) => i));
      pacer.stop();
    },
  );
});
