import { rm } from 'node:fs/promises';

import type { FacewireError } from '../errors.js';
import { EncodedSink, type EncodedFormat, type TagOutput } from './encoded-sink.js';
import type { EncoderOptions } from './encoder-options.js';
import type { FlvTag } from './flv.js';
import { Fragments } from './mp4/fragments.js';
import { checkWritable, OutputFile } from './output-file.js';

/**
 * Records tags to a fragmented MP4 file, which plays up to its last half second
 * whenever we are killed or the disk is full.
 */
export class Mp4Output implements TagOutput {
  readonly name = 'mp4';
  readonly isRecording = true;
  readonly path: string;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #file: OutputFile;
  #fragments: Fragments | undefined;
  #closing: Promise<void> | undefined;

  constructor(path: string) {
    this.path = path;
    this.#file = new OutputFile(path);
    this.#file.onError = (error) => this.onError?.(error);
  }

  async open(format: EncodedFormat): Promise<void> {
    await checkWritable(this.path);
    await this.#file.open();
    // Nobody would close what is opened now.
    if (this.#closing !== undefined) return void (await this.#file.close());
    this.#fragments = new Fragments(format, (bytes) => this.#file.write(bytes));
  }

  write(tag: FlvTag): void {
    if (this.#closing === undefined) this.#fragments?.push(tag);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#fragments === undefined) return;
    this.#fragments.flush();
    const { duration } = this.#fragments;
    if (duration !== undefined) this.#file.write(duration.bytes, duration.position);
    await this.#file.close();
    if (duration === undefined) await rm(this.path, { force: true });
  }
}

export interface Mp4SinkOptions extends EncoderOptions {
  readonly path: string;
}

/** Records to an MP4 file. */
export class Mp4Sink extends EncodedSink {
  constructor(options: Mp4SinkOptions) {
    super({ ...options, outputs: [new Mp4Output(options.path)] });
  }
}
