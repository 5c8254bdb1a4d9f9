import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { Recorder } from '../../src/record/recorder.js';
import { Recording } from '../../src/record/recording.js';
import { DigestSink } from '../../src/sinks/digest-sink.js';
import { EncodedSink } from '../../src/sinks/encoded-sink.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { isMedia, tagType } from '../../src/sinks/flv.js';
import { Mp4Output, Mp4Sink } from '../../src/sinks/mp4-sink.js';
import { RevivingSink } from '../../src/sinks/reviving-sink.js';
import { RtmpOutput, RtmpSink } from '../../src/sinks/rtmp-sink.js';
import type { Sink, SinkReport } from '../../src/sinks/sink.js';
import { TimelineSink } from '../../src/sinks/timeline-sink.js';
import { WavSink } from '../../src/sinks/wav-sink.js';
import { readPackets } from '../../src/verify/decode.js';
import { describeLong } from '../tools.js';
import { TestIngest } from '../tools/rtmp-ingest.js';
import { makeSpan, smallFormat, TestRenderer } from './synthetic.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-disk-'));
const file = (name: string): string => join(folder, name);
const mount = (...options: string[]): void => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', folder]);
};
afterEach(() => execFileSync('umount', [folder]));
afterAll(() => rmdirSync(folder));

const encoder = { videoKbps: 300, audioKbps: 64 };

/** A push to an ingest, with other sinks beside it. */
class Live {
  readonly ingest = new TestIngest();
  readonly session = new MediaSession({ idleSeed: -1 });
  readonly failures: string[] = [];
  push!: RtmpSink;
  player!: Player;

