import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mouthMeter } from '../../../src/avatar/mouth-region.js';
import { FlvReader } from '../../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../../src/ingest/local-ingest.js';
import { startLocalCloud, type LocalCloud } from '../../../src/server/local-cloud.js';
import { locateFfmpeg, type Ffmpeg } from '../../../src/sinks/ffmpeg-locate.js';
import { decodePictures, decodeSound, readPackets } from '../../../src/verify/decode.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { descendants, hasProc, processes, untilGone, type Process } from '../../cli/run.js';
import { describeWith, itLong } from '../../tools.js';
import { ChannelClient, of, paths, ready } from './client.js';
import { VirtualClock } from '../../tools/virtual-clock.js';

const picture = { width: 320, height: 180 };

/** Pulls a stream into a file as any player would; resolves when media arrives. */
async function pull(ffmpeg: Ffmpeg, url: string, file: string): Promise<ChildProcess> {
  const prompt = ['-analyzeduration', '500000', '-probesize', '100000'];
  const child = spawn(
    ffmpeg.path,
    ['-v', 'error', ...prompt, '-i', url, '-c', 'copy', '-flush_packets', '1', '-f', 'flv', file],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  while (!existsSync(file) || statSync(file).size < 1000) {
    if (child.exitCode !== null) throw new Error(`ffmpeg ended with ${child.exitCode}`);
    await sleep(20);
  }
  return child;
}

/** As a viewer does whose stream broke off: tries until the stream is there. */
async function pullAgain(ffmpeg: Ffmpeg, url: string, file: string): Promise<ChildProcess> {
  for (;;) {
    const child = await pull(ffmpeg, url, file).catch(() => undefined);
    if (child !== undefined) return child;
    await sleep(200);
  }
}

/** Loudness (root mean square) and opening of the mouth for every picture of a recording. */
async function judge(ffmpeg: Ffmpeg, file: string): Promise<{ loud: number[]; open: number[] }> {
  const rate = 8000;
  const { video, audio } = await readPackets(ffmpeg, file);
  const sound = await decodeSound(ffmpeg, file, rate);
  const region = mouthMeter.region(picture.width, picture.height);
  const open: number[] = [];
  await decodePictures(ffmpeg, file, region, (rgb) =>
    open.push(mouthMeter.measure(rgb, region.width, region.height)),
  );
  const firstMs = audio[0]?.ptsMs ?? 0;
  const loud = video.slice(0, open.length).map(({ ptsMs }) => {
    const at = Math.round(((ptsMs - firstMs) * rate) / 1000);
    const part = sound.subarray(Math.max(0, at), Math.max(0, at + rate / 25));
    return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length));
  });
  return { loud, open };
}

/** Mean colour of the upper left corner of the first picture. */
async function decodeCorner(ffmpeg: Ffmpeg, file: string): Promise<number[]> {
  let sum: number[] | undefined;
  const side = 8;
  await decodePictures(ffmpeg, file, { x: 0, y: 0, width: side, height: side }, (rgb) => {
    sum ??= [0, 1, 2].map((c) => {
      let total = 0;
      for (let i = c; i < rgb.length; i += 3) total += rgb[i] ?? 0;
      return total / side ** 2;
    });
  });
  return sum ?? [];
}

/** How much brows and eyes of every picture differ from those of 0.56 s before: the mean over all colours. */
async function movement(ffmpeg: Ffmpeg, file: string): Promise<number[]> {
  const { width, height } = picture;
  const region = { x: width / 2 - 32, y: height * 0.2, width: 64, height: height * 0.3 };
  const last: Buffer[] = [];
  const moved: number[] = [];
  await decodePictures(ffmpeg, file, region, (rgb) => {
    last.push(Buffer.from(rgb));
    const before = last.length > 14 ? last.shift() : last[0];
    moved.push(rgb.reduce((sum, value, i) => sum + Math.abs(value - (before?.[i] ?? 0)), 0) / rgb.length);
  });
  return moved;
}

/** Lists our child processes that were not there when this was called. */
function newcomers(): () => Process[] {
  const before = new Set(descendants(process.pid).map(({ pid }) => pid));
  return () => descendants(process.pid).filter(({ pid }) => !before.has(pid));
}

