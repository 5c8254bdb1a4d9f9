import { beforeAll, expect, it } from 'vitest';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { FramePainter, type Slot } from '../../src/avatar/frame-painter.js';
import { frameWidth } from '../../src/frame.js';
import { mouthPoses, moods, rowOf } from '../../src/avatar/poses.js';
import { describeWith } from '../tools.js';
import { Studio, type Image } from './pictures.js';

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b);

function alphaAt(image: Image, x: number, y: number): number | undefined {
  return image.pixels[(y * image.width + x) * 4 + 3];
}

describeWith(['canvas'], 'FramePainter', () => {
  let canvas: Awaited<ReturnType<typeof loadCanvas>>;
  beforeAll(async () => {
    canvas = await loadCanvas();
  });

  it('gives the same pixels for the same row, whatever was drawn before', async () => {
    const [one, two] = [await Studio.open(), await Studio.open()];
    const all = [...Object.values(moods), ...Object.values(mouthPoses)];
    const first = all.map((sketch) => one.draw(sketch).pixels);
    const backwards = [...all]
      .reverse()
      .map((sketch) => two.draw(sketch).pixels)
      .reverse();
    expect(first.map((pixels, i) => same(pixels, backwards[i] ?? new Uint8Array()))).toEqual(
      all.map(() => true),
    );
  });

  it('leaves nothing of an earlier head in a buffer that comes round again', () => {
    const painter = new FramePainter(canvas, 640, 360, 'studio');
    const slots = [0, 1, 2].map((): Slot => ({ pixels: new Uint8Array(640 * 360 * 4), painted: undefined }));
    const fresh: Slot = { pixels: new Uint8Array(640 * 360 * 4), painted: undefined };
    for (let i = 0; i < 9; i++) {
      const row = rowOf({ yaw: Math.sin(i * 2) * 0.4, roll: Math.cos(i * 3) * 0.4, jawOpen: (i % 3) / 2 });
      const slot = slots[i % 3] ?? fresh;
      painter.paint(row, slot);
      fresh.painted = undefined;
      painter.paint(row, fresh);
      expect(same(slot.pixels, fresh.pixels)).toBe(true);
    }
  });

  it('is clear around the character on a transparent ground, and solid on it', async () => {
    const image = (await Studio.open(1280, 720, 'transparent')).draw({});
    expect(alphaAt(image, 5, 5)).toBe(0);
    expect(alphaAt(image, 1270, 300)).toBe(0);
    expect(alphaAt(image, 640, 300)).toBe(255);
    expect(alphaAt(image, 640, 700)).toBe(255);
    const partly = image.pixels.filter((value, i) => i % 4 === 3 && value > 0 && value < 255).length;
    expect(partly).toBeGreaterThan(500);
  });

  it('fills a plain colour exactly', async () => {
    const image = (await Studio.open(640, 360, '#10a040')).draw({ yaw: 0.4 });
    expect([...image.pixels.subarray(0, 4)]).toEqual([16, 160, 64, 255]);
  });

  it.each([[1280, 720], [1920, 1080], [640, 360], [853, 481], [480, 854], [64, 64]])('draws at %i × %i', async (width, height) => {
    const studio = await Studio.open(width, height);
    const [rest, open] = [studio.draw({}), studio.draw({ jawOpen: 1, yaw: 0.3 })];
    expect(rest.pixels.length).toBe(width * height * 4);
    expect(rest.pixels.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    expect(same(rest.pixels, open.pixels)).toBe(false);
  }); // prettier-ignore

  it('draws rows with bad numbers as the nearest good ones', () => {
    const painter = new FramePainter(canvas, 640, 360, 'studio');
    const draw = (row: Float32Array): Uint8Array => {
      const slot: Slot = { pixels: new Uint8Array(640 * 360 * 4), painted: undefined };
      painter.paint(row, slot);
      return slot.pixels;
    };
    const neutral = draw(new Float32Array(frameWidth));
    expect(same(draw(new Float32Array(frameWidth).fill(NaN)), neutral)).toBe(true);
    expect(same(draw(rowOf({ jawOpen: 7 })), draw(rowOf({ jawOpen: 1 })))).toBe(true);
    expect(same(draw(rowOf({ jawOpen: -3 })), neutral)).toBe(true);
    expect(same(draw(rowOf({ yaw: 9 })), draw(rowOf({ yaw: 0.5 })))).toBe(true);
  });
});
