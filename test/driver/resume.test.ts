import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EndpointDriver, type Drive, type EndpointDriverOptions } from '../../src/driver/index.js';
import type { FacewireError } from '../../src/errors.js';
import { MediaSession } from '../../src/media/session.js';
import type { LocalCloud } from '../../src/server/local-cloud.js';
import { startLocalCloud, type LocalCloudOptions } from '../../src/server/local-cloud.js';
import { toTicks, type SubtitleSpan } from '../../src/wire/index.js';
import { Random } from '../reference/random.js';
import { isAll, itLong } from '../tools.js';
import { FaultProxy } from '../tools/fault-proxy.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { closeAll, keep, newDriver, ramp, startCloud } from './cloud.js';

const text =
  'The first sentence is here. A second one follows it, with a comma. Then comes a third! ' +
  'Number four is a question, is it not? The fifth is dull. And the sixth ends it all, at last.';

/** For tests at the pace of speech: 1.5 s. */
const shortText = 'The first sentence is here. A second one follows it, with a comma.';

afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
});

interface Stage {
  readonly cloud: LocalCloud;
  readonly proxy: FaultProxy;
  readonly driver: EndpointDriver;
  readonly voice: ToneVoice;
}

async function stage(
  options: LocalCloudOptions = {},
  more: Partial<EndpointDriverOptions> = {},
): Promise<Stage> {
  const voice = new ToneVoice();
  const cloud = keep(await startLocalCloud({ voice, pace: 'asap', ...options }));
  const proxy = keep(await FaultProxy.start({ host: '127.0.0.1', port: cloud.port }));
  const driver = keep(
    new EndpointDriver({
      ...cloud.connection,
      url: proxy.url,
      // Without a wait between attempts a run takes milliseconds.
      environment: { random: () => 0 },
      ...more,
    }),
  );
  return { cloud, proxy, driver, voice };
}

interface Heard {
  readonly pcm: Int16Array;
  readonly words: string[];
}

/** Everything that a drive brings. */
async function listen(drive: Drive): Promise<Heard> {
  const pieces: Int16Array[] = [];
  const words: string[] = [];
  for await (const event of drive) {
    if (event.type !== 'speech' || event.packet === undefined) continue;
    pieces.push(event.packet.pcm);
    words.push(...event.subtitles.map((word) => word.text));
  }
  await drive.done;
  const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    pcm.set(piece, at);
    at += piece.length;
  }
  return { pcm, words };
}

/** Streams the text in small pieces, some of them while the link is down. */
function streamed(driver: EndpointDriver, roll: () => number): Drive {
  const drive = driver.stream();
  let at = 0;
  const step = (): void => {
    if (drive.isOver) return;
    const size = 1 + Math.floor(roll() * 12);
    drive.write(text.slice(at, at + size));
    at += size;
    if (at < text.length) setImmediate(step);
    else drive.end();
  };
  step();
  return drive;
}

/** A hundred take seconds: that is for `--mode all`. */
const runs = isAll ? 100 : 25;

