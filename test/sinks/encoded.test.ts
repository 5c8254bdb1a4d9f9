import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FacewireError } from '../../src/errors.js';
import { EncodedSink, type TagOutput } from '../../src/sinks/encoded-sink.js';
import { Encoder } from '../../src/sinks/encoder.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { Mp4Output, Mp4Sink } from '../../src/sinks/mp4-sink.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import { WavSink } from '../../src/sinks/wav-sink.js';
import { entryUrl } from '../../src/entry-url.js';
import { describeWith } from '../tools.js';
import { feed, firstSample, makeSpan, record, smallFormat, tone } from './synthetic.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-sinks-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Every ffmpeg of this machine, the one of the package among them. */
function binaries(): string[] {
  const found: string[] = [];
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    found.push('ffmpeg');
  } catch {
    // Only the package's then.
  }
  try {
    found.push((createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }).path);
  } catch {
    // Optional.
  }
  return found;
}

describeWith(['ffmpeg'], 'Encoder', () => {
  it.each(binaries())('gives one picture for each and all the sound, with %s', async (ffmpeg) => {
    for (const [numerator, denominator] of [
      [25, 1],
      [30000, 1001],
    ] as const) {
      const format = { ...smallFormat, frameRateNumerator: numerator, frameRateDenominator: denominator };
      const tags: FlvTag[] = [];
      const errors: FacewireError[] = [];
      const encoder = new Encoder(
        format,
        { ffmpeg },
        { onTag: (t) => tags.push(t), onError: (e) => errors.push(e) },
      );
      await encoder.open();
      const frames = 31;
      for (let frame = 0; frame < frames; frame++) {
        const span = makeSpan(frame, format);
        encoder.write(span);
        span.picture.release();
      }
      await encoder.finish();
      expect(errors).toEqual([]);
      const video = tags.filter((tag) => tag.type === tagType.video && isMedia(tag));
      const audio = tags.filter((tag) => tag.type === tagType.audio && isMedia(tag));
      expect(video).toHaveLength(frames);
      const expected = video.map((_, i) => Math.round((i * 1000 * denominator) / numerator + 1024 / 48));
      for (const [i, tag] of video.entries())
        expect(Math.abs(tag.timestampMs - (expected[i] ?? 0))).toBeLessThanOrEqual(1);
      const sound = firstSample(frames, format);
      expect(Math.abs((audio.length - 1) * 1024 - sound)).toBeLessThanOrEqual(1024);
      expect(tags.slice(0, 2).map((tag) => tag.isConfig)).toEqual([true, true]);
    }
  });

  it('delivers a picture before the next one is written', async () => {
    let arrived = 0;
    let notify: () => void = () => undefined;
    const onTag = (tag: FlvTag): void => {
      if (tag.type === tagType.video && isMedia(tag)) arrived += 1;
      notify();
    };
    const encoder = new Encoder(smallFormat, {}, { onTag, onError: () => undefined });
    await encoder.open();
    // The first wait for the set-up of the sound; from then on nothing is held back.
    for (let frame = 0; frame < 3; frame++) encoder.write(makeSpan(frame, smallFormat));
    for (let frame = 3; frame < 30; frame++) {
      const span = makeSpan(frame, smallFormat);
      encoder.write(span);
      while (arrived < frame + 1) await new Promise<void>((resolve) => (notify = resolve));
    }
    await encoder.finish();
    expect(arrived).toBe(30);
  });

  it('refuses pictures of odd size', async () => {
    const odd = new Mp4Sink({ path: join(folder, 'odd.mp4') }).open({ ...smallFormat, width: 321 });
    await expect(odd).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' });
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves no ffmpeg behind when its parent gets %s',
    async (signal) => {
      const url = (name: string): string => JSON.stringify(entryUrl(name).href);
      const script = `
      const { Encoder } = await import(${url('sinks/encoder')});
      const format = ${JSON.stringify(smallFormat)};
      const encoder = new Encoder(format, {}, { onTag() {}, onError() {} });
      await encoder.open();
      const pixels = new Uint8Array(format.width * format.height * 4);
      const picture = { width: format.width, height: format.height, pixels, retain() {}, release() {} };
      setInterval(() => encoder.write({ audio: new Float32Array(1920), picture }), 40);
      console.log(encoder.pids.join(' '));`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pids = line.toString().trim().split(' ').map(Number);
      expect(pids).toHaveLength(2);
      expect(pids.every(isAlive)).toBe(true);
      await sleep(300);
      const gone = once(parent, 'exit');
      parent.kill(signal);
      await gone;
      // Ends only when the process has gone; else the test's own limit fails it.
      while (pids.some(isAlive)) await sleep(50);
      expect(pids.filter(isAlive)).toEqual([]);
    },
  );
});

describeWith(['ffmpeg'], 'Mp4Sink', () => {
  it('writes a file with every picture and the whole tone, under an odd name', async () => {
    const path = join(folder, '-odd %d: [name] é.mp4');
    const report = await record(new Mp4Sink({ path }), smallFormat, 50);
    expect(report).toMatchObject({ videoFrames: 50, audioFrames: 96_000 });
    const { path: ffmpeg } = await locateFfmpeg();
    const decode = (args: string[]): Buffer =>
      execFileSync(ffmpeg, ['-v', 'error', '-i', `file:${path}`, ...args, '-'], {
        maxBuffer: 64 << 20,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    expect(decode(['-vsync', '0', '-pix_fmt', 'gray', '-f', 'rawvideo']).length).toBe(50 * 320 * 180);
    const sound = decode(['-f', 's16le']);
    let product = 0;
    let power = 0;
    let heard = 0;
    for (let i = 4800; i < 90_000; i++) {
      const sample = sound.readInt16LE((i + 1024) * 2) / 32768;
      const wanted = tone(i, 48000);
      product += sample * wanted;
      power += wanted * wanted;
      heard += sample * sample;
    }
    expect(product / Math.sqrt(power * heard)).toBeGreaterThan(0.99);
    expect((await readdir(folder)).filter((name) => name.includes('.part.'))).toEqual([]);
  });

  it('says at the start that a place cannot be written', async () => {
    for (const path of [join(folder, 'no/such/folder/x.mp4'), folder]) {
      const opening = new Mp4Sink({ path }).open(smallFormat);
      await expect(opening).rejects.toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
    }
  });

  it('goes on when another output of the same encoder breaks', async () => {
    const path = join(folder, 'shared.mp4');
    let tags = 0;
    const breaking: TagOutput = {
      name: 'breaking',
      onError: undefined,
      open: () => Promise.resolve(),
      write: () => {
        tags += 1;
        if (tags === 5) breaking.onError?.({ code: 'ERR_RTMP_LOST' } as FacewireError);
      },
      close: () => Promise.resolve(),
    };
    const lost: string[] = [];
    const outputs = [breaking, new Mp4Output(path)];
    const sink = new EncodedSink({
      outputs,
      onOutputError: (name, { code }) => lost.push(`${name} ${code}`),
    });
    await record(sink, smallFormat, 25);
    expect(lost).toEqual(['breaking ERR_RTMP_LOST']);
    expect(tags).toBe(5);
    expect((await readFile(path)).toString('latin1', 4, 8)).toBe('ftyp');
  });
});

describe('locateFfmpeg', () => {
  it('says what was tried', async () => {
    const missing = join(folder, 'nothing');
    await expect(locateFfmpeg(missing)).rejects.toMatchObject({
      code: 'ERR_FFMPEG_MISSING',
      message: expect.stringContaining(`setting (${missing}): not found`) as string,
    });
  });

  it('refuses a program that is not a whole ffmpeg', async () => {
    const fake = join(folder, 'fake-ffmpeg');
    await writeFile(fake, '#!/bin/sh\necho ffmpeg version 0\n');
    await chmod(fake, 0o755);
    await expect(locateFfmpeg(fake)).rejects.toMatchObject({ message: /lacks libx264, aac, flv, mp4/ });
  });
});

describe('WavSink', () => {
  it('writes exactly the samples, clipped at full scale', async () => {
    const path = join(folder, 'exact.wav');
    const sink = new WavSink({ path });
    await sink.open(smallFormat);
    const values = [0, 1, -1, 0.5, -0.5, 1 / 32768, -1 / 32768, 2, -2, Number.NaN];
    const audio = Float32Array.from({ length: 1920 }, (_, i) => values[i % values.length] ?? 0);
    for (let frame = 0; frame < 60; frame++) sink.write({ ...makeSpan(frame, smallFormat), audio });
    const report = await sink.close();
    const file = await readFile(path);
    expect(report).toMatchObject({ audioFrames: 115_200, bytes: file.length });
    expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
    expect([file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt32LE(24)]).toEqual([1, 1, 48000]);
    expect(file.readUInt32LE(40)).toBe(115_200 * 2);
    const written = values.map((_, i) => file.readInt16LE(44 + i * 2));
    expect(written).toEqual([0, 32767, -32768, 16384, -16384, 1, -1, 32767, -32768, 0]);
    const block = file.subarray(44, 44 + 3840);
    for (let frame = 0; frame < 60; frame++)
      expect(file.subarray(44 + frame * 3840, 44 + (frame + 1) * 3840).equals(block)).toBe(true);
  });

  it('is a playable file before it is closed', async () => {
    const path = join(folder, 'open.wav');
    const sink = new WavSink({ path });
    await sink.open(smallFormat);
    await feed(sink, smallFormat, 30);
    const length = async (): Promise<number> =>
      (await readFile(path).then((file) => file.readUInt32LE(40))) / 2;
    while ((await length()) < 48000) await sleep(10);
    expect(await length()).toBe(48000);
    await sink.close();
    expect(await length()).toBe(57_600);
  });

  it('says that a place cannot be written', async () => {
    await mkdir(join(folder, 'a.wav'));
    const opening = new WavSink({ path: join(folder, 'a.wav') }).open(smallFormat);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
  });
});

describe('NullSink', () => {
  it('counts', async () => {
    const report = await record(new NullSink(), smallFormat, 3);
    expect(report).toMatchObject({ videoFrames: 3, audioFrames: 5760 });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that nobody has waited for yet is not alive any more.
  return !/^[ZX]/.test(
    execFileSync('sh', ['-c', `ps -o stat= -p ${pid} || echo X`], { encoding: 'utf8' }).trim(),
  );
}
