import type { CanvasModule } from './canvas-loader.js';
import { boundsOf, unionOf, type Box } from './geometry/face.js';
import type { Background } from './paint/scene.js';
import { ScenePainter } from './scene-painter.js';

/** Reading more than this at once makes the allocator map and unmap memory for every picture. */
const tileBytes = 100_000;

/** One picture buffer and the part of it that the last drawing changed. */
export interface Slot {
  readonly pixels: Uint8Array;
  /** Undefined until the whole picture was written once. */
  painted: Box | undefined;
}

/**
 * Draws weight rows into RGBA buffers. A frame redraws and reads back only what
 * the head covers now or covered in that buffer before. Lives in one thread.
 */
export class FramePainter {
  readonly width: number;
  readonly height: number;
  readonly #scene: ScenePainter;

  constructor(canvas: CanvasModule, width: number, height: number, background: Background) {
    this.width = width;
    this.height = height;
    this.#scene = new ScenePainter(canvas, width, height, background);
  }

  /** Draws one weight row (frame.ts) into a buffer. Returns the part of it that may have changed. */
  paint(row: Float32Array, slot: Slot): Box {
    const face = this.#scene.geometry(row);
    const bounds = boundsOf(face, this.width, this.height);
    const everything = { x: 0, y: 0, width: this.width, height: this.height };
    const area = slot.painted === undefined ? everything : unionOf(slot.painted, bounds);
    this.#scene.draw(face, area);
    this.#read(area, slot.pixels);
    slot.painted = bounds;
    return area;
  }

  #read(area: Box, pixels: Uint8Array): void {
    const rowBytes = area.width * 4;
    const rows = Math.max(1, Math.floor(tileBytes / rowBytes));
    const bottom = area.y + area.height;
    for (let top = area.y; top < bottom; top += rows) {
      const count = Math.min(rows, bottom - top);
      const tile = this.#scene.context.getImageData(area.x, top, area.width, count).data;
      for (let line = 0; line < count; line++) {
        pixels.set(
          tile.subarray(line * rowBytes, (line + 1) * rowBytes),
          ((top + line) * this.width + area.x) * 4,
        );
      }
    }
  }
}
