import type { FacewireError } from '../errors.js';
import { frameWidth } from '../frame.js';
import type { Sink, SinkReport, Span } from './sink.js';

/** One browser that shows the face. */
export interface PageViewer {
  /** Bytes that it has not taken yet. */
  readonly bufferedAmount: number;
  send(bytes: Uint8Array): void;
}

/** A viewer with more than this on its way misses frames: what it shows next is the newest. */
const mostWaiting = 16 * 1024;

/**
 * Sends the weight row of each frame to the browsers that draw the face
 * themselves: a float64 with the frame's sample, then `frameWidth` float32, all
 * little-endian. Sound does not go there.
 */
export class PageSink implements Sink {
  readonly name = 'page';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #viewers = new Set<PageViewer>();
  #frames = 0;
  #sent = 0;
  #missed = 0;

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Frames that a viewer was too slow for. */
  get missed(): number {
    return this.#missed;
  }

  add(viewer: PageViewer): void {
    this.#viewers.add(viewer);
  }

  remove(viewer: PageViewer): void {
    this.#viewers.delete(viewer);
  }

  async open(): Promise<void> {}

  write(span: Span): void {
    this.#frames += 1;
    if (this.#viewers.size === 0) return;
    const bytes = new Uint8Array(8 + 4 * frameWidth);
    const view = new DataView(bytes.buffer);
    view.setFloat64(0, span.sampleIndex, true);
    for (let i = 0; i < frameWidth; i++) view.setFloat32(8 + 4 * i, span.weights[i], true);
    for (const viewer of this.#viewers) {
      if (viewer.bufferedAmount > mostWaiting) this.#missed += 1;
      else {
        viewer.send(bytes);
        this.#sent += bytes.length;
      }
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
