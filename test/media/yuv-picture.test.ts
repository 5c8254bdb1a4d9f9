import { describe, expect, it } from 'vitest';

import { loadAddon } from '../../src/media/load-addon.js';
import { convertToYuv, yuvBytes } from '../../src/yuv-picture.js';
import { codeOf } from '../code-of.js';
import { randomNumbers } from '../sinks/synthetic.js';

const width = 70;
const height = 24;
const random = randomNumbers(5);
const rgba = Uint8Array.from({ length: width * height * 4 }, () => random() * 256);
const everything = { x: 0, y: 0, width, height };

describe('a picture in YUV', () => {
  it('has the same bytes from every table', () => {
    const pictures = loadAddon().availableKernels.map((table) => {
      const out = new Uint8Array(yuvBytes(width, height));
      loadAddon().video.toYuv420(rgba, width, height, 0, 0, width, height, out, table);
      return out;
    });
    expect(pictures.length).toBeGreaterThan(0);
    for (const picture of pictures) expect(picture).toEqual(pictures[0]);
  });

  it('is brought up to date part by part', () => {
    const whole = new Uint8Array(yuvBytes(width, height));
    convertToYuv(rgba, width, height, everything, whole);
    const parts = new Uint8Array(whole.length);
    for (let x = 0; x < width; x += 7)
      for (let y = 0; y < height; y += 5)
        convertToYuv(rgba, width, height, { x, y, width: 7, height: Math.min(5, height - y) }, parts);
    expect(parts).toEqual(whole);
  });

  it('is refused where it would not fit', () => {
    const out = new Uint8Array(yuvBytes(width, height));
    const refused = (...args: Parameters<typeof convertToYuv>): unknown =>
      codeOf(() => convertToYuv(...args));
    expect([
      refused(rgba, 71, 24, everything, out),
      refused(rgba, 70, 0, everything, out),
      refused(rgba, 70, 26, everything, out),
      refused(rgba, width, height, { ...everything, x: 1 }, out),
      refused(rgba, width, height, { ...everything, y: -1 }, out),
      refused(rgba, width, height, everything, out.subarray(1)),
      refused(rgba.subarray(1), width, height, everything, out),
    ]).toEqual(Array(7).fill('ERR_OPTION_INVALID'));
  });
});
