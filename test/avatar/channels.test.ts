import { beforeAll, expect, it } from 'vitest';
import { arkitNames, type ArkitName } from '../../src/frame.js';
import { describeWith } from '../tools.js';
import {
  asymmetry,
  changeBetween,
  changeMismatch,
  changesFrom,
  Studio,
  type DesignBox,
  type Image,
} from './pictures.js';

const box = (left: number, top: number, right: number, bottom: number): DesignBox => ({
  left,
  top,
  right,
  bottom,
});
const eye = box(15, -90, 125, 45);
const brow = box(8, -92, 112, -25);
const mouth = box(-95, 60, 95, 205);
const lowerFace = box(-150, 15, 150, 310);
const cheekAndMouth = box(-90, -20, 150, 175);

/** Where each channel may show; sided ones as on the character's left (x > 0), mirrored for the right. */
const regions: Record<string, DesignBox> = {
  eyeBlink: eye, eyeLookDown: eye, eyeLookIn: eye, eyeLookOut: eye, eyeLookUp: eye, eyeSquint: eye, eyeWide: eye,
  jawForward: lowerFace, jawLeft: lowerFace, jawRight: lowerFace, jawOpen: lowerFace,
  mouthClose: mouth, mouthFunnel: mouth, mouthPucker: lowerFace, mouthLeft: mouth, mouthRight: mouth,
  mouthSmile: cheekAndMouth, mouthFrown: mouth, mouthDimple: mouth, mouthStretch: mouth,
  mouthRollLower: mouth, mouthRollUpper: mouth, mouthShrugLower: lowerFace, mouthShrugUpper: mouth, mouthPress: mouth,
  mouthLowerDown: mouth, mouthUpperUp: mouth,
  browDown: brow, browInnerUp: box(-112, -92, 112, -25), browOuterUp: brow,
  cheekPuff: box(-155, 10, 155, 190), cheekSquint: box(10, -40, 145, 125), noseSneer: box(-60, -15, 130, 140), tongueOut: mouth,
}; // prettier-ignore

/** Channels that this face cannot show, with the reason. */
const invisible: Partial<Record<ArkitName, string>> = {};

const sideless = new Set<string>(['jawLeft', 'jawRight', 'mouthLeft', 'mouthRight']);
const stemOf = (name: string): string => (sideless.has(name) ? name : name.replace(/(Left|Right)$/, ''));
const flipped = (area: DesignBox): DesignBox => ({ ...area, left: -area.right, right: -area.left });

function regionOf(name: ArkitName): DesignBox {
  const region = regions[stemOf(name)];
  if (region === undefined) throw new Error(`no region for ${name}`);
  return name.endsWith('Right') && !sideless.has(name) ? flipped(region) : region;
}

describeWith(['canvas'], 'the 52 channels', () => {
  let studio: Studio;
  let neutral: Image;
  beforeAll(async () => {
    studio = await Studio.open();
    neutral = studio.draw({});
  });

  it('can all show, but for at most three', () => {
    expect(Object.keys(invisible)).toEqual([]);
  });

  it.each(arkitNames.filter((name) => invisible[name] === undefined))('%s changes its own region', (name) => {
    const change = changeBetween(neutral, studio.draw({ [name]: 1 }), regionOf(name));
    expect(change.count).toBeGreaterThan(100);
    expect(change.inside / change.count).toBeGreaterThan(0.98);
  });

  const lefts = arkitNames.filter((name) => name.endsWith('Left') && !sideless.has(name));
  it.each(lefts)('%s shows on the character’s left, which is the right of the picture', (name) => {
    const left = changeBetween(neutral, studio.draw({ [name]: 1 }), regionOf(name));
    expect(left.meanX).toBeGreaterThan(8);
  });

  // The hair is parted on one side on purpose, so the comparison stays below the fringe.
  it('has a symmetric neutral face', () => {
    expect(asymmetry(neutral, 108, -30, 176)).toBe(0);
    expect(asymmetry(neutral, 90, -50, 176)).toBe(0);
    expect(asymmetry(studio.draw({ eyeBlinkLeft: 1 }), 108, -30, 176)).toBeGreaterThan(0);
  });

  it.each([...lefts, 'jawLeft', 'mouthLeft'] as ArkitName[])('%s is the mirror of its right twin', (name) => {
    const left = changesFrom(neutral, studio.draw({ [name]: 1 }));
    const right = changesFrom(neutral, studio.draw({ [name.replace(/Left$/, 'Right')]: 1 }));
    // A raised brow's outer end comes into the shadow of the one-sided fringe.
    const tolerance = name === 'browOuterUpLeft' ? 0.04 : 0.01;
    expect(changeMismatch(left, right, neutral.width, true)).toBeLessThan(tolerance);
    expect(changeMismatch(left, right, neutral.width, false)).toBeGreaterThan(0.2);
  });

  it('moves the jaw and mouth to the side they are named for', () => {
    const area = (image: Image): number => changeBetween(neutral, image, regionOf('jawOpen')).meanX;
    expect(area(studio.draw({ mouthLeft: 1 }))).toBeGreaterThan(area(studio.draw({ mouthRight: 1 })));
    expect(area(studio.draw({ jawLeft: 1 }))).toBeGreaterThan(area(studio.draw({ jawRight: 1 })));
  });
});
