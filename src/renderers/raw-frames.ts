import { frameWidth } from '../frame.js';
import { pictureBytes, toYuv, type AlphaKind, type PixelFormat } from '../pixel-format.js';
import { pictureHolders } from '../picture-holders.js';
import type { Picture } from '../sinks/sink.js';
import { yuvBytes } from '../yuv-picture.js';

/** Room for one picture of an engine, and what it was asked for. Reused. */
export class RawFrame {
  /** Where its bytes go; shared memory, so that other threads can write there. */
  readonly bytes: Uint8Array;
  /** The same picture as YUV 4:2:0; the same bytes, if it comes like that. */
  readonly yuv: Uint8Array;
  readonly weights = new Float32Array(frameWidth);
  readonly slot: number;
  frameIndex = 0;
  sampleIndex = 0;
  sampleEnd = 0;
  isLive = false;
  /** Of the request, for engines that answer by number. */
  number = 0;
  /** Gives the picture to whom it was drawn for; undefined when nobody waits any more. */
  settle: ((picture: Picture | undefined) => void) | undefined;
  /** Calls off the timer of lateness. */
  cancelTimer: (() => void) | undefined;

  constructor(slot: number, format: PixelFormat, width: number, height: number) {
    this.slot = slot;
    const shared = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));
    this.bytes = shared(pictureBytes(format, width, height));
    this.yuv = format === 'i420' ? this.bytes : shared(yuvBytes(width, height));
  }
}

/** A fixed set of frames. One is free, with the engine, or held by the owners of its picture. */
export class RawFrames {
  readonly #width: number;
  readonly #height: number;
  readonly #format: PixelFormat;
  readonly #alpha: AlphaKind;
  readonly #free: RawFrame[];
  readonly #onFree: () => void;

  /** @param onFree called whenever a frame has come back. */
  constructor(
    count: number,
    {
      width,
      height,
      format,
      alpha,
    }: { width: number; height: number; format: PixelFormat; alpha: AlphaKind },
    onFree: () => void,
  ) {
    this.#width = width;
    this.#height = height;
    this.#format = format;
    this.#alpha = alpha;
    this.#onFree = onFree;
    this.#free = Array.from({ length: count }, (_, slot) => new RawFrame(slot, format, width, height));
  }

  take(): RawFrame | undefined {
    return this.#free.shift();
  }

  giveBack(frame: RawFrame): void {
    this.#free.push(frame);
    this.#onFree();
  }

  /** The picture whose bytes have come, with one holder. */
  picture(frame: RawFrame): Picture {
    const format = this.#format;
    const [width, height] = [this.#width, this.#height];
    let isConverted = format === 'i420';
    return {
      width,
      height,
      pixels: frame.bytes,
      format,
      alpha: this.#alpha,
      // Not everybody wants it.
      get yuv() {
        if (!isConverted) toYuv(frame.bytes, format, width, height, frame.yuv);
        isConverted = true;
        return frame.yuv;
      },
      ...pictureHolders(() => this.giveBack(frame)),
    };
  }
}
