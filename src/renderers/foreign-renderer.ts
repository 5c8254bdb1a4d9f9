import type { FrameMoment, Renderer } from '../avatar/renderer.js';
import { backgroundClock, type Clock } from '../clock.js';
import { FacewireError } from '../errors.js';
import { frameWidth } from '../frame.js';
import { pixelFormats, type AlphaKind, type PixelFormat } from '../pixel-format.js';
import { inRange, oneOf } from '../option-values.js';
import type { Picture } from '../sinks/sink.js';
import { RawFrames, type RawFrame } from './raw-frames.js';

export interface ForeignOptions {
  /** Picture width in pixels, even, 2 to 4096. */
  readonly width: number;
  /** Picture height in pixels, even, 2 to 4096. */
  readonly height: number;
  /** How the bytes of a picture lie. Default `rgba`. */
  readonly format?: PixelFormat;
  /** What alpha means in `rgba` and `bgra`. Default `straight`. */
  readonly alpha?: AlphaKind;
  /** Picture buffers, 4 to 32. Default 8. */
  readonly buffers?: number;
  /**
   * A picture of a live frame that is not there after so long is given up, in ms, 10 to 10 000: the one before is
   * shown again. Default 200. Files wait.
   */
  readonly lateMs?: number;
  /** Told of what goes wrong, when it does. */
  readonly onEvent?: (event: RendererEvent) => void;
  /** For tests: time, and chance in [0, 1) for waits. */
  readonly clock?: Clock;
  readonly random?: () => number;
}

export type RendererEvent =
  /** The engine could not draw a frame, or was lost and is started again after `waitMs`. */
  | { readonly type: 'failed'; readonly error: FacewireError; readonly waitMs?: number }
  /** It draws again. */
  | { readonly type: 'back' };

/** Frames that got no picture of their own, by reason; all but `drawn` show the picture before. */
export interface RendererCounts {
  readonly drawn: number;
  /** The picture came after `lateMs`, or never. */
  readonly late: number;
  /** The engine failed, or was gone. */
  readonly failed: number;
  /** Every buffer was with the engine or a sink. */
  readonly busy: number;
  /** How often the engine was started again. */
  readonly restarts: number;
}

/** Frames of a file that may wait for a free buffer; a caller this far ahead has lost count of its pictures. */
const queueLimit = 64;
export const defaultBuffers = 8;
/** The first picture: that of a face at rest, before any frame. */
export const restFrame = -1;

/**
 * What renderers of other engines share: buffers, lateness, counts. A frame whose
 * picture does not come shows the one before; the stream goes on.
 */
export abstract class ForeignRenderer implements Renderer {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  protected readonly clock: Clock;
  protected readonly tell: (event: RendererEvent) => void;
  readonly #lateMs: number;
  readonly #frames: RawFrames;
  readonly #queue: (() => void)[] = [];
  readonly #counts = { drawn: 0, late: 0, failed: 0, busy: 0, restarts: 0 };
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  /** Why there is no face at rest. */
  #failure: FacewireError | undefined;
  /** The face at rest, until a frame has a picture of its own. */
  #rest: Picture | undefined;

  constructor(options: ForeignOptions) {
    this.width = even('width', options.width);
    this.height = even('height', options.height);
    this.format = oneOf('format', pixelFormats, options.format ?? 'rgba');
    const alpha = oneOf('alpha', ['straight', 'premultiplied'] as const, options.alpha ?? 'straight');
    this.clock = options.clock ?? backgroundClock;
    this.tell = options.onEvent ?? (() => undefined);
    this.#lateMs = inRange('lateMs', options.lateMs ?? 200, 10, 10_000);
    const count = inRange('buffers', Math.trunc(options.buffers ?? defaultBuffers), 4, 32);
    const { width, height, format } = this;
    this.#frames = new RawFrames(count, { width, height, format, alpha }, () => this.#queue.shift()?.());
  }

