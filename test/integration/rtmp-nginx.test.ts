import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { FlvParser, isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import { feed, smallFormat } from '../sinks/synthetic.js';
import { describeWith } from '../tools.js';
import { startNginx, type Nginx } from './nginx.js';

const frames = 75;

describeWith(['nginx'], 'a push to nginx-rtmp', () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx();
  });
  afterAll(async () => {
    await nginx.close();
  });

  async function recording(name: string): Promise<FlvTag[]> {
    const tags: FlvTag[] = [];
    new FlvParser((tag) => tags.push(tag)).push(await readFile(await nginx.recording(name)));
    return tags;
  }

  it('is recorded there with every frame, no gap, and as much sound as picture', async () => {
    const sink = new RtmpSink({ url: `rtmp://127.0.0.1:${nginx.port}/live/whole` });
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
    const sink = new RtmpSink({ url: `rtmp://127.0.0.1:${nginx.port}/closed/CanaryKey7f3a` });
    const error: unknown = await sink.open(smallFormat).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_RTMP_REFUSED' });
    expect(JSON.stringify(error) + String(error)).not.toContain('CanaryKey');
    expect(sink.encoderPids).toEqual([]);
  });

  it('keeps the key out of every command line', async () => {
    const sink = new RtmpSink({
      url: `rtmp://127.0.0.1:${nginx.port}/live/CanaryKey91?txSecret=CanarySecret`,
    });
    await sink.open(smallFormat);
    const line = execFileSync('ps', ['-o', 'args=', '-p', sink.encoderPids.join(',')], { encoding: 'utf8' });
    await sink.close();
    expect(line).toContain('libx264');
    expect(line).not.toContain('Canary');
  });
});
