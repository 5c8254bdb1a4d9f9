import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';

import { frameWidth } from '../../src/frame.js';
import type { RendererEvent } from '../../src/renderers/foreign-renderer.js';
import { PipeRenderer, type PipeRendererOptions } from '../../src/renderers/pipe-renderer.js';
import { describeWith, itLong } from '../tools.js';
import {
  at,
  engine,
  engineFile,
  expectColour,
  film,
  height,
  liveFilm,
  numberIn,
  picturesOf,
  width,
  yuvOf,
} from './film.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-pipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open: PipeRenderer[] = [];
afterEach(async () => {
  for (const renderer of open.splice(0)) await renderer.close();
});

let files = 0;
const file = (ending: string): string => join(folder, `${files++}.${ending}`);

function pipe(options: Partial<PipeRendererOptions> = {}): PipeRenderer {
  const renderer = new PipeRenderer({ width, height, engine: engine(), random: () => 0.1, ...options });
  open.push(renderer);
  return renderer;
}

const colours = [
  [220, 30, 30],
  [30, 200, 60],
  [40, 50, 210],
  [128, 128, 128],
];

function expectPatches(picture: Buffer): void {
  colours.forEach((colour, i) =>
    expectColour(at(picture, (i + 0.5) * (width / 4), height * 0.75), yuvOf(colour), `patch ${i}`),
  );
}

