import { describe, expect, it } from 'vitest';
import { addFaceAction, faceActionOf, faceActions } from '../../src/avatar/face-actions.js';
import { poseLimit } from '../../src/avatar/geometry/expression.js';
import { rowOf, type PoseSketch } from '../../src/avatar/poses.js';
import { arkitIndex, frameWidth, pitchIndex, rollIndex, weightCount, yawIndex } from '../../src/frame.js';
import { describeWith } from '../tools.js';
import { differenceAt, Studio, type Image } from './pictures.js';

const all = Object.entries(faceActions);
const rowAt = (name: string, atMs: number, strength?: number): Float32Array => {
  const row = new Float32Array(frameWidth);
  const action = faceActionOf(name);
  if (action !== undefined) addFaceAction(row, action, atMs, strength);
  return row;
};

describe('the actions of the face', () => {
  it.each(all)(
    '%s begins and ends at rest, without a jump, within what the face can show',
    (name, action) => {
      const { durationMs } = action;
      const frames = Array.from({ length: Math.ceil(durationMs / 40) + 2 }, (_, n) => rowAt(name, n * 40));
      for (const rest of [frames[0], frames.at(-1), rowAt(name, durationMs)])
        expect(rest?.every((value) => value === 0)).toBe(true);
      frames.forEach((row, n) =>
        row.forEach((value, column) => {
          const isPose = column >= weightCount;
          const change = Math.abs(value - (frames[n - 1]?.[column] ?? 0));
          // A wink is as fast as an eyelid.
          expect(change).toBeLessThan(isPose ? 0.07 : name === 'wink' ? 0.55 : 0.25);
          if (!isPose) expect(value).toBeGreaterThanOrEqual(0);
        }),
      );
      const most = (column: number): number => Math.max(...frames.map((row) => Math.abs(row[column] ?? 0)));
      // The sway of idle life comes on top.
      expect(most(yawIndex)).toBeLessThan(poseLimit.yaw);
      expect(most(pitchIndex)).toBeLessThan(poseLimit.pitch);
      expect(most(rollIndex)).toBeLessThan(poseLimit.roll);
    },
  );

  it('leave the lips free to open and close', () => {
    const free = /^(jaw|tongue|mouth(?!Smile))/;
    for (const [, { curves }] of all)
      expect(Object.keys(curves).filter((name) => free.test(name))).toEqual([]);
    for (const [, { curves }] of all) {
      const smile =
        (curves as Record<string, readonly (readonly [number, number])[]>)['mouthSmileLeft'] ?? [];
      expect(Math.max(0, ...smile.map(([, value]) => value))).toBeLessThanOrEqual(0.36);
    }
  });

  it('are added to what is there, up to 1, and as strongly as they are told', () => {
    const row = rowOf({ eyeBlinkLeft: 0.4, jawOpen: 0.5, yaw: 0.1 });
    addFaceAction(row, faceActions.wink, 200);
    expect(row[arkitIndex.eyeBlinkLeft]).toBe(1);
    expect(row[arkitIndex.jawOpen]).toBeCloseTo(0.5);
    expect(row[yawIndex]).toBeCloseTo(0.1);
    expect(rowAt('bow', 700, 0.5)[pitchIndex]).toBeCloseTo(-0.18);
  });

  it('are found in any case, and nothing else is', () => {
    expect(faceActionOf(' Nod ')).toBe(faceActions.nod);
    for (const name of ['wave', '', 'toString', '__proto__']) expect(faceActionOf(name)).toBeUndefined();
  });
});

describeWith(['canvas'], 'the actions of the face in pictures', () => {
  it('are seen: at its middle each differs from a face at rest, and from every other', async () => {
    const studio = await Studio.open(640, 360);
    const draw = (row: Float32Array): Image => {
      const names = Object.entries(arkitIndex).map(([name, column]) => [name, row[column]]);
      const pose = { yaw: row[yawIndex] ?? 0, pitch: row[pitchIndex] ?? 0, roll: row[rollIndex] ?? 0 };
      return studio.draw({ ...(Object.fromEntries(names) as PoseSketch), ...pose });
    };
    const differing = (a: Image, b: Image): number => {
      let count = 0;
      for (let i = 0; i < a.pixels.length; i += 4) if (differenceAt(a, i, b, i) > 24) count++;
      return count;
    };
    const rest = draw(new Float32Array(frameWidth));
    const pictures = all.map(([name, { durationMs }]) => ({
      name,
      image: draw(rowAt(name, name === 'shake_head' ? 240 : name === 'nod' ? 240 : durationMs * 0.45)),
    }));
    for (const { name, image } of pictures) {
      expect([name, differing(image, rest)]).toSatisfy(([, count]: [string, number]) => count > 150);
      for (const other of pictures) {
        if (other.name === name) continue;
        expect([name, other.name, differing(image, other.image)]).toSatisfy(
          ([, , count]: [string, string, number]) => count > 100,
        );
      }
    }
  });
});
