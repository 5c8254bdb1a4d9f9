import { describe, expect, it } from 'vitest';

import { loadAddon } from '../../src/media/load-addon.js';
import { codeOf } from '../code-of.js';
import { randomNumbers } from '../sinks/synthetic.js';

const { availableKernels, video } = loadAddon();
const [width, height] = [40, 6];
const rgba = (): Uint8Array => new Uint8Array(4 * width * height);
const yuv = (columns = width): Uint8Array => new Uint8Array((columns * height * 3) / 2);
const overlay = (): Uint8Array => new Uint8Array((width * height * 11) / 4);

describe('composing pictures in the addon', () => {
  it('is the same with every kernel table, beside what is not touched', () => {
    const random = randomNumbers(11);
    const pixels = rgba().map(() => 256 * random());
    for (const order of [0, 1]) {
      for (const alpha of [0, 1, 2]) {
        const [first, ...others] = availableKernels.map((table) => {
          const out = yuv(2 * width).fill(7);
          video.compose(pixels, width, height, order, alpha, 0x123456, out, 2 * width, width, table);
          return out;
        });
        for (const other of others) expect(other).toEqual(first);
        expect(first.subarray(0, width).every((luma) => luma === 7)).toBe(true);
      }
    }
  });

  // What is too small must be refused: the addon writes into it without looking.
  it.each<[string, () => void]>([
    ['few pixels', () => video.compose(new Uint8Array(8), width, height, 0, 0, 0, yuv(), width, 0)],
    ['an order', () => video.compose(rgba(), width, height, 2, 0, 0, yuv(), width, 0)],
    ['an alpha', () => video.compose(rgba(), width, height, 0, 3, 0, yuv(), width, 0)],
    ['a colour', () => video.compose(rgba(), width, height, 0, 0, 1 << 24, yuv(), width, 0)],
    ['a short target', () => video.compose(rgba(), width, height, 0, 0, 0, new Uint8Array(9), width, 0)],
    ['a narrow target', () => video.compose(rgba(), width, height, 0, 0, 0, yuv(), width - 2, 0)],
    ['a column outside', () => video.compose(rgba(), width, height, 0, 0, 0, yuv(), width, 2)],
    ['an odd column', () => video.compose(rgba(), width, height, 0, 0, 0, yuv(2 * width), 2 * width, 1)],
    ['an odd width', () => video.compose(rgba(), width - 1, height, 0, 0, 0, yuv(), width, 0)],
    ['an unknown table', () => video.compose(rgba(), width, height, 0, 0, 0, yuv(), width, 0, 'mmx')],
    ['few pixels of a key', () => video.key(new Uint8Array(8), width, height, yuv(), width, 0)],
    ['a column of a key', () => video.key(rgba(), width, height, yuv(), width, 2)],
    ['a short NV12', () => video.fromNv12(new Uint8Array(8), width, height, yuv())],
    ['a short target of NV12', () => video.fromNv12(yuv(), width, height, new Uint8Array(8))],
    ['a short overlay', () => video.overlay(rgba(), width, height, new Uint8Array(8))],
    ['few pixels of an overlay', () => video.overlay(new Uint8Array(8), width, height, overlay())],
    ['an overlay outside', () => video.put(overlay(), width, height, yuv(), width, height, 2, 0, false)],
    ['an overlay below', () => video.put(overlay(), width, height, yuv(), width, height, 0, 2, false)],
    ['an overlay too large', () => video.put(overlay(), width, height, yuv(), width - 2, height, 0, 0, true)],
    ['bytes of an overlay', () => video.put(rgba().subarray(9), 80, 6, yuv(80), 80, 6, 0, 0, true)],
    [
      'a target of an overlay',
      () => video.put(overlay(), width, height, rgba().subarray(950), width, height, 0, 0, true),
    ],
  ])('refuses %s', (_, call) => {
    expect(codeOf(call)).toBe('ERR_OPTION_INVALID');
  });
});
