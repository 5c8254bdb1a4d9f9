import { beforeAll, expect, it } from 'vitest';
import { isMouthInterior, mouthRegion } from '../../src/avatar/mouth-region.js';
import { mouthPoses, rowOf } from '../../src/avatar/poses.js';
import { faceGeometry } from '../../src/avatar/geometry/face.js';
import { placementFor } from '../../src/avatar/geometry/pose.js';
import { describeWith } from '../tools.js';
import { changeBetween, Studio, type Image } from './pictures.js';

interface MouthMeasure {
  /** Lip corner to lip corner, in pixels, from the geometry. */
  readonly width: number;
  /** Tallest column of the inner mouth, in pixels, from the picture. */
  readonly height: number;
  /** Pixels of teeth in the picture. */
  readonly teeth: number;
}

function measure(name: keyof typeof mouthPoses, image: Image): MouthMeasure {
  const region = mouthRegion(image.width, image.height);
  let [height, teeth] = [0, 0];
  for (let x = region.x; x < region.x + region.width; x++) {
    let column = 0;
    for (let y = region.y; y < region.y + region.height; y++) {
      const [r = 0, g = 0, b = 0] = image.pixels.subarray((y * image.width + x) * 4);
      if (!isMouthInterior(r, g, b)) continue;
      column++;
      if (g > 165) teeth++;
    }
    height = Math.max(height, column);
  }
  return {
    width: faceGeometry(rowOf(mouthPoses[name]), placementFor(image.width, image.height)).mouth.width,
    height,
    teeth,
  };
}

const names = Object.keys(mouthPoses) as (keyof typeof mouthPoses)[];
const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
const everywhere = { left: -9999, top: -9999, right: 9999, bottom: 9999 };

describeWith(['canvas'], 'mouth and head poses at 720p', () => {
  let studio: Studio;
  const measures = new Map<string, MouthMeasure>();
  beforeAll(async () => {
    studio = await Studio.open();
    for (const name of names) measures.set(name, measure(name, studio.draw(mouthPoses[name])));
  });

  it.each(pairs)('%s and %s differ by 12 px of width, 8 px of height or 150 px of teeth', (a, b) => {
    const [one, two] = [measures.get(a), measures.get(b)];
    if (one === undefined || two === undefined) throw new Error('not measured');
    const steps = [
      Math.abs(one.width - two.width) / 12,
      Math.abs(one.height - two.height) / 8,
      Math.abs(one.teeth - two.teeth) / 150,
    ];
    expect(Math.max(...steps)).toBeGreaterThanOrEqual(1);
  });

  it('shows nothing of the inner mouth when closed, and teeth but little height for f', () => {
    expect(measures.get('closed')).toMatchObject({ height: 0, teeth: 0 });
    expect(measures.get('f')?.teeth).toBeGreaterThan(100);
    expect(measures.get('f')?.height).toBeLessThan((measures.get('ah')?.height ?? 0) / 3);
  });

  it.each([
    { yaw: 0.05 },
    { yaw: -0.05 },
    { pitch: 0.05 },
    { pitch: -0.05 },
    { roll: 0.05 },
    { roll: -0.05 },
  ])('%o moves the head', (pose) => {
    expect(changeBetween(studio.draw({}), studio.draw(pose), everywhere).count).toBeGreaterThan(3000);
  });

  it('turns to its own left, looks up and tilts as frame.ts says', () => {
    const placement = placementFor(1280, 720);
    const nose = (pose: object): { x: number; y: number } => faceGeometry(rowOf(pose), placement).nose.tip;
    const brow = (pose: object): { x: number; y: number } =>
      faceGeometry(rowOf(pose), placement).head.forehead;
    expect(nose({ yaw: 0.3 }).x).toBeGreaterThan(nose({}).x + 20);
    expect(nose({ pitch: 0.3 }).y).toBeLessThan(nose({}).y - 20);
    expect(brow({ roll: 0.2 }).x).toBeGreaterThan(brow({}).x + 20);
  });

  it('moves the nose further than the ears when the head turns', () => {
    const placement = placementFor(1280, 720);
    const [turned, straight] = [
      faceGeometry(rowOf({ yaw: 0.2 }), placement),
      faceGeometry(rowOf({}), placement),
    ];
    const stud = (turned.head.ears[1]?.stud.x ?? 0) - (straight.head.ears[1]?.stud.x ?? 0);
    expect(turned.nose.tip.x - straight.nose.tip.x).toBeGreaterThan(Math.abs(stud) * 3);
  });
});
