import { beforeAll, expect, it } from 'vitest';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { FramePainter } from '../../src/avatar/frame-painter.js';
import { isMouthInterior, mouthRegion } from '../../src/avatar/mouth-region.js';
import { arkitIndex, arkitNames, expressionShapes, frameWidth, MediaSession } from '../../src/media/index.js';
import { describeWith } from '../tools.js';

const [width, height] = [1280, 720];
const order = ['jawOpen', 'mouthClose', 'mouthPressLeft', 'mouthPressRight'] as const;
/** A mouth that says m, and one that says ah. */
const shapes = { m: [0.15, 0.14, 0.35, 0.35], ah: [0.5, 0, 0, 0] } as const;

/** The row of a face that wears an expression, at rest or while it speaks. */
function wearing(name: string, mouth: keyof typeof shapes | undefined): Float32Array {
  using session = new MediaSession({ idleSeed: -1, featureOrder: order });
  if (mouth !== undefined) {
    session.begin();
    session.pushParsed({
      audio: Buffer.alloc(96_000).toString('base64'),
      features: Array.from({ length: 50 }, () => shapes[mouth]).flat(),
      featureDimension: order.length,
    });
  }
  session.setExpression(name);
  session.commit(72_000);
  const row = new Float32Array(frameWidth);
  session.frameAt(60_000, row);
  return row;
}

describeWith(['canvas'], 'a face with an expression', () => {
  let painter: FramePainter;
  const slot = { pixels: new Uint8Array(width * height * 4), painted: undefined };
  beforeAll(async () => {
    painter = new FramePainter(await loadCanvas(), width, height, 'studio');
  });

  /** Pixels of the inner mouth in the picture. */
  function inside(row: Float32Array): number {
    painter.paint(row, slot);
    const region = mouthRegion(width, height);
    let count = 0;
    for (let y = region.y; y < region.y + region.height; y++) {
      for (let x = region.x; x < region.x + region.width; x++) {
        const [r = 0, g = 0, b = 0] = slot.pixels.subarray((y * width + x) * 4);
        if (isMouthInterior(r, g, b)) count++;
      }
    }
    return count;
  }

  it.each(Object.keys(expressionShapes))(
    '%s keeps its lips together at rest and for m, and opens for ah',
    (name) => {
      expect(inside(wearing(name, undefined))).toBe(0);
      expect(inside(wearing(name, 'm'))).toBe(0);
      expect(inside(wearing(name, 'ah'))).toBeGreaterThan(500);
    },
  );

  it('would not without the rule: the whole of disgust shows teeth', () => {
    const row = wearing('neutral', undefined);
    for (const channel of arkitNames) row[arkitIndex[channel]] = expressionShapes['disgusted'][channel] ?? 0;
    expect(inside(row)).toBeGreaterThan(0);
  });
});
