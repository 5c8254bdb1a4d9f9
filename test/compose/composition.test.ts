import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { DrawnFace } from '../../src/avatar/drawn-face.js';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import type { Renderer } from '../../src/avatar/renderer.js';
import { Composition, type CompositionOptions } from '../../src/compose/composition.js';
import type { Caption } from '../../src/compose/caption.js';
import { frameWidth } from '../../src/frame.js';
import type { PixelFormat } from '../../src/pixel-format.js';
import { CallbackRenderer } from '../../src/renderers/callback-renderer.js';
import type { Picture } from '../../src/sinks/sink.js';
import { describeWith, itLong } from '../tools.js';
import { at, expectColour, film, height, picturesOf, width, yuvOf } from '../renderers/film.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-compose-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = (ending: string): string => join(folder, `${files++}.${ending}`);

/** Four columns: a colour that is opaque, half there, hardly there and not there at all. */
const columns = [255, 128, 40, 0];
const colour = [200, 120, 40];

function striped(format: 'rgba' | 'bgra', alpha: 'straight' | 'premultiplied'): Renderer {
  return new CallbackRenderer({
    width,
    height,
    format,
    alpha,
    draw: ({ into }) => {
      for (let i = 0; i < width * height; i++) {
        const a = columns[Math.floor((4 * (i % width)) / width)];
        const [red, green, blue] = colour.map((c) => (alpha === 'straight' ? c : Math.round((c * a) / 255)));
        into.set(format === 'rgba' ? [red, green, blue, a] : [blue, green, red, a], 4 * i);
      }
    },
  });
}

const over = (a: number, behind: readonly number[]): number[] =>
  colour.map((c, i) => (c * a + behind[i] * (255 - a)) / 255);
const ways = [
  ['rgba', 'straight'],
  ['bgra', 'straight'],
  ['rgba', 'premultiplied'],
  ['bgra', 'premultiplied'],
] as const;

describeWith(['ffmpeg'], 'transparency in a film', () => {
  ways.forEach(([format, alpha], i) =>
    (i === 0 ? it : itLong)(`chroma: ${format}, ${alpha}, lies over the colour`, async () => {
      const path = file('mp4');
      const transparency = { mode: 'chroma', colour: '#0f0' } as const;
      await film(new Composition(striped(format, alpha), { transparency }), path, 0.4);
      for (const picture of await picturesOf(path)) {
        columns.forEach((a, i) =>
          expectColour(at(picture, (i + 0.5) * (width / 4), 90), yuvOf(over(a, [0, 255, 0])), `column ${i}`),
        );
      }
    }),
  );

  ways.forEach(([format, alpha], i) =>
    (i === 3 ? it : itLong)(`key and fill: ${format}, ${alpha}, side by side`, async () => {
      const path = file('mp4');
      await film(
        new Composition(striped(format, alpha), { transparency: { mode: 'key-and-fill' } }),
        path,
        0.4,
      );
      for (const picture of await picturesOf(path, 2 * width)) {
        columns.forEach((a, i) => {
          const x = (i + 0.5) * (width / 4);
          const fill = at(picture, x, 90, 2 * width);
          expectColour(fill, yuvOf(over(a, [0, 0, 0])), `fill ${i}`);
          const key = at(picture, width + x, 90, 2 * width);
          expectColour(key, [16 + (a * 219) / 255, 128, 128], `key ${i}`);
        });
      }
    }),
  );

  it('cuts the built-in face out', async () => {
    const face = new DrawnFace({ width, height, background: 'transparent' });
    const path = file('mp4');
    await film(new Composition(face, { transparency: { mode: 'key-and-fill' } }), path, 0.4);
    const [picture] = await picturesOf(path, 2 * width);
    expectColour(at(picture, 4, 4, 2 * width), [16, 128, 128], 'fill of the corner');
    expectColour(at(picture, width + 4, 4, 2 * width), [16, 128, 128], 'key of the corner');
    expectColour(at(picture, width + width / 2, height / 2, 2 * width), [235, 128, 128], 'key of the face');
    expect(at(picture, width / 2, height / 2, 2 * width)[0]).toBeGreaterThan(60);
  });
});

const grey = (format: PixelFormat): CallbackRenderer =>
  new CallbackRenderer({ width, height, format, draw: ({ into }) => void into.fill(128) });
const row = new Float32Array(frameWidth);
const moment = (frameIndex: number, isLive = false) => ({
  frameIndex,
  sampleIndex: 640 * frameIndex,
  sampleEnd: 640 * (frameIndex + 1),
  isLive,
});

async function still(renderer: Renderer, frame = 0): Promise<Buffer> {
  const picture = await renderer.draw(row, moment(frame));
  if (picture === undefined) throw new Error('no picture');
  const { yuv } = picture;
  const copy = Buffer.from(yuv ?? []);
  picture.release();
  return copy;
}

