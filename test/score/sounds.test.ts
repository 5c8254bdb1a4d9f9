import { describe, expect, it } from 'vitest';
import { judged } from '../../src/score/motion.js';
import { soundOf } from '../../src/score/sounds.js';

describe('soundOf', () => {
  it.each(['sil', 'sil0', '_', 'sp', ''])('takes %j for silence', (symbol) => {
    expect(soundOf(symbol).silent).toBe(true);
  });

  it.each(['p', 'b', 'm', 'b3', 'p1', 'm5', 'B'])('closes the lips for %s', (symbol) => {
    expect(soundOf(symbol)).toMatchObject({ bilabial: true, vowel: false });
  });

  it.each(['f', 'v', 'f4'])('tucks the lip for %s', (symbol) => {
    expect(soundOf(symbol)).toMatchObject({ labiodental: true, vowel: false });
  });

  it('hears the o- of espeak as an unrounded vowel', () => {
    expect(soundOf('o-')).toMatchObject({ vowel: true, rounded: false, roundish: false });
    expect(soundOf('o')).toMatchObject({ vowel: true, rounded: true });
  });

  it('knows v4 for the vowel ü', () => {
    expect(soundOf('v4')).toMatchObject({ vowel: true, labiodental: false, rounded: true, height: 'close' });
    expect(soundOf('lü4')).toMatchObject({ vowel: false });
    expect(soundOf('ü4')).toMatchObject({ vowel: true, rounded: true });
  });

  it.each([
    ['aa', 'open'],
    ['ay', 'open'],
    ['ang4', 'open'],
    ['aɪ', 'open'],
    ['ɑː', 'open'],
    ['iy', 'close'],
    ['iii4', 'close'],
    ['iː', 'close'],
    ['u', 'close'],
    ['eh', undefined],
    ['uo3', undefined],
    ['oʊ', undefined],
  ])('%s is %s', (symbol, height) => {
    expect(soundOf(symbol)).toMatchObject({ vowel: true, height });
  });

  it.each(['s', 'sh', 'jh', 'q4', 'zh1', 'tʃ', 'ts.', 'ɕ'])('%s is a sibilant', (symbol) => {
    expect(soundOf(symbol)).toMatchObject({ sibilant: true, vowel: false });
  });

  it.each([
    ['uw', true],
    ['ow', true],
    ['uan2', true],
    ['iong2', true],
    ['oʊ', true],
    ['y', true],
    ['aw', false],
    ['iou3', false],
    ['iy', false],
  ])('%s begins with round lips: %s', (symbol, rounded) => {
    expect(soundOf(symbol).rounded).toBe(rounded);
  });

  it('reads y by the company it is in', () => {
    expect(judged([{ symbol: 'y', start: 0, end: 1 }])[0]).toMatchObject({ vowel: true, rounded: true });
    const yes = ['y', 'eh', 's'].map((symbol, start) => ({ symbol, start, end: start + 1 }));
    expect(judged(yes)[0]).toMatchObject({ vowel: false, rounded: false });
  });

  it('asks nothing of a sound that it does not know', () => {
    expect(Object.values(soundOf('#')).filter((value) => value === true)).toHaveLength(0);
  });
});
