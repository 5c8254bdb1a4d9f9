import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { entryUrl } from '../../src/entry-url.js';
import { makeTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { Mp4Output, Mp4Sink } from '../../src/sinks/mp4-sink.js';
import { describeWith, itLong } from '../tools.js';
import { frameOf, Live } from './live-encoder.js';
import { feed, record, smallFormat } from './synthetic.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-mp4-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Probe {
  readonly packets: { codec_type: string; pts_time: string; duration_time: string; flags: string }[];
}

function probe(path: string): Probe {
  const args = ['-v', 'error', '-show_packets', '-of', 'json', `file:${path}`];
  return JSON.parse(execFileSync('ffprobe', args, { maxBuffer: 64 << 20, encoding: 'utf8' })) as Probe;
}

/** Numbers of the pictures that can be decoded, by what they show. */
function decodable(path: string): number {
  const yuv = execFileSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-xerror',
      '-i',
      `file:${path}`,
      '-an',
      '-vsync',
      '0',
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
      '-',
    ],
    { maxBuffer: 512 << 20, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return yuv.length / (320 * 180);
}

const format = { ...smallFormat, videoKbps: 2500, audioKbps: 128 };
const timesOf = ({ packets }: Probe, kind: string): number[] =>
  packets.filter(({ codec_type }) => codec_type === kind).map(({ pts_time }) => Number(pts_time));

describeWith(['ffmpeg'], 'an MP4 recording', () => {
  it.each([
    [25, 1, 48_000],
    [30_000, 1001, 44_100],
    [60, 1, 24_000],
  ])(
    'at %i/%i pictures and %i samples a second has every time exactly',
    async (numerator, denominator, sampleRate) => {
      const path = join(folder, `exact-${numerator}.mp4`);
      const at = {
        ...smallFormat,
        frameRateNumerator: numerator,
        frameRateDenominator: denominator,
        sampleRate,
      };
      await record(new Mp4Sink({ path }), at, 130);
      const file = probe(path);
      const lead = 1024 / sampleRate;
      const pictures = timesOf(file, 'video');
      expect(pictures).toHaveLength(130);
      for (const [i, time] of pictures.entries())
        expect(Math.abs(time - (lead + (i * denominator) / numerator)), `picture ${i}`).toBeLessThan(2e-5);
      for (const [i, time] of timesOf(file, 'audio').entries())
        expect(Math.abs(time - i * lead), `sound ${i}`).toBeLessThan(2e-5);
      const end = Math.max(lead + (130 * denominator) / numerator, timesOf(file, 'audio').length * lead);
      const bytes = await readFile(path);
      const durationMs = Number(bytes.readBigUInt64BE(bytes.indexOf('mehd') + 8));
      expect(Math.abs(durationMs - 1000 * end)).toBeLessThanOrEqual(1);
      expect(decodable(path)).toBe(130);
    },
  );

  itLong('plays up to its last second when the recorder is killed without a word', async () => {
    const path = join(folder, 'killed.mp4');
    const script = `
      const { Mp4Sink } = await import(${JSON.stringify(entryUrl('sinks/mp4-sink').href)});
      const format = ${JSON.stringify(smallFormat)};
      const sink = new Mp4Sink({ path: ${JSON.stringify(path)} });
      await sink.open(format);
      let frame = 0;
      setInterval(() => {
        const pixels = new Uint8Array(format.width * format.height * 4).fill(frame % 256);
        sink.write({ audio: new Float32Array(1920), picture: { ...format, pixels, retain() {}, release() {} } });
        frame += 1;
        console.log(sink.encoded.video);
      }, 40);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let encoded = 0;
    for await (const line of createInterface({ input: parent.stdout })) {
      encoded = Number(line);
      if (encoded >= 90) break;
    }
    const gone = once(parent, 'exit');
    parent.kill('SIGKILL');
    await gone;
    const pictures = decodable(path);
    expect(pictures).toBeGreaterThan(encoded - 25);
    expect(timesOf(probe(path), 'video')).toHaveLength(pictures);
  });

  it('keeps the times of what follows when an encoder was lost', async () => {
    const path = join(folder, 'gap.mp4');
    const output = new Mp4Output(path);
    await output.open(format);
    const live = new Live();
    await live.open();
    await live.until(() => live.of(tagType.video).length > 20);
    process.kill(live.encoder.pids[0], 'SIGKILL');
    await live.until(() => live.events.length === 2);
    await live.until(() => live.of(tagType.video).length > 45);
    await live.stop();
    for (const tag of live.tags) output.write(tag);
    await output.close();
    const frames = timesOf(probe(path), 'video').map((time) => Math.round((time - 1024 / 48_000) * 25) + 0);
    expect(frames).toEqual(live.of(tagType.video).map(frameOf));
    expect(decodable(path)).toBe(frames.length);
  });

  it('goes on when the set-up of the pictures changes', async () => {
    const parts: FlvTag[][] = [];
    for (const preset of ['latency', 'quality'] as const) {
      const live = new Live({ preset });
      await live.open();
      await live.until(() => live.of(tagType.video).length > 20);
      await live.stop();
      parts.push(live.tags);
    }
    const [before, after] = parts;
    const setUps = parts.map(
      (tags) => tags.find(({ type, isConfig }) => type === tagType.video && isConfig)!.payload,
    );
    expect(setUps[0].equals(setUps[1])).toBe(false);
    const path = join(folder, 'changed.mp4');
    const output = new Mp4Output(path);
    await output.open(format);
    for (const tag of before) output.write(tag);
    // 40 s are a whole number of pictures and of frames of sound.
    for (const { type, timestampMs, payload } of after)
      output.write(makeTag(type, timestampMs + 40_000, payload));
    await output.close();
    const count = parts
      .flat()
      .filter(
        ({ type, isConfig, payload }) => type === tagType.video && !isConfig && payload[1] === 1,
      ).length;
    expect(timesOf(probe(path), 'video')).toHaveLength(count);
    expect(decodable(path)).toBe(count);
  });

  it('leaves no file when there was nothing to record, and none beside its own', async () => {
    const path = join(folder, 'nothing.mp4');
    const output = new Mp4Output(path);
    await output.open(format);
    expect(existsSync(path)).toBe(true);
    await output.close();
    const sink = new Mp4Sink({ path: join(folder, 'something.mp4') });
    await sink.open(smallFormat);
    await feed(sink, smallFormat, 5);
    await sink.close();
    const files = await readdir(folder);
    expect(files).not.toContain('nothing.mp4');
    expect(files.filter((name) => !/^[a-z0-9-]+\.mp4$/.test(name))).toEqual([]);
  });
});