async function logoFile(ending: 'png' | 'jpg' | 'webp', size = 64): Promise<string> {
  const canvas = (await loadCanvas()).createCanvas(size, size);
  const context = canvas.getContext('2d');
  context.fillStyle = '#0060ff';
  context.fillRect(0, 0, size, size);
  const path = file(ending);
  const bytes =
    ending === 'png'
      ? canvas.toBuffer('image/png')
      : ending === 'jpg'
        ? canvas.toBuffer('image/jpeg', 95)
        : canvas.toBuffer('image/webp', 95);
  writeFileSync(path, bytes);
  return path;
}

describeWith(['canvas'], 'a logo', () => {
  it.each(['png', 'jpg', 'webp'] as const)('from %s, over pictures of every format', async (ending) => {
    const logo = { file: await logoFile(ending), width: 0.2, opacity: 0.5 } as const;
    for (const format of ['rgba', 'bgra', 'nv12', 'i420'] as const) {
      const composed = new Composition(grey(format), { logo });
      await composed.open();
      const picture = await still(composed);
      // Chroma of 128 is grey in all four, luma of YUV is not that of RGB.
      const back = format === 'nv12' || format === 'i420' ? [128, 128, 128] : yuvOf([128, 128, 128]);
      const blue = yuvOf([0, 0x60, 0xff]);
      const half = back.map((value, i) => (value + blue[i]) / 2);
      expectColour(at(picture, width - 20 - 12, 20), half, `${ending} over ${format}`);
      expectColour(at(picture, 20, 20), back, `beside the logo, ${format}`);
      await composed.close();
    }
  });

  it.each([
    ['top-left', 20, 20],
    ['bottom-left', 20, height - 20],
    ['bottom-right', width - 30, height - 20],
  ] as const)('stands %s', async (place, x, y) => {
    const logo = { file: await logoFile('png'), width: 0.2, place };
    const composed = new Composition(grey('rgba'), { logo });
    await composed.open();
    expectColour(at(await still(composed), x, y), yuvOf([0, 0x60, 0xff]), place);
    await composed.close();
  });

  it('is opaque in a key', async () => {
    const inner = new CallbackRenderer({ width, height, draw: ({ into }) => void into.fill(0) });
    const logo = { file: await logoFile('png'), width: 0.2 };
    const composed = new Composition(inner, { logo, transparency: { mode: 'key-and-fill' } });
    await composed.open();
    const picture = await still(composed);
    expectColour(at(picture, width - 30, 20, 2 * width), yuvOf([0, 0x60, 0xff]), 'fill');
    expectColour(at(picture, 2 * width - 30, 20, 2 * width), [235, 128, 128], 'key');
    expectColour(at(picture, width + 20, 20, 2 * width), [16, 128, 128], 'key beside it');
    await composed.close();
  });

  it('that cannot be read is told', async () => {
    const composed = new Composition(grey('rgba'), { logo: { file: join(folder, 'none.png') } });
    await expect(composed.open()).rejects.toMatchObject({
      code: 'ERR_INPUT_UNREADABLE',
      message: expect.stringContaining('the logo') as string,
    });
    await composed.close();
  });
});

/** Rows of the picture that are not all of one luma. */
function drawnRows(picture: Buffer): number[] {
  return Array.from({ length: height }, (_, y) => y).filter((y) => {
    const luma = picture.subarray(y * width, (y + 1) * width);
    return luma.some((value) => value !== luma[0]);
  });
}