describeWith(['ffmpeg', 'canvas'], 'a session that renders', () => {
  let cloud: LocalCloud;
  let ffmpeg: Ffmpeg;
  let folder: string;

  beforeAll(async () => {
    ffmpeg = await locateFfmpeg();
    folder = await mkdtemp(join(tmpdir(), 'facewire-session-'));
    cloud = await startLocalCloud({ interactive: { picture } });
  });
  afterAll(async () => {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  itLong('gives an address that plays: a voice, a mouth that moves with it, and rests with it', async () => {
    const { id, state } = await ready(cloud.connection, { DriverType: 3, StreamMaxInterval: 6000 });
    const address = String(state.Payload.PlayStreamAddr);
    expect(address).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/live\/m\d+$/);
    const file = join(folder, 'pulled.flv');
    const puller = await pull(ffmpeg, address, file);
    const channel = await ChannelClient.connect(cloud.connection, id);

    const text = channel.text('My voice and my lips share one clock.');
    await channel.has(text, 'TextOver');
    // The same face, moved by a sound that nobody knows the words of: three bursts of a tone.
    const packets = Array.from({ length: 9 }, (_, n) =>
      Int16Array.from({ length: 2560 }, (_, i) => (n % 3 === 2 ? 0 : 9000 * Math.sin((n * 2560 + i) / 9))),
    );
    const sound = newRequestId();
    for (const [n, pcm] of packets.entries()) {
      if (n >= 6) await sleep(130);
      channel.send('SEND_AUDIO', { Seq: n + 1, Audio: Buffer.from(pcm.buffer).toString('base64') }, sound);
    }
    channel.send('SEND_AUDIO', { Seq: 10, Audio: '', IsFinal: true }, sound);
    await channel.has(sound, 'AudioOver final1');
    expect(channel.story(sound)[1]).toBe('AudioStart');
    // What is cut is not heard: neither its sound nor its lips.
    const long = channel.text(
      'This is said for ever and ever and ever and ever, and nobody hears the end of it.',
    );
    await channel.has(long, 'TextStart');
    channel.send('SEND_TEXT', { Interrupt: true });
    await channel.has(long, 'TextOver final3');
    await sleep(1000);
    const ended = once(puller, 'close');
    puller.stdin?.write('q');
    await ended;
    await of(cloud.connection, paths.close, id);

    const { loud, open } = await judge(ffmpeg, file);
    const voiced = loud.map((value) => value > 0.02);
    const share = (values: boolean[]): number => values.filter(Boolean).length / values.length;
    expect(share(voiced)).toBeGreaterThan(0.2);
    const openWhileVoiced = open.filter((_, i) => voiced[i]).map((value) => value > 0.01);
    expect(share(openWhileVoiced)).toBeGreaterThan(0.6);
    // With 440 ms of silence around it the mouth is at rest.
    const still = open.filter((_, i) => !voiced.slice(Math.max(0, i - 5), i + 6).some(Boolean));
    expect(still.length).toBeGreaterThan(20);
    // A busy machine shows a picture again, and so an open mouth for a few frames more.
    expect(share(still.map((value) => value > 0.01))).toBeLessThan(0.05);
    expect(loud.slice(-12).every((value) => value < 0.005)).toBe(true);
  });

  itLong('performs the actions of a text in its picture, before the colour that was chosen', async () => {
    const told: string[] = [];
    const own = await startLocalCloud({
      interactive: {
        picture: { ...picture, background: '#204060' },
        onWarning: (message) => told.push(message),
      },
    });
    const { id, state } = await ready(own.connection);
    const file = join(folder, 'actions.flv');
    const puller = await pull(ffmpeg, String(state.Payload.PlayStreamAddr), file);
    const channel = await ChannelClient.connect(own.connection, id);
    const plain = channel.text('I say this and do not bow.');
    await channel.has(plain, 'TextOver');
    const text =
      '<speak>I bow <insert-action type="bow"/>to you and wave<insert-action type="wave"/>.</speak>';
    // A second after the one before, by its own clock.
    await sleep(1000);
    const bow = channel.text(text);
    await channel.has(bow, 'TextOver');
    // The bow takes longer than the words.
    await sleep(2000);
    const ended = once(puller, 'close');
    puller.stdin?.write('q');
    await ended;
    await own.close();

    expect(told).toEqual([expect.stringContaining('no action "wave"')]);
    const corner = await decodeCorner(ffmpeg, file);
    [0x20, 0x40, 0x60].forEach((value, c) => expect(Math.abs((corner[c] ?? 0) - value)).toBeLessThan(12));
    const moved = await movement(ffmpeg, file);
    // Idle life and blinks stay below 10, the bow goes beyond 25.
    const bowed = moved.flatMap((value, n) => (value > 18 ? [n] : []));
    expect(bowed.length).toBeGreaterThan(20);
    expect((bowed.at(-1) ?? 0) - (bowed[0] ?? 0)).toBeLessThan(60);
    expect(bowed[0]).toBeGreaterThan(40);
  });

  (hasProc ? itLong : it.skip)(
    'pushes to the caller’s address, whose key is nowhere to be seen, survives its ingest, and ends when that stays away',
    async () => {
      const canary = 'Canary93f1c0de77';
      const stream = newRequestId();
      let ingest = new LocalIngest();
      await ingest.start();
      const { rtmpPort, httpPort } = ingest;
      let reader = new FlvReader(ingest.flvUrl(stream));
      await reader.open();
      const CssCustomPushUrl = `${ingest.pushUrl(stream)}?txSecret=${canary}&txTime=5F`;
      const newOnes = newcomers();
      const own = await startLocalCloud({ interactive: { picture, pushGiveUpMs: 4000 } });
      const { id, state } = await ready(own.connection, { ProtocolOption: { CssCustomPushUrl } });
      expect(state.Payload).not.toHaveProperty('PlayStreamAddr');
      expect(processes().filter(({ command }) => command.includes(canary))).toEqual([]);
      const channel = await ChannelClient.connect(own.connection, id);
      const drive = channel.text('Hello.');
      await channel.has(drive, 'TextOver');
      expect(reader.counts.video).toBeGreaterThan(10);
      expect(reader.counts.audio).toBeGreaterThan(10);
      const encoders = newOnes().filter(({ command }) => command.includes('ffmpeg'));
      expect(encoders).toHaveLength(2);

      await ingest.stop();
      await reader.close();
      ingest = new LocalIngest({ rtmpPort, httpPort });
      await ingest.start();
      reader = new FlvReader(ingest.flvUrl(stream));
      await reader.open();
      while (reader.counts.video < 10) await sleep(20);
      const again = channel.text('I am still here.');
      await channel.has(again, 'TextOver');
      expect(newOnes().filter(({ command }) => command.includes('ffmpeg'))).toEqual(encoders);

      await ingest.stop();
      await channel.closed;
      const end = await of(own.connection, paths.stat, id);
      expect(end.Payload).toMatchObject({ SessionStatus: 2, CloseType: 3 });
      expect(JSON.stringify([end, channel.messages])).not.toContain(canary);
      await untilGone(encoders);
      await own.close();
    },
  );

  it.runIf(hasProc)('gives everything back when its client has vanished', async () => {
    const newOnes = newcomers();
    const clock = new VirtualClock();
    const own = await startLocalCloud({ interactive: { picture, maxSessions: 1, clock } });
    const files = (): number => readdirSync('/proc/self/fd').length;
    const cycle = async (): Promise<void> => {
      const { id } = await ready(own.connection);
      const channel = await ChannelClient.connect(own.connection, id);
      channel.text('Nobody will hear the end of this sentence, because the client has gone away.');
      await channel.until(() => channel.messages.some(({ Payload }) => Payload.SpeakStatus === 'TextStart'));
      const encoders = newOnes().filter(({ command }) => command.includes('ffmpeg'));
      expect(encoders).toHaveLength(2);
      channel.socket.terminate();
      clock.advance(10 * 60_000);
      expect((await of(own.connection, paths.stat, id)).Payload).toMatchObject({ CloseType: 2 });
      await untilGone(encoders);
      expect(own.sessions).toBe(0);
    };
    await cycle();
    // Pipes of children and connections of HTTP close a little after their owners.
    let first = files();
    for (let before = -1; before !== first; first = files()) {
      before = first;
      await sleep(300);
    }
    await cycle();
    while (files() > first) await sleep(50);
    const rest = newOnes();
    await own.close();
    await untilGone(rest);
  });

  (hasProc ? itLong : it.skip)('comes back at the same address when its ingest was killed', async () => {
    const newOnes = newcomers();
    const own = await startLocalCloud({ interactive: { picture } });
    const { id, state } = await ready(own.connection);
    const address = String(state.Payload.PlayStreamAddr);
    const first = join(folder, 'before.flv');
    const viewer = await pull(ffmpeg, address, first);
    const gone = once(viewer, 'close');
    const ingests = (): Process[] => newOnes().filter(({ command }) => command.includes('ingest-process'));
    const [old] = ingests();
    if (old === undefined) throw new Error('there is no ingest');
    process.kill(old.pid, 'SIGKILL');
    await gone;
    while (!ingests().some(({ pid }) => pid !== old.pid)) await sleep(20);
    const back = await pullAgain(ffmpeg, address, join(folder, 'after.flv'));
    const ended = once(back, 'close');
    back.stdin?.write('q');
    await ended;
    expect((await of(own.connection, paths.stat, id)).Payload).toMatchObject({
      SessionStatus: 1,
      PlayStreamAddr: address,
    });
    expect(ingests()).toHaveLength(1);
    const family = newOnes();
    await own.close();
    await untilGone(family);
  });

  it.runIf(hasProc)('closes every session with the server, encoders and ingest included', async () => {
    const newOnes = newcomers();
    const own = await startLocalCloud({ interactive: { picture } });
    const { id } = await ready(own.connection);
    const channel = await ChannelClient.connect(own.connection, id);
    channel.text('The server ends in the middle of this sentence.');
    const family = newOnes();
    expect(family.some(({ command }) => command.includes('ffmpeg'))).toBe(true);
    await own.close();
    await channel.closed;
    await untilGone(family);
  });
});
