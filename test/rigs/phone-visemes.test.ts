import { describe, expect, it } from 'vitest';
import { arkitNames } from '../../src/frame.js';
import { renderPhones } from '../../src/media/render-phones.js';
import { visemesOf } from '../../src/rigs/phone-visemes.js';
import { visemeClasses, visemeTargets } from '../../src/rigs/visemes.js';

/** A symbol of each class, of ARPAbet unless said. */
const symbols: Partial<Record<(typeof visemeClasses)[number], readonly [string, 'pinyin' | 'arpabet']>> = {
  PP: ['p', 'arpabet'], FF: ['f', 'arpabet'], TH: ['th', 'arpabet'], DD: ['t', 'arpabet'], LL: ['l', 'arpabet'],
  SS: ['s', 'arpabet'], SH: ['sh', 'arpabet'], RR: ['r', 'arpabet'], KK: ['k', 'arpabet'], HH: ['hh', 'arpabet'],
  WW: ['w', 'arpabet'], YY: ['y', 'arpabet'], oh: ['o', 'pinyin'], yu: ['v', 'pinyin'], narrow: ['ii', 'pinyin'],
}; // prettier-ignore

describe('the shapes of the classes', () => {
  it.each(visemeClasses)('%s is what the phone engine shows', (viseme) => {
    const [symbol, alphabet] = symbols[viseme] ?? [viseme, 'arpabet'];
    const options = {
      sampleRate: 1000,
      frameRateNum: 1,
      frameRateDen: 1,
      frames: 2,
      constraints: false,
      alphabet,
    };
    const held = renderPhones([{ symbol, start: 0, end: 2000 }], options).subarray(arkitNames.length);
    arkitNames.forEach((name, i) => expect(held[i], name).toBeCloseTo(visemeTargets[viseme][name] ?? 0, 5));
  });
});

describe('visemesOf', () => {
  const classes = (symbol: string, alphabet: 'arpabet' | 'ipa' | 'auto' = 'auto'): string =>
    visemesOf(symbol, alphabet).map((part) => part.viseme).join(' '); // prettier-ignore

  it.each([
    ['AH0', 'ah'],
    ['zh4', 'SH'],
    ['iii4', 'narrow'],
    ['iang1', 'YY aa KK'],
    ['sil0', 'sil'],
    ['y', 'YY'],
    ['%$', 'HH'],
  ])('reads %s by itself', (symbol, expected) => {
    expect(classes(symbol)).toBe(expected);
  });

  it.each([
    ['onɡ', 'oh KK'],
    ['ts.h', 'SH'],
    ['i.', 'narrow'],
    ['ɔːɹ', 'ao RR'],
    ['y', 'yu'],
  ])('reads %s as IPA', (symbol, expected) => {
    expect(classes(symbol, 'ipa')).toBe(expected);
  });

  it('shares out the whole time of a phone', () => {
    for (const symbol of ['ay', 'iou3', 'ɔɪ'])
      expect(visemesOf(symbol).reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 9);
  });
});
