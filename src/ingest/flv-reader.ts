import { get, type ClientRequest, type IncomingMessage } from 'node:http';

import { FacewireError, toFacewireError } from '../errors.js';
import { flvHeader, FlvParser, isMedia, serialiseTag, tagType, type FlvTag } from '../sinks/flv.js';
import { OutputFile } from '../sinks/output-file.js';

export interface FlvReaderOptions {
  /** Called for each tag with performance.now() at its arrival. */
  readonly onTag?: (tag: FlvTag, atMs: number) => void;
  /** Records what arrives to this .flv file; see remuxToMp4. */
  readonly record?: string;
  /** Most time until the ingest answers, in ms. Default 5000. */
  readonly timeoutMs?: number;
}

/**
 * Reads a stream as the ingest forwards it. Open it before the push starts: the
 * ingest answers at once and then sends everything from the first tag on.
 */
export class FlvReader {
  readonly url: string;
  /** Settles when the ingest has ended the stream or close() was called; rejects when it broke. */
  readonly ended: Promise<void>;
  readonly #options: FlvReaderOptions;
  readonly #file: OutputFile | undefined;
  #end: { resolve: () => void; reject: (error: FacewireError) => void } = {
    resolve: () => undefined,
    reject: () => undefined,
  };
  #request: ClientRequest | undefined;
  #closed = false;
  #counts = { audio: 0, video: 0 };
  #bytes = 0;
  #firstMediaAt: number | undefined;

  constructor(url: string, options: FlvReaderOptions = {}) {
    this.url = url;
    this.#options = options;
    this.#file = options.record === undefined ? undefined : new OutputFile(options.record);
    this.ended = new Promise((resolve, reject) => (this.#end = { resolve, reject }));
    // Whoever does not ask how it ended does not want an unhandled rejection either.
    this.ended.catch(() => undefined);
  }

  /** Sound frames and pictures that arrived, set-up not counted. */
  get counts(): { readonly audio: number; readonly video: number } {
    return this.#counts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** performance.now() when the first sound or picture arrived. */
  get firstMediaAt(): number | undefined {
    return this.#firstMediaAt;
  }

  /** Resolves when the ingest has this reader on its list. */
  async open(): Promise<void> {
    await this.#file?.open();
    this.#file?.write(flvHeader());
    if (this.#file !== undefined) this.#file.onError = (error) => this.#finish(error);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const unreadable = (why: string, cause?: unknown): void => {
        const detail = { expected: 'an FLV stream', received: why, cause };
        reject(new FacewireError('ERR_INPUT_UNREADABLE', `cannot read ${this.url}: ${why}`, detail));
      };
      const request = get(this.url, { agent: false }, resolve);
      this.#request = request;
      request.setTimeout(this.#options.timeoutMs ?? 5000, () => {
        unreadable('no answer');
        request.destroy();
      });
      request.on('error', (error: NodeJS.ErrnoException) => unreadable(error.code ?? error.message, error));
    });
    // Between speeches nothing may come for long.
    this.#request?.setTimeout(0);
    if (response.statusCode !== 200) {
      this.#request?.destroy();
      throw new FacewireError('ERR_INPUT_UNREADABLE', `cannot read ${this.url}: HTTP ${response.statusCode}`);
    }
    const parser = new FlvParser((tag) => this.#take(tag));
    response.on('data', (bytes: Buffer) => {
      if (this.#closed) return;
      this.#bytes += bytes.length;
      try {
        parser.push(bytes);
      } catch (thrown) {
        this.#finish(toFacewireError(thrown));
      }
    });
    response.on('end', () => this.#finish());
    response.on('error', (error: NodeJS.ErrnoException) => {
      const message = `${this.url} broke off (${error.code ?? error.message})`;
      this.#finish(new FacewireError('ERR_INPUT_UNREADABLE', message, { cause: error }));
    });
  }

  /** Stops reading and completes the recording. Idempotent. */
  async close(): Promise<void> {
    this.#finish();
    await this.#file?.close();
  }

  #take(tag: FlvTag): void {
    if (this.#closed) return;
    const atMs = performance.now();
    if (isMedia(tag)) {
      this.#firstMediaAt ??= atMs;
      this.#counts[tag.type === tagType.video ? 'video' : 'audio'] += 1;
    }
    this.#file?.write(serialiseTag(tag));
    this.#options.onTag?.(tag, atMs);
  }

  #finish(error?: FacewireError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#request?.destroy();
    if (error === undefined) this.#end.resolve();
    else this.#end.reject(error);
  }
}
