import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FacewireError } from '../../src/errors.js';
import { EncodedSink } from '../../src/sinks/encoded-sink.js';
import { isMedia } from '../../src/sinks/flv.js';
import { Mp4Output } from '../../src/sinks/mp4-sink.js';
import { RtmpOutput } from '../../src/sinks/rtmp-sink.js';
import { WavSink } from '../../src/sinks/wav-sink.js';
import { describeWith } from '../tools.js';
import { TestIngest } from '../tools/rtmp-ingest.js';
import { feed, feedLive, smallFormat } from './synthetic.js';

// Opens like any file; the kernel says that there is no room at the first byte.
const full = '/dev/full';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-full-'));
});
afterAll(() => rm(folder, { recursive: true }));

describeWith(['ffmpeg'], 'a recording on a full disk', () => {
  it.runIf(existsSync(full))('ends with one event, and the stream beside it has every tag', async () => {
    const path = join(folder, 'x.mp4');
    await symlink(full, path);
    const ingest = await new TestIngest().listen();
    const push = new RtmpOutput(ingest.url('beside'));
    const told: string[] = [];
    const errors: FacewireError[] = [];
    let lost: () => void = () => undefined;
    const isLost = new Promise<void>((resolve) => (lost = resolve));
    const sink = new EncodedSink({
      outputs: [new Mp4Output(path), push],
      onOutputError: (name, { code, received }) => {
        told.push(`${name} ${code} ${received}`);
        lost();
      },
    });
    sink.onError = (error) => errors.push(error);
    await sink.open(smallFormat);
    const enough = isLost.then(() => ingest.until(() => (ingest.last.tags.length ?? 0) > 100));
    const frames = await feedLive(sink, smallFormat, enough);
    await sink.close();
    expect(told).toEqual(['mp4 ERR_OUTPUT_UNWRITABLE ENOSPC']);
    expect(errors).toEqual([]);
    expect(ingest.last.tags.filter(isMedia)).toHaveLength(sink.encoded.audio + sink.encoded.video);
    expect(sink.encoded.video).toBe(frames);
    expect(push.counts.dropped.video).toEqual({ offAir: 0, late: 0, noKeyframe: 0, full: 0 });
    await ingest.stop();
  });
});

describe('a WAV file on a full disk', () => {
  it.runIf(existsSync(full))('ends with one error', async () => {
    const path = join(folder, 'x.wav');
    await symlink(full, path);
    const sink = new WavSink({ path });
    const errors: FacewireError[] = [];
    sink.onError = (error) => errors.push(error);
    await sink.open(smallFormat);
    await feed(sink, smallFormat, 60);
    await sink.close();
    expect(errors.map(({ code, received }) => [code, received])).toEqual([
      ['ERR_OUTPUT_UNWRITABLE', 'ENOSPC'],
    ]);
  });
});
