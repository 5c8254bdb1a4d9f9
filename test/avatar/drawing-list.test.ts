import { describe, expect, it } from 'vitest';
import { DrawingList } from '../../src/avatar/drawing-list.js';
import { PictureDrawer } from '../../src/picture-drawer.js';
import { codeOf } from '../code-of.js';

const [width, height] = [40, 30];
const whole = { x: 0, y: 0, width, height };

/** Draws what `tell` notes on white. */
function drawn(tell: (list: DrawingList) => void, overlay = new Uint8Array(width * height * 4)): Uint8Array {
  const drawer = new PictureDrawer(width, height, new Uint8Array(width * height * 4).fill(255), overlay);
  const list = new DrawingList();
  tell(list);
  const out = new Uint8Array(width * height * 4);
  drawer.draw(list.numbers, list.count, whole, out);
  return out;
}

function at(pixels: Uint8Array, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

function rectangle(list: DrawingList, x: number, y: number, right: number, bottom: number): void {
  list.beginPath();
  list.moveTo(x, y);
  list.lineTo(right, y);
  list.lineTo(right, bottom);
  list.lineTo(x, bottom);
}

describe('DrawingList', () => {
  it('fills what is inside, and pixels that are half inside by half', () => {
    const pixels = drawn((list) => {
      list.fillStyle = '#ff0000';
      rectangle(list, 10, 5, 20.5, 15);
      list.fill();
    });
    expect(at(pixels, 10, 5)).toEqual([255, 0, 0, 255]);
    expect(at(pixels, 20, 14)).toEqual([255, 127, 127, 255]);
    expect(at(pixels, 9, 5)).toEqual([255, 255, 255, 255]);
    expect(at(pixels, 12, 15)).toEqual([255, 255, 255, 255]);
  });

  it('covers the area of an ellipse', () => {
    const pixels = drawn((list) => {
      list.fillStyle = '#000000';
      list.beginPath();
      list.ellipse(20, 15, 12, 9);
      list.fill();
    });
    let dark = 0;
    for (let i = 0; i < pixels.length; i += 4) dark += (255 - (pixels[i] ?? 0)) / 255;
    expect(Math.abs(dark - Math.PI * 12 * 9)).toBeLessThan(1);
  });

  it('moves and stretches by translate() and scale(), and restore() takes that back', () => {
    const pixels = drawn((list) => {
      list.fillStyle = '#0000ff';
      list.save();
      list.translate(10, 10);
      list.scale(2, 1);
      rectangle(list, 1, 1, 3, 3);
      list.fill();
      list.restore();
      rectangle(list, 0, 0, 1, 1);
      list.fill();
    });
    expect(at(pixels, 12, 11)).toEqual([0, 0, 255, 255]);
    expect(at(pixels, 15, 12)).toEqual([0, 0, 255, 255]);
    expect(at(pixels, 16, 12)).toEqual([255, 255, 255, 255]);
    expect(at(pixels, 0, 0)).toEqual([0, 0, 255, 255]);
  });

  it('gives styles back with restore()', () => {
    const pixels = drawn((list) => {
      list.fillStyle = '#ff0000';
      list.save();
      list.fillStyle = '#00ff00';
      list.restore();
      rectangle(list, 0, 0, 2, 2);
      list.fill();
    });
    expect(at(pixels, 1, 1)).toEqual([255, 0, 0, 255]);
  });

  it('strokes open lines with round ends', () => {
    const pixels = drawn((list) => {
      list.strokeStyle = '#000000';
      list.lineWidth = 4;
      list.beginPath();
      list.moveTo(10, 10);
      list.lineTo(30, 10);
      list.stroke();
    });
    expect(at(pixels, 20, 8)).toEqual([0, 0, 0, 255]);
    expect(at(pixels, 20, 12)).toEqual([255, 255, 255, 255]);
    expect(at(pixels, 31, 9)[0]).toBeLessThan(60);
    expect(at(pixels, 33, 9)).toEqual([255, 255, 255, 255]);
    // The corner of a square end would be dark.
    expect(at(pixels, 31, 8)[0]).toBeGreaterThan(60);
  });

  it('draws only inside the clip, until restore()', () => {
    const pixels = drawn((list) => {
      list.save();
      rectangle(list, 10, 10, 20, 20);
      list.clip();
      list.save();
      rectangle(list, 0, 0, 15, 30);
      list.clip();
      rectangle(list, 0, 0, 40, 30);
      list.fillStyle = '#00ff00';
      list.fill();
      list.restore();
      rectangle(list, 0, 0, 40, 12);
      list.fillStyle = '#ff0000';
      list.fill();
      list.restore();
      list.fillStyle = '#ff0000';
      rectangle(list, 0, 0, 2, 2);
      list.fill();
    });
    expect(at(pixels, 12, 15)).toEqual([0, 255, 0, 255]);
    expect(at(pixels, 17, 15)).toEqual([255, 255, 255, 255]);
    expect(at(pixels, 17, 11)).toEqual([255, 0, 0, 255]);
    expect(at(pixels, 9, 11)).toEqual([255, 255, 255, 255]);
    expect(at(pixels, 1, 1)).toEqual([255, 0, 0, 255]);
  });

  it('shades along a linear and a radial gradient', () => {
    const pixels = drawn((list) => {
      const along = list.createLinearGradient(0, 0, 40, 0);
      along.addColorStop(0, '#000000');
      along.addColorStop(1, '#c8c8c8');
      list.fillStyle = along;
      rectangle(list, 0, 0, 40, 10);
      list.fill();
      const around = list.createRadialGradient(20, 20, 0, 20, 20, 8);
      around.addColorStop(0, 'rgba(255, 0, 0, 1.0000)');
      around.addColorStop(1, 'rgba(255, 0, 0, 0.0000)');
      list.fillStyle = around;
      rectangle(list, 0, 10, 40, 30);
      list.fill();
    });
    for (const x of [0, 10, 39]) expect(at(pixels, x, 4)[0]).toBeCloseTo((200 * (x + 0.5)) / 40, -0.4);
    expect(at(pixels, 20, 20)[1]).toBeLessThan(30);
    expect(at(pixels, 24, 20)[1]).toBeGreaterThan(110);
    expect(at(pixels, 30, 20)).toEqual([255, 255, 255, 255]);
  });

  it('lets the still layer show what it covers only in part', () => {
    const overlay = new Uint8Array(width * height * 4);
    overlay.set([0, 0, 0, 128], 0);
    const pixels = drawn((list) => list.overlay(), overlay);
    expect(at(pixels, 0, 0)).toEqual([127, 127, 127, 255]);
    expect(at(pixels, 1, 0)).toEqual([255, 255, 255, 255]);
  });
});

describe('PictureDrawer', () => {
  const blank = new Uint8Array(width * height * 4);
  const draw = (numbers: number[], area = whole): unknown => {
    const drawer = new PictureDrawer(width, height, blank, blank);
    return drawer.draw(Float32Array.from(numbers), numbers.length, area, blank.slice());
  };

  it.each([
    ['an unknown step', [10]],
    ['a step that is no number', [NaN]],
    ['a step that ends early', [1, 5]],
    ['a paint that ends early', [5, 0, 255]],
    ['an unknown paint', [5, 3, 1, 1, 1, 1]],
    ['a gradient of one stop', [5, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1]],
    ['a gradient without length', [5, 1, 2, 2, 2, 2, 2, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]],
    ['stops that go back', [5, 1, 0, 0, 1, 1, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1]],
    ['a stroke without width', [6, 0, 0, 0, 0, 0, 1]],
    ['a clip too deep', [7, 7, 7]],
    ['an unclip without a clip', [8]],
  ])('refuses %s', (_, numbers) => {
    expect(codeOf(() => draw(numbers))).toBe('ERR_OPTION_INVALID');
  });

  it('refuses an area outside and pictures that are too short', () => {
    expect(codeOf(() => draw([], { ...whole, x: 1 }))).toBe('ERR_OPTION_INVALID');
    expect(codeOf(() => new PictureDrawer(width, height, blank.subarray(4), blank))).toBe(
      'ERR_OPTION_INVALID',
    );
  });

  it('takes coordinates of any size', () => {
    for (const far of [1e30, -1e30, Infinity, -Infinity, NaN, 1e-40])
      draw([
        0,
        1,
        far,
        far,
        2,
        10,
        far,
        2,
        far,
        5,
        3,
        far,
        far,
        -far,
        far,
        7,
        7,
        5,
        0,
        1,
        2,
        3,
        1,
        6,
        500,
        0,
        1,
        2,
        3,
        1,
      ]);
  });
});
