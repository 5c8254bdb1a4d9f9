import { Worker } from 'node:worker_threads';
import { entryUrl } from '../entry-url.js';
import { FacewireError, toFacewireError } from '../errors.js';
import { frameWidth } from '../frame.js';
import type { Picture } from '../sinks/sink.js';
import { canvasPackage } from './canvas-loader.js';
import type { DrawReply, DrawRequest, DrawWorkerData } from './draw-worker.js';
import { PictureRing } from './picture-ring.js';
import type { Renderer } from './renderer.js';

export interface DrawnFaceOptions {
  /** Picture width in pixels, 64 to 4096. Default 1280. */
  readonly width?: number;
  /** Picture height in pixels, 64 to 4096. Default 720. */
  readonly height?: number;
  /** `studio` (default, a calm backdrop), `transparent`, or a colour as `#rgb`, `#rrggbb` or a CSS name. */
  readonly background?: string;
  /** A PNG, JPEG or WebP file of at most 32 MiB that covers the background, cut to the middle. open() fails with ERR_INPUT_UNREADABLE. */
  readonly backgroundImage?: string;
  /** Picture buffers, 4 to 32. Drawing waits while all are held. Default 6. */
  readonly buffers?: number;
  /** Name of the drawing package. Default `@napi-rs/canvas`. */
  readonly canvasPackage?: string;
}

/** Rows that may wait for a free buffer; a caller this far ahead has lost count of its pictures. */
const queueLimit = 64;

interface Job {
  readonly row: Float32Array;
  readonly resolve: (picture: Picture) => void;
  readonly reject: (error: FacewireError) => void;
}

/**
 * The built-in face: a drawn character that shows all 52 shapes and the head
 * pose. Draws in its own thread into shared buffers; an idle or forgotten face
 * does not keep the process alive.
 */
export class DrawnFace implements Renderer {
  readonly width: number;
  readonly height: number;
  readonly #background: string;
  readonly #backgroundImage: string | undefined;
  readonly #canvasPackage: string;
  readonly #ring: PictureRing;
  readonly #waiting: Job[] = [];
  readonly #drawing: Job[] = [];
  #worker: Worker | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #failure: FacewireError | undefined;
  #ready = false;
  #lastDrawMs = 0;

  constructor(options: DrawnFaceOptions = {}) {
    this.width = whole('width', options.width ?? 1280, 64, 4096);
    this.height = whole('height', options.height ?? 720, 64, 4096);
    this.#background = colour(options.background ?? 'studio');
    this.#backgroundImage = options.backgroundImage;
    this.#canvasPackage = options.canvasPackage ?? canvasPackage;
    const count = whole('buffers', options.buffers ?? 6, 4, 32);
    this.#ring = new PictureRing(count, this.width, this.height, () => this.#pump());
  }

  /** Milliseconds that the worker took for the picture that came last. */
  get lastDrawMs(): number {
    return this.#lastDrawMs;
  }

  open(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    this.#opening ??= this.#start();
    return this.#opening;
  }

  draw(weights: Float32Array): Promise<Picture> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (!this.#ready) {
      return Promise.reject(
        new FacewireError('ERR_STATE', 'draw() was called before the face was open', {
          expected: 'a finished open()',
        }),
      );
    }
    if (weights.length !== frameWidth) {
      return Promise.reject(
        new FacewireError('ERR_OPTION_INVALID', 'a weight row has the wrong length', {
          expected: `${frameWidth} numbers`,
          received: `${weights.length}`,
        }),
      );
    }
    if (this.#waiting.length >= queueLimit) {
      return Promise.reject(
        new FacewireError('ERR_BUFFER_FULL', `${queueLimit} pictures are already waiting to be drawn`, {
          expected: 'pictures that are released',
          remedy:
            'Release pictures when their holder is done, and wait for draw() before drawing further ahead.',
        }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row: weights.slice(), resolve, reject });
      this.#pump();
    });
  }

  /** Stops the thread. Pictures that are still held stay readable; draws under way are rejected with ERR_STATE. */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  #start(): Promise<void> {
    const data: DrawWorkerData = {
      width: this.width,
      height: this.height,
      background: this.#background,
      backgroundImage: this.#backgroundImage,
      canvasPackage: this.#canvasPackage,
      buffers: this.#ring.buffers,
      yuvBuffers: this.#ring.yuvBuffers,
    };
    return new Promise((resolve, reject) => {
      // No inherited flags and no environment: nothing of the host's secrets is needed to draw.
      const worker = new Worker(entryUrl('avatar/draw-worker'), {
        workerData: data,
        execArgv: [],
        env: {},
        name: 'facewire-face',
      });
      this.#worker = worker;
      const lost = (error: FacewireError): void => {
        this.#fail(error);
        reject(this.#failure ?? error);
      };
      worker.on('message', (reply: DrawReply) => {
        if (reply.kind === 'drawn') return this.#finish(reply.buffer, reply.milliseconds);
        if (reply.kind === 'ready') {
          this.#ready = this.#failure === undefined;
          worker.unref();
          return resolve();
        }
        const { expected, received } = reply;
        lost(
          new FacewireError(reply.code, reply.message, {
            ...(expected !== undefined && { expected }),
            ...(received !== undefined && { received }),
          }),
        );
        void worker.terminate();
      });
      worker.on('error', (thrown) => lost(toFacewireError(thrown)));
      worker.on('exit', (exitCode) =>
        lost(
          new FacewireError('ERR_INTERNAL', 'the drawing thread stopped', {
            expected: 'a thread that runs until close()',
            received: `exit code ${exitCode}`,
          }),
        ),
      );
    });
  }

  async #stop(): Promise<void> {
    this.#fail(closedError());
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #pump(): void {
    while (this.#ready && this.#waiting.length > 0) {
      const buffer = this.#ring.take();
      if (buffer === undefined) return;
      const job = this.#waiting.shift();
      if (job === undefined) return;
      // While a picture is due somebody is waiting for it, so the thread counts.
      if (this.#drawing.length === 0) this.#worker?.ref();
      this.#drawing.push(job);
      const request: DrawRequest = { buffer, row: job.row };
      this.#worker?.postMessage(request);
    }
  }

  #finish(buffer: number, milliseconds: number): void {
    this.#lastDrawMs = milliseconds;
    const job = this.#drawing.shift();
    if (job === undefined) return;
    if (this.#drawing.length === 0) this.#worker?.unref();
    job.resolve(this.#ring.picture(buffer));
  }

  /** The first failure counts; everything that waits gets it. */
  #fail(error: FacewireError): void {
    this.#failure ??= error;
    this.#ready = false;
    for (const job of [...this.#drawing.splice(0), ...this.#waiting.splice(0)]) job.reject(this.#failure);
  }
}

function closedError(): FacewireError {
  return new FacewireError('ERR_STATE', 'the face is closed', { expected: 'no call after close()' });
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new FacewireError('ERR_OPTION_INVALID', `${name} cannot be used`, {
    expected: `a whole number from ${least} to ${most}`,
    received: String(value),
  });
}

function colour(text: string): string {
  if (/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$|^[a-z]{3,24}$/i.test(text)) return text.toLowerCase();
  throw new FacewireError('ERR_OPTION_INVALID', 'background cannot be used', {
    expected: 'studio, transparent, #rgb, #rrggbb or a CSS colour name',
    received: JSON.stringify(text),
  });
}
