import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { entryUrl } from '../../src/entry-url.js';
import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { FlvParser, isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { remuxToMp4 } from '../../src/sinks/remux.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import { feed, smallFormat } from '../sinks/synthetic.js';

const frames = 60;

describe('a push to node-media-server', () => {
  const ingest = new LocalIngest();
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facewire-rtmp-'));
    await ingest.start();
  });
  afterAll(async () => {
    await ingest.stop();
    await rm(folder, { recursive: true });
  });

  it('hands a reader that was there first every frame, in order and without gaps', async () => {
    const tags: FlvTag[] = [];
    const flv = join(folder, 'all.flv');
    const reader = new FlvReader(ingest.flvUrl('all'), { onTag: (tag) => tags.push(tag), record: flv });
    await reader.open();
    const sink = new RtmpSink({ url: ingest.pushUrl('all') });
    await sink.open(smallFormat);
    const pictures = await feed(sink, smallFormat, frames);
    const report = await sink.close();
    await reader.ended;
    await reader.close();

    expect(report).toMatchObject({ videoFrames: frames, audioFrames: frames * 1920 });
    expect(pictures.filter((picture) => picture.holders !== 0)).toHaveLength(0);
    const video = tags.filter((tag) => tag.type === tagType.video && isMedia(tag));
    const audio = tags.filter((tag) => tag.type === tagType.audio && isMedia(tag));
    expect(tags.filter((tag) => tag.isConfig).map((tag) => tag.type)).toEqual([tagType.video, tagType.audio]);
    expect(video[0]?.isKeyframe).toBe(true);
    expect(video.map((tag) => tag.timestampMs)).toEqual(video.map((_, i) => Math.round(i * 40 + 1024 / 48)));
    expect(video).toHaveLength(frames);
    // One frame of padding before, and the last frame filled up.
    const exact = (frames * 1920) / 1024;
    expect(audio.length).toBeGreaterThanOrEqual(Math.ceil(exact));
    expect(audio.length).toBeLessThanOrEqual(Math.ceil(exact) + 1);
    expect(audio.map((tag) => tag.timestampMs)).toEqual(audio.map((_, i) => Math.round((i * 1024) / 48)));
    expect(sink.marks.connected).toBeLessThanOrEqual(sink.marks.published ?? 0);
    expect(sink.marks.published).toBeLessThanOrEqual(sink.marks.firstMedia ?? 0);
    expect(sink.marks.firstMedia).toBeLessThanOrEqual(reader.firstMediaAt ?? 0);

    // The recording holds the same tags, and becomes an MP4 that decodes to every frame.
    const recorded: FlvTag[] = [];
    new FlvParser((tag) => recorded.push(tag)).push(await readFile(flv));
    expect(recorded).toEqual(tags);
    const mp4 = join(folder, 'all.mp4');
    await remuxToMp4(flv, mp4);
    const { path } = await locateFfmpeg();
    const raw = execFileSync(
      path,
      ['-v', 'error', '-i', `file:${mp4}`, '-vsync', '0', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
      { maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    expect(raw.length).toBe(frames * 320 * 180);
  });

  it('runs two streams one after the other under one name', async () => {
    for (let round = 0; round < 2; round++) {
      const reader = new FlvReader(ingest.flvUrl('again'));
      await reader.open();
      const sink = new RtmpSink({ url: ingest.pushUrl('again') });
      await sink.open(smallFormat);
      await feed(sink, smallFormat, 10);
      await sink.close();
      await reader.ended;
      expect(reader.counts.video).toBe(10);
    }
  });
});

describe('LocalIngest', () => {
  it('says that a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const ingest = new LocalIngest({ rtmpPort: port });
    await expect(ingest.start()).rejects.toMatchObject({ code: 'ERR_PORT_UNAVAILABLE' });
    taken.close();
  });

  it('lets the process end by itself after stop(), and leaves nothing behind when it is killed', async () => {
    const script = (after: string): string => `
      const { LocalIngest } = await import(${JSON.stringify(entryUrl('ingest/local-ingest').href)});
      const ingest = new LocalIngest();
      await ingest.start();
      console.log(ingest.pid);
      ${after}`;
    for (const [after, signal] of [
      ['await ingest.stop();', undefined],
      ['setInterval(() => undefined, 1000);', 'SIGKILL'],
    ] as const) {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script(after)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const gone = once(parent, 'exit');
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      expect(pid).toBeGreaterThan(0);
      if (signal !== undefined) parent.kill(signal);
      expect((await gone)[0]).toBe(signal === undefined ? 0 : null);
      // The child notices the closed channel; the test's own limit fails it otherwise.
      while (isRunning(pid)) await sleep(20);
      expect(isRunning(pid)).toBe(false);
    }
  });
});

function isRunning(pid: number): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).stdout.trim();
  return state !== '' && !state.startsWith('Z');
}
