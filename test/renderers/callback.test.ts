import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';

import type { FrameMoment } from '../../src/avatar/renderer.js';
import { frameWidth } from '../../src/frame.js';
import { CallbackRenderer, type CallbackRendererOptions } from '../../src/renderers/callback-renderer.js';
import type { RendererEvent } from '../../src/renderers/foreign-renderer.js';
import type { Picture } from '../../src/sinks/sink.js';
import { describeWith } from '../tools.js';
import { at, expectColour, film, height, picturesOf, width, yuvOf } from './film.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-callback-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const row = new Float32Array(frameWidth);
const live = (frameIndex: number): FrameMoment => ({
  frameIndex,
  sampleIndex: 640 * frameIndex,
  sampleEnd: 640 * (frameIndex + 1),
  isLive: true,
});

async function small(options: Partial<CallbackRendererOptions>): Promise<CallbackRenderer> {
  const renderer = new CallbackRenderer({ width: 4, height: 2, draw: () => undefined, ...options });
  await renderer.open();
  return renderer;
}

const first = (picture: Picture | undefined): number | undefined => picture?.pixels[0];

describe('CallbackRenderer', () => {
  it('tells the callback frame, samples and weights, at rest first', async () => {
    const seen: unknown[] = [];
    const renderer = await small({
      draw: ({ frameIndex, sampleIndex, sampleEnd, weights, into }) => {
        seen.push([frameIndex, sampleIndex, sampleEnd, weights[17], into.length]);
      },
    });
    const weights = row.slice();
    weights[17] = 0.5;
    (await renderer.draw(weights, live(3)))?.release();
    expect(seen).toEqual([
      [-1, 0, 0, 0, 32],
      [3, 1920, 2560, 0.5, 32],
    ]);
    await renderer.close();
  });

  it('shows the picture before, and says so once, while draw() throws or returns no picture', async () => {
    const events: RendererEvent[] = [];
    const answers: (() => Uint8Array)[] = [
      () => new Uint8Array(32).fill(1),
      () => new Uint8Array(31),
      () => {
        throw new Error('out of paint');
      },
      () => new Uint8Array(32).fill(2),
    ];
    let call = -1;
    const renderer = await small({
      draw: () => (call++ < 0 ? undefined : answers[call - 1]()),
      onEvent: (event) => events.push(event),
    });
    const pictures = [];
    for (let frame = 0; frame < 4; frame++) pictures.push(await renderer.draw(row, live(frame)));
    expect(pictures.map(first)).toEqual([1, undefined, undefined, 2]);
    expect(events).toMatchObject([
      {
        type: 'failed',
        error: { code: 'ERR_RENDERER_FAILED', expected: '32 bytes of rgba for 4x2', received: '31 bytes' },
      },
      { type: 'back' },
    ]);
    expect(renderer.counts).toMatchObject({ drawn: 2, failed: 2 });
    for (const picture of pictures) picture?.release();
    await renderer.close();
  });

  it('shows the face at rest until there is another picture', async () => {
    const renderer = await small({
      draw: ({ frameIndex }) => {
        if (frameIndex === 0) throw new Error('not yet');
        return new Uint8Array(32).fill(frameIndex + 8);
      },
    });
    const [none, one] = [await renderer.draw(row, live(0)), await renderer.draw(row, live(1))];
    expect([none, one].map(first)).toEqual([7, 9]);
    none?.release();
    one?.release();
    await renderer.close();
  });

  it('fails to open when the face at rest cannot be drawn', async () => {
    const draw = (): never => {
      throw new Error('no paint at all');
    };
    await expect(small({ draw })).rejects.toMatchObject({
      code: 'ERR_RENDERER_FAILED',
      message: 'no paint at all',
    });
  });

  it('gives up what is late, and a live frame for which there is no buffer', async () => {
    const answers: (() => void)[] = [];
    const timers: (() => void)[] = [];
    const clock = {
      now: () => 0,
      after: (_: number, run: () => void) => {
        timers.push(run);
        return () => undefined;
      },
    };
    const renderer = await small({
      buffers: 4,
      clock,
      draw: ({ frameIndex }) =>
        frameIndex < 0 ? undefined : new Promise<void>((resolve) => answers.push(resolve)),
    });
    const drawn = [0, 1, 2].map((frame) => renderer.draw(row, live(frame)));
    const busy = await renderer.draw(row, live(3));
    expect(renderer.counts).toMatchObject({ busy: 1, late: 0 });
    timers.forEach((run) => run());
    const pictures = await Promise.all(drawn);
    expect(renderer.counts).toMatchObject({ busy: 1, late: 3, drawn: 0 });
    answers.forEach((answer) => answer());
    for (const picture of [busy, ...pictures]) picture?.release();
    await renderer.close();
  });

  it('lets a file wait for a buffer', async () => {
    const renderer = await small({ buffers: 4, draw: ({ frameIndex, into }) => void into.fill(frameIndex) });
    const file = (frame: number): FrameMoment => ({ ...live(frame), isLive: false });
    const held = await Promise.all([0, 1, 2, 3].map((frame) => renderer.draw(row, file(frame))));
    const waiting = renderer.draw(row, file(4));
    held[0]?.release();
    expect(first(await waiting)).toBe(4);
    expect(renderer.counts).toMatchObject({ drawn: 5, busy: 0 });
    await renderer.close();
  });

  it('draws one after the other unless told otherwise', async () => {
    for (const [concurrency, expected] of [
      [1, 1],
      [3, 3],
    ] as const) {
      let most = 0;
      let running = 0;
      const renderer = await small({
        concurrency,
        draw: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        },
      });
      const drawn = await Promise.all([0, 1, 2, 3].map((frame) => renderer.draw(row, live(frame))));
      for (const picture of drawn) picture?.release();
      expect(most).toBe(expected);
      await renderer.close();
    }
  });
});

describeWith(['ffmpeg'], 'a worker that draws into shared memory', () => {
  it('films its pictures', async () => {
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', ({ into, frameIndex }) => {
         for (let i = 0; i < into.length; i += 4) into.set([10, frameIndex * 4, 200, 255], i);
         parentPort.postMessage(frameIndex);
       });`,
      { eval: true },
    );
    const renderer = new CallbackRenderer({
      width,
      height,
      draw: async ({ into, frameIndex }) => {
        const done = new Promise<void>((resolve) => worker.once('message', () => resolve()));
        worker.postMessage({ into, frameIndex: Math.max(0, frameIndex) });
        await done;
      },
    });
    const path = join(folder, 'worker.mp4');
    await film(renderer, path);
    await worker.terminate();
    const pictures = await picturesOf(path);
    expect(pictures.length).toBeGreaterThanOrEqual(50);
    pictures.forEach((picture, frame) =>
      expectColour(at(picture, 100, 100), yuvOf([10, frame * 4, 200]), `frame ${frame}`),
    );
  });
});
