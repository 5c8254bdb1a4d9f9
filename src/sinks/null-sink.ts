import type { FacewireError } from '../errors.js';
import type { Sink, SinkReport, Span } from './sink.js';

/** Takes everything, keeps nothing, and counts. */
export class NullSink implements Sink {
  readonly name: string = 'null';
  readonly wantsPictures: boolean;
  onError: ((error: FacewireError) => void) | undefined;
  #videoFrames = 0;
  #audioFrames = 0;

  /** @param options.pictures whether the player should draw for this sink. Default false. */
  constructor(options: { readonly pictures?: boolean } = {}) {
    this.wantsPictures = options.pictures ?? false;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(span: Span): void {
    this.#videoFrames += 1;
    this.#audioFrames += span.audio.length;
  }

  close(): Promise<SinkReport> {
    return Promise.resolve({
      name: this.name,
      videoFrames: this.#videoFrames,
      audioFrames: this.#audioFrames,
      repeatedFrames: 0,
      bytes: 0,
    });
  }
}
