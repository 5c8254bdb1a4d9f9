import { FacewireError } from '../errors.js';
import { pictureHolders } from '../picture-holders.js';
import type { Picture } from '../sinks/sink.js';
import { yuvBytes } from '../yuv-picture.js';

/**
 * A fixed set of shared picture buffers. A buffer is free, being drawn, or held
 * by the owners of its picture; it is never handed out while anyone holds it.
 */
export class PictureRing {
  readonly buffers: readonly SharedArrayBuffer[];
  /** The same pictures as YUV 4:2:0; none where width or height is odd. */
  readonly yuvBuffers: readonly SharedArrayBuffer[];
  readonly #width: number;
  readonly #height: number;
  readonly #free: number[];
  readonly #onFree: () => void;

  /** @param onFree called whenever a buffer has come back. */
  constructor(count: number, width: number, height: number, onFree: () => void) {
    this.#width = width;
    this.#height = height;
    this.#onFree = onFree;
    this.buffers = Array.from({ length: count }, () => new SharedArrayBuffer(width * height * 4));
    const isEven = width % 2 === 0 && height % 2 === 0;
    this.yuvBuffers = this.buffers.flatMap(() =>
      isEven ? [new SharedArrayBuffer(yuvBytes(width, height))] : [],
    );
    this.#free = this.buffers.map((_, index) => index);
  }

  /** Takes a buffer for drawing; undefined when all are in use. */
  take(): number | undefined {
    return this.#free.shift();
  }

  /** The finished picture of a buffer, with one holder. */
  picture(index: number): Picture {
    const buffer = this.buffers[index];
    if (buffer === undefined) throw new FacewireError('ERR_INTERNAL', `there is no picture buffer ${index}`);
    const yuv = this.yuvBuffers[index];
    return {
      width: this.#width,
      height: this.#height,
      pixels: new Uint8Array(buffer),
      ...(yuv !== undefined && { yuv: new Uint8Array(yuv) }),
      ...pictureHolders(() => {
        this.#free.push(index);
        this.#onFree();
      }),
    };
  }
}
