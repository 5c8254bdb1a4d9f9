import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { DrawnFace } from '../../src/avatar/drawn-face.js';
import { rowOf } from '../../src/avatar/poses.js';
import { describeWith } from '../tools.js';

const size = { width: 640, height: 360 } as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-background-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The colour of a pixel of a face at rest. */
async function colours(options: object, ...places: [number, number][]): Promise<number[][]> {
  const face = new DrawnFace({ ...size, ...options });
  try {
    await face.open();
    const picture = await face.draw(rowOf({}));
    const { pixels } = picture;
    const found = places.map(([x, y]) => [
      ...pixels.slice(4 * (y * size.width + x), 4 * (y * size.width + x) + 3),
    ]);
    picture.release();
    return found;
  } finally {
    await face.close();
  }
}

describeWith(['canvas'], 'an image behind the face', () => {
  it.each(['image/png', 'image/jpeg', 'image/webp'] as const)(
    'covers the picture, cut to its middle: %s',
    async (type) => {
      const { createCanvas } = await loadCanvas();
      // Four times as wide as high: red, then green, then blue in the last eighth, which is cut off.
      const canvas = createCanvas(400, 100);
      const context = canvas.getContext('2d');
      for (const [colour, from] of [
        ['#e01010', 0],
        ['#10c010', 200],
        ['#1010e0', 350],
      ] as const) {
        context.fillStyle = colour;
        context.fillRect(from, 0, 400 - from, 100);
      }
      const file = join(folder, type.replace('/', '.'));
      await writeFile(file, await canvas.encode(type.slice(6) as 'webp', 100));
      const [left, right] = await colours({ backgroundImage: file, background: '#ffffff' }, [2, 2], [637, 2]);
      expect(left?.[0]).toBeGreaterThan(200);
      expect(left?.[1]).toBeLessThan(50);
      expect(right?.[1]).toBeGreaterThan(160);
      expect(right?.[2]).toBeLessThan(50);
    },
  );

  it('lets the studio through where it is clear', async () => {
    const { createCanvas } = await loadCanvas();
    const file = join(folder, 'clear.png');
    await writeFile(file, createCanvas(64, 36).toBuffer('image/png'));
    expect(await colours({ backgroundImage: file }, [2, 2])).toEqual(await colours({}, [2, 2]));
  });

  it('that cannot be read is named', async () => {
    const garbage = join(folder, 'garbage.png');
    await writeFile(garbage, 'this is no picture');
    for (const backgroundImage of [garbage, join(folder, 'missing.png'), folder]) {
      await expect(colours({ backgroundImage })).rejects.toMatchObject({
        code: 'ERR_INPUT_UNREADABLE',
        message: expect.stringContaining(backgroundImage) as string,
      });
    }
  });
});
