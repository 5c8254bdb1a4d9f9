import { beforeAll, expect, it } from 'vitest';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { FramePainter } from '../../src/avatar/frame-painter.js';
import { mouthPoses, moods, pair, rowOf, type PoseSketch } from '../../src/avatar/poses.js';
import { ScenePainter } from '../../src/avatar/scene-painter.js';
import { describeWith } from '../tools.js';

const poses: Record<string, PoseSketch> = {
  ...moods,
  ...mouthPoses,
  blink: pair('eyeBlink', 1),
  tongue: { jawOpen: 0.5, tongueOut: 1 },
  puff: { cheekPuff: 1, ...pair('noseSneer', 1) },
  turned: { yaw: 0.5, pitch: -0.4, roll: 0.4, jawOpen: 1 },
};

interface Difference {
  /** Signal to noise of all channels, in dB. */
  readonly psnr: number;
  /** Pixels with a channel that is off by more than 80. */
  readonly wrong: number;
}

function difference(a: Uint8Array | Uint8ClampedArray, b: Uint8Array): Difference {
  let [sum, wrong] = [0, 0];
  for (let i = 0; i < a.length; i += 4) {
    let most = 0;
    // What nobody sees may have any colour.
    if (a[i + 3] === 0 && b[i + 3] === 0) continue;
    for (let c = 0; c < 4; c++) {
      const off = Math.abs((a[i + c] ?? 0) - (b[i + c] ?? 0));
      sum += off * off;
      most = Math.max(most, off);
    }
    if (most > 80) wrong++;
  }
  return { psnr: 10 * Math.log10((255 * 255 * a.length) / Math.max(1, sum)), wrong };
}

// The browser's page draws the same paint code on its own canvas: both must look alike.
describeWith(['canvas'], 'the native drawer', () => {
  let canvas: Awaited<ReturnType<typeof loadCanvas>>;
  beforeAll(async () => {
    canvas = await loadCanvas();
  });

  it.each([[1280, 720, 'studio'], [640, 360, '#10a040'], [853, 481, 'studio']] as const)('draws at %i × %i on %s what a canvas draws', (width, height, background) => {
    const scene = new ScenePainter(canvas, width, height, background);
    const painter = new FramePainter(canvas, width, height, background);
    const area = { x: 0, y: 0, width, height };
    for (const [name, sketch] of Object.entries(poses)) {
      const slot = { pixels: new Uint8Array(width * height * 4), painted: undefined };
      painter.paint(rowOf(sketch), slot);
      scene.draw(scene.geometry(rowOf(sketch)), area);
      const { psnr, wrong } = difference(scene.context.getImageData(0, 0, width, height).data, slot.pixels);
      expect(psnr, name).toBeGreaterThan(46);
      expect(wrong, name).toBeLessThan(20);
    }
  }); // prettier-ignore

  it('draws on a clear ground what a canvas draws, alpha included', () => {
    const [width, height] = [640, 360];
    const scene = new ScenePainter(canvas, width, height, 'transparent');
    const painter = new FramePainter(canvas, width, height, 'transparent');
    const slot = { pixels: new Uint8Array(width * height * 4), painted: undefined };
    painter.paint(rowOf(moods.laugh), slot);
    scene.draw(scene.geometry(rowOf(moods.laugh)), { x: 0, y: 0, width, height });
    const drawn = scene.context.getImageData(0, 0, width, height).data;
    const alpha = (pixels: Uint8Array | Uint8ClampedArray): Uint8Array =>
      Uint8Array.from(pixels.filter((_, i) => i % 4 === 3));
    expect(difference(alpha(drawn), alpha(slot.pixels)).psnr).toBeGreaterThan(40);
    // Where hardly anything is drawn, colours without alpha are a matter of rounding.
    for (let i = 3; i < drawn.length; i += 4) {
      if ((drawn[i] ?? 0) >= 128) continue;
      drawn.fill(0, i - 3, i + 1);
      slot.pixels.fill(0, i - 3, i + 1);
    }
    expect(difference(drawn, slot.pixels).psnr).toBeGreaterThan(42);
  });
});
