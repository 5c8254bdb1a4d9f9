import { describe, expect, it } from 'vitest';

import { cleanCaption } from '../../src/compose/caption.js';
import { breakLines } from '../../src/compose/line-break.js';

/** Every letter one wide, those of Chinese two. */
const measure = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/\p{Script=Han}|[，。]/u.test(letter) ? 2 : 1), 0);
const lines = (text: string, width: number): string[] =>
  breakLines(text, width, measure).map(({ start, end }) => text.slice(start, end));

describe('breakLines', () => {
  it.each([
    ['', 10, []],
    ['   ', 10, []],
    ['one', 10, ['one']],
    ['one two three four', 9, ['one two', 'three', 'four']],
    ['Well, "yes" (maybe) no.', 10, ['Well,', '"yes"', '(maybe)', 'no.']],
    ['exactly10c exactly10c', 10, ['exactly10c', 'exactly10c']],
    ['a  b', 3, ['a', 'b']],
  ])('%j at %i', (text, width, expected) => {
    expect(lines(text, width)).toEqual(expected);
  });

  it('breaks Chinese between words, and never before a comma or a full stop', () => {
    const text = '今天天气很好，我们明天一起去北京看长城。';
    for (let width = 6; width <= 40; width++) {
      const broken = lines(text, width);
      expect(broken.join('')).toBe(text);
      for (const line of broken) expect(line).not.toMatch(/^[，。]/u);
      expect(Math.max(...broken.map(measure))).toBeLessThanOrEqual(width);
    }
    expect(lines('我们去北京', 8)).toEqual(['我们去', '北京']);
  });

  it('breaks a word that is too wide between letters, and takes no letter apart', () => {
    expect(lines('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    const family = '👨‍👩‍👧';
    expect(lines(family.repeat(3), 5)).toEqual([family, family, family]);
  });

  it('loses nothing but blanks, whatever the text', () => {
    const alphabet = ['a', 'é', ' ', '  ', '中', '，', '-', '(', ')', '"', '👍🏽', '\u0301', 'ก', '.'];
    let state = 7;
    const next = (most: number): number => (state = (state * 48271) % 2147483647) % most;
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: next(60) }, () => alphabet[next(alphabet.length)]).join('');
      const broken = lines(text, 1 + next(20));
      expect(broken.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    }
  });
});

describe('cleanCaption', () => {
  it('keeps places and takes out what would move or reverse the rest', () => {
    expect(cleanCaption('a\nb\u0000c\u202ed\u2028e')).toBe('a b c d e');
    expect(cleanCaption('a\ud800b')).toBe('a\ufffdb');
    expect(cleanCaption('\u{e0041}x')).toBe('  x');
    expect(cleanCaption('क\u200dष')).toBe('क\u200dष');
    expect(cleanCaption('x'.repeat(5000)).length).toBe(2000);
  });
});
