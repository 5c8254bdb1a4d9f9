import type { FrameMoment, Renderer } from '../avatar/renderer.js';
import { Backoff } from '../backoff.js';
import { backgroundClock, pause } from '../clock.js';
import { FacewireError, toFacewireError } from '../errors.js';
import type { Picture } from '../sinks/sink.js';

export interface RevivingRendererOptions {
  /** Makes a renderer that was never opened, each time of the same size. */
  readonly make: () => Renderer;
  /** Told of each failure. */
  readonly onBroken?: (error: FacewireError) => void;
  readonly onBack?: () => void;
}

/**
 * A renderer that breaks is made anew, with waits of up to 10 s; until it is there, the picture that came
 * last is shown. The first open() must succeed.
 */
export class RevivingRenderer implements Renderer {
  readonly width: number;
  readonly height: number;
  readonly #options: RevivingRendererOptions;
  readonly #stop = new AbortController();
  #inner: Renderer;
  #isUp = false;
  #last: Picture | undefined;
  #reviving: Promise<void> | undefined;

  constructor(options: RevivingRendererOptions) {
    this.#options = options;
    this.#inner = options.make();
    this.width = this.#inner.width;
    this.height = this.#inner.height;
  }

  /** Whether pictures are drawn, not shown again. */
  get isUp(): boolean {
    return this.#isUp;
  }

  async open(): Promise<void> {
    await this.#inner.open();
    this.#isUp = true;
  }

  async draw(weights: Float32Array, moment: FrameMoment): Promise<Picture | undefined> {
    const inner = this.#inner;
    if (this.#isUp) {
      try {
        const picture = await inner.draw(weights, moment);
        if (picture !== undefined && inner === this.#inner) this.#keep(picture);
        return picture;
      } catch (thrown) {
        this.#broke(inner, toFacewireError(thrown));
      }
    }
    if (this.#last !== undefined && !this.#stop.signal.aborted) {
      this.#last.retain();
      return this.#last;
    }
    // There is nothing to show yet, or nobody who looks.
    await this.#reviving;
    if (this.#stop.signal.aborted) throw new FacewireError('ERR_STATE', 'the renderer is closed');
    return this.draw(weights, moment);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#isUp = false;
    await this.#reviving;
    await this.#inner.close();
    this.#last?.release();
    this.#last = undefined;
  }

  #keep(picture: Picture): void {
    if (this.#stop.signal.aborted) return;
    picture.retain();
    this.#last?.release();
    this.#last = picture;
  }

  /** Many pictures on their way may fail for one reason. */
  #broke(inner: Renderer, error: FacewireError): void {
    if (inner !== this.#inner || !this.#isUp || this.#stop.signal.aborted) return;
    this.#isUp = false;
    this.#options.onBroken?.(error);
    this.#reviving = this.#revive();
  }

  async #revive(): Promise<void> {
    const { make, onBroken, onBack } = this.#options;
    const { signal } = this.#stop;
    const backoff = new Backoff();
    while (!signal.aborted) {
      await this.#inner.close().catch(() => undefined);
      await pause(backgroundClock, backoff.next(), signal);
      if (signal.aborted) return;
      this.#inner = make();
      try {
        await this.#inner.open();
      } catch (thrown) {
        onBroken?.(toFacewireError(thrown));
        continue;
      }
      this.#isUp = true;
      onBack?.();
      return;
    }
  }
}
