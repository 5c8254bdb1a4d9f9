import { describe, expect, it } from 'vitest';
import { arkitIndex, weightCount } from '../../src/frame.js';
import { renderPhones, type PhoneSpan, type RenderPhonesOptions } from '../../src/media/index.js';
import { codeOf } from '../code-of.js';

const rate = 48_000;

/** Phones of 80 ms each, one after the other, from 0.1 s on. */
function phonesOf(text: string, ms = 80): PhoneSpan[] {
  const samples = (ms * rate) / 1000;
  return text
    .split(' ')
    .map((symbol, i) => ({ symbol, start: 4800 + i * samples, end: 4800 + (i + 1) * samples }));
}

function render(phones: readonly PhoneSpan[], options: Partial<RenderPhonesOptions> = {}): Float32Array {
  const fixed = { sampleRate: rate, frameRateNum: 60, frameRateDen: 1 };
  return renderPhones(phones, { ...fixed, frames: 60, ...options });
}

/** Smallest opening of the lips in rows [from, to). */
function apart(rows: Float32Array, from: number, to: number): number {
  let least = Infinity;
  for (let row = from; row < to; row++) {
    const at = row * weightCount;
    least = Math.min(least, rows[at + arkitIndex.jawOpen] - rows[at + arkitIndex.mouthClose]);
  }
  return least;
}

describe('renderPhones', () => {
  it('closes the lips for a bilabial, and leaves them open without the constraints', () => {
    const phones = phonesOf('AA1 M AA1');
    expect(apart(render(phones), 11, 16)).toBeLessThanOrEqual(0.03);
    expect(apart(render(phones, { constraints: false }), 11, 16)).toBeGreaterThan(0.03);
  });

  it('reads every alphabet alike', () => {
    const shapes = ['AA1', 'aa', 'a1', 'ɑ', 'A:'].map((symbol) => render([{ symbol, start: 0, end: 9600 }]));
    const usual = shapes[1];
    for (const rows of shapes.slice(2)) expect(rows).toEqual(usual);
    expect(Math.max(...shapes[0])).toBeGreaterThan(Math.max(...usual));
  });

  it('takes misprints for what they begin with, and opens a little for the rest', () => {
    for (const symbol of ['Sta', 'g-ng1', '???', '好', '']) {
      const rows = render(phonesOf(`aa ${symbol} aa`));
      expect([...rows].every((weight) => weight >= 0 && weight <= 1)).toBe(true);
    }
    expect(render(phonesOf('aa Sta aa'))).toEqual(render(phonesOf('aa s aa')));
    expect(render(phonesOf('aa g-ng1 aa'))).toEqual(render(phonesOf('aa g aa')));
  });

  it('runs ahead of the sound by the lead', () => {
    const phones = phonesOf('p aa t iy m uw');
    const late = render(phones, { mouthLeadSamples: 0 });
    const early = render(phones, { mouthLeadSamples: 1600 });
    expect(early.subarray(0, 50 * weightCount)).toEqual(late.subarray(2 * weightCount, 52 * weightCount));
  });

  it('opens further when it is loud', () => {
    const phones = phonesOf('aa', 300);
    const widest = (level: number): number =>
      Math.max(...render(phones, { level: new Float32Array(60).fill(level) }));
    expect(widest(0.3)).toBeGreaterThan(widest(0.1));
    expect(widest(0.1)).toBeCloseTo(Math.max(...render(phones)), 6);
    expect(widest(0.02)).toBeLessThan(widest(0.1));
  });

  it('refuses what it cannot draw', () => {
    const phones = phonesOf('aa');
    for (const wrong of [{ frames: -1 }, { frames: 0.5 }, { sampleRate: 0 }, { frameRateDen: 0 }]) {
      expect(codeOf(() => render(phones, wrong))).toBe('ERR_OPTION_INVALID');
    }
    const broken = [{ symbol: 'a', start: Number.NaN, end: 5 }];
    expect(codeOf(() => render(broken))).toBe('ERR_OPTION_INVALID');
  });
});