describeWith(['ffmpeg'], 'PipeRenderer', () => {
  for (const [format, sharedMemory, test] of [
    ['rgba', false, itLong],
    ['bgra', false, itLong],
    ['nv12', false, it],
    ['i420', false, itLong],
    ['bgra', true, it],
    ['i420', true, itLong],
  ] as const) {
    test(`films ${format} with its colours, every frame in its place (shared memory: ${sharedMemory})`, async () => {
      const path = file('mp4');
      const renderer = pipe({ format, sharedMemory });
      const report = await film(renderer, path);
      const pictures = await picturesOf(path);
      expect(pictures.length).toBe(report.videoFrames);
      expect(pictures.length).toBeGreaterThanOrEqual(50);
      expect(pictures.map(numberIn)).toEqual(pictures.map((_, i) => i));
      pictures.forEach(expectPatches);
      expect(report.repeatedFrames).toBe(0);
      expect(renderer.counts).toEqual({ drawn: pictures.length, late: 0, failed: 0, busy: 0, restarts: 0 });
    });
  }

  for (const [fault, test] of [
    ['die=30', it],
    ['hang=30', itLong],
    ['short=30', itLong],
  ] as const) {
    test(`goes on with the picture before when the engine does ${fault}`, async () => {
      const events: RendererEvent[] = [];
      const path = file('mp4');
      const renderer = pipe({
        format: 'i420',
        engine: engine(fault, `once=${file('struck')}`),
        stallMs: 400,
        onEvent: (event) => events.push(event),
      });
      const isOver = (): boolean => events.at(-1)?.type === 'back' && renderer.counts.drawn > 60;
      const report = await liveFilm(renderer, path, isOver);
      const numbers = (await picturesOf(path)).map(numberIn);
      expect(numbers.length).toBe(report.videoFrames);
      // A machine that stands still may lose another.
      expect(events[0]?.type).toBe('failed');
      expect(events.at(-1)?.type).toBe('back');
      expect(events[0]).toMatchObject({ error: { code: 'ERR_RENDERER_FAILED' } });
      // Every picture is that of its frame, or the one before.
      const repeats = numbers.filter((number, i) => number !== i);
      for (const [i, number] of numbers.entries())
        expect(number === i || number === numbers[i - 1]).toBe(true);
      expect(repeats.length).toBeGreaterThan(0);
      expect(report.repeatedFrames).toBe(repeats.length);
      const { failed, late, busy, restarts } = renderer.counts;
      // With four pictures on their way the player asks for no more.
      expect(failed + late + busy).toBeLessThanOrEqual(repeats.length);
      expect(failed + late).toBeGreaterThan(0);
      expect(restarts).toBeGreaterThanOrEqual(1);
    });
  }

  it('replaces an engine that gives more than it was asked for', async () => {
    const events: RendererEvent[] = [];
    const failed = new Promise<void>((resolve) => {
      const renderer = pipe({
        engine: engine('extra=-1'),
        onEvent: (event) => {
          events.push(event);
          resolve();
        },
      });
      void renderer.open();
    });
    await failed;
    expect(events[0]).toMatchObject({ type: 'failed', error: { code: 'ERR_RENDERER_FAILED' } });
    expect(events[0]).toHaveProperty('error.message', expect.stringMatching(/bytes that nobody asked for/));
  });

  it('a file waits for the engine that comes after', async () => {
    const path = file('mp4');
    const renderer = pipe({ format: 'nv12', engine: engine('die=20', `once=${file('struck')}`) });
    await film(renderer, path);
    const numbers = (await picturesOf(path)).map(numberIn);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(renderer.counts).toMatchObject({ restarts: 1, failed: 0 });
  });

  itLong('counts what comes too late, and shows the picture before', async () => {
    const path = file('mp4');
    const renderer = pipe({ format: 'i420', lateMs: 100, engine: engine('late=20') });
    const report = await liveFilm(
      renderer,
      path,
      () => renderer.counts.late > 0 && renderer.counts.drawn > 50,
    );
    const numbers = (await picturesOf(path)).map(numberIn);
    for (const [i, number] of numbers.entries()) expect(number === i || number === numbers[i - 1]).toBe(true);
    const repeats = numbers.filter((number, i) => number !== i).length;
    expect(repeats).toBeGreaterThan(0);
    expect(report.repeatedFrames).toBe(repeats);
    expect(renderer.counts.failed).toBe(0);
  });

  it('says why an engine does not start', async () => {
    const none = pipe({ engine: { command: join(folder, 'no such engine') } });
    await expect(none.open()).rejects.toMatchObject({ code: 'ERR_RENDERER_FAILED' });
    const refusing = pipe({ engine: engine('fail=1') });
    await expect(refusing.open()).rejects.toThrow(/code 3; its last lines: no licence/);
    const silent = pipe({ engine: engine('hang=-1'), startMs: 300, stallMs: 300 });
    await expect(silent.open()).rejects.toThrow(/nothing for 300 ms/);
  });

  it('does not take a receipt for another picture', async () => {
    const lying = pipe({ sharedMemory: true, engine: engine('lie=-1') });
    await expect(lying.open()).rejects.toThrow(/a receipt for request 77777, not 0/);
  });

  it('gives an engine none of our secrets', async () => {
    const seen = file('json');
    process.env['FACEWIRE_ACCESSTOKEN'] = 'hush';
    try {
      const { command, args } = engine(`environment=${seen}`);
      await pipe({ engine: { command, args, env: { LICENCE: 'mine' } } }).open();
    } finally {
      delete process.env['FACEWIRE_ACCESSTOKEN'];
    }
    const environment = readFileSync(seen, 'utf8');
    expect(environment).not.toContain('hush');
    expect(JSON.parse(environment)).toMatchObject({ LICENCE: 'mine', PATH: process.env['PATH'] });
  });

  it('takes two streams of an engine that runs elsewhere', async () => {
    let connections = 0;
    const path = file('mp4');
    const children: { kill(): boolean }[] = [];
    const renderer = pipe({
      format: 'bgra',
      engine: () => {
        connections += 1;
        const child = spawn(process.execPath, [engineFile], { stdio: ['pipe', 'pipe', 'inherit'] });
        children.push(child);
        return { requests: child.stdin, pictures: child.stdout };
      },
    });
    await film(renderer, path, 1);
    const numbers = (await picturesOf(path)).map(numberIn);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect(connections).toBe(1);
    for (const child of children) child.kill();
  });

  it('does not wait for ever for a connection', async () => {
    const never = pipe({ engine: () => new Promise(() => undefined), startMs: 150 });
    await expect(never.open()).rejects.toMatchObject({
      code: 'ERR_RENDERER_FAILED',
      message: 'no engine was reached within 150 ms',
    });
    const refused = pipe({ engine: () => Promise.reject(new Error('nobody listens')) });
    await expect(refused.open()).rejects.toMatchObject({
      code: 'ERR_RENDERER_FAILED',
      message: 'nobody listens',
    });
  });

  it('connects again when the connection was lost', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      const child = spawn(process.execPath, [engineFile], { stdio: ['pipe', 'pipe', 'inherit'] });
      for (const stream of [socket, child.stdin]) stream.on('error', () => undefined);
      socket.on('close', () => child.kill());
      socket.pipe(child.stdin);
      child.stdout.pipe(socket);
    });
    const path = join(folder, 'engine.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const events: RendererEvent[] = [];
    const renderer = pipe({
      format: 'i420',
      engine: () => {
        const socket = connect(path);
        return { requests: socket, pictures: socket };
      },
      onEvent: (event) => {
        events.push(event);
      },
    });
    const mp4 = file('mp4');
    let cut = false;
    await liveFilm(renderer, mp4, () => {
      if (renderer.counts.drawn > 10 && !cut) {
        cut = true;
        sockets[0]?.destroy();
      }
      return events.at(-1)?.type === 'back' && renderer.counts.drawn > 30;
    });
    const numbers = (await picturesOf(mp4)).map(numberIn);
    for (const [i, number] of numbers.entries()) expect(number === i || number === numbers[i - 1]).toBe(true);
    expect(events.at(-1)?.type).toBe('back');
    expect(events[0]).toHaveProperty('error.message', 'the engine was lost: the connection ended');
    expect(sockets.length).toBeGreaterThanOrEqual(2);
    await renderer.close();
    server.close();
  });

  it('leaves neither a process nor a file behind', async () => {
    const shm = '/dev/shm';
    const ours = (): string[] => readdirSync(shm).filter((name) => name.startsWith('facewire-'));
    const before = process.platform === 'linux' ? ours() : [];
    const renderer = pipe({ sharedMemory: true });
    await renderer.open();
    if (process.platform === 'linux') expect(ours().length).toBe(before.length + 1);
    await renderer.close();
    if (process.platform === 'linux') expect(ours()).toEqual(before);
    const row = new Float32Array(frameWidth);
    const moment = { frameIndex: 0, sampleIndex: 0, sampleEnd: 640, isLive: true };
    await expect(renderer.draw(row, moment)).rejects.toMatchObject({ code: 'ERR_STATE' });
  });

  it.each([
    { width: 321 },
    { height: 5000 },
    { format: 'yuyv' as 'i420' },
    { lateMs: 1 },
    { buffers: 2 },
    { stallMs: 1 },
    { sharedMemory: true, engine: () => ({ requests: process.stdout, pictures: process.stdin }) },
  ])('refuses %j', (options) => {
    expect(() => new PipeRenderer({ width, height, engine: engine(), ...options })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error,
    );
  });
});
