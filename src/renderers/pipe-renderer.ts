import { Backoff } from '../backoff.js';
import { IdleTimer, pause } from '../clock.js';
import { FacewireError, toFacewireError } from '../errors.js';
import { pictureBytes } from '../pixel-format.js';
import { inRange } from '../option-values.js';
import { linkTo, type Engine, type EngineLink } from './engine-link.js';
import { defaultBuffers, ForeignRenderer, restFrame, type ForeignOptions } from './foreign-renderer.js';
import { writeRequest } from './pipe-request.js';
import type { RawFrame } from './raw-frames.js';
import { SharedFile } from './shared-file.js';

export interface PipeRendererOptions extends ForeignOptions {
  /** What draws. docs/renderers.md describes what passes. */
  readonly engine: Engine;
  /**
   * Pictures lie in a file in shared memory, whose path the engine gets as FACEWIRE_FRAMES, and only a receipt
   * comes through the pipe. Only for an engine that is a command. Default false.
   */
  readonly sharedMemory?: boolean;
  /** An engine that was asked and gives nothing for so long is replaced, in ms, 100 to 60 000. Default 3000. */
  readonly stallMs?: number;
  /** Most time for the first picture of an engine, in ms, 100 to 600 000. Default 30 000. */
  readonly startMs?: number;
}

/** Bytes of the receipt for a picture in shared memory: the number of the request, uint32. */
const receiptBytes = 4;
/** Engines in a row that may fail before the frames of a file wait no longer. */
const mostAttempts = 5;

/**
 * Pictures of another process. For each frame it gets a request and gives one
 * picture, in the order of the requests. When it dies, hangs or gives something
 * else, the picture before is shown while it is started again.
 */
export class PipeRenderer extends ForeignRenderer {
  readonly #engine: Engine;
  readonly #stallMs: number;
  readonly #startMs: number;
  readonly #shared: SharedFile | undefined;
  readonly #backoff: Backoff;
  readonly #ending = new AbortController();
  /** Frames whose picture is owed, oldest first. */
  readonly #asked: RawFrame[] = [];
  readonly #receipt = Buffer.alloc(receiptBytes);
  #link: EngineLink | undefined;
  #watch: IdleTimer | undefined;
  /** Bytes of the oldest picture or receipt that have come. */
  #have = 0;
  #number = 0;
  /** Pictures of this engine. */
  #given = 0;
  /** Engines started in a row that gave no picture. */
  #attempts = 0;
  /** Frames of a file that wait for the next engine. */
  readonly #parked: RawFrame[] = [];
  #wasLost = false;

  constructor(options: PipeRendererOptions) {
    super(options);
    const { engine } = options;
    this.#stallMs = inRange('stallMs', options.stallMs ?? 3000, 100, 60_000);
    this.#startMs = inRange('startMs', options.startMs ?? 30_000, 100, 600_000);
    this.#backoff = new Backoff(options.random, 250, 1.7, 5000);
    this.#engine = engine;
    if (options.sharedMemory !== true) return;
    if (typeof engine === 'function') {
      throw new FacewireError('ERR_OPTION_INVALID', 'sharedMemory is for an engine that is started here', {
        expected: 'an engine with a command',
        received: 'a function',
      });
    }
    const bytes = pictureBytes(this.format, this.width, this.height);
    this.#shared = new SharedFile(bytes, options.buffers ?? defaultBuffers);
  }

  protected async start(): Promise<void> {
    this.#shared?.open();
    this.#begin(await this.#connect());
  }

