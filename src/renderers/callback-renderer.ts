import { FacewireError, toFacewireError } from '../errors.js';
import { pictureBytes } from '../pixel-format.js';
import { ForeignRenderer, restFrame, type ForeignOptions } from './foreign-renderer.js';
import type { RawFrame } from './raw-frames.js';

/** What a picture is asked for with. Valid until the callback's promise has settled. */
export interface PictureRequest {
  /** Number of the frame, -1 for the face at rest that open() asks for. */
  readonly frameIndex: number;
  /** Output samples of the frame: the first, and the one just past the last. */
  readonly sampleIndex: number;
  readonly sampleEnd: number;
  /** The weight row, see frame.ts. */
  readonly weights: Float32Array;
  /** Room for the picture, in shared memory, which can be handed to a worker. What it held before is not cleared. */
  readonly into: Uint8Array;
}

/** Draws into `request.into`, or returns the bytes of the picture, which are copied. */
export type DrawCallback = (
  request: PictureRequest,
) => Uint8Array | undefined | void | Promise<Uint8Array | undefined | void>;

export interface CallbackRendererOptions extends ForeignOptions {
  readonly draw: DrawCallback;
  /** Calls of `draw` that may be under way at a time, 1 to 4; for engines with threads. Default 1. */
  readonly concurrency?: number;
}

/**
 * Pictures of a function. When it throws, or returns something that is no
 * picture, the picture before is shown again and `onEvent` is told.
 */
export class CallbackRenderer extends ForeignRenderer {
  readonly #draw: DrawCallback;
  readonly #concurrency: number;
  readonly #waiting: RawFrame[] = [];
  #running = 0;
  #isWell = true;

  constructor(options: CallbackRendererOptions) {
    super(options);
    this.#draw = options.draw;
    const { concurrency = 1 } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 4) {
      throw new FacewireError('ERR_OPTION_INVALID', 'concurrency cannot be used', {
        expected: 'a whole number from 1 to 4',
        received: String(concurrency),
      });
    }
    this.#concurrency = concurrency;
  }

  protected async start(): Promise<void> {}

  protected ask(frame: RawFrame): void {
    this.#waiting.push(frame);
    this.#pump();
  }

  protected async stop(): Promise<void> {
    for (const frame of this.#waiting.splice(0)) this.lose(frame);
  }

  #pump(): void {
    while (this.#running < this.#concurrency && this.#waiting.length > 0) {
      const frame = this.#waiting.shift();
      // Nobody waits for it any more.
      if (frame?.settle === undefined) {
        if (frame !== undefined) this.lose(frame);
        continue;
      }
      this.#running += 1;
      void this.#run(frame);
    }
  }

  async #run(frame: RawFrame): Promise<void> {
    try {
      const { frameIndex, sampleIndex, sampleEnd, weights, bytes } = frame;
      const drawn = await this.#draw({ frameIndex, sampleIndex, sampleEnd, weights, into: bytes });
      if (drawn !== undefined) this.#take(drawn, bytes);
      this.#back();
      this.deliver(frame);
    } catch (thrown) {
      const error = toFacewireError(thrown, 'ERR_RENDERER_FAILED');
      if (frame.frameIndex !== restFrame) this.#fail(error);
      this.lose(frame, error);
    }
    this.#running -= 1;
    this.#pump();
  }

  #take(drawn: unknown, bytes: Uint8Array): void {
    const { format, width, height } = this;
    if (!(drawn instanceof Uint8Array) || drawn.length !== bytes.length) {
      throw new FacewireError('ERR_RENDERER_FAILED', 'draw() returned something that is no picture', {
        expected: `${pictureBytes(format, width, height)} bytes of ${format} for ${width}x${height}`,
        received: drawn instanceof Uint8Array ? `${drawn.length} bytes` : typeof drawn,
      });
    }
    if (drawn !== bytes) bytes.set(drawn);
  }

  /** Says once that pictures fail, and once that they come again. */
  #fail(error: FacewireError): void {
    if (this.#isWell) this.tell({ type: 'failed', error });
    this.#isWell = false;
  }

  #back(): void {
    if (!this.#isWell) this.tell({ type: 'back' });
    this.#isWell = true;
  }
}
