import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FacewireError } from '../../src/errors.js';
import { arkitIndex, frameWidth } from '../../src/frame.js';
import { TimelineSink } from '../../src/sinks/timeline-sink.js';
import { makeSpan, smallFormat } from './synthetic.js';

interface Timeline {
  readonly sampleRate: number;
  readonly frameRate: [number, number];
  readonly channels: string[];
  readonly timeline: {
    frame?: number;
    sample: number;
    weights?: number[];
    event?: string;
    detail?: unknown;
  }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-timeline-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (path: string): Promise<Timeline> => JSON.parse(await readFile(path, 'utf8')) as Timeline;

function write(sink: TimelineSink, frame: number): void {
  const span = makeSpan(frame, smallFormat);
  span.weights.fill(0);
  span.weights[arkitIndex.jawOpen] = frame / 100;
  sink.write(span);
}

describe('TimelineSink', () => {
  it('has every frame and every event in order, with names', async () => {
    const path = join(folder, 'whole.json');
    const sink = new TimelineSink({ path });
    await sink.open(smallFormat);
    for (let frame = 0; frame < 60; frame++) {
      write(sink, frame);
      if (frame === 30) sink.note(frame * 1920 + 7, 'word', { text: '"你好"\n' });
    }
    const report = await sink.close();
    const text = await readFile(path);
    const { sampleRate, frameRate, channels, timeline } = await read(path);
    expect(report).toMatchObject({ videoFrames: 60, audioFrames: 60 * 1920, bytes: text.length });
    expect([sampleRate, frameRate, channels.length]).toEqual([48_000, [25, 1], frameWidth]);
    expect(timeline).toHaveLength(61);
    const events = timeline.filter(({ event }) => event !== undefined);
    expect(events).toEqual([{ sample: 57_607, event: 'word', detail: { text: '"你好"\n' } }]);
    expect(timeline.indexOf(events[0])).toBe(31);
    const frames = timeline.filter(({ weights }) => weights !== undefined);
    for (const [i, { frame, sample, weights = [] }] of frames.entries()) {
      expect([frame, sample, weights.length]).toEqual([i, i * 1920, frameWidth]);
      expect(weights[channels.indexOf('jawOpen')]).toBe(i / 100);
    }
    sink.note(0, 'late');
    expect(await readFile(path)).toEqual(text);
  });

  it('is whole JSON before it is closed, and when nothing came', async () => {
    const path = join(folder, 'open.json');
    const sink = new TimelineSink({ path });
    await sink.open(smallFormat);
    const entries = async (): Promise<number> =>
      read(path).then(
        ({ timeline }) => timeline.length,
        () => -1,
      );
    while ((await entries()) !== 0) await sleep(5);
    for (let frame = 0; frame < 55; frame++) write(sink, frame);
    while ((await entries()) < 50) await sleep(5);
    expect(await entries()).toBe(50);
    await sink.close();
    expect(await entries()).toBe(55);
  });

  it.runIf(existsSync('/dev/full'))('ends with one error on a full disk', async () => {
    const path = join(folder, 'full.json');
    await symlink('/dev/full', path);
    const sink = new TimelineSink({ path });
    const errors: FacewireError[] = [];
    sink.onError = (error) => errors.push(error);
    await sink.open(smallFormat);
    for (let frame = 0; frame < 55; frame++) write(sink, frame);
    await sink.close();
    expect(errors.map(({ code }) => code)).toEqual(['ERR_OUTPUT_UNWRITABLE']);
  });
});
