import type { Picture } from '../sinks/sink.js';

/**
 * Weights in, pixels out. The built-in face is one; bring your own by
 * implementing this. Calls are pipelined: draw() may be called again before
 * the picture before is done, and pictures come back in order.
 */
export interface Renderer {
  readonly width: number;
  readonly height: number;
  /** Resolves when draw() can be called. */
  open(): Promise<void>;
  /**
   * Draws one weight row (frameWidth numbers, see frame.ts; copied before returning).
   * The caller owns the picture and must release() it.
   */
  draw(weights: Float32Array): Promise<Picture>;
  close(): Promise<void>;
}
