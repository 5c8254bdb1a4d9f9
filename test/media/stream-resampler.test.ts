import { describe, expect, it } from 'vitest';
import { resample } from '../../src/media/stream-resampler.js';

describe('resample', () => {
  it.each([
    [8000, 24000],
    [16000, 24000],
    [22050, 24000],
  ])('keeps a tone from %i to %i Hz in pitch, level and phase', (from, to) => {
    for (const hz of [200, 1000, 3000]) {
      const input = Int16Array.from({ length: from }, (_, n) =>
        Math.round(12_000 * Math.sin((2 * Math.PI * hz * n) / from)),
      );
      const output = resample(input, from, to);
      expect(output.length).toBe(to);
      let worst = 0;
      for (let n = 200; n < to - 200; n++)
        worst = Math.max(worst, Math.abs((output[n] ?? 0) - 12_000 * Math.sin((2 * Math.PI * hz * n) / to)));
      // -60 dB of the tone.
      expect(worst).toBeLessThan(12);
    }
  });

  it('lets no image of the tone through', () => {
    const input = Int16Array.from({ length: 8000 }, (_, n) =>
      Math.round(12_000 * Math.sin((2 * Math.PI * 3000 * n) / 8000)),
    );
    const output = resample(input, 8000, 24000);
    for (const image of [5000, 11_000]) {
      let [re, im] = [0, 0];
      output.forEach((sample, n) => {
        re += sample * Math.cos((2 * Math.PI * image * n) / 24000);
        im += sample * Math.sin((2 * Math.PI * image * n) / 24000);
      });
      expect((2 * Math.hypot(re, im)) / output.length).toBeLessThan(12);
    }
  });
});
