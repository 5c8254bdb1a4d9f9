import { rm } from 'node:fs/promises';

import type { FacewireError } from '../errors.js';
import { EncodedSink, type TagOutput } from './encoded-sink.js';
import type { EncoderOptions } from './encoder.js';
import { flvHeader, isMedia, serialiseTag, type FlvTag } from './flv.js';
import { checkWritable, OutputFile } from './output-file.js';
import { remuxToMp4 } from './remux.js';

/**
 * Records tags to an MP4 file. While it runs they go to PATH.part.flv, which
 * any player reads even when we are killed; close() turns it into the MP4.
 */
export class Mp4Output implements TagOutput {
  readonly name = 'mp4';
  readonly path: string;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #ffmpeg: string | undefined;
  readonly #part: OutputFile;
  #state: 'new' | 'open' | 'closed' = 'new';
  #hasMedia = false;
  #closing: Promise<void> | undefined;

  constructor(path: string, options: { readonly ffmpeg?: string } = {}) {
    this.path = path;
    this.#ffmpeg = options.ffmpeg;
    this.#part = new OutputFile(`${path}.part.flv`);
    this.#part.onError = (error) => this.onError?.(error);
  }

  async open(): Promise<void> {
    await checkWritable(this.path);
    await this.#part.open();
    this.#state = 'open';
    this.#part.write(flvHeader());
  }

  write(tag: FlvTag): void {
    if (this.#state !== 'open') return;
    this.#hasMedia ||= isMedia(tag);
    this.#part.write(serialiseTag(tag));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    await this.#part.close();
    if (this.#hasMedia) await remuxToMp4(this.#part.path, this.path, this.#ffmpeg);
    await rm(this.#part.path, { force: true });
  }
}

export interface Mp4SinkOptions extends EncoderOptions {
  readonly path: string;
}

/** Records to an MP4 file. */
export class Mp4Sink extends EncodedSink {
  constructor(options: Mp4SinkOptions) {
    super({ ...options, outputs: [new Mp4Output(options.path, options)] });
  }
}
