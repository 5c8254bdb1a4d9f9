import type { Canvas } from '@napi-rs/canvas';
import type { Placement } from './geometry/pose.js';
import { paintBackdrop, paintBody, type Background } from './paint/scene.js';

/** What is needed of a drawing package; a browser has it, too. */
export interface CanvasMaker {
  createCanvas(width: number, height: number): Canvas;
}

/** What never moves. */
export interface StillLayers {
  /** Behind everything. */
  readonly backdrop: Canvas;
  /** Shoulders and clothes on a clear ground, over the neck. */
  readonly body: Canvas;
}

export function paintStillLayers(
  maker: CanvasMaker,
  width: number,
  height: number,
  placement: Placement,
  background: Background,
): StillLayers {
  const backdrop = maker.createCanvas(width, height);
  const body = maker.createCanvas(width, height);
  paintBackdrop(backdrop.getContext('2d'), background, width, height);
  paintBody(body.getContext('2d'), placement);
  return { backdrop, body };
}
