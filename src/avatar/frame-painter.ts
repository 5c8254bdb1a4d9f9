import { PictureDrawer } from '../picture-drawer.js';
import type { CanvasModule } from './canvas-loader.js';
import { DrawingList } from './drawing-list.js';
import { boundsOf, faceGeometry, unionOf, type Box } from './geometry/face.js';
import { placementFor, type Placement } from './geometry/pose.js';
import { paintFace } from './paint/face.js';
import type { Background } from './paint/scene.js';
import { paintStillLayers } from './still-layers.js';

/** One picture buffer and the part of it that the last drawing changed. */
export interface Slot {
  readonly pixels: Uint8Array;
  /** Undefined until the whole picture was written once. */
  painted: Box | undefined;
}

/**
 * Draws weight rows into RGBA buffers with the native drawer; the canvas only
 * makes what never moves. A frame redraws what the head covers now or covered in
 * that buffer before. Lives in one thread. The pixels depend on the row alone.
 */
export class FramePainter {
  readonly width: number;
  readonly height: number;
  readonly #placement: Placement;
  readonly #list = new DrawingList();
  readonly #drawer: PictureDrawer;

  constructor(canvas: CanvasModule, width: number, height: number, background: Background) {
    this.width = width;
    this.height = height;
    this.#placement = placementFor(width, height);
    const { backdrop, body } = paintStillLayers(canvas, width, height, this.#placement, background);
    const pixels = (layer: typeof backdrop): Uint8Array => {
      const { data } = layer.getContext('2d').getImageData(0, 0, width, height);
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    };
    this.#drawer = new PictureDrawer(width, height, pixels(backdrop), pixels(body));
  }

  /** Draws one weight row (frame.ts) into a buffer. Returns the part of it that may have changed. */
  paint(row: Float32Array, slot: Slot): Box {
    const face = faceGeometry(row, this.#placement);
    const bounds = boundsOf(face, this.width, this.height);
    const everything = { x: 0, y: 0, width: this.width, height: this.height };
    const area = slot.painted === undefined ? everything : unionOf(slot.painted, bounds);
    const list = this.#list;
    list.clear();
    paintFace(list, face, () => list.overlay());
    this.#drawer.draw(list.numbers, list.count, area, slot.pixels);
    slot.painted = bounds;
    return area;
  }
}
