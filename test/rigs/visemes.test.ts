import { describe, expect, it } from 'vitest';
import { arkitIndex, frameWidth } from '../../src/frame.js';
import { rowOf, mouthPoses } from '../../src/avatar/poses.js';
import { renderPhones } from '../../src/media/render-phones.js';
import { VisemeReader } from '../../src/rigs/viseme-reader.js';
import { shapesOf, visemeSets, type VisemeSetName } from '../../src/rigs/viseme-sets.js';
import { leastHoldTicks, visemeTrack } from '../../src/rigs/viseme-track.js';
import type { PhoneTime } from '../../src/voice/voice.js';
import { Random } from '../reference/random.js';

const sets = Object.keys(visemeSets) as VisemeSetName[];
const ms = 10_000;

/** Phones one after the other, `length` ms each or as said. */
function phones(...list: (string | readonly [string, number])[]): PhoneTime[] {
  let end = 0;
  return list.map((item) => {
    const [symbol, length] = typeof item === 'string' ? [item, 90] : item;
    const startTicks = end;
    end += length * ms;
    return { symbol, startTicks, endTicks: end };
  });
}

const arpabet =
  'p b m f v th dh t d n l s z sh zh ch jh k g ng hh r y w iy ih ey eh ae aa ao uh ow uw ah ax er ay aw oy'.split(
    ' ',
  );

describe('the ids of Azure', () => {
  it.each([
    ['p', 21], ['b', 21], ['m', 21], ['f', 18], ['v', 18], ['th', 19], ['dh', 17], ['t', 19], ['d', 19], ['n', 19], ['l', 14],
    ['s', 15], ['z', 15], ['sh', 16], ['zh', 16], ['jh', 16], ['k', 20], ['g', 20], ['ng', 20], ['hh', 12], ['r', 13], ['y', 6], ['w', 7],
    ['iy', 6], ['ih', 6], ['eh', 4], ['ey', 4], ['ae', 1], ['aa', 2], ['ao', 3], ['uh', 4], ['ow', 8], ['uw', 7], ['ah', 1], ['ax', 1],
    ['er', 5], ['ay', 11], ['aw', 9], ['oy', 10], ['sil', 0],
  ])('%s is %i', (symbol, id) => {
    expect(shapesOf(symbol, visemeSets.azure, 'arpabet')).toEqual([{ shape: id, share: expect.closeTo(1, 6) as number }]);
  }); // prettier-ignore

  it('count to 21, whatever the alphabet', () => {
    expect(visemeSets.azure.shapes).toHaveLength(22);
    expect(shapesOf('ð', visemeSets.azure, 'ipa')[0].shape).toBe(17);
    expect(shapesOf('aɪ', visemeSets.azure, 'ipa')).toEqual([
      { shape: 11, share: expect.closeTo(1, 6) as number },
    ]);
    expect(shapesOf('ao4', visemeSets.azure).map(({ shape }) => shape)).toEqual([9]);
    expect(shapesOf('uang1', visemeSets.azure).map(({ shape }) => shape)).toEqual([7, 2, 20]);
  });
});

describe('the other sets', () => {
  it('have the shapes of their users', () => {
    expect(visemeSets.oculus.shapes).toEqual([
      'sil', 'PP', 'FF', 'TH', 'DD', 'kk', 'CH', 'SS', 'nn', 'RR', 'aa', 'E', 'ih', 'oh', 'ou',
    ]); // prettier-ignore
    expect(visemeSets.vrm.shapes).toEqual(['neutral', 'A', 'I', 'U', 'E', 'O']);
    expect(visemeSets['preston-blair'].shapes).toHaveLength(10);
    const oculus = (symbol: string): string =>
      visemeSets.oculus.shapes[shapesOf(symbol, visemeSets.oculus)[0].shape ?? 0];
    expect(['m', 'f', 'd', 'n', 'k', 'ch', 's', 'aa', 'eh', 'iy', 'ow', 'uw'].map(oculus)).toEqual([
      'PP', 'FF', 'DD', 'nn', 'kk', 'CH', 'SS', 'aa', 'E', 'ih', 'oh', 'ou',
    ]); // prettier-ignore
  });

  it.each(sets)('%s never fails on a symbol', (name) => {
    for (const symbol of [
      '',
      '_',
      'Sta',
      'g-ng1',
      '💥',
      'constructor',
      '__proto__',
      'toString',
      'x'.repeat(500),
    ]) {
      const parts = shapesOf(symbol, visemeSets[name]);
      expect(parts.length).toBeGreaterThan(0);
      expect(
        parts.every(({ shape }) => shape === undefined || visemeSets[name].shapes[shape] !== undefined),
      ).toBe(true);
    }
  });
});

