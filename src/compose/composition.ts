import { loadCanvas } from '../avatar/canvas-loader.js';
import type { FrameMoment, Renderer } from '../avatar/renderer.js';
import { FacewireError, toFacewireError } from '../errors.js';
import { loadAddon } from '../media/load-addon.js';
import { composeYuv, hasAlpha, toYuv } from '../pixel-format.js';
import { RawFrames, type RawFrame } from '../renderers/raw-frames.js';
import { inRange, oneOf } from '../option-values.js';
import type { Picture } from '../sinks/sink.js';
import type { Caption, CaptionSource } from './caption.js';
import { CaptionPainter } from './caption-painter.js';
import { readLogo } from './logo.js';
import { checkLogo, type CaptionStyle, type LogoOptions } from './overlay-options.js';
import { putOverlay, type Overlay } from './overlay.js';
import { colourBehind, type Transparency } from './transparency.js';

export interface CompositionOptions {
  /** What becomes of transparent parts. Default: alpha is ignored. Only for pictures in `rgba` or `bgra`. */
  readonly transparency?: Transparency;
  readonly logo?: LogoOptions;
  /** What is written into the pictures; see Subtitles. */
  readonly subtitles?: CaptionSource;
  readonly captionStyle?: CaptionStyle;
  /** Picture buffers, 4 to 32. Drawing waits while all are held. Default 8. */
  readonly buffers?: number;
  /** Told, for example, of letters that no font has. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Lays a colour behind the pictures of a renderer, and a logo and subtitles over
 * them, or puts key and fill side by side. Everything is blended in YUV, so it
 * costs the same for every format, and no more than what is covered.
 */
export class Composition implements Renderer {
  readonly width: number;
  readonly height: number;
  readonly format = 'i420';
  readonly #inner: Renderer;
  readonly #options: CompositionOptions;
  readonly #behind: number;
  readonly #frames: RawFrames;
  readonly #waiting: (() => void)[] = [];
  #logo: Overlay | undefined;
  #painter: CaptionPainter | undefined;
  /** Pictures are composed in the order in which they were asked for. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The renderer's last picture, kept so that captions go on when it has none. */
  #last: Picture | undefined;
  #shown: Overlay | undefined;
  #isClosed = false;

  constructor(renderer: Renderer, options: CompositionOptions) {
    const { transparency, logo, captionStyle = {} } = options;
    const { width, height, format = 'rgba' } = renderer;
    if (width % 2 !== 0 || height % 2 !== 0) {
      throw new FacewireError('ERR_OPTION_INVALID', 'only pictures of even size can be composed', {
        expected: 'even numbers of pixels',
        received: `${width}x${height}`,
      });
    }
    if (transparency !== undefined && !hasAlpha(format)) {
      throw new FacewireError('ERR_OPTION_INVALID', 'pictures without alpha have no transparent parts', {
        expected: 'a renderer that gives rgba or bgra',
        received: format,
      });
    }
    if (logo !== undefined) checkLogo(logo);
    inRange('size of captions', captionStyle.size ?? 0.05, 0.02, 0.2);
    oneOf('highlight', ['words', 'none'] as const, captionStyle.highlight ?? 'words');
    if (!/^[\p{L}\p{N} ,'"-]{1,200}$/u.test(captionStyle.font ?? 'sans-serif')) {
      throw new FacewireError('ERR_OPTION_INVALID', 'the font of captions cannot be used', {
        expected: 'a CSS font family',
        received: JSON.stringify(captionStyle.font),
      });
    }
    this.#behind = transparency === undefined ? 0 : colourBehind(transparency);
    this.#inner = renderer;
    this.#options = options;
    this.width = transparency?.mode === 'key-and-fill' ? 2 * width : width;
    this.height = height;
    const count = inRange('buffers', Math.trunc(options.buffers ?? 8), 4, 32);
    const shape = { width: this.width, height, format: 'i420', alpha: 'straight' } as const;
    this.#frames = new RawFrames(count, shape, () => this.#waiting.shift()?.());
  }

  async open(): Promise<void> {
    const { logo, subtitles, captionStyle = {}, onWarning = () => undefined } = this.#options;
    const { width, height } = this.#inner;
    if (logo !== undefined || subtitles !== undefined) {
      const canvas = await loadCanvas();
      if (logo !== undefined) this.#logo = await readLogo(canvas, logo, width, height);
      if (subtitles !== undefined)
        this.#painter = new CaptionPainter(canvas, width, height, captionStyle, onWarning);
    }
    await this.#inner.open();
  }

  draw(weights: Float32Array, moment: FrameMoment): Promise<Picture | undefined> {
    let caption: Caption | undefined;
    let drawn: Promise<Picture | undefined>;
    try {
      caption = this.#options.subtitles?.at(moment.sampleEnd);
      drawn = this.#inner.draw(weights, moment);
    } catch (thrown) {
      return Promise.reject(toFacewireError(thrown));
    }
    // Whoever waits for the turn handles the failure.
    drawn.catch(() => undefined);
    const composed = this.#turn.then(async () => this.#compose(await drawn, caption));
    this.#turn = composed.catch(() => undefined);
    return composed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) waiting();
    await this.#inner.close();
    await this.#turn;
    this.#last?.release();
    this.#last = undefined;
  }

