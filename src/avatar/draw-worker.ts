import { parentPort, workerData } from 'node:worker_threads';
import { toFacewireError } from '../errors.js';
import { readBackground } from './background-image.js';
import { loadCanvas } from './canvas-loader.js';
import { convertToYuv } from '../yuv-picture.js';
import { FramePainter, type Slot } from './frame-painter.js';

/** What drawn-face.ts starts this worker with. */
export interface DrawWorkerData {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly backgroundImage: string | undefined;
  readonly canvasPackage: string;
  readonly buffers: readonly SharedArrayBuffer[];
  readonly yuvBuffers: readonly SharedArrayBuffer[];
}

export interface DrawRequest {
  readonly buffer: number;
  readonly row: Float32Array;
}

export type DrawReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'drawn'; readonly buffer: number; readonly milliseconds: number }
  | {
      readonly kind: 'failed';
      readonly code: 'ERR_CANVAS_MISSING' | 'ERR_INPUT_UNREADABLE' | 'ERR_INTERNAL';
      readonly message: string;
      readonly expected: string | undefined;
      readonly received: string | undefined;
    };

const port = parentPort;
if (port !== null) {
  const reply = (message: DrawReply): void => port.postMessage(message);
  const fail = (thrown: unknown): void => {
    const error = toFacewireError(thrown);
    const isKnown = error.code === 'ERR_CANVAS_MISSING' || error.code === 'ERR_INPUT_UNREADABLE';
    const code = isKnown ? error.code : 'ERR_INTERNAL';
    reply({
      kind: 'failed',
      code,
      message: error.message,
      expected: error.expected,
      received: error.received,
    });
  };
  const data = workerData as DrawWorkerData;
  try {
    const canvas = await loadCanvas(data.canvasPackage);
    const { backgroundImage: image } = data;
    const background = image === undefined ? data.background : await readBackground(canvas, image);
    const painter = new FramePainter(canvas, data.width, data.height, background);
    const slots = data.buffers.map((buffer): Slot => ({
      pixels: new Uint8Array(buffer),
      painted: undefined,
    }));
    port.on('message', ({ buffer, row }: DrawRequest) => {
      const slot = slots[buffer];
      if (slot === undefined) return;
      try {
        const start = performance.now();
        const area = painter.paint(row, slot);
        const yuv = data.yuvBuffers[buffer];
        if (yuv !== undefined) convertToYuv(slot.pixels, data.width, data.height, area, new Uint8Array(yuv));
        reply({ kind: 'drawn', buffer, milliseconds: performance.now() - start });
      } catch (thrown) {
        fail(thrown);
      }
    });
    reply({ kind: 'ready' });
  } catch (thrown) {
    fail(thrown);
  }
}