describe('a drive whose socket is cut, against our own server', () => {
  it(`repeats and loses nothing in ${runs} runs with cuts at random places, text and streams in turn`, async () => {
    const dice = new Random(4);
    const roll = (): number => dice.next();
    const { cloud, proxy, driver, voice } = await stage();
    const whole = await listen(driver.text(text));
    const size = whole.pcm.length * 3;
    expect(whole.words.join(' ')).toBe(text);
    let cuts = 0;
    for (let run = 0; run < runs; run++) {
      voice.spoken.length = 0;
      const up = roll() < 0.3;
      proxy.set({
        kind: 'cut',
        direction: up ? 'up' : 'down',
        after: Math.floor(up ? 500 + roll() * 4000 : 200 + roll() * size),
        how: roll() < 0.5 ? 'rst' : 'fin',
      });
      // A fresh connection, which is cut. Inside the handshake that is a matter of connecting, later of resuming.
      const before = proxy.accepted;
      const isStream = run % 2 === 1;
      const other = new EndpointDriver({
        ...cloud.connection,
        url: proxy.url,
        environment: { random: () => 0 },
      });
      const drive = isStream ? streamed(other, roll) : other.text(text);
      const heard = await listen(drive);
      expect(heard.words.join(' ')).toBe(text);
      expect(Buffer.compare(Buffer.from(heard.pcm.buffer), Buffer.from(whole.pcm.buffer))).toBe(0);
      expect(voice.spoken.join(' ')).toBe(text);
      cuts += proxy.accepted - before - 1;
      await other.close();
    }
    expect(cuts).toBeGreaterThan(runs / 2);
    expect(cloud.counts.resumedDrives).toBeGreaterThan(runs / 2);
    expect(cloud.counts.expiredDrives).toBe(0);
  });

  itLong('goes on after many cuts in one drive, and after a byte that was turned over', async () => {
    const { cloud, proxy, driver } = await stage({ pace: 'realtime-ahead', aheadSeconds: 0.2 });
    const whole = await listen(keep(new EndpointDriver(cloud.connection)).text(shortText));
    const drive = driver.text(shortText);
    let frames = 0;
    const pieces: Int16Array[] = [];
    for await (const event of drive) {
      if (event.type !== 'speech' || event.packet === undefined) continue;
      pieces.push(event.packet.pcm);
      frames++;
      if (frames % 2 === 0 && frames < 10) {
        proxy.set(frames === 6 ? { kind: 'corrupt', direction: 'down', at: 900 } : { kind: 'pass' });
        proxy.cutAll('rst');
      }
    }
    await drive.done;
    const heard = Buffer.concat(pieces.map((pcm) => Buffer.from(pcm.buffer)));
    expect(Buffer.compare(heard, Buffer.from(whole.pcm.buffer))).toBe(0);
    expect(cloud.counts.resumedDrives).toBeGreaterThanOrEqual(4);
  });

  itLong('keeps the sound in the media session whole', async () => {
    const { proxy, driver } = await stage({ pace: 'realtime-ahead', aheadSeconds: 0.3 });
    const sound = async (cut: boolean): Promise<Float32Array> => {
      const session = new MediaSession({ sampleRate: 24_000, idleSeed: -1 });
      const drive = driver.text(shortText, { media: session });
      let messages = 0;
      for await (const event of drive)
        if (event.type === 'speech' && ++messages === 5 && cut) proxy.cutAll('fin');
      await drive.done;
      const samples = new Float32Array(session.readySamples());
      // Only the last four seconds can be read back.
      for (let at = 0; at < samples.length; at += 24_000) {
        session.commit(Math.min(samples.length, at + 24_000));
        session.readAudio(at, samples.subarray(at, at + 24_000));
      }
      session.close();
      return samples;
    };
    const whole = await sound(false);
    const cut = await sound(true);
    expect(whole.length).toBeGreaterThan(24_000);
    expect(Buffer.compare(Buffer.from(cut.buffer), Buffer.from(whole.buffer))).toBe(0);
  });

  it('takes text while the link is down, up to a limit, and sends it afterwards', async () => {
    const { proxy, driver, voice } = await stage({ streamIdleMs: 1000 });
    const drive = driver.stream();
    drive.write('The first sentence. ');
    for await (const event of drive) {
      if (event.type !== 'speech') continue;
      break;
    }
    proxy.set({ kind: 'refuse' });
    proxy.cutAll('rst');
    await vi.waitUntil(() => drive.isResuming, { timeout: 30_000 });
    // Longer than a stream may pause: while nobody can send, a pause is none.
    await sleep(1200);
    drive.write('The second one. ');
    expect(() => drive.write('x'.repeat(65 * 1024))).toThrow(/more text is waiting/);
    drive.end();
    proxy.set({ kind: 'pass' });
    await drive.done;
    expect(voice.spoken).toEqual(['The first sentence.', 'The second one.']);
  });

  it('is not resumed once it was interrupted', async () => {
    const { cloud, proxy, driver } = await stage({ pace: 'realtime-ahead', aheadSeconds: 0.2, resumeMs: 50 });
    const drive = driver.text(text);
    for await (const event of drive) if (event.type === 'speech') break;
    proxy.set({ kind: 'refuse' });
    proxy.cutAll('rst');
    await vi.waitUntil(() => drive.isResuming, { timeout: 30_000 });
    drive.interrupt();
    await expect(drive.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    proxy.set({ kind: 'pass' });
    expect((await listen(driver.text('Something else.'))).words).toEqual(['Something', 'else.']);
    expect(cloud.counts.resumedDrives).toBe(0);
    await vi.waitUntil(() => cloud.counts.expiredDrives === 1, { timeout: 30_000 });
    expect(cloud.counts.waitingDrives).toBe(0);
  });

  it('fails with what was not spoken when the server has given it up', async () => {
    const { cloud, proxy, driver } = await stage({ pace: 'realtime-ahead', aheadSeconds: 0.2, resumeMs: 1 });
    const drive = driver.text(text);
    const words: string[] = [];
    const heard = (async () => {
      for await (const event of drive) {
        if (event.type !== 'speech') continue;
        words.push(...event.subtitles.map((word) => word.text));
        if (event.clause === 2 && event.clauseStart) {
          proxy.set({ kind: 'refuse' });
          proxy.cutAll('rst');
          void vi
            .waitUntil(() => cloud.counts.expiredDrives === 1, { timeout: 30_000 })
            .then(() => proxy.set({ kind: 'pass' }));
        }
      }
    })();
    const error = (await drive.done.catch((thrown: unknown) => thrown)) as FacewireError;
    await expect(heard).rejects.toBe(error);
    expect(error.code).toBe('ERR_CONNECTION_LOST');
    // One word of 0.1 s ends in the 0.2 s of the second sentence that came; the next one is cut.
    expect(`${words.slice(0, 5).join(' ')} A ${error.unspoken}`).toBe(text);
  });

  it('is resumed when the link is silent for too long', async () => {
    const { cloud, proxy, driver } = await stage(
      { pace: 'realtime-ahead', aheadSeconds: 0.2 },
      { timeouts: { betweenMessagesMs: 400 } },
    );
    const drive = driver.text(shortText);
    const words: string[] = [];
    let messages = 0;
    for await (const event of drive) {
      if (event.type !== 'speech') continue;
      words.push(...event.subtitles.map((word) => word.text));
      if (++messages !== 4) continue;
      proxy.set({ kind: 'blackhole' });
      // Only the link of then is dead; a new one works.
      proxy.forNew({ kind: 'pass' });
    }
    await drive.done;
    expect(words.join(' ')).toBe(shortText);
    expect(cloud.counts.resumedDrives).toBe(1);
  });
});

describe('a drive whose socket is cut, against another cloud', () => {
  it('ends with what was not spoken, after what had arrived was given', async () => {
    const cloud = await startCloud((request, { reply, speech, socket }) => {
      reply(request, 1, { displayText: 'Good morning,' });
      speech(request, {
        clause: 1,
        clauseStart: true,
        clauseEnd: true,
        sampleRate: 24_000,
        pcm: ramp(1),
        subtitles: subtitles('Good morning,'),
      });
      reply(request, 2, { displayText: 'dear world of wires.', last: true });
      // A message of half a second, in which two of the five words end.
      speech(request, {
        clause: 2,
        clauseStart: true,
        sampleRate: 24_000,
        pcm: ramp(0.5),
        subtitles: subtitles('dear world of wires.'),
      });
      setImmediate(() => socket.terminate());
    });
    const driver = newDriver(cloud.url);
    const drive = driver.text('  Good morning,  dear world of wires.');
    let samples = 0;
    const error = await (async () => {
      for await (const event of drive) if (event.type === 'speech') samples += event.audioFrames;
    })().catch((thrown: unknown) => thrown as FacewireError);
    expect(samples).toBe(36_000);
    expect(error).toMatchObject({ code: 'ERR_CONNECTION_LOST', unspoken: 'of wires.' });
    expect(cloud.queries).toHaveLength(1);
    // Nothing of the extension goes to a cloud that did not announce it.
    expect(cloud.requests.map((request) => request.kind)).toEqual(['text']);
  });
});

/** 0.25 s a word, positions by character. */
function subtitles(clause: string): SubtitleSpan[] {
  return [...clause.matchAll(/\S+/g)].map((word, i) => ({
    text: word[0],
    start: toTicks(i * 2_500_000),
    end: toTicks((i + 1) * 2_500_000),
    positionStart: word.index,
    positionEnd: word.index + word[0].length,
  }));
}

describe('a link that is half open', () => {
  it('is found within 35 s, and leaves no timer and no socket', async () => {
    // Only the pings of both ends run on virtual time; the sockets are real.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const clock = new VirtualClock();
    const { cloud, proxy, driver } = await stage({}, { environment: { clock } });
    const drive = driver.text('Hello.');
    await drive.done;
    expect(driver.isConnected).toBe(true);
    proxy.set({ kind: 'blackhole' });
    let seconds = 0;
    // Steps of 0.5 s of virtual time; in between whatever the sockets have to say is said.
    while ((driver.isConnected || cloud.clients > 0) && seconds < 60) {
      vi.advanceTimersByTime(500);
      clock.advance(500);
      seconds += 0.5;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seconds).toBeLessThanOrEqual(35);
    expect(seconds).toBeGreaterThan(20);
    await driver.close();
    await cloud.close();
    expect(vi.getTimerCount() + clock.timers).toBe(0);
  });
});
