import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import { faceGeometry, type Box, type FaceGeometry } from './geometry/face.js';
import { placementFor, type Placement } from './geometry/pose.js';
import { paintFace } from './paint/face.js';
import type { Background } from './paint/scene.js';
import { paintStillLayers, type CanvasMaker, type StillLayers } from './still-layers.js';

/**
 * Draws weight rows on a canvas, as a browser has one. Backdrop and body are
 * drawn once. The pixels depend on the row alone, not on what was drawn earlier.
 */
export class ScenePainter {
  readonly canvas: Canvas;
  readonly context: SKRSContext2D;
  readonly #placement: Placement;
  readonly #still: StillLayers;

  constructor(maker: CanvasMaker, width: number, height: number, background: Background) {
    this.#placement = placementFor(width, height);
    this.#still = paintStillLayers(maker, width, height, this.#placement, background);
    this.canvas = maker.createCanvas(width, height);
    this.context = this.canvas.getContext('2d');
  }

  /** The face of a weight row (frame.ts), where this scene has it. */
  geometry(row: Float32Array): FaceGeometry {
    return faceGeometry(row, this.#placement);
  }

  /** Draws the part of the picture in `area`. */
  draw(face: FaceGeometry, area: Box): void {
    const { context } = this;
    const { x, y, width, height } = area;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.clearRect(x, y, width, height);
    context.drawImage(this.#still.backdrop, x, y, width, height, x, y, width, height);
    paintFace(context, face, () => {
      context.drawImage(this.#still.body, x, y, width, height, x, y, width, height);
    });
    context.restore();
  }
}
