import { describe, expect, it } from 'vitest';
import {
  arkitIndex,
  arkitNames,
  featureOrders,
  frameWidth,
  MediaSession,
  type ArkitName,
  type FeatureOrderName,
} from '../../src/media/index.js';

const names = Object.keys(featureOrders) as FeatureOrderName[];
const silence = Buffer.alloc(24_000).toString('base64');

/** Pushes rows of one value each and reads the weights in the middle of them. */
function weightsFor(
  order: FeatureOrderName | readonly ArkitName[],
  row: number[],
  featureDimension = row.length,
): Float32Array {
  using session = new MediaSession({ featureOrder: order, idleSeed: -1 });
  session.begin();
  const features = Array.from({ length: 12 }, () => row).flat();
  session.pushParsed({ audio: silence, features, featureDimension, final: true });
  session.commit(24_000);
  const weights = new Float32Array(frameWidth);
  session.frameAt(12_000, weights);
  return weights;
}

describe('feature orders', () => {
  it.each(names)('%s has each of the 52 names once', (name) => {
    expect([...featureOrders[name]].sort()).toEqual([...arkitNames].sort());
  });

  it('differ where the documents say so', () => {
    const at = (name: FeatureOrderName, ...shapes: ArkitName[]): number[] =>
      shapes.map((shape) => featureOrders[name].indexOf(shape));
    expect(at('arkit', 'jawLeft', 'jawRight', 'mouthLeft', 'mouthRight', 'mouthFrownLeft')).toEqual([
      15, 16, 21, 22, 25,
    ]);
    expect(at('live-link-face', 'jawLeft', 'jawRight', 'mouthLeft', 'mouthRight', 'mouthFrownLeft')).toEqual([
      16, 15, 22, 21, 25,
    ]);
    expect(at('tencent-effect', 'jawLeft', 'jawRight', 'mouthLeft', 'mouthRight', 'mouthFrownLeft')).toEqual([
      15, 16, 22, 21, 26,
    ]);
    expect(at('alphabetical', 'browDownLeft', 'eyeBlinkLeft', 'jawOpen', 'tongueOut')).toEqual([
      0, 8, 24, 51,
    ]);
    expect(
      at(
        'tencent-3d-standard',
        'mouthLowerDownRight',
        'jawOpen',
        'mouthClose',
        'mouthSmileRight',
        'eyeBlinkLeft',
        'tongueOut',
        'eyeBlinkRight',
        'eyeLookInRight',
      ),
    ).toEqual([0, 7, 15, 31, 42, 46, 47, 51]);
    expect(featureOrders['tencent-3d-standard'].some((shape, i) => shape === arkitNames[i])).toBe(false);
  });

  it.each(names)('%s feeds every column to the shape of its name', (name) => {
    featureOrders[name].forEach((shape, column) => {
      const row = new Array<number>(52).fill(0);
      row[column] = 0.75;
      // A closed mouth needs an open jaw to be seen: lips never close further than the jaw is open, plus 0.1.
      if (shape === 'mouthClose') row[featureOrders[name].indexOf('jawOpen')] = 0.75;
      const expected = new Array<number>(frameWidth).fill(0);
      expected[arkitIndex[shape]] = 0.75;
      if (shape === 'mouthClose') expected[arkitIndex.jawOpen] = 0.75;
      expect(Array.from(weightsFor(name, row)), shape).toEqual(expected);
    });
  });

  it('of fewer names leave the rest at rest', () => {
    const weights = weightsFor(['jawOpen', 'mouthFunnel'], [0.5, 0.25]);
    expect([
      weights[arkitIndex.jawOpen],
      weights[arkitIndex.mouthFunnel],
      weights.reduce((sum, weight) => sum + weight),
    ]).toEqual([0.5, 0.25, 0.75]);
  });

  it('take a shorter row as their beginning', () => {
    const weights = weightsFor('tencent-3d-standard', new Array<number>(32).fill(0.5));
    const mouth = featureOrders['tencent-3d-standard'].slice(0, 32);
    for (const shape of arkitNames)
      expect(weights[arkitIndex[shape]], shape).toBe(mouth.includes(shape) ? 0.5 : 0);
  });
});

describe('the mouth', () => {
  it('never closes further than the jaw is open, plus 0.1', () => {
    const row = new Array<number>(52).fill(0);
    row[arkitIndex.mouthClose] = 1;
    row[arkitIndex.jawOpen] = 0.25;
    expect(weightsFor('arkit', row)[arkitIndex.mouthClose]).toBeCloseTo(0.35, 6);
  });
});

describe('idle life', () => {
  it('is the same for the same seed, whatever was asked before, and none for -1', () => {
    const look = (seed: number, samples: number[]): number[][] => {
      using session = new MediaSession({ idleSeed: seed });
      return samples.map((sample) => {
        const row = new Float32Array(frameWidth);
        session.frameAt(sample, row);
        return Array.from(row);
      });
    };
    const samples = [0, 480_000, 7, 9_600_000, 123_456];
    expect(look(3, samples)).toEqual(look(3, [...samples].reverse()).reverse());
    expect(look(3, samples)).not.toEqual(look(4, samples));
    expect(
      look(-1, samples)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
  });

  it('adds to the eyes of a driven face and leaves its mouth alone', () => {
    const drive = (seed: number): number[][] => {
      using session = new MediaSession({ idleSeed: seed, featureOrder: 'arkit' });
      session.begin();
      const rows: number[][] = [];
      for (let second = 0; second < 12; second++) {
        const features = Array.from({ length: 52 * 25 }, (_, i) => 0.3 + 0.2 * Math.sin(i * 0.05));
        session.pushParsed({
          audio: Buffer.alloc(48_000).toString('base64'),
          features,
          featureDimension: 52,
        });
        session.commit((second + 1) * 48_000 - 4_800);
        for (let i = 0; i < 25; i++) {
          const row = new Float32Array(frameWidth);
          session.frameAt(second * 48_000 - 9_600 + i * 1920, row);
          rows.push(Array.from(row));
        }
      }
      return rows;
    };
    const still = drive(-1);
    const alive = drive(8);
    const differs = (name: ArkitName): boolean =>
      alive.some((row, i) => row[arkitIndex[name]] !== still[i][arkitIndex[name]]);
    for (const name of arkitNames) {
      if (!/^(eye|brow)/.test(name)) expect(differs(name), name).toBe(false);
    }
    expect(differs('eyeBlinkLeft')).toBe(true);
    expect(alive.flat().every((value) => value <= 1)).toBe(true);
  });
});
