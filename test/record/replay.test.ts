import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  EndpointDriver,
  Recording,
  Replay,
  type Drive,
  type DriveEvent,
  type ReplayOptions,
} from '../../src/driver/index.js';
import type { FacewireError } from '../../src/errors.js';
import { MediaSession } from '../../src/media/session.js';
import { perform } from '../../src/player/perform.js';
import { Player } from '../../src/player/player.js';
import { startLocalCloud, type LocalCloudOptions } from '../../src/server/local-cloud.js';
import { DigestSink } from '../../src/sinks/digest-sink.js';
import { FaultProxy } from '../tools/fault-proxy.js';
import { ToneVoice } from '../tools/tone-voice.js';

const text = 'The first sentence is here. A second one follows it, with a comma.';
const folder = mkdtempSync(join(tmpdir(), 'facewire-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

let files = 0;
const newPath = (): string => join(folder, `${++files}.jsonl`);

/** Speaks with `talk` while everything is recorded, and returns the recording's path. */
async function recorded(
  talk: (driver: EndpointDriver, proxy: FaultProxy) => Promise<void>,
  options: LocalCloudOptions = {},
): Promise<string> {
  const cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap', ...options });
  open.push(cloud);
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: cloud.port });
  open.push(proxy);
  const path = newPath();
  const driver = new EndpointDriver({
    ...cloud.connection,
    url: proxy.url,
    record: path,
    environment: { random: () => 0 },
  });
  await talk(driver, proxy);
  await driver.close();
  return path;
}

/** Events of a drive as they can be compared, with the error it ended with. */
async function eventsOf(drive: Drive): Promise<unknown[]> {
  const events: unknown[] = [];
  try {
    for await (const event of drive) events.push(event);
    events.push({ ...(await drive.done), marks: undefined });
  } catch (error) {
    events.push((error as FacewireError).code);
  }
  return events;
}

async function replayed(path: string, options: ReplayOptions = {}): Promise<unknown[][]> {
  const drives: unknown[][] = [];
  for await (const drive of new Replay(new Recording(path), options).drives())
    drives.push(await eventsOf(drive));
  return drives;
}

/** What a player makes of drives: one digest over all samples and weights. */
async function digestOf(play: (session: MediaSession, player: Player) => Promise<void>): Promise<string> {
  const session = new MediaSession();
  const sink = new DigestSink();
  const player = new Player({ session, sinks: [sink], pace: 'as-available' });
  await player.start();
  await play(session, player);
  await player.stop();
  session.close();
  return sink.digest;
}

