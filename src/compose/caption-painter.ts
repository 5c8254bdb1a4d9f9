import type { Box } from '../avatar/geometry/face.js';
import type { CanvasModule } from '../avatar/canvas-loader.js';
import type { Caption } from './caption.js';
import { CaptionDrawing } from './caption-drawing.js';
import { makeOverlay, overlayBytes, type Overlay } from './overlay.js';
import type { CaptionStyle } from './overlay-options.js';

/** Captions as overlays, made again only when what they show has changed. Lives in one thread. */
export class CaptionPainter {
  readonly #drawing: CaptionDrawing;
  readonly #bytes: Uint8Array;
  #box: Box | undefined;
  #overlay: Overlay | undefined;

  constructor(
    canvas: CanvasModule,
    width: number,
    height: number,
    style: CaptionStyle,
    warn: (message: string) => void,
  ) {
    this.#drawing = new CaptionDrawing(canvas, width, height, style, warn);
    const { width: columns, height: rows } = this.#drawing.canvas;
    this.#bytes = new Uint8Array(overlayBytes(columns, rows));
  }

  /** What is to be put over the picture, until the next call; the same object as long as nothing changes. */
  paint(caption: Caption | undefined): Overlay | undefined {
    const box = this.#drawing.paint(caption);
    if (box === this.#box) return this.#overlay;
    this.#box = box;
    if (box === undefined) return (this.#overlay = undefined);
    const { data } = this.#drawing.context.getImageData(0, 0, box.width, box.height);
    const rgba = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return (this.#overlay = makeOverlay(rgba, box, this.#bytes));
  }
}
