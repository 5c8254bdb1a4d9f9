import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

import { tagType } from '../../src/sinks/flv.js';
import { itLong } from '../tools.js';
import { TestIngest } from '../tools/rtmp-ingest.js';
import { gop, media, numberOf, Rig } from './push-rig.js';

let rig: Rig;
afterEach(() => rig.close());

describe('a push whose ingest stops reading', () => {
  it.each([
    ['sends receipts', 12_500, { receipts: true, pongs: false, streams: false }],
    ['answers pings', 12_500, { receipts: false, pongs: true, streams: false }],
    ['answers commands', 12_500, { receipts: false, pongs: false, streams: true }],
    ['answers commands at 0.1 Mbit/s', 500, { receipts: false, pongs: false, streams: true }],
    ['says nothing', 12_500, { receipts: false, pongs: false, streams: false }],
  ])('notices within 5 s when that %s, and gives up pictures before sound', async (_, bytes, options) => {
    rig = new Rig(new TestIngest(options));
    await rig.open();
    // Until receipts and answers are trusted.
    const run = async (until: () => boolean): Promise<void> => {
      while (!until()) {
        rig.write(1, bytes);
        for (let turns = 0; turns < 20; turns++) await turn();
        rig.clock.advance(40);
      }
    };
    await run(() => rig.clock.now() > 3000);
    expect(rig.events.map(({ type }) => type)).toEqual(['live']);
    rig.ingest.stall();
    const stalledAt = rig.clock.now();
    await run(() => rig.has('down'));
    const noticedMs = rig.clock.now() - stalledAt;
    // Without a sign from the ingest only full buffers tell, and how large those are is the kernel's choice.
    if (options.receipts || options.pongs || options.streams) expect(noticedMs).toBeLessThanOrEqual(5000);
    expect(rig.output.counts).toMatchObject({ stalls: 1, breaks: 1 });
    const { audio, video } = rig.output.counts.dropped;
    if (options.receipts) expect(video.late).toBeGreaterThan(0);
    // Nothing of the sound was given up while the connection was there.
    expect({ late: audio.late, full: audio.full, noKeyframe: audio.noKeyframe }).toEqual({
      late: 0,
      full: 0,
      noKeyframe: 0,
    });
    await run(() => rig.has('back'));
    expect(rig.output.counts.mostBytesWaiting).toBeLessThan(8 << 20);
  });

  it('is not blamed for a standstill of our own', async () => {
    rig = new Rig();
    await rig.open();
    const run = async (frames: number): Promise<void> => {
      for (let frame = 0; frame < frames; frame++) {
        rig.write(1, 10_000);
        for (let turns = 0; turns < 20; turns++) await turn();
        rig.clock.advance(40);
      }
    };
    await run(75);
    // The machine sleeps with a ping, receipts and pictures on their way: time has gone on, and nothing ran meanwhile.
    rig.write(2, 10_000);
    rig.clock.sleep(60_000);
    rig.clock.advance(0);
    rig.write(1, 10_000);
    rig.clock.advance(300);
    await run(75);
    expect(rig.types()).toEqual(['live']);
    expect(rig.output.counts.dropped.video).toMatchObject({ late: 0 });
  });
});

describe('a push over a line that is too slow', () => {
  it('gives up pictures up to a keyframe, keeps all sound, and says when it begins and ends', async () => {
    rig = new Rig(new TestIngest({ pongs: true }));
    await rig.open();
    // The ingest takes a seventh of the stream: it reads in gulps, told by the clock.
    let credit = Infinity;
    const { socket } = rig.ingest.last;
    const frame = async (bytes: number): Promise<void> => {
      rig.write(1, bytes);
      for (let turns = 0; turns < 20; turns++) {
        if (credit > 0 && socket.isPaused()) socket.resume();
        const before = rig.ingest.last.bytes;
        await turn();
        credit -= rig.ingest.last.bytes - before;
        if (credit <= 0) socket.pause();
      }
      rig.clock.advance(40);
    };
    for (let i = 0; i < 50; i++) await frame(12_500);
    credit = 0;
    for (let i = 0; i < 200; i++) {
      credit = Math.min(credit + 9000, 9000);
      await frame(12_500);
    }
    expect(rig.types()).toEqual(['live', 'late']);
    credit = Infinity;
    socket.resume();
    for (let i = 0; i < 200; i++) await frame(1000);
    expect(rig.types()).toEqual(['live', 'late', 'inTime']);
    await rig.ingest.until(() => media(rig.ingest.last).some((tag) => numberOf(tag) === 449));
    const tags = media(rig.ingest.last);
    const sounds = tags.filter(({ type }) => type === tagType.audio).map(numberOf);
    expect(sounds).toEqual(Array.from({ length: 450 }, (_, i) => i));
    // Every picture that came can be decoded: the one before it came as well, or it is a keyframe.
    const pictures = tags.filter(({ type }) => type === tagType.video).map(numberOf);
    for (const [i, number] of pictures.entries())
      expect(number % gop === 0 || pictures[i - 1] === number - 1, `picture ${number}`).toBe(true);
    const { dropped, sent } = rig.output.counts;
    expect(dropped.video.late).toBeGreaterThan(0);
    expect(sent.video + dropped.video.late + dropped.video.noKeyframe).toBe(450);
    expect(pictures).toHaveLength(sent.video);
    expect(dropped.audio).toEqual({ offAir: 0, late: 0, noKeyframe: 0, full: 0 });
  });

  itLong(
    'of half the bandwidth for a minute delivers all sound within 1.5 s, and is itself again within 10 s',
    async () => {
      rig = new Rig(new TestIngest({ pongs: true }));
      await rig.open();
      const startedAt = rig.clock.now();
      const lateMs: number[] = [];
      let heard = 0;
      const listen = (): void => {
        const { tags } = rig.ingest.last;
        for (; heard < tags.length; heard++) {
          const tag = tags[heard];
          if (tag.type !== tagType.audio || tag.isConfig) continue;
          lateMs.push(rig.clock.now() - startedAt - numberOf(tag) * 40);
        }
      };
      let frames = 0;
      // 2.4 Mbit/s, a keyframe being three times as large as another picture.
      const run = async (count: number, each: () => void): Promise<void> => {
        for (let frame = 0; frame < count; frame++) {
          rig.write(1, frames++ % gop === 0 ? 30_000 : 10_000);
          await rig.settle();
          each();
          await rig.settle();
          listen();
          rig.clock.advance(40);
        }
      };
      await run(75, () => undefined);
      rig.ingest.slow();
      await run(1500, () => rig.ingest.letThrough(6000));
      expect(rig.types()).toEqual(['live', 'late']);
      const before = rig.output.counts.dropped.video;
      expect(before.late).toBeGreaterThan(0);
      rig.ingest.letThrough(Infinity);
      await run(250, () => undefined);
      expect(rig.types()).toEqual(['live', 'late', 'inTime']);
      // Well again at once, but for pictures that waited for their keyframe.
      const { late, noKeyframe } = rig.output.counts.dropped.video;
      expect([late - before.late, noKeyframe - before.noKeyframe < gop]).toEqual([0, true]);
      await rig.ingest.until(() => media(rig.ingest.last).some((tag) => numberOf(tag) === 1824));
      listen();
      expect(lateMs).toHaveLength(1825);
      expect(Math.max(...lateMs)).toBeLessThanOrEqual(1500);
    },
  );
});
