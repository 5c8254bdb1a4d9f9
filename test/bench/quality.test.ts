import { describe, expect, it } from 'vitest';
import { floatStream, measureQuality, shortStream, type MeteredStream } from '../../bench/quality.js';

/** Equal rates: what comes in goes out, changed by `change`, held back by `held` samples. */
function converter(change: (sample: number, index: number) => number, held = 0): MeteredStream {
  let index = 0;
  const waiting: number[] = [];
  return {
    process(input, out) {
      for (const sample of input) waiting.push(change(sample, index++));
      const count = Math.max(0, waiting.length - held);
      out.set(waiting.splice(0, count));
      return count;
    },
  };
}

const rate = 24_000;

describe('measureQuality', () => {
  it('finds nothing wrong with a wire', () => {
    const { thdnDb, rippleDb, delayMs } = measureQuality(() => converter((sample) => sample), rate, rate);
    expect(thdnDb).toBeLessThan(-200);
    expect(rippleDb).toBeLessThan(1e-9);
    // The newest sample ends with its own period.
    expect(delayMs.most).toBeCloseTo(1000 / rate, 6);
    expect(delayMs.least).toBeCloseTo(1000 / rate, 6);
  });

  it('finds noise of a known level', () => {
    // A square at half the rate, 80 dB below a sine of −6 dBFS.
    const level = (10 ** (-6 / 20) * Math.SQRT1_2) / 10_000;
    const noisy = () => converter((sample, index) => sample + (index % 2 === 0 ? level : -level));
    expect(measureQuality(noisy, rate, rate).thdnDb).toBeCloseTo(-80, 1);
  });

  it('finds that high tones are weaker', () => {
    const smoothed = () => {
      let before = 0;
      return converter((sample) => {
        const out = 0.9 * sample + 0.1 * before;
        before = sample;
        return out;
      });
    };
    const gain = (tone: number): number => Math.hypot(0.9 + 0.1 * Math.cos(tone), 0.1 * Math.sin(tone));
    const expected = 20 * Math.log10(gain(2 * Math.PI * 0.002) / gain(2 * Math.PI * 0.45));
    expect(measureQuality(smoothed, rate, rate).rippleDb).toBeCloseTo(expected, 3);
  });

  it('finds a delay that is held back and one that is in the sound', () => {
    const held = measureQuality(() => converter((sample) => sample, 48), rate, rate);
    expect(held.delayMs.most).toBeCloseTo(49_000 / rate, 6);
    const late = () => {
      const line = new Array<number>(48).fill(0);
      return converter((sample) => {
        line.push(sample);
        return line.shift() ?? 0;
      });
    };
    expect(measureQuality(late, rate, rate).delayMs.most).toBeCloseTo(49_000 / rate, 4);
  });
});

describe('streams of other formats', () => {
  it('hear through 32-bit floats', () => {
    const stream = () =>
      floatStream((input, out) => {
        out.set(input);
        return input.length;
      });
    const { thdnDb } = measureQuality(stream, rate, rate);
    expect(thdnDb).toBeLessThan(-140);
    expect(thdnDb).toBeGreaterThan(-200);
  });

  it('hear further than the 16 bits of two streams, but not past their arithmetic', () => {
    const stream = (noise: number) => () =>
      shortStream(() => (input, out) => {
        for (let i = 0; i < input.length; i++) out[i] = input[i] / 32768 + (i % 2 === 0 ? noise : -noise);
        return input.length;
      });
    expect(measureQuality(stream(0), rate, rate).thdnDb).toBeLessThan(-140);
    expect(measureQuality(stream(1e-5), rate, rate).thdnDb).toBeCloseTo(
      20 * Math.log10((1e-5 * Math.SQRT2) / 10 ** (-6 / 20)),
      1,
    );
  });
});
