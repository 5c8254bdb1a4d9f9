import { FramePainter, type Slot } from '../../src/avatar/frame-painter.js';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { placementFor } from '../../src/avatar/geometry/pose.js';
import { rowOf, type PoseSketch } from '../../src/avatar/poses.js';

export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Design pixels (720p) relative to the point between the eyes. */
export interface DesignBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Draws poses one after the other into one buffer, and copies each out. */
export class Studio {
  readonly #painter: FramePainter;
  readonly #slot: Slot;

  private constructor(painter: FramePainter) {
    this.#painter = painter;
    this.#slot = { pixels: new Uint8Array(painter.width * painter.height * 4), painted: undefined };
  }

  static async open(width = 1280, height = 720, background = 'studio'): Promise<Studio> {
    return new Studio(new FramePainter(await loadCanvas(), width, height, background));
  }

  draw(sketch: PoseSketch): Image {
    this.#painter.paint(rowOf(sketch), this.#slot);
    return { width: this.#painter.width, height: this.#painter.height, pixels: this.#slot.pixels.slice() };
  }
}

/** Largest channel difference of one pixel. */
export function differenceAt(a: Image, i: number, b: Image, j: number): number {
  let most = 0;
  for (let c = 0; c < 4; c++)
    most = Math.max(most, Math.abs((a.pixels[i + c] ?? 0) - (b.pixels[j + c] ?? 0)));
  return most;
}

export interface Change {
  /** Pixels that differ visibly. */
  readonly count: number;
  readonly inside: number;
  /** Mean distance from the middle of the picture, in design pixels; positive is the character's left. */
  readonly meanX: number;
}

export function changeBetween(a: Image, b: Image, box: DesignBox, threshold = 10): Change {
  const { scale, originX, originY } = placementFor(a.width, a.height);
  let [count, inside, sumX] = [0, 0, 0];
  for (let y = 0; y < a.height; y++) {
    for (let x = 0; x < a.width; x++) {
      const i = (y * a.width + x) * 4;
      if (differenceAt(a, i, b, i) <= threshold) continue;
      const dx = (x + 0.5 - originX) / scale;
      const dy = (y + 0.5 - originY) / scale;
      count++;
      sumX += dx;
      if (dx >= box.left && dx <= box.right && dy >= box.top && dy <= box.bottom) inside++;
    }
  }
  return { count, inside, meanX: count === 0 ? 0 : sumX / count };
}

/** How each channel of each pixel changed from `rest` to `image`, from -255 to 255. */
export function changesFrom(rest: Image, image: Image): Int16Array {
  const changes = new Int16Array(image.pixels.length);
  for (let i = 0; i < changes.length; i++) changes[i] = (image.pixels[i] ?? 0) - (rest.pixels[i] ?? 0);
  return changes;
}

/** Share of the pixels changed in `a` or `b` whose changes differ visibly, with `b` seen in a mirror or as it is. */
export function changeMismatch(a: Int16Array, b: Int16Array, width: number, mirror: boolean): number {
  let changed = 0;
  let wrong = 0;
  for (let i = 0; i < a.length; i += 4) {
    const x = (i / 4) % width;
    const j = mirror ? i + 4 * (width - 1 - 2 * x) : i;
    let most = 0;
    let apart = 0;
    for (let c = 0; c < 3; c++) {
      const one = a[i + c] ?? 0;
      const two = b[j + c] ?? 0;
      most = Math.max(most, Math.abs(one), Math.abs(two));
      apart = Math.max(apart, Math.abs(one - two));
    }
    if (most > 10) changed++;
    if (apart > 24) wrong++;
  }
  return wrong / changed;
}

/** Share of the pixels in a box about the middle of the face that differ from their mirror image. */
export function asymmetry(image: Image, halfWidth: number, top: number, bottom: number): number {
  const { scale, originX, originY } = placementFor(image.width, image.height);
  let [count, wrong] = [0, 0];
  for (let y = Math.round(originY + top * scale); y < originY + bottom * scale; y++) {
    for (let x = Math.round(originX - halfWidth * scale); x < originX + halfWidth * scale; x++) {
      count++;
      const row = y * image.width;
      if (differenceAt(image, (row + x) * 4, image, (row + image.width - 1 - x) * 4) > 24) wrong++;
    }
  }
  return wrong / count;
}