  async #compose(drawn: Picture | undefined, caption: Caption | undefined): Promise<Picture | undefined> {
    if (drawn !== undefined && this.#painter !== undefined) {
      this.#last?.release();
      drawn.retain();
      this.#last = drawn;
    }
    if (drawn === undefined) this.#last?.retain();
    const picture = drawn ?? this.#last;
    let frame: RawFrame | undefined;
    try {
      const text = this.#painter?.paint(caption);
      const isSame = drawn === undefined && text === this.#shown;
      this.#shown = text;
      if (picture === undefined || isSame) return undefined;
      frame = this.#frames.take() ?? (await this.#nextFree());
      if (frame === undefined) return undefined;
      this.#blend(picture, frame.bytes);
      for (const overlay of [this.#logo, text]) if (overlay !== undefined) this.#put(overlay, frame.bytes);
      return this.#frames.picture(frame);
    } catch (thrown) {
      if (frame !== undefined) this.#frames.giveBack(frame);
      throw toFacewireError(thrown);
    } finally {
      picture?.release();
    }
  }

  async #nextFree(): Promise<RawFrame | undefined> {
    if (this.#isClosed) return undefined;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#isClosed ? undefined : this.#frames.take();
  }

  /** The picture, as the stream has it. */
  #blend(picture: Picture, bytes: Uint8Array): void {
    const { pixels, format = 'rgba', alpha = 'straight', width, height } = picture;
    const { transparency } = this.#options;
    if (width !== this.#inner.width || height !== this.#inner.height) {
      throw new FacewireError('ERR_STATE', 'a picture has another size than its renderer', {
        expected: `${this.#inner.width}x${this.#inner.height}`,
        received: `${width}x${height}`,
      });
    }
    if (transparency === undefined || (format !== 'rgba' && format !== 'bgra')) {
      if (picture.yuv !== undefined) bytes.set(picture.yuv);
      else toYuv(pixels, format, width, height, bytes);
      return;
    }
    const behind = { alpha, colour: this.#behind };
    composeYuv(pixels, format, width, height, behind, { bytes, width: this.width, column: 0 });
    if (transparency.mode === 'key-and-fill')
      loadAddon().video.key(pixels, width, height, bytes, this.width, width);
  }

  #put(overlay: Overlay, bytes: Uint8Array): void {
    putOverlay(overlay, bytes, this.width, this.height);
    const isDouble = this.width > this.#inner.width;
    if (isDouble) putOverlay(overlay, bytes, this.width, this.height, this.#inner.width, true);
  }
}