describe('a session that was recorded', () => {
  it('gives the same events, samples and features again, at every speed', async () => {
    const live: unknown[][] = [];
    const path = await recorded(async (driver) => {
      live.push(await eventsOf(driver.text(text)));
      const stream = driver.stream();
      stream.write('A stream, ');
      stream.write('in two pieces.');
      stream.end();
      live.push(await eventsOf(stream));
      live.push(await eventsOf(driver.chat('What do you say?')));
    });
    for (const speed of [Number.POSITIVE_INFINITY, 20, 1])
      expect(await replayed(path, { speed })).toEqual(live);
  });

  it('gives the same output to the bit through media session and player, at every speed', async () => {
    let live = '';
    const path = await recorded(
      async (driver) => {
        live = await digestOf(async (session, player) => {
          await perform(driver.text(text, { media: session }), player, session);
          await perform(driver.text('One more.', { media: session }), player, session);
        });
      },
      { pace: 'realtime-ahead', aheadSeconds: 0.3 },
    );
    for (const speed of [Number.POSITIVE_INFINITY, 8, 1]) {
      const again = await digestOf(async (session, player) => {
        for await (const drive of new Replay(new Recording(path), { media: session, speed }).drives())
          await perform(drive, player, session);
      });
      expect(again).toBe(live);
    }
  });

  it('gives a drive that went over two sockets once', async () => {
    let live: unknown[] = [];
    const path = await recorded(
      async (driver, proxy) => {
        const drive = driver.text(text);
        const events: DriveEvent[] = [];
        for await (const event of drive) {
          events.push(event);
          if (events.length === 4) proxy.cutAll('rst');
        }
        live = [...events, { ...(await drive.done), marks: undefined }];
      },
      { pace: 'realtime-ahead', aheadSeconds: 0.2 },
    );
    expect(readFileSync(path, 'utf8').match(/"what":"open"/g)).toHaveLength(2);
    expect(await replayed(path)).toEqual([live]);
  });

  it('ends drives as they ended: interrupted, or with the error of then', async () => {
    const path = await recorded(
      async (driver, proxy) => {
        const first = driver.text(text);
        for await (const event of first) if (event.type === 'speech') break;
        first.interrupt();
        await first.done.catch(() => undefined);
        const second = driver.text(text);
        for await (const event of second) if (event.type === 'speech') break;
        proxy.cutAll('rst');
        await second.done.catch(() => undefined);
      },
      { pace: 'realtime-ahead', aheadSeconds: 0.2, resumeMs: 0 },
    );
    const [first, second] = await replayed(path);
    expect(first.at(-1)).toBe('ERR_INTERRUPTED');
    expect(second.at(-1)).toBe('ERR_CONNECTION_LOST');
    expect(second.length).toBeGreaterThan(2);
  });

  it('waits for room in a small media session, and loses nothing', async () => {
    const path = await recorded(async (driver) => void (await eventsOf(driver.text(text))));
    const session = new MediaSession({ sampleRate: 24_000, maxBufferedSeconds: 1, idleSeed: -1 });
    let samples = 0;
    for await (const drive of new Replay(new Recording(path), { media: session }).drives()) {
      // It was recorded without a media session, so none is filled.
      await eventsOf(drive);
      samples += session.readySamples();
    }
    expect(samples).toBe(0);
    const full = await recorded(async (driver) => {
      await digestOf(
        async (other, player) => void (await perform(driver.text(text, { media: other }), player, other)),
      );
    });
    for await (const drive of new Replay(new Recording(full), { media: session }).drives()) {
      const done = eventsOf(drive);
      while (!drive.isOver) {
        const ready = session.readySamples();
        samples += ready;
        session.commit(session.committed() + ready);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      samples += session.readySamples();
      expect(await done).toContainEqual(expect.objectContaining({ ended: 'final' }));
    }
    session.close();
    expect(samples).toBeGreaterThan(24_000);
  });

  it('plays what is good of a damaged file, says where it broke, and fails a drive without an end', async () => {
    const path = await recorded(async (driver) => void (await eventsOf(driver.text(text))));
    const lines = readFileSync(path, 'utf8').split('\n');
    const broken = newPath();
    const speech = lines.findIndex((line) => line.includes('\\"SentenceStart\\":true'));
    writeFileSync(
      broken,
      lines.map((line, i) => (i === speech ? line.replace('received', 'rexeived') : line)).join('\n'),
    );
    const recording = new Recording(broken);
    const [[...events]] = await (async () => {
      const all: unknown[][] = [];
      for await (const drive of new Replay(recording).drives()) all.push(await eventsOf(drive));
      return all;
    })();
    expect(recording.damages).toEqual([
      {
        line: speech + 1,
        byte: Buffer.byteLength(lines.slice(0, speech).join('\n')) + 1,
        message: 'the checksum is wrong',
      },
    ]);
    const [[...whole]] = await replayed(path);
    expect(events).toHaveLength(whole.length - 1);
    const cut = newPath();
    writeFileSync(cut, lines.slice(0, speech + 1).join('\n'));
    expect((await replayed(cut))[0].at(-1)).toBe('ERR_INPUT_UNREADABLE');
  });

  it('goes on without its recording when that comes to its limit', async () => {
    const cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap' });
    open.push(cloud);
    const driver = new EndpointDriver({ ...cloud.connection, record: { path: newPath(), maxBytes: 20_000 } });
    const events = (await eventsOf(driver.text(text))) as DriveEvent[];
    expect(events.filter((event) => event.type === 'warning').map((event) => event.code)).toEqual([
      'recording-stopped',
    ]);
    expect(events.at(-1)).toMatchObject({ ended: 'final' });
    await driver.close();
  });
});

describe('the recording in test/fixtures', () => {
  it('gives the samples and features of the day it was made, on every machine', async () => {
    const path = join(import.meta.dirname, '..', 'fixtures', 'recordings', 'hi.jsonl');
    const hash = createHash('sha256');
    const words: string[] = [];
    const recording = new Recording(path);
    for await (const drive of new Replay(recording).drives()) {
      for await (const event of drive) {
        if (event.type !== 'speech' || event.packet === undefined) continue;
        const { pcm, features } = event.packet;
        for (const block of [pcm, features])
          hash.update(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
        words.push(...event.subtitles.map((word) => word.text));
      }
      await drive.done;
    }
    expect(recording.damaged).toBe(0);
    expect(words).toEqual(['Hi', 'there.']);
    expect(hash.digest('hex')).toBe('9f27225a1acdc6f124d5ee3d772f2e281938127ba83e17c1ed0f4e50ad4cc14b');
  });
});
