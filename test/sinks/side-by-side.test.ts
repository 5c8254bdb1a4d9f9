import { execFileSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { isMedia, tagType } from '../../src/sinks/flv.js';
import { Mp4Sink } from '../../src/sinks/mp4-sink.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import { TimelineSink } from '../../src/sinks/timeline-sink.js';
import { WavSink } from '../../src/sinks/wav-sink.js';
import { readPackets } from '../../src/verify/decode.js';
import { FakeCard } from '../player/fake-card.js';
import { describeLong } from '../tools.js';
import { mute, TestIngest } from '../tools/rtmp-ingest.js';
import { FacewireError } from '../../src/errors.js';
import { TestRenderer } from './synthetic.js';

const full = '/dev/full';
const isUnix = process.platform !== 'win32';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-beside-'));
});
afterAll(() => rm(folder, { recursive: true }));

describeLong(['ffmpeg'], 'outputs beside dead ones', () => {
  it.runIf(isUnix && existsSync(full))(
    'have every frame: an ingest that stalls, one that never answers, a card that breaks, a full disk, a disk that hangs',
    async () => {
      const file = (name: string): string => join(folder, name);
      await symlink(full, file('full.wav'));
      execFileSync('mkfifo', [file('hung.mp4')]);
      const [well, stalled, silent] = await Promise.all(
        Array.from({ length: 3 }, () => new TestIngest().listen()),
      );
      silent.manner = mute;
      const encoder = { videoKbps: 300, audioKbps: 64 };
      const card = new FakeCard(48_000);
      const [push, dead] = [well, stalled].map(
        (ingest) => new RtmpSink({ url: ingest.url('x'), ...encoder }),
      );
      const sinks = {
        // What breaks comes first, where it would hold up the most.
        hung: new Mp4Sink({ path: file('hung.mp4'), ...encoder }),
        never: new RtmpSink({ url: silent.url('x'), ...encoder, connectTimeoutMs: 60_000 }),
        card,
        full: new WavSink({ path: file('full.wav') }),
        dead,
        push,
        mp4: new Mp4Sink({ path: file('x.mp4'), ...encoder }),
        wav: new WavSink({ path: file('x.wav') }),
        timeline: new TimelineSink({ path: file('x.json') }),
      };
      const renderer = new TestRenderer();
      const session = new MediaSession({ idleSeed: -1 });
      const player = new Player({
        session,
        renderer,
        sinks: Object.values(sinks),
        delaysMs: new Map([
          [dead, 200],
          [push, 120],
        ]),
        openMs: 6000,
        closeMs: 5000,
      });
      const failures: string[] = [];
      player.on('sinkFailed', ({ sink, error }) => failures.push(`${sink} ${error.code}`));
      await player.start();
      const reach = async (frame: number): Promise<void> => {
        while (player.position < frame * 1920) {
          card.pass(480);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      };
      await reach(25);
      stalled.stall();
      await reach(50);
      card.onError?.(new FacewireError('ERR_DEVICE_FAILED', 'the card burns'));
      await reach(130);
      const reports = await player.stop();
      session.close();
      const frames = player.position / 1920;
      const videoFrames = (name: string): number[] =>
        reports
          .filter((report) => report.name === name && report.failed !== true)
          .map((each) => each.videoFrames);
      expect(videoFrames('mp4')).toEqual([frames]);
      expect(videoFrames('wav')).toEqual([frames]);
      expect(videoFrames('timeline')).toEqual([frames]);
      expect(videoFrames('rtmp')).toContain(frames);
      // What is in the files and at the ingest, not only what was said.
      const { video } = await readPackets(await locateFfmpeg(), file('x.mp4'));
      expect(video).toHaveLength(frames);
      expect((await readFile(file('x.wav'))).length).toBe(44 + 2 * player.position);
      const { timeline } = JSON.parse(await readFile(file('x.json'), 'utf8')) as {
        timeline: { frame: number; sample: number }[];
      };
      expect(timeline.map(({ frame, sample }) => [frame, sample])).toEqual(
        Array.from({ length: frames }, (_, i) => [i, i * 1920]),
      );
      const media = well.last.tags.filter(isMedia);
      expect(media.filter(({ type }) => type === tagType.video)).toHaveLength(frames);
      expect(push.counts.dropped.audio).toEqual({ offAir: 0, late: 0, noKeyframe: 0, full: 0 });
      expect(failures).toContain('card ERR_DEVICE_FAILED');
      expect(failures).toContain('wav ERR_OUTPUT_UNWRITABLE');
      expect(reports.filter(({ name, failed }) => name === 'mp4' && failed === true)).toHaveLength(1);
      // Pictures that sinks broke with were given back as well.
      expect(renderer.made.filter(({ holders }) => holders !== 0)).toEqual([]);
      // Lets go of what opens a pipe that nobody reads.
      const reader = await open(file('hung.mp4'), constants.O_RDONLY | constants.O_NONBLOCK);
      await reader.close();
      await Promise.all([well, stalled, silent].map((ingest) => ingest.stop()));
    },
  );
});
