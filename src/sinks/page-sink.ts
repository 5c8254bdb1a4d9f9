import type { Caption, CaptionSource } from '../compose/caption.js';
import type { FacewireError } from '../errors.js';
import { frameWidth } from '../frame.js';
import type { Sink, SinkReport, Span } from './sink.js';

/** One browser that shows the face. */
export interface PageViewer {
  /** Bytes that it has not taken yet. */
  readonly bufferedAmount: number;
  send(message: Uint8Array | string): void;
}

/** A viewer with more than this on its way misses frames: what it shows next is the newest. */
const mostWaiting = 16 * 1024;

/**
 * Sends the weight row of each frame to the browsers that draw the face
 * themselves: a float64 with the frame's sample, then `frameWidth` float32, all
 * little-endian. A caption that has changed goes ahead of the row of its frame,
 * as JSON text, null for none. Sound does not go there.
 */
export class PageSink implements Sink {
  readonly name = 'page';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #captions: CaptionSource | undefined;
  /** Those who look, each with the caption that it shows. */
  readonly #viewers = new Map<PageViewer, Caption | undefined>();
  #frames = 0;
  #sent = 0;
  #missed = 0;

  /** @param options `captions`: what the page writes into the picture; asked once for each frame. */
  constructor(options: { readonly captions?: CaptionSource | undefined } = {}) {
    this.#captions = options.captions;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Frames that a viewer was too slow for. */
  get missed(): number {
    return this.#missed;
  }

  add(viewer: PageViewer): void {
    this.#viewers.set(viewer, undefined);
  }

  remove(viewer: PageViewer): void {
    this.#viewers.delete(viewer);
  }

  async open(): Promise<void> {}

  write(span: Span): void {
    this.#frames += 1;
    const caption = this.#captions?.at(span.sampleIndex + span.audio.length);
    if (this.#viewers.size === 0) return;
    const bytes = new Uint8Array(8 + 4 * frameWidth);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, span.sampleIndex, true);
    for (let i = 0; i < frameWidth; i++) view.setFloat32(8 + 4 * i, span.weights[i], true);
    for (const [viewer, shown] of this.#viewers) {
      if (viewer.bufferedAmount > mostWaiting) {
        this.#missed += 1;
        continue;
      }
      if (caption !== shown) {
        viewer.send(JSON.stringify(caption ?? null));
        this.#viewers.set(viewer, caption);
      }
      viewer.send(bytes);
      this.#sent += bytes.length;
    }
  }

  async close(): Promise<SinkReport> {
    this.#viewers.clear();
    return {
      name: this.name,
      videoFrames: this.#frames,
      audioFrames: 0,
      repeatedFrames: 0,
      bytes: this.#sent,
    };
  }
}
