import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { DrawnFace, type DrawnFaceOptions } from '../../src/avatar/drawn-face.js';
import { rowOf } from '../../src/avatar/poses.js';
import type { Picture } from '../../src/sinks/sink.js';
import { convertToYuv, yuvBytes } from '../../src/yuv-picture.js';
import { dyingCanvas } from './dying-canvas.js';
import { describeWith } from '../tools.js';
import { Studio } from './pictures.js';

const size = { width: 640, height: 360 } as const;
const faces: DrawnFace[] = [];

async function openFace(options: DrawnFaceOptions = {}): Promise<DrawnFace> {
  const face = new DrawnFace({ ...size, ...options });
  faces.push(face);
  await face.open();
  return face;
}

afterEach(async () => {
  await Promise.all(faces.splice(0).map((face) => face.close()));
});

const same = (picture: Picture, pixels: Uint8Array): boolean => Buffer.from(picture.pixels).equals(pixels);
const opened = (i: number): { jawOpen: number } => ({ jawOpen: i / 40 });

describeWith(['canvas'], 'DrawnFace', () => {
  it('draws the same pixels as the painter itself', async () => {
    const face = await openFace();
    const picture = await face.draw(rowOf({ jawOpen: 0.5, yaw: 0.2 }));
    const expected = (await Studio.open(size.width, size.height)).draw({ jawOpen: 0.5, yaw: 0.2 });
    expect([picture.width, picture.height]).toEqual([640, 360]);
    expect(same(picture, expected.pixels)).toBe(true);
    picture.release();
  });

  it('keeps the picture in YUV like the one in RGBA, whatever was in the buffer before', async () => {
    const face = await openFace({ buffers: 4 });
    for (let i = 0; i < 12; i++) {
      const picture = await face.draw(rowOf({ ...opened(3 * i), yaw: Math.sin(i) / 3, eyeBlinkLeft: i % 2 }));
      const expected = new Uint8Array(yuvBytes(size.width, size.height));
      convertToYuv(picture.pixels, size.width, size.height, { x: 0, y: 0, ...size }, expected);
      expect(Buffer.from(picture.yuv ?? []).equals(expected), `picture ${i}`).toBe(true);
      picture.release();
    }
    const odd = await openFace({ width: 321, height: 180 });
    const picture = await odd.draw(rowOf({}));
    expect(picture.yuv).toBeUndefined();
    picture.release();
  });

  it('returns pictures in order when rows are sent ahead, and copies each row', async () => {
    const face = await openFace();
    const studio = await Studio.open(size.width, size.height);
    const order: number[] = [];
    const row = rowOf({});
    const jobs = Array.from({ length: 30 }, async (_, i) => {
      row.set(rowOf(opened(i)));
      const picture = await face.draw(row);
      order.push(i);
      const right = same(picture, studio.draw(opened(i)).pixels);
      picture.release();
      return right;
    });
    expect(await Promise.all(jobs)).toEqual(jobs.map(() => true));
    expect(order).toEqual(jobs.map((_, i) => i));
  });

  it('never draws into a picture that is held, and goes on when one comes back', async () => {
    const face = await openFace({ buffers: 4 });
    const held = await Promise.all([0, 1, 2, 3].map((i) => face.draw(rowOf(opened(i)))));
    const copies = held.map((picture) => picture.pixels.slice());
    expect(new Set(held.map((picture) => picture.pixels.buffer)).size).toBe(4);
    held[1]?.retain();
    held[1]?.release();
    const results: string[] = [];
    const fifth = face.draw(rowOf({ eyeBlinkLeft: 1 })).then((picture) => {
      results.push('drawn');
      return picture;
    });
    // Another face draws meanwhile: had the fifth been sent, it would be back by then.
    const other = await openFace();
    for (let i = 0; i < 5; i++) (await other.draw(rowOf({}))).release();
    expect(results).toEqual([]);
    held.forEach((picture, i) => expect(same(picture, copies[i] ?? new Uint8Array())).toBe(true));
    held[2]?.release();
    expect((await fifth).pixels.buffer).toBe(held[2]?.pixels.buffer);
    expect(same(held[1], copies[1] ?? new Uint8Array())).toBe(true);
  });

  it('refuses to queue without end', async () => {
    const face = await openFace({ buffers: 4 });
    const jobs = Array.from({ length: 69 }, () => face.draw(rowOf({})).catch((error: unknown) => error));
    expect(await jobs[68]).toMatchObject({ code: 'ERR_BUFFER_FULL' });
    await face.close();
    expect(await jobs[67]).toMatchObject({ code: 'ERR_STATE' });
  });

  it('says so when a picture is released once too often', async () => {
    const picture = await (await openFace()).draw(rowOf({}));
    picture.release();
    expect(() => picture.release()).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
    expect(() => picture.retain()).toThrow(expect.objectContaining({ code: 'ERR_STATE' }));
  });

  it('rejects rows of the wrong length, and calls before open and after close', async () => {
    const face = await openFace();
    await expect(face.draw(new Float32Array(52))).rejects.toMatchObject({
      code: 'ERR_OPTION_INVALID',
      received: '52',
    });
    await face.close();
    await face.close();
    await expect(face.draw(rowOf({}))).rejects.toMatchObject({ code: 'ERR_STATE' });
    await expect(face.open()).rejects.toMatchObject({ code: 'ERR_STATE' });
    await expect(new DrawnFace(size).draw(rowOf({}))).rejects.toMatchObject({ code: 'ERR_STATE' });
  });

  it('rejects what waits when it is closed, and keeps held pictures readable', async () => {
    const face = await openFace();
    const picture = await face.draw(rowOf({}));
    const copy = picture.pixels.slice();
    const pending = face.draw(rowOf({ jawOpen: 1 }));
    const outcome = expect(pending).rejects.toMatchObject({ code: 'ERR_STATE' });
    await face.close();
    await outcome;
    expect(same(picture, copy)).toBe(true);
    picture.release();
  });

  it('reports a thread that dies in the middle of a picture', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'facewire-face-'));
    try {
      const face = await openFace({ canvasPackage: await dyingCanvas(folder, 2) });
      (await face.draw(rowOf({}))).release();
      const pending = [face.draw(rowOf({ yaw: 9 })), face.draw(rowOf({}))];
      const outcomes = await Promise.all(pending.map((job) => job.catch((error: unknown) => error)));
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ code: 'ERR_INTERNAL', received: 'exit code 3' });
      await expect(face.draw(rowOf({}))).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  const run = async (body: string): Promise<string> => {
    const dist = new URL('../../dist/', import.meta.url).href;
    const script = `const { DrawnFace } = await import('${dist}avatar/drawn-face.js'); const row = new Float32Array(55); ${body}`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(dist),
    });
    return stdout.trim();
  };

  it('does not keep the process alive when it is forgotten', async () => {
    expect(
      await run(
        `const face = new DrawnFace(); await face.open(); await face.draw(row); console.log('drawn');`,
      ),
    ).toBe('drawn');
  });

  it('leaves no thread behind after close()', async () => {
    const body = `for (let i = 0; i < 5; i++) { const face = new DrawnFace({ width: 320, height: 180 }); await face.open(); (await face.draw(row)).release(); await face.close(); }
      console.log(process.getActiveResourcesInfo().filter((name) => /worker|port/i.test(name)).length);`;
    expect(await run(body)).toBe('0');
  });
});

describe('without the drawing package', () => {
  it('gives the coded error from the thread', async () => {
    const face = new DrawnFace({ ...size, canvasPackage: 'facewire-no-such-canvas' });
    await expect(face.open()).rejects.toMatchObject({
      code: 'ERR_CANVAS_MISSING',
      remedy: expect.stringContaining('npm install') as string,
    });
    await expect(face.draw(rowOf({}))).rejects.toMatchObject({ code: 'ERR_CANVAS_MISSING' });
    await face.close();
  });

  it('gives the coded error from the loader', async () => {
    const load = (): Promise<unknown> => Promise.reject(new Error('no binary for this platform'));
    await expect(loadCanvas('@napi-rs/canvas', load)).rejects.toMatchObject({
      code: 'ERR_CANVAS_MISSING',
      received: 'no binary for this platform',
    });
  });
});

describe('options of the drawn face', () => {
  const bad: DrawnFaceOptions[] = [
    { width: 0 },
    { width: 1280.5 },
    { height: 5000 },
    { height: NaN },
    { buffers: 2 },
    { background: 'url(x)' },
    { background: '#12345' },
  ];
  it.each(bad)('refuses %o', (options) => {
    expect(() => new DrawnFace(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID' }));
  });
});
