import type { Canvas } from '@napi-rs/canvas';
import { faceGeometry, type Box, type FaceGeometry } from './geometry/face.js';
import { placementFor, type Placement } from './geometry/pose.js';
import { paintBehind, paintFrontHair, paintJawShadow, paintSkin } from './paint/head.js';
import { paintBrows, paintEye, paintNose } from './paint/features.js';
import { paintMouth } from './paint/mouth.js';
import { paintBackdrop, paintBody, type Background } from './paint/scene.js';
import type { Context } from './paint/path.js';

/** What is needed of a drawing package; a browser has it, too. */
export interface CanvasMaker {
  createCanvas(width: number, height: number): Canvas;
}

/**
 * Draws weight rows on a canvas, here or in a browser. Backdrop and body are
 * drawn once. The pixels depend on the row alone, not on what was drawn earlier.
 */
export class ScenePainter {
  readonly canvas: Canvas;
  readonly context: Context;
  readonly #placement: Placement;
  readonly #backdrop: Canvas;
  readonly #body: Canvas;

  constructor(maker: CanvasMaker, width: number, height: number, background: Background) {
    this.#placement = placementFor(width, height);
    const backdrop = maker.createCanvas(width, height);
    this.#backdrop = backdrop;
    this.#body = maker.createCanvas(width, height);
    this.canvas = maker.createCanvas(width, height);
    this.context = this.canvas.getContext('2d');
    paintBackdrop(backdrop.getContext('2d'), background, width, height);
    paintBody(this.#body.getContext('2d'), this.#placement);
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
}
