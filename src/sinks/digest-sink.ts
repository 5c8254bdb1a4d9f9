import { createHash, type Hash } from 'node:crypto';
import type { FacewireError } from '../errors.js';
import type { Sink, SinkReport, Span } from './sink.js';

/** Takes everything and keeps one number of it: two outputs with the same digest are the same to the bit. */
export class DigestSink implements Sink {
  readonly name = 'digest';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #hash: Hash = createHash('sha256');
  #digest: string | undefined;
  #videoFrames = 0;
  #audioFrames = 0;

  /** SHA-256 over the samples and the weights of every frame, as hex. Taken once; nothing can be written after. */
  get digest(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write({ audio, weights }: Span): void {
    this.#videoFrames += 1;
    this.#audioFrames += audio.length;
    for (const block of [audio, weights])
      this.#hash.update(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
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