describe('a viseme track', () => {
  it.each(sets)('of %s holds every shape for 70 ms but closures, and has no gap', (name) => {
    const random = new Random(17);
    const set = visemeSets[name];
    let closures = 0;
    for (let run = 0; run < 300; run++) {
      const list = Array.from({ length: 2 + Math.floor(random.next() * 24) }, (): [string, number] => [
        random.next() < 0.1 ? 'sil' : arpabet[Math.floor(random.next() * arpabet.length)],
        Math.floor(15 + random.next() * random.next() * 240),
      ]);
      const track = visemeTrack(phones(['sil', 100], ...list, ['sil', 200]), set, 'arpabet');
      expect(track[0].startTicks).toBe(0);
      track.forEach(({ shape, startTicks, endTicks, name: shown }, i) => {
        expect(shown).toBe(set.shapes[shape]);
        expect(endTicks).toBeGreaterThan(startTicks);
        if (shape !== set.closure) expect(endTicks - startTicks).toBeGreaterThanOrEqual(leastHoldTicks);
        else closures += 1;
        if (i === 0) return;
        expect(startTicks).toBe(track[i - 1].endTicks);
        expect(shape).not.toBe(track[i - 1].shape);
      });
      expect(track.at(-1)?.endTicks).toBe(phones(['sil', 100], ...list, ['sil', 200]).at(-1)?.endTicks);
    }
    expect(closures).toBeGreaterThan(100);
  });

  it('shows every closure, however short, at its time', () => {
    const track = visemeTrack(
      phones(['sil', 100], 'aa', ['p', 20], 'aa', ['m', 40], ['ih', 40], ['b', 50], 'uw', ['sil', 200]),
      visemeSets.oculus,
      'arpabet',
    );
    expect(track.map((span) => span.name)).toEqual(['sil', 'aa', 'PP', 'aa', 'PP', 'ih', 'PP', 'ou', 'sil']);
    expect(track[2]).toMatchObject({ startTicks: 190 * ms, endTicks: 210 * ms });
  });

  it('keeps the shape through a short pause and rests in a long one', () => {
    const names = (pause: number): string[] =>
      visemeTrack(phones('aa', ['sil', pause], 'uw', ['sil', 300]), visemeSets.vrm, 'arpabet').map(
        (span) => span.name,
      );
    expect(names(80)).toEqual(['A', 'U', 'neutral']);
    expect(names(200)).toEqual(['A', 'neutral', 'U', 'neutral']);
  });

  it('is empty without phones', () => {
    expect(visemeTrack([], visemeSets.azure)).toEqual([]);
  });
});

describe('a viseme reader', () => {
  it('reads the shapes of a drawn mouth', () => {
    const read = (pose: keyof typeof mouthPoses, name: VisemeSetName): string => {
      const set = visemeSets[name];
      return set.shapes[new VisemeReader(set, 48_000).read(rowOf(mouthPoses[pose]), 0)];
    };
    expect((['closed', 'f', 'ah', 'oo', 'ee'] as const).map((pose) => read(pose, 'oculus'))).toEqual([
      'sil',
      'FF',
      'aa',
      'ou',
      'ih',
    ]);
    expect((['closed', 'ah', 'oo', 'ee'] as const).map((pose) => read(pose, 'vrm'))).toEqual([
      'neutral',
      'A',
      'U',
      'I',
    ]);
    expect((['closed', 'f', 'ah', 'oo'] as const).map((pose) => read(pose, 'preston-blair'))).toEqual([
      'rest',
      'FV',
      'AI',
      'U',
    ]);
  });

  it.each(sets)('of %s finds the closures and vowels of speech and holds shapes for 70 ms', (name) => {
    const set = visemeSets[name];
    const rate = 48_000;
    const spoken = phones(
      ['sil', 120],
      'm',
      ['aa', 180],
      'm',
      ['uw', 180],
      'b',
      ['iy', 180],
      'p',
      ['ow', 180],
      ['sil', 240],
    );
    const features = renderPhones(
      spoken.map(({ symbol, startTicks, endTicks }) => ({
        symbol,
        start: startTicks / ms,
        end: endTicks / ms,
      })),
      { sampleRate: 1000, frameRateNum: 25, frameRateDen: 1, frames: 48, alphabet: 'arpabet' },
    );
    const reader = new VisemeReader(set, rate);
    const weights = new Float32Array(set.shapes.length);
    const row = new Float32Array(frameWidth);
    const seen: { shape: number; sample: number }[] = [];
    for (let k = 0; k < features.length / 52; k++) {
      row.set(features.subarray(k * 52, (k + 1) * 52));
      const sample = (k * rate) / 25;
      const shape = reader.read(row, sample, weights);
      expect(weights.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
      if (seen.at(-1)?.shape !== shape) seen.push({ shape, sample });
    }
    seen.forEach(({ shape, sample }, i) => {
      const next = seen[i + 1];
      if (next !== undefined && shape !== set.closure && next.shape !== set.closure)
        expect(next.sample - sample).toBeGreaterThanOrEqual(0.07 * rate);
    });
    expect(seen.filter(({ shape }) => shape === set.closure).length).toBeGreaterThanOrEqual(4);
    for (const symbol of ['aa', 'uw']) {
      const shape = shapesOf(symbol, set, 'arpabet')[0].shape;
      expect(
        seen.some((item) => item.shape === shape),
        symbol,
      ).toBe(true);
    }
    expect(weights[0]).toBeGreaterThan(name === 'vrm' ? 0.1 : 0.9);
    expect(weights.subarray(1).every((weight) => weight < 0.01)).toBe(true);
  });

  it('shows a small vowel small on a VRM face', () => {
    const size = (jawOpen: number): number => {
      const weights = new Float32Array(6);
      new VisemeReader(visemeSets.vrm, 48_000).read(rowOf({ jawOpen }), 0, weights);
      return Math.max(...weights);
    };
    expect(size(0.5)).toBe(1);
    expect(size(0.2)).toBeLessThan(0.7);
    expect(arkitIndex.jawOpen).toBe(17);
  });
});
