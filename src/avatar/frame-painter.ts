import type { Canvas } from '@napi-rs/canvas';
import type { CanvasModule } from './canvas-loader.js';
import { boundsOf, faceGeometry, unionOf, type Box, type FaceGeometry } from './geometry/face.js';
import { placementFor, type Placement } from './geometry/pose.js';
import { paintBehind, paintFrontHair, paintJawShadow, paintSkin } from './paint/head.js';
import { paintBrows, paintEye, paintNose } from './paint/features.js';
import { paintMouth } from './paint/mouth.js';
import { paintBackdrop, paintBody, type Background } from './paint/scene.js';
import type { Context } from './paint/path.js';

/** Reading more than this at once makes the allocator map and unmap memory for every picture. */
const tileBytes = 100_000;

/** One picture buffer and the part of it that the last drawing changed. */
export interface Slot {
  readonly pixels: Uint8Array;
  /** Undefined until the whole picture was written once. */
  painted: Box | undefined;
}

/**
 * Draws weight rows into RGBA buffers. Backdrop and body are drawn once; a
 * frame redraws and reads back only what the head covers now or covered in
 * that buffer before. The pixels depend on the row alone, not on what was
 * drawn earlier. Lives in one thread.
 */
export class FramePainter {
  readonly width: number;
  readonly height: number;
  readonly #placement: Placement;
  readonly #backdrop: Canvas;
  readonly #body: Canvas;
  readonly #canvas: Canvas;
  readonly #context: Context;

  constructor(canvas: CanvasModule, width: number, height: number, background: Background) {
    this.width = width;
    this.height = height;
    this.#placement = placementFor(width, height);
    this.#backdrop = canvas.createCanvas(width, height);
    this.#body = canvas.createCanvas(width, height);
    this.#canvas = canvas.createCanvas(width, height);
    this.#context = this.#canvas.getContext('2d');
    paintBackdrop(this.#backdrop.getContext('2d'), background, width, height);
    paintBody(this.#body.getContext('2d'), this.#placement);
  }

  /** Draws one weight row (frame.ts) into a buffer. Returns the part of it that may have changed. */
  paint(row: Float32Array, slot: Slot): Box {
    const face = faceGeometry(row, this.#placement);
    const bounds = boundsOf(face, this.width, this.height);
    const everything = { x: 0, y: 0, width: this.width, height: this.height };
    const area = slot.painted === undefined ? everything : unionOf(slot.painted, bounds);
    this.#draw(face, area);
    this.#read(area, slot.pixels);
    slot.painted = bounds;
    return area;
  }

  #draw(face: FaceGeometry, area: Box): void {
    const context = this.#context;
    const { x, y, width, height } = area;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.clearRect(x, y, width, height);
    context.drawImage(this.#backdrop, x, y, width, height, x, y, width, height);
    paintBehind(context, face);
    context.drawImage(this.#body, x, y, width, height, x, y, width, height);
    paintJawShadow(context, face);
    paintSkin(context, face);
    paintNose(context, face);
    paintMouth(context, face);
    for (const eye of face.eyes) paintEye(context, eye, face.scale);
    paintFrontHair(context, face);
    paintBrows(context, face);
    context.restore();
  }

  #read(area: Box, pixels: Uint8Array): void {
    const rowBytes = area.width * 4;
    const rows = Math.max(1, Math.floor(tileBytes / rowBytes));
    const bottom = area.y + area.height;
    for (let top = area.y; top < bottom; top += rows) {
      const count = Math.min(rows, bottom - top);
      const tile = this.#context.getImageData(area.x, top, area.width, count).data;
      for (let line = 0; line < count; line++) {
        pixels.set(
          tile.subarray(line * rowBytes, (line + 1) * rowBytes),
          ((top + line) * this.width + area.x) * 4,
        );
      }
    }
  }
}
