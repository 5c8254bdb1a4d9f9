import { createHash, type Hash } from 'node:crypto';
import { NullSink } from './null-sink.js';
import type { Span } from './sink.js';

/** Takes everything and keeps one number of it: two outputs with the same digest are the same to the bit. */
export class DigestSink extends NullSink {
  override readonly name = 'digest';
  readonly isRecording = true;
  readonly #hash: Hash = createHash('sha256');
  #digest: string | undefined;

  /** SHA-256 over the samples and the weights of every frame, as hex. Taken once; nothing can be written after. */
  get digest(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  override write(span: Span): void {
    super.write(span);
    for (const block of [span.audio, span.weights])
      this.#hash.update(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
  }
}
