import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { FlvParser, isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import { feed, feedLive, nextError, smallFormat } from '../sinks/synthetic.js';
import { describeWith } from '../tools.js';

const frames = 75;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await sleep(20);
  }
}

describeWith(['nginx'], 'a push to nginx-rtmp', () => {
  let folder: string;
  let port: number;
  let nginx: ChildProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facewire-nginx-'));
    await mkdir(join(folder, 'rec'));
    await mkdir(join(folder, 'logs'));
    port = await freePort();
    const conf = `
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log info;
events { worker_connections 64; }
rtmp { access_log off; server { listen 127.0.0.1:${port};
  application live { live on; record all; record_path ${folder}/rec; }
  application closed { live on; deny publish all; } } }`;
    await writeFile(join(folder, 'nginx.conf'), conf);
    nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
    await answers(port);
  });
  afterAll(async () => {
    const gone = once(nginx, 'exit');
    nginx.kill('SIGCONT');
    nginx.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true });
  });

  async function recording(name: string): Promise<FlvTag[]> {
    // nginx writes the last tags when it notices the end of the connection.
    for (;;) {
      const log = await readFile(join(folder, 'error.log'), 'utf8');
      if (log.includes(`deleteStream`) || log.includes('disconnect')) break;
      await sleep(20);
    }
    const file = (await readdir(join(folder, 'rec'))).find((entry) => entry.startsWith(name));
    const tags: FlvTag[] = [];
    new FlvParser((tag) => tags.push(tag)).push(await readFile(join(folder, 'rec', file ?? name)));
    return tags;
  }

  it('is recorded there with every frame, no gap, and as much sound as picture', async () => {
    const sink = new RtmpSink({ url: `rtmp://127.0.0.1:${port}/live/whole` });
    await sink.open(smallFormat);
    await feed(sink, smallFormat, frames);
    await sink.close();
    const tags = await recording('whole');
    const video = tags.filter((tag) => tag.type === tagType.video && isMedia(tag));
    const audio = tags.filter((tag) => tag.type === tagType.audio && isMedia(tag));
    expect(video).toHaveLength(frames);
    const steps = video.slice(1).map((tag, i) => tag.timestampMs - (video[i]?.timestampMs ?? 0));
    expect(new Set(steps)).toEqual(new Set([40]));
    for (const [i, tag] of audio.slice(1).entries())
      expect(Math.abs(tag.timestampMs - (audio[i]?.timestampMs ?? 0) - 1024 / 48)).toBeLessThanOrEqual(1);
    const soundFrames = (audio.length - 1) * 1024;
    expect(Math.abs(soundFrames - frames * 1920)).toBeLessThanOrEqual(1024);
  });

  it('is refused where publishing is denied, without showing the stream name', async () => {
    const sink = new RtmpSink({ url: `rtmp://127.0.0.1:${port}/closed/CanaryKey7f3a` });
    const error: unknown = await sink.open(smallFormat).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_RTMP_REFUSED' });
    expect(JSON.stringify(error) + String(error)).not.toContain('CanaryKey');
    expect(sink.encoderPids.filter(isAlive)).toEqual([]);
  });

  it('keeps the key out of every command line', async () => {
    const sink = new RtmpSink({ url: `rtmp://127.0.0.1:${port}/live/CanaryKey91?txSecret=CanarySecret` });
    await sink.open(smallFormat);
    const line = execFileSync('ps', ['-o', 'args=', '-p', sink.encoderPids.join(',')], { encoding: 'utf8' });
    await sink.close();
    expect(line).toContain('libx264');
    expect(line).not.toContain('Canary');
  });

  it('is lost when the ingest stops reading', async () => {
    const sink = new RtmpSink({ url: `rtmp://127.0.0.1:${port}/live/stall`, stallMs: 1500 });
    const broken = nextError(sink);
    await sink.open(smallFormat);
    // The picture and tone are so small that only unanswered pings tell.
    setTimeout(() => nginx.kill('SIGSTOP'), 2500);
    await feedLive(sink, smallFormat, broken);
    nginx.kill('SIGCONT');
    expect(await broken).toMatchObject({ code: 'ERR_RTMP_LOST' });
    await sink.close();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
