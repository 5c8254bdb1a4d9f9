import { afterAll, describe, expect, it } from 'vitest';
import { arkitNames, type ArkitName } from '../../src/frame.js';
import { mouthFeatures, type MouthNeighbours } from '../../src/server/mouth-features.js';
import { FliteVoice } from '../../src/voice/flite-voice.js';
import { setPauses } from '../../src/voice/trim.js';
import type { PhoneTime, SpokenClause } from '../../src/voice/voice.js';
import { standardFeatureOrder } from '../../src/wire/feature-order.js';
import { seededRandom, sentence } from '../voice/random.js';

const hop = 400_000;
const sampleRate = 16_000;

/** A clause of phones with these lengths in ms, one after the other, as loud as speech usually is. */
function clauseOf(...list: readonly (readonly [string, number])[]): SpokenClause {
  let start = 0;
  const phones = list.map(([symbol, ms]) => {
    const phone = { symbol, startTicks: start, endTicks: start + ms * 10_000 };
    start = phone.endTicks;
    return phone;
  });
  const pcm = Int16Array.from({ length: Math.round((start * sampleRate) / 1e7) }, (_, i) =>
    Math.round(4600 * Math.sin(i)),
  );
  return { pcm, sampleRate, alphabet: 'arpabet', phones, words: [] };
}

class Curve {
  readonly rows: number;
  readonly values: Float32Array;
  constructor(
    readonly clause: SpokenClause,
    neighbours?: MouthNeighbours,
  ) {
    this.values = mouthFeatures(clause, neighbours);
    this.rows = this.values.length / 52;
  }
  at(row: number, name: ArkitName): number {
    return this.values[row * 52 + standardFeatureOrder.indexOf(name)] ?? Number.NaN;
  }
  opening(row: number): number {
    return this.at(row, 'jawOpen') - this.at(row, 'mouthClose');
  }
  /** Rows in a sound and the nearest ones beside it. */
  around({ startTicks, endTicks }: PhoneTime): number[] {
    const from = Math.floor(startTicks / hop);
    const to = Math.min(this.rows - 1, Math.ceil(endTicks / hop));
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }
}

function expectMouth(clause: SpokenClause): void {
  const curve = new Curve(clause);
  const { phones } = clause;
  expect(curve.rows).toBe(Math.ceil((phones.at(-1)?.endTicks ?? 0) / hop));
  expect(curve.values.every((value) => value >= 0 && value <= 1)).toBe(true);
  for (const phone of phones) {
    const rows = curve.around(phone);
    const ms = (phone.endTicks - phone.startTicks) / 10_000;
    if (['p', 'b', 'm'].includes(phone.symbol))
      expect(Math.min(...rows.map((row) => curve.opening(row))), phone.symbol).toBeLessThanOrEqual(0.03);
    if (['f', 'v'].includes(phone.symbol))
      expect(Math.max(...rows.map((row) => curve.at(row, 'mouthRollLower'))), phone.symbol).toBeGreaterThan(
        0.15,
      );
    if (['aa', 'ae', 'ah', 'ao', 'eh', 'iy', 'ih', 'uw'].includes(phone.symbol) && ms >= 80)
      expect(Math.max(...rows.map((row) => curve.opening(row))), phone.symbol).toBeGreaterThanOrEqual(0.06);
  }
  for (let row = 1; row < curve.rows; row++)
    expect(Math.abs(curve.at(row, 'jawOpen') - curve.at(row - 1, 'jawOpen'))).toBeLessThanOrEqual(12 / 25);
}

describe('mouth shapes of a clause', () => {
  const voice = new FliteVoice('kal16');
  afterAll(() => voice.close());

  it('have the 52 names once each, in the order of the wire', () => {
    expect([...standardFeatureOrder].sort()).toEqual([...arkitNames].sort());
    expect([0, 7, 15, 31, 46, 51].map((index) => standardFeatureOrder[index])).toEqual([
      'mouthLowerDownRight', 'jawOpen', 'mouthClose', 'mouthSmileRight', 'tongueOut', 'eyeLookInRight',
    ]); // prettier-ignore
  });

  it('tell ah, oo and ee apart', () => {
    const peak = (symbol: string, name: ArkitName): number =>
      new Curve(clauseOf(['sil', 100], [symbol, 300], ['sil', 200])).at(6, name);
    expect(peak('aa', 'jawOpen')).toBeGreaterThan(peak('uw', 'jawOpen') + 0.2);
    expect(peak('aa', 'jawOpen')).toBeGreaterThan(peak('iy', 'jawOpen') + 0.2);
    expect(peak('uw', 'mouthPucker')).toBeGreaterThan(0.4);
    expect(peak('aa', 'mouthPucker')).toBeLessThan(0.02);
    expect(peak('iy', 'mouthSmileRight')).toBeGreaterThan(0.2);
    expect(peak('uw', 'mouthSmileRight')).toBeLessThan(0.02);
  });

  it('show a closure shorter than a row, wherever it falls', () => {
    for (let offset = 0; offset < 40; offset += 3) {
      for (const length of [8, 15, 25, 39])
        expectMouth(clauseOf(['sil', 100], ['aa', 150 + offset], ['m', length], ['aa', 150], ['sil', 160]));
    }
  });

  it('hold for real speech', async () => {
    const random = seededRandom(3);
    for (let i = 0; i < 40; i++) expectMouth(setPauses(await voice.synthesize(sentence(random)), 60, 120));
  });

  it('read Mandarin by its syllables', () => {
    const clause = clauseOf(['sil', 60], ['t', 100], ['u', 200], ['sil', 120]);
    const [lead, one, two, tail] = clause.phones;
    const syllables = [lead, { ...one, symbol: 'zh' }, { ...two, symbol: 'ang1' }, tail] as PhoneTime[];
    const curve = new Curve({ ...clause, alphabet: 'ipa', syllables });
    expect(curve.at(5, 'jawOpen')).toBeGreaterThan(0.3);
  });

  it('rest where nothing follows, and go on where something does', () => {
    const clause = clauseOf(['sil', 60], ['aa', 300], ['sil', 40]);
    const last = new Curve(clause);
    expect(last.opening(last.rows - 1)).toBeLessThan(
      new Curve(clause, { afterMs: 40 }).opening(last.rows - 1),
    );
    const rest = new Curve(clauseOf(['sil', 60], ['aa', 300], ['sil', 400]));
    for (const name of arkitNames) expect(rest.at(rest.rows - 1, name)).toBe(0);
  });

  it('take up the mouth of the clause before', () => {
    const before = clauseOf(['sil', 60], ['aa', 300], ['sil', 20]);
    const clause = clauseOf(['sil', 40], ['aa', 300], ['sil', 400]);
    const alone = new Curve(clause);
    const after = new Curve(clause, { before });
    const left = new Curve(before, { afterMs: 40 });
    expect(after.rows).toBe(alone.rows);
    expect(after.opening(0)).toBeGreaterThan(0.2);
    expect(Math.abs(after.opening(0) - left.opening(left.rows - 1))).toBeLessThan(0.2);
    expect(after.values.subarray(8 * 52)).toEqual(alone.values.subarray(8 * 52));
  });

  it('are none for no phones', () => {
    expect(mouthFeatures(clauseOf())).toHaveLength(0);
  });
});
