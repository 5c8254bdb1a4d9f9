import { describe, expect, it } from 'vitest';

import { Curve, findShift, locateCurve, locateSound, pearson } from '../../src/verify/align.js';

/** A small generator with a fixed seed, so that every run sees the same noise. */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Syllable-like bursts of noise, 250 ms long on average. */
function babble(samples: number, rate: number): Float32Array {
  const next = noise(7);
  const out = new Float32Array(samples);
  let smooth = 0;
  for (let i = 0; i < samples; i++) {
    const syllable = Math.max(0, Math.sin((2 * Math.PI * 4 * i) / rate + Math.sin(i / rate) * 3));
    smooth += 0.3 * (next() - smooth);
    out[i] = smooth * syllable;
  }
  return out;
}

describe('pearson', () => {
  it('is 1 for a scaled and shifted copy and 0 for a constant', () => {
    expect(pearson([1, 2, 3], [10, 20, 30])).toBeCloseTo(1, 12);
    expect(pearson([1, 2, 3], [5, 5, 5])).toBe(0);
  });
});

describe('findShift', () => {
  it('finds a fraction of a sample', () => {
    const at = (t: number): number => Math.exp(-((t / 9) ** 2)) * Math.sin(t / 5);
    const needle = Array.from({ length: 100 }, (_, i) => at(i - 50));
    const haystack = Array.from({ length: 400 }, (_, i) => at(i - 50 - 123.4));
    expect(findShift(haystack, needle, 0, 300).shift).toBeCloseTo(123.4, 1);
  });
});

describe('locateSound', () => {
  it('finds a voice to the sample under noise, also when its start is cut off', () => {
    const rate = 48000;
    const voice = babble(2 * rate, rate);
    const next = noise(3);
    for (const start of [12_345, 0, -4_800]) {
      const recording = new Float32Array(5 * rate).map(() => 0.02 * next());
      for (let i = 0; i < voice.length; i++) {
        const at = start + i;
        if (at >= 0 && at < recording.length) recording[at] = recording[at] + voice[i];
      }
      const found = locateSound(recording, voice, rate);
      expect(Math.abs(found.shift - start)).toBeLessThan(0.5);
      expect(found.correlation).toBeGreaterThan(0.9);
    }
  });
});

describe('locateCurve', () => {
  it('finds a delay well below one frame period', () => {
    const shape = (ms: number): number => Math.max(0, Math.sin(ms / 70) + 0.4 * Math.sin(ms / 31));
    const times = Array.from({ length: 500 }, (_, i) => i * 8);
    const reference = new Curve(times, times.map(shape));
    const frames = Array.from({ length: 75 }, (_, i) => 400 + i * 40);
    const found = locateCurve(
      frames,
      frames.map((ms) => shape(ms - 63.5)),
      reference,
      -200,
      300,
    );
    expect(Math.abs(found.delayMs - 63.5)).toBeLessThan(1.5);
    expect(found.correlation).toBeGreaterThan(0.99);
  });
});
