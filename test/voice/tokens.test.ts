import { describe, expect, it } from 'vitest';
import { foldToAscii, scriptsOf, unspellable } from '../../src/voice/scripts.js';
import { spellToken, tokenize } from '../../src/voice/tokens.js';
import { alignWords } from '../../src/voice/word-alignment.js';

describe('tokenize', () => {
  it('keeps punctuation with its word', () => {
    expect(tokenize('“Hi,” she said — no… 🙂!').map((token) => token.text)).toEqual([
      '“Hi,”',
      'she',
      'said —',
      'no… 🙂!',
    ]);
  });

  it('sets every Han character apart', () => {
    expect(tokenize('你好，“世界”。hello').map((token) => token.text)).toEqual([
      '你',
      '好，',
      '“世',
      '界”。',
      'hello',
    ]);
  });

  it('counts code points', () => {
    expect(tokenize('😀 ab 𠀀c')).toEqual([
      { text: '😀 ab', start: 0, end: 4 },
      { text: '𠀀', start: 5, end: 6 },
      { text: 'c', start: 6, end: 7 },
    ]);
  });
});

describe('spellToken', () => {
  it.each([
    ['café', 'cafe'],
    ['£5.50', '5.50 pounds'],
    ['“cat’s”', '"cat\'s"'],
    ['R&D', 'R and D'],
    ['https://www.example.com/a', 'www dot example dot com a'],
    ['ﬁne', 'fine'],
    ['1/2', '1/2'],
    ['and/or', 'and or'],
    ['🙂', ''],
  ])('%s is %s', (token, spelled) => {
    expect(spellToken(token)).toBe(spelled);
  });
});

describe('scripts', () => {
  it('finds what English cannot spell', () => {
    expect(unspellable('naïve Straße 12½')).toBe('');
    expect(unspellable('hi 你好 мир')).toBe('你好мир');
    expect(foldToAscii('你')).toBeUndefined();
    expect(scriptsOf('ab 你 мир')).toEqual(['Latin', 'Han', 'Cyrillic']);
  });
});

describe('alignWords', () => {
  it('survives reduced, dropped and added sounds', () => {
    const words = [['ae', 'n', 'd'], ['ey'], ['k', 'ae', 't']];
    expect(alignWords(words, ['ax', 'n', 'ax', 'k', 'ae', 't', 's'])).toEqual([0, 0, 1, 2, 2, 2, 2]);
  });

  it('gives a word without sounds nothing', () => {
    expect(alignWords([['p'], [], ['t']], ['p', 't'])).toEqual([0, 2]);
  });
});
