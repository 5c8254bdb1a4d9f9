import { afterAll, describe, expect, it } from 'vitest';
import { arkitNames, type ArkitName } from '../../src/frame.js';
import { standardFeatureOrder } from '../../src/wire/feature-order.js';
import { FliteVoice } from '../../src/voice/flite-voice.js';
import { phoneFeatures } from '../../src/voice/phone-features.js';
import { visemesOf } from '../../src/voice/phone-visemes.js';
import { visemes } from '../../src/voice/visemes.js';
import { setPauses } from '../../src/voice/trim.js';
import type { PhoneTime } from '../../src/voice/voice.js';
import { seededRandom, sentence } from './random.js';

const hop = 400_000;

/** Phones with these lengths in ms, one after the other. */
function timed(...list: readonly (readonly [string, number])[]): PhoneTime[] {
  let start = 0;
  return list.map(([symbol, ms]) => {
    const phone = { symbol, startTicks: start, endTicks: start + ms * 10_000 };
    start = phone.endTicks;
    return phone;
  });
}

class Curve {
  readonly frames: number;
  readonly #rows: Float32Array;
  constructor(phones: readonly PhoneTime[]) {
    this.#rows = phoneFeatures(phones);
    this.frames = this.#rows.length / 52;
  }
  at(frame: number, name: ArkitName): number {
    return this.#rows[frame * 52 + standardFeatureOrder.indexOf(name)] ?? Number.NaN;
  }
  opening(frame: number): number {
    return this.at(frame, 'jawOpen') - this.at(frame, 'mouthClose');
  }
  inside(phone: PhoneTime): number[] {
    return Array.from({ length: this.frames }, (_, k) => k).filter(
      (k) => k * hop >= phone.startTicks && k * hop < phone.endTicks,
    );
  }
  get values(): Float32Array {
    return this.#rows;
  }
}

function expectMouth(phones: readonly PhoneTime[]): void {
  const curve = new Curve(phones);
  expect(curve.frames).toBe(Math.ceil((phones.at(-1)?.endTicks ?? 0) / hop));
  expect(curve.values.every((value) => value >= 0 && value <= 1)).toBe(true);
  for (const phone of phones) {
    const frames = curve.inside(phone);
    const parts = visemesOf(phone.symbol).map((part) => part.viseme);
    const ms = (phone.endTicks - phone.startTicks) / 10_000;
    if (['p', 'b', 'm'].includes(phone.symbol)) {
      const middle = (phone.startTicks + phone.endTicks) / 2 / hop;
      const near = [Math.floor(middle), Math.ceil(middle)].filter((k) => k < curve.frames);
      for (const k of frames) expect(curve.opening(k), `closed in ${phone.symbol}`).toBeLessThanOrEqual(0.03);
      expect(Math.min(...[...frames, ...near].map((k) => curve.opening(k)))).toBeLessThanOrEqual(0.03);
    }
    if (['f', 'v'].includes(phone.symbol)) {
      for (const k of frames)
        expect(curve.at(k, 'mouthRollLower'), `tucked in ${phone.symbol}`).toBeGreaterThan(0.4);
    }
    if (parts.length === 1 && visemes[parts[0] ?? 'sil'].vowel && ms >= 60) {
      expect(
        Math.max(...frames.map((k) => curve.opening(k))),
        `open in ${phone.symbol}`,
      ).toBeGreaterThanOrEqual(0.06);
    }
  }
  for (let k = 1; k < curve.frames; k++) {
    expect(Math.abs(curve.at(k, 'jawOpen') - curve.at(k - 1, 'jawOpen'))).toBeLessThanOrEqual(0.2401);
  }
  if (phones.at(-1)?.symbol === 'sil') {
    for (const name of arkitNames) expect(curve.at(curve.frames - 1, name)).toBe(0);
  }
}

describe('phoneFeatures', () => {
  const voice = new FliteVoice('kal16');
  afterAll(() => voice.close());

  it('has the 52 names once each, in the order of the wire', () => {
    expect([...standardFeatureOrder].sort()).toEqual([...arkitNames].sort());
    expect([0, 7, 15, 31, 46, 51].map((index) => standardFeatureOrder[index])).toEqual([
      'mouthLowerDownRight', 'jawOpen', 'mouthClose', 'mouthSmileRight', 'tongueOut', 'eyeLookInRight',
    ]); // prettier-ignore
  });

  it('tells ah, oo and ee apart', () => {
    const peak = (symbol: string, name: ArkitName): number => {
      const curve = new Curve(timed(['sil', 100], [symbol, 300], ['sil', 200]));
      return curve.at(6, name);
    };
    for (const open of ['aa', 'ah']) {
      expect(peak(open, 'jawOpen')).toBeGreaterThanOrEqual(0.5);
      expect(peak(open, 'jawOpen')).toBeLessThanOrEqual(0.6);
    }
    expect(peak('uw', 'mouthPucker')).toBeGreaterThan(0.5);
    expect(peak('aa', 'mouthPucker')).toBe(0);
    expect(peak('iy', 'mouthStretchLeft')).toBeGreaterThan(0.3);
    expect(peak('iy', 'mouthSmileRight')).toBeGreaterThan(0.25);
    expect(peak('uw', 'mouthSmileRight')).toBe(0);
  });

  it('shows a closure shorter than a frame, wherever it falls', () => {
    for (let offset = 0; offset < 40; offset += 3) {
      for (const length of [8, 15, 25, 39]) {
        expectMouth(timed(['sil', 100], ['aa', 150 + offset], ['m', length], ['aa', 150], ['sil', 160]));
      }
    }
  });

  it('opens every vowel of 60 ms between closures', () => {
    for (let offset = 0; offset < 40; offset += 3) {
      expectMouth(
        timed(['sil', 60 + offset], ['p', 60], ['ih', 60], ['b', 60], ['uw', 60], ['m', 60], ['sil', 120]),
      );
    }
  });

  it('holds for real speech', async () => {
    const random = seededRandom(3);
    for (let i = 0; i < 40; i++) {
      const clause = setPauses(await voice.synthesize(sentence(random)), 60, 120);
      expectMouth(clause.phones);
    }
  });

  it('reads ARPAbet, pinyin and IPA, and gives way on what it does not know', () => {
    const classes = (symbol: string, alphabet: 'arpabet' | 'ipa' | 'auto' = 'auto'): string =>
      visemesOf(symbol, alphabet).map((part) => part.viseme).join(' '); // prettier-ignore
    expect(classes('AH0')).toBe('ah');
    expect(classes('zh4')).toBe('SH');
    expect(classes('iii4')).toBe('narrow');
    expect(classes('iang1')).toBe('YY aa KK');
    expect(classes('sil0')).toBe('sil');
    expect(classes('onɡ', 'ipa')).toBe('oh KK');
    expect(classes('ts.h', 'ipa')).toBe('SH');
    expect(classes('i.', 'ipa')).toBe('narrow');
    expect(classes('ɔːɹ', 'ipa')).toBe('ao RR');
    expect(classes('y', 'ipa')).toBe('yu');
    expect(classes('y')).toBe('YY');
    expect(classes('%$')).toBe('HH');
    for (const symbol of ['ay', 'iou3', 'ɔɪ']) {
      expect(visemesOf(symbol).reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 9);
    }
  });

  it('is empty for no phones', () => {
    expect(phoneFeatures([])).toHaveLength(0);
  });
});