  get counts(): RendererCounts {
    return { ...this.#counts };
  }

  /** Starts the engine and has it draw the face at rest. Fails with ERR_RENDERER_FAILED when it does not. */
  async open(): Promise<void> {
    if (this.#state !== 'new')
      throw new FacewireError('ERR_STATE', `the renderer is ${this.#state} and cannot be opened`);
    this.#state = 'opening';
    try {
      await this.start();
      this.#rest = await this.#first();
    } catch (thrown) {
      await this.close();
      throw thrown;
    }
    if (!this.#isClosed()) this.#state = 'open';
    else this.#rest.release();
  }

  draw(weights: Float32Array, moment: FrameMoment): Promise<Picture | undefined> {
    if (this.#state !== 'open') {
      return Promise.reject(
        new FacewireError('ERR_STATE', `draw() was called while the renderer is ${this.#state}`, {
          expected: 'a call after open() and before close()',
        }),
      );
    }
    if (weights.length !== frameWidth) {
      return Promise.reject(
        new FacewireError('ERR_OPTION_INVALID', 'a weight row has the wrong length', {
          expected: `${frameWidth} numbers`,
          received: `${weights.length}`,
        }),
      );
    }
    const frame = this.#frames.take();
    if (frame !== undefined) return this.#begin(frame, weights, moment);
    if (moment.isLive || this.#queue.length >= queueLimit) {
      this.#counts.busy += 1;
      return Promise.resolve(this.#before());
    }
    const [row, { frameIndex, sampleIndex, sampleEnd, isLive }] = [weights.slice(), moment];
    return new Promise((resolve) => {
      this.#queue.push(() => {
        const free = this.#frames.take();
        if (free === undefined || this.#isClosed()) return resolve(undefined);
        this.#begin(free, row, { frameIndex, sampleIndex, sampleEnd, isLive }).then(resolve, resolve);
      });
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed()) return;
    this.#state = 'closed';
    this.#rest?.release();
    this.#rest = undefined;
    await this.stop();
    for (const waiting of this.#queue.splice(0)) waiting();
  }

  /** Resolves when ask() can be called. */
  protected abstract start(): Promise<void>;
  /** Has `frame` drawn: deliver() or lose() follows, once. Must not throw. */
  protected abstract ask(frame: RawFrame): void;
  /** Ends the engine; what was asked is lost. */
  protected abstract stop(): Promise<void>;

  protected get isClosed(): boolean {
    return this.#isClosed();
  }

  protected countRestart(): void {
    this.#counts.restarts += 1;
  }

  /** The picture of `frame` is in its bytes. */
  protected deliver(frame: RawFrame): void {
    const settle = this.#settled(frame);
    if (settle === undefined) return this.#frames.giveBack(frame);
    if (frame.frameIndex !== restFrame) {
      this.#counts.drawn += 1;
      this.#rest?.release();
      this.#rest = undefined;
    }
    settle(this.#frames.picture(frame));
  }

  /** There will be no picture of `frame`. What it fails with is what open() fails with. */
  protected lose(frame: RawFrame, error?: FacewireError): void {
    const settle = this.#settled(frame);
    this.#frames.giveBack(frame);
    if (settle === undefined) return;
    if (frame.frameIndex === restFrame) this.#failure = error;
    else this.#counts.failed += 1;
    settle(this.#before());
  }

  /** A method, because another call may have changed the state during an await. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #first(): Promise<Picture> {
    const frame = this.#frames.take();
    const rest = { frameIndex: restFrame, sampleIndex: 0, sampleEnd: 0, isLive: false };
    const picture =
      frame === undefined ? undefined : await this.#begin(frame, new Float32Array(frameWidth), rest);
    if (picture !== undefined) return picture;
    throw this.#failure ?? new FacewireError('ERR_STATE', 'the renderer was closed while it was opening');
  }

  #begin(frame: RawFrame, weights: Float32Array, moment: FrameMoment): Promise<Picture | undefined> {
    frame.weights.set(weights);
    frame.frameIndex = moment.frameIndex;
    frame.sampleIndex = moment.sampleIndex;
    frame.sampleEnd = moment.sampleEnd;
    frame.isLive = moment.isLive;
    return new Promise((resolve) => {
      frame.settle = resolve;
      if (frame.isLive) frame.cancelTimer = this.clock.after(this.#lateMs, () => this.#giveUp(frame));
      this.ask(frame);
    });
  }

  /** The frame goes on without its picture, whose bytes may still come. */
  #giveUp(frame: RawFrame): void {
    const settle = this.#settled(frame);
    if (settle === undefined) return;
    this.#counts.late += 1;
    settle(this.#before());
  }

  #settled(frame: RawFrame): RawFrame['settle'] {
    const { settle } = frame;
    frame.settle = undefined;
    frame.cancelTimer?.();
    frame.cancelTimer = undefined;
    return settle;
  }

  /** For a frame without a picture: at the very beginning the face at rest, then what is shown stays. */
  #before(): Picture | undefined {
    this.#rest?.retain();
    return this.#rest;
  }
}

function even(name: string, value: number): number {
  if (Number.isInteger(value) && value % 2 === 0) return inRange(name, value, 2, 4096);
  throw new FacewireError('ERR_OPTION_INVALID', `${name} cannot be used`, {
    expected: 'an even number of pixels from 2 to 4096',
    received: String(value),
  });
}
