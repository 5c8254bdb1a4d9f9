import { describe, expect, it } from 'vitest';

import { sampleOfFrame } from '../../src/player/frame-clock.js';

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
