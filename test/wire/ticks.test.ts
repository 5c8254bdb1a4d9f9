import { describe, expect, it } from 'vitest';
import { formatTicks, parseTicks, samplesToTicks, ticksToSamples, toTicks } from '../../src/wire/index.js';

describe('parseTicks', () => {
  it('reads a decimal string', () => expect(parseTicks('24200000')).toBe(24_200_000));
  it('is undone by formatTicks', () =>
    expect(formatTicks(parseTicks('9007199254740991'))).toBe('9007199254740991'));
  it.each(['', '-1', '1.5', ' 1', '1e3', '0x10', 'NaN', '9007199254740993'])('rejects %j', (text) =>
    expect(() => parseTicks(text)).toThrow(expect.objectContaining({ code: 'ERR_WIRE_MALFORMED' })),
  );
});

describe('ticksToSamples', () => {
  it('is exact where floating point is not', () => {
    // 20 years and 110 ms at 48 kHz, against BigInt.
    const ticks = toTicks(6_311_520_001_100_000);
    expect(BigInt(ticksToSamples(ticks, 48_000))).toBe(
      (BigInt(ticks) * 48_000n * 2n + 10_000_000n) / 20_000_000n,
    );
  });
  it.each([8000, 16_000, 22_050, 24_000, 44_100, 48_000])('is undone by samplesToTicks at %i Hz', (rate) => {
    for (const start of [0, 1_000_003, 9_000_000_000]) {
      for (let sample = start; sample < start + 2000; sample++) {
        expect(ticksToSamples(samplesToTicks(sample, rate), rate)).toBe(sample);
      }
    }
  });
  it('places the vendor sample: 2.42 s at 24 kHz', () =>
    expect(ticksToSamples(toTicks(24_200_000), 24_000)).toBe(58_080));
});