describeWith(['canvas'], 'subtitles in a picture', () => {
  async function written(caption: Caption, options: Partial<CompositionOptions> = {}): Promise<Buffer> {
    const composed = new Composition(grey('i420'), { subtitles: { at: () => caption }, ...options });
    await composed.open();
    const picture = await still(composed);
    await composed.close();
    return picture;
  }

  it('stand low, inside the safe area, two lines at a time', async () => {
    const one = drawnRows(await written({ text: 'Hello there', said: 0 }));
    const long = 'A clause that is far too long for one line of such a small picture, and for two';
    const two = drawnRows(await written({ text: long, said: 0 }));
    expect(one.length).toBeGreaterThan(8);
    expect(two.length).toBeGreaterThan(1.6 * one.length);
    expect(two.length).toBeLessThan(2.4 * one.length);
    for (const rows of [one, two]) {
      expect(Math.max(...rows)).toBeLessThan(0.95 * height);
      expect(Math.min(...rows)).toBeGreaterThan(0.7 * height);
    }
    // The lines that follow are shown with their words.
    const rest = await written({ text: long, said: long.length });
    expect(rest.equals(await written({ text: long, said: 10 }))).toBe(false);
  });

  it('dim what is still to be said', async () => {
    const bright = (picture: Buffer): number =>
      picture.subarray(0, width * height).filter((luma) => luma > 220).length;
    const text = 'Hello there my friend';
    const counts = [];
    for (const said of [0, 5, 11, 14, 21]) counts.push(bright(await written({ text, said })));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBe(5);
    expect(counts[0]).toBe(0);
    const plain = { captionStyle: { highlight: 'none' } } as const;
    expect(bright(await written({ text, said: 0 }, plain))).toBe(counts[4]);
  });

  it('without times of words have up to four lines, all white', async () => {
    const text =
      'A clause that is far too long for one line of such a small picture, and even for two or three of them together';
    const whole = drawnRows(await written({ text, said: undefined }));
    expect(whole.length).toBeGreaterThan(1.3 * drawnRows(await written({ text, said: 0 })).length);
  });

  it('of strangers harm nobody', async () => {
    for (const text of [
      'e' + '\u0301'.repeat(1900),
      '\u202e'.repeat(50) + 'x',
      'W'.repeat(100_000),
      '\ud83d'.repeat(300),
      'שלום עולם '.repeat(30),
      '😀'.repeat(500),
    ]) {
      const rows = drawnRows(await written({ text, said: 3 }));
      expect(Math.max(...rows)).toBeLessThan(0.95 * height);
      expect(Math.min(...rows)).toBeGreaterThan(0.6 * height);
    }
  });

  it('of a source that fails are a failure of drawing', async () => {
    const at = (): never => {
      throw new Error('no idea');
    };
    await expect(written({ text: '', said: 0 }, { subtitles: { at } })).rejects.toThrow('no idea');
  });

  it('are nothing where nothing is to be read', async () => {
    for (const text of ['', '   ', '\u0000\n\u202e'])
      expect(drawnRows(await written({ text, said: 0 }))).toEqual([]);
  });

  it('say once which letters no font has', async () => {
    const warnings: string[] = [];
    // Rare Chinese letters of Unicode 15.1, which the fonts of an ordinary machine do not have.
    const onWarning = (message: string): void => void warnings.push(message);
    await written({ text: 'A \u{2ebf0}\u{2ebf1}', said: 0 }, { onWarning });
    expect(warnings).toEqual([
      expect.stringMatching(/no font here has \u{2ebf0}\u{2ebf1}, so subtitles show boxes/u),
    ]);
  });

  it('go on when the renderer has no picture', async () => {
    let caption: Caption | undefined;
    let fails = false;
    const inner = new CallbackRenderer({
      width,
      height,
      format: 'i420',
      draw: ({ into }) => {
        if (fails) throw new Error('out of paint');
        into.fill(128);
      },
    });
    const composed = new Composition(inner, { subtitles: { at: () => caption } });
    await composed.open();
    expect(drawnRows(await still(composed, 0))).toEqual([]);
    fails = true;
    expect(await composed.draw(row, moment(1))).toBeUndefined();
    caption = { text: 'Still here', said: 0 };
    expect(drawnRows(await still(composed, 2)).length).toBeGreaterThan(8);
    expect(await composed.draw(row, moment(3))).toBeUndefined();
    caption = undefined;
    expect(drawnRows(await still(composed, 4))).toEqual([]);
    await composed.close();
  });
});

describe('Composition', () => {
  it('gives every buffer back, and pictures in their order', async () => {
    const inner = new CallbackRenderer({
      width,
      height,
      format: 'bgra',
      concurrency: 4,
      draw: async ({ into, frameIndex }) => {
        await new Promise((resolve) => setTimeout(resolve, frameIndex % 2 === 0 ? 5 : 0));
        into.fill(Math.max(0, frameIndex));
      },
    });
    const composed = new Composition(inner, { transparency: { mode: 'chroma' }, buffers: 4 });
    await composed.open();
    const order: number[] = [];
    const held: Picture[] = [];
    const drawing = Array.from({ length: 8 }, async (_, frame) => {
      const picture = await composed.draw(row, moment(frame));
      order.push(frame);
      if (picture !== undefined) held.push(picture);
      // The fifth waits for one of these.
      while (held.length >= 4) held.shift()?.release();
    });
    await Promise.all(drawing);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const picture of held) picture.release();
    await composed.close();
  });

  it('does not take a picture of another size than its renderer said', async () => {
    const inner = {
      width: 64,
      height: 64,
      open: async () => undefined,
      close: async () => undefined,
      draw: async () => ({
        width: 32,
        height: 64,
        pixels: new Uint8Array(4 * 32 * 64),
        retain: () => undefined,
        release: () => undefined,
      }),
    };
    const composed = new Composition(inner, {});
    await composed.open();
    await expect(composed.draw(row, moment(0))).rejects.toMatchObject({ code: 'ERR_STATE' });
    await composed.close();
  });

  it.each([
    ['odd size', new DrawnFace({ width: 65, height: 64 }), {}],
    ['no alpha', grey('i420'), { transparency: { mode: 'chroma' } }],
    ['a colour', grey('rgba'), { transparency: { mode: 'chroma', colour: 'green' } }],
    ['a place', grey('rgba'), { logo: { file: 'x', place: 'middle' as 'top-left' } }],
    ['an opacity', grey('rgba'), { logo: { file: 'x', opacity: 2 } }],
    ['a size', grey('rgba'), { captionStyle: { size: 1 } }],
    ['a font', grey('rgba'), { captionStyle: { font: '12px; evil' } }],
    ['a highlight', grey('rgba'), { captionStyle: { highlight: 'no' as 'none' } }],
  ] satisfies [string, Renderer, CompositionOptions][])('refuses %s', (_, renderer, options) => {
    expect(() => new Composition(renderer, options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error,
    );
  });
});