  async open(...beside: Sink[]): Promise<void> {
    await this.ingest.listen();
    this.push = new RtmpSink({ url: this.ingest.url('x'), ...encoder });
    this.player = new Player({
      session: this.session,
      renderer: new TestRenderer(),
      sinks: [...beside, this.push],
    });
    this.player.on('sinkFailed', ({ sink, error: { code, received } }) =>
      this.failures.push(`${sink} ${code} ${received}`),
    );
    await this.player.start();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Ends it all, and checks that the ingest got every frame and all the sound. */
  async close(): Promise<SinkReport[]> {
    const reports = await this.player.stop();
    const frames = this.player.position / 1920;
    expect(reports.find(({ name }) => name === 'rtmp')).toMatchObject({ videoFrames: frames, failed: false });
    const media = this.ingest.last.tags.filter(isMedia);
    expect(media.filter(({ type }) => type === tagType.video)).toHaveLength(frames);
    const sounds = media.filter(({ type }) => type === tagType.audio);
    expect(sounds).toHaveLength(this.push.encoded.audio);
    expect(sounds.length * 1024).toBeGreaterThanOrEqual(this.player.position);
    this.session.close();
    await this.ingest.stop();
    return reports;
  }
}

describeLong(['ffmpeg', 'tmpfs'], 'recordings on a disk that fills', () => {
  it('end with one event each and can be read, and the stream beside them has every tag', async () => {
    mount('size=512k');
    const live = new Live();
    const stops: string[] = [];
    const from = { cloud: 'ws://cloud', secrets: [] };
    const recorder = new Recorder({ path: file('wire.jsonl') }, from, ({ code }) => stops.push(code));
    await live.open(
      new Mp4Sink({ path: file('x.mp4'), ...encoder }),
      new WavSink({ path: file('x.wav') }),
      new TimelineSink({ path: file('x.json') }),
    );
    const chatter = setInterval(() => recorder.received(Buffer.from('word '.repeat(800))), 40);
    await live.until(() => live.failures.length === 3 && stops.length > 0);
    // They stay ended.
    const { position } = live.player;
    await live.until(() => live.player.position > position + 25 * 1920);
    clearInterval(chatter);
    await recorder.close();
    await live.close();
    expect(live.failures.sort()).toEqual(
      ['mp4', 'timeline', 'wav'].map((name) => `${name} ERR_OUTPUT_UNWRITABLE ENOSPC`),
    );
    expect(stops).toEqual(['ERR_OUTPUT_UNWRITABLE']);

    const { video } = await readPackets(await locateFfmpeg(), file('x.mp4'));
    expect(video.length).toBeGreaterThan(12);
    const wav = readFileSync(file('x.wav'));
    const seconds = (wav.readUInt32LE(40) / 2 / 48_000) | 0;
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(wav.length).toBeGreaterThanOrEqual(44 + wav.readUInt32LE(40));
    const { timeline } = JSON.parse(readFileSync(file('x.json'), 'utf8')) as { timeline: unknown[] };
    expect(timeline.length % 25).toBe(0);
    expect(timeline.length).toBeGreaterThan(0);
    const wire = new Recording(file('wire.jsonl'));
    const entries = [];
    for await (const entry of wire.entries()) entries.push(entry);
    expect(entries.length).toBeGreaterThan(1);
    // The line that did not fit.
    expect(wire.damaged).toBeLessThanOrEqual(1);
  });
});

describeLong(['ffmpeg', 'tmpfs'], 'recordings on a disk that may only be read', () => {
  const makers = {
    mp4: () => new Mp4Sink({ path: file('x.mp4'), ...encoder }),
    wav: () => new WavSink({ path: file('x.wav') }),
    timeline: () => new TimelineSink({ path: file('x.json') }),
  };

  it('end with one event each before they begin, and the stream beside them has every tag from the start', async () => {
    mount('size=512k', 'ro');
    const live = new Live();
    await live.open(...Object.values(makers).map((make) => make()));
    await live.until(() => live.player.position > 25 * 1920);
    const reports = await live.close();
    expect(live.failures.sort()).toEqual(
      ['mp4', 'timeline', 'wav'].map((name) => `${name} ERR_OUTPUT_UNWRITABLE EROFS`),
    );
    expect(reports.map(({ name, failed }) => [name, failed])).toEqual([
      ['mp4', true],
      ['wav', true],
      ['timeline', true],
      ['rtmp', false],
    ]);
  });

  it('leave the push of their own encoder alone', async () => {
    mount('size=512k', 'ro');
    const ingest = await new TestIngest().listen();
    const lost: string[] = [];
    const sink = new EncodedSink({
      outputs: [new Mp4Output(file('x.mp4')), new RtmpOutput(ingest.url('x'))],
      onOutputError: (name, { code, received }) => lost.push(`${name} ${code} ${received}`),
      ...encoder,
    });
    await sink.open(smallFormat);
    for (let frame = 0; frame < 25; frame++) sink.write(makeSpan(frame, smallFormat));
    await sink.close();
    expect(lost).toEqual(['mp4 ERR_OUTPUT_UNWRITABLE EROFS']);
    expect(ingest.last.tags.filter(isMedia).filter(({ type }) => type === tagType.video)).toHaveLength(25);
    await ingest.stop();
  });

  it.each(Object.entries(makers))(
    'that are all there is keep a player from starting: %s',
    async (_name, make) => {
      mount('size=512k', 'ro');
      const session = new MediaSession({ idleSeed: -1 });
      const player = new Player({ session, renderer: new TestRenderer(), sinks: [make(), new DigestSink()] });
      await expect(player.start()).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        received: 'EROFS',
      });
      session.close();
      const from = { cloud: 'ws://cloud', secrets: [] };
      expect(() => new Recorder({ path: file('wire.jsonl') }, from, () => undefined)).toThrow(
        expect.objectContaining({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'EROFS' }),
      );
    },
  );

  it('begin when it may be written, and the stream beside them has every tag from the start', async () => {
    mount('size=4m', 'ro');
    const live = new Live();
    const broken: string[] = [];
    const reviving = Object.entries(makers).map(
      ([name, make]) =>
        new RevivingSink({
          name,
          make,
          wantsPictures: name === 'mp4',
          firstMs: 100,
          onBroken: ({ code, received }) => broken.push(`${name} ${code} ${received}`),
        }),
    );
    await live.open(...reviving);
    await live.until(() => reviving.every(({ breaks }) => breaks > 0) && live.player.position > 25 * 1920);
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    await live.until(() => reviving.every(({ isUp }) => isUp));
    const { position } = live.player;
    await live.until(() => live.player.position > position + 25 * 1920);
    await live.close();
    expect(live.failures).toEqual([]);
    expect([...new Set(broken)].sort()).toEqual(
      Object.keys(makers)
        .map((name) => `${name} ERR_OUTPUT_UNWRITABLE EROFS`)
        .sort(),
    );
    for (const name of ['x.mp4', 'x.wav', 'x.json']) expect(statSync(file(name)).size).toBeGreaterThan(4000);
  });
});
