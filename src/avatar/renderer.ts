import type { PixelFormat } from '../pixel-format.js';
import type { Picture } from '../sinks/sink.js';

/** The frame that a picture is for. Reused for later frames: copy what must stay. */
export interface FrameMoment {
  /** Number of the frame, from the player's first one on. */
  readonly frameIndex: number;
  /** Output samples of the frame: the first, and the one just past the last. */
  readonly sampleIndex: number;
  readonly sampleEnd: number;
  /** The frame is due now; in a file it waits for its picture. */
  readonly isLive: boolean;
}

/**
 * Weights in, pixels out. The built-in face is one; bring your own by
 * implementing this. Calls are pipelined: draw() may be called again before
 * the picture before is done, and pictures come back in order.
 */
export interface Renderer {
  readonly width: number;
  readonly height: number;
  /** How the pixels of its pictures lie. Default `rgba`. */
  readonly format?: PixelFormat;
  /** Resolves when draw() can be called. */
  open(): Promise<void>;
  /**
   * Draws one weight row (frameWidth numbers, see frame.ts; copied before returning).
   * The caller owns the picture and must release() it. Undefined: there is none for this frame,
   * and the picture before is shown again; the first frame has one. Once this rejects, no
   * further pictures are asked for.
   */
  draw(weights: Float32Array, moment: FrameMoment): Promise<Picture | undefined>;
  close(): Promise<void>;
}