  protected ask(frame: RawFrame): void {
    const { requests } = this.#link ?? {};
    if (requests === undefined) return this.#park(frame);
    const { width, height, format } = this;
    const { frameIndex, sampleIndex, weights } = frame;
    const slot = this.#shared === undefined ? 0 : frame.slot;
    const number = this.#number++ >>> 0;
    frame.number = number;
    this.#asked.push(frame);
    requests.write(writeRequest({ frameIndex, sampleIndex, width, height, format, slot, number, weights }));
    if (this.#asked.length === 1) this.#expect();
  }

  protected async stop(): Promise<void> {
    this.#ending.abort();
    const link = this.#forget();
    await link?.close();
    this.#shared?.close();
  }

  async #connect(): Promise<EngineLink> {
    const engine = this.#engine;
    const shared = this.#shared;
    const linking = linkTo(
      shared === undefined || typeof engine === 'function'
        ? engine
        : { ...engine, env: { ...engine.env, FACEWIRE_FRAMES: shared.path } },
    );
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#ending.signal]);
    const late = pause(this.clock, this.#startMs, signal).then(() => undefined);
    try {
      const link = await Promise.race([linking, late]);
      if (link !== undefined) return link;
    } catch (thrown) {
      throw toFacewireError(thrown, 'ERR_RENDERER_FAILED');
    } finally {
      done.abort();
    }
    // It may still come.
    linking.then(
      (link) => link.close(),
      () => undefined,
    );
    throw new FacewireError('ERR_RENDERER_FAILED', `no engine was reached within ${this.#startMs} ms`);
  }

  #begin(link: EngineLink): void {
    this.#link = link;
    this.#have = 0;
    this.#given = 0;
    link.pictures.on('data', (bytes: Buffer) => {
      if (this.#link !== link) return;
      try {
        this.#take(bytes);
      } catch (thrown) {
        this.#lost(link, toFacewireError(thrown, 'ERR_RENDERER_FAILED').message);
      }
    });
    void link.ended.then((how) => this.#lost(link, how));
    for (const frame of this.#parked.splice(0)) this.ask(frame);
  }

  #take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const frame = this.#asked[0];
      if (frame === undefined) throw new Error(`it gave ${bytes.length - at} bytes that nobody asked for`);
      const into = this.#shared === undefined ? frame.bytes : this.#receipt;
      const count = Math.min(into.length - this.#have, bytes.length - at);
      into.set(at === 0 && count === bytes.length ? bytes : bytes.subarray(at, at + count), this.#have);
      at += count;
      this.#have += count;
      if (this.#have === into.length) this.#finish(frame);
    }
  }

  #finish(frame: RawFrame): void {
    if (this.#shared !== undefined) {
      const number = this.#receipt.readUInt32LE(0);
      if (number !== frame.number)
        throw new Error(`it gave a receipt for request ${number}, not ${frame.number}`);
      this.#shared.read(frame);
    }
    this.#have = 0;
    this.#given += 1;
    this.#asked.shift();
    this.#attempts = 0;
    this.#backoff.reset();
    if (this.#wasLost && frame.frameIndex !== restFrame) {
      this.#wasLost = false;
      this.tell({ type: 'back' });
    }
    this.deliver(frame);
    this.#expect();
  }

  /** Watches the engine for as long as it owes a picture. */
  #expect(): void {
    this.#watch?.stop();
    this.#watch = undefined;
    const link = this.#link;
    if (link === undefined || this.#asked.length === 0) return;
    const patience = this.#given === 0 ? Math.max(this.#startMs, this.#stallMs) : this.#stallMs;
    this.#watch = new IdleTimer(this.clock, patience, () =>
      this.#lost(link, `it gave nothing for ${patience} ms`),
    );
  }

  #lost(link: EngineLink, what: string): void {
    if (this.#link !== link) return;
    const asked = this.#asked.length;
    const short = this.#have;
    const opening = this.#asked.some(({ frameIndex }) => frameIndex === restFrame);
    const tail = link.tail();
    const error = new FacewireError(
      'ERR_RENDERER_FAILED',
      `the engine was lost: ${what}${tail === '' ? '' : `; its last lines: ${tail}`}`,
      {
        expected: `${this.#shared === undefined ? pictureBytes(this.format, this.width, this.height) : receiptBytes} bytes for each request`,
        received: `${short} bytes of a picture, with ${asked} owed`,
      },
    );
    this.#forget(error);
    link.kill();
    if (opening || this.isClosed) return;
    this.#wasLost = true;
    const waitMs = this.#backoff.next();
    this.tell({ type: 'failed', error, waitMs });
    void this.#restart(waitMs);
  }

  async #restart(waitMs: number): Promise<void> {
    const { signal } = this.#ending;
    for (let wait = waitMs; ; wait = this.#backoff.next()) {
      await pause(this.clock, wait, signal);
      if (signal.aborted) return;
      this.countRestart();
      this.#attempts += 1;
      if (this.#attempts >= mostAttempts) for (const frame of this.#parked.splice(0)) this.lose(frame);
      try {
        const link = await this.#connect();
        if (!signal.aborted) return this.#begin(link);
        return await link.close();
      } catch (thrown) {
        if (signal.aborted) return;
        this.tell({ type: 'failed', error: toFacewireError(thrown, 'ERR_RENDERER_FAILED') });
      }
    }
  }

  /** Gives up the engine and what it owes. */
  #forget(error?: FacewireError): EngineLink | undefined {
    const link = this.#link;
    this.#link = undefined;
    this.#watch?.stop();
    this.#watch = undefined;
    this.#have = 0;
    for (const frame of this.#asked.splice(0)) {
      if (error === undefined || frame.frameIndex === restFrame) this.lose(frame, error);
      else this.#park(frame);
    }
    if (error === undefined) for (const frame of this.#parked.splice(0)) this.lose(frame);
    return link;
  }

  /** What is live goes on without its picture; a file waits for the engine, but not for ever. */
  #park(frame: RawFrame): void {
    if (frame.isLive || this.isClosed || this.#attempts >= mostAttempts) this.lose(frame);
    else this.#parked.push(frame);
  }
}
