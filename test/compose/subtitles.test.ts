import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { Composition } from '../../src/compose/composition.js';
import { EndpointDriver } from '../../src/driver/index.js';
import type { ReplyEvent, SpeechEvent } from '../../src/driver/events.js';
import { MediaSession } from '../../src/media/session.js';
import { perform } from '../../src/player/perform.js';
import { Player } from '../../src/player/player.js';
import type { SpokenEvent } from '../../src/player/spoken-events.js';
import { Subtitles } from '../../src/player/subtitles.js';
import { CallbackRenderer } from '../../src/renderers/callback-renderer.js';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { Mp4Sink } from '../../src/sinks/mp4-sink.js';
import { PageSink } from '../../src/sinks/page-sink.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import type { Ticks } from '../../src/wire/index.js';
import { describeWith } from '../tools.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { height, picturesOf, stripChanges, width } from '../renderers/film.js';

const folder = mkdtempSync(join(tmpdir(), 'facewire-subtitles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
});

const text = 'The first clause has six words. Then comes another one, which is longer than that! The end.';

/** A cloud with a driver, a session with subtitles, and a renderer of nothing but grey. */
async function stage(
  pace: 'realtime' | 'as-available',
): Promise<{ driver: EndpointDriver; session: MediaSession; subtitles: Subtitles; grey: CallbackRenderer }> {
  const cloud = await startLocalCloud({
    voice: new ToneVoice(),
    ...(pace === 'as-available' && { pace: 'asap' as const }),
  });
  const driver = new EndpointDriver(cloud.connection);
  open.push(cloud, driver);
  const session = new MediaSession({ sampleRate: 24_000, idleSeed: -1 });
  const subtitles = new Subtitles(session);
  const grey = new CallbackRenderer({
    width,
    height,
    format: 'i420',
    draw: ({ into }) => void into.fill(128),
  });
  return { driver, session, subtitles, grey };
}

/** Says the text and films it on grey; returns the events and in which frames the strip of the captions changed. */
async function filmed(
  pace: 'realtime' | 'as-available',
  fps: number,
): Promise<{ events: SpokenEvent[]; changes: number[]; repeated: number }> {
  const { driver, session, subtitles, grey } = await stage(pace);
  const path = join(folder, `${pace}-${fps}.mp4`);
  const kept: Buffer[] = [];
  const given = new (class extends NullSink {
    override write({ picture }: Span): void {
      kept.push(Buffer.from(picture?.yuv ?? []));
    }
  })({ pictures: true });
  const player = new Player({
    session,
    // Live, an encoder may lose pictures on a machine that is busy elsewhere; what it is given is looked at.
    sinks: [pace === 'realtime' ? given : new Mp4Sink({ path, videoKbps: 4000, encoderStallMs: 60_000 })],
    renderer: new Composition(grey, { subtitles }),
    frameRate: fps,
    pace,
  });
  await player.start();
  const events: SpokenEvent[] = [];
  const drive = driver.text(text, { media: session });
  await perform(drive, player, session, { subtitles, onEvent: (event) => events.push(event) });
  await player.stop();
  session.close();
  const pictures = pace === 'realtime' ? kept : await picturesOf(path);
  return { events, changes: stripChanges(pictures, 0.65), repeated: player.repeatedFrames };
}

describeWith(['ffmpeg', 'canvas'], 'subtitles in a film', () => {
  it.each([
    ['as-available', 25],
    ['as-available', 50],
    ['realtime', 25],
  ] as const)('change in the frame in which the word begins (%s, %i fps)', async (pace, fps) => {
    const { events, changes, repeated } = await filmed(pace, fps);
    const begun = events.filter(({ type }) => type === 'word' || type === 'subtitle');
    const words = events.filter(({ type }) => type === 'word');
    expect(words.length).toBe(17);
    const frames = new Set(begun.map(({ at }) => Math.floor((at * fps) / 24_000)));
    // The first picture may have its caption already; what hides the last one comes after the words.
    const expected = [...frames].filter((frame) => frame > 0);
    if (pace === 'as-available') expect(repeated).toBe(0);
    // A machine that stood still shows the picture before again, and writes into the next one.
    for (const frame of expected)
      expect(
        changes.some((change) => change >= frame && change <= frame + repeated),
        `frame ${frame}`,
      ).toBe(true);
    const last = Math.max(...expected) + repeated;
    if (repeated === 0) expect(changes.filter((frame) => frame <= last)).toEqual(expected);
  });
});

describe('subtitles of a page', () => {
  it('come ahead of the row of the frame in which the word begins, to each who looks', async () => {
    const { driver, session, subtitles } = await stage('as-available');
    const page = new PageSink({ captions: subtitles });
    const got: (string | number)[] = [];
    const send = (message: Uint8Array | string): void => {
      const isRow = typeof message !== 'string';
      got.push(isRow ? new DataView(message.buffer).getFloat64(0, true) : message);
    };
    page.add({ bufferedAmount: 0, send });
    let late: string | Uint8Array | undefined;
    const player = new Player({ session, sinks: [page], pace: 'as-available' });
    await player.start();
    const events: SpokenEvent[] = [];
    const onEvent = (event: SpokenEvent): void => {
      events.push(event);
      // Who comes in the middle is told at once where we are.
      if (event.type === 'word' && late === undefined)
        page.add({ bufferedAmount: 0, send: (message) => void (late ??= message) });
    };
    const drive = driver.text(text, { media: session });
    await perform(drive, player, session, { subtitles: [subtitles], onEvent });
    await player.stop();
    session.close();
    const begun = events.filter(({ type }) => type === 'word' || type === 'subtitle');
    expect(begun.length).toBe(20);
    const samplesOfFrame = 24_000 / 25;
    const wanted = new Set(begun.map(({ at }) => Math.floor(at / samplesOfFrame)));
    const frames = got.flatMap((message, i) =>
      typeof message === 'string' ? [Number(got[i + 1]) / samplesOfFrame] : [],
    );
    expect(frames.slice(0, wanted.size)).toEqual([...wanted]);
    const captions = got
      .filter((message) => typeof message === 'string')
      .map((json) => JSON.parse(json) as unknown);
    expect(captions[0]).toEqual({ text: 'The first clause has six words.', said: 0 });
    expect(captions).toContainEqual({ text: 'The end.', said: 8 });
    expect(JSON.parse(String(late))).toMatchObject({ text: 'The first clause has six words.' });
  });
});

const rate = 24_000;

/** What a drive says, made by hand: one clause for each text, words half a second apart. */
function said(clause: number, words: string[], start: number): { reply: ReplyEvent; speech: SpeechEvent } {
  const displayText = words.join(' ');
  const ticks = (seconds: number): Ticks => Math.round(seconds * 1e7) as Ticks;
  let position = 0;
  const subtitles = words.map((word, i) => {
    const positionStart = position;
    position += word.length + 1;
    return {
      text: word,
      start: ticks(start + i / 2),
      end: ticks(start + (i + 1) / 2),
      positionStart,
      positionEnd: positionStart + word.length,
    };
  });
  const reply = { type: 'reply', reply: { displayText, clause, spoken: true } } as unknown as ReplyEvent;
  const speech = {
    type: 'speech',
    clause,
    clauseStart: true,
    clauseAudioStart: ticks(start),
    subtitles,
  } as unknown as SpeechEvent;
  return { reply, speech };
}

describeWith(['canvas'], 'subtitles of speech that is interrupted', () => {
  it('are gone', async () => {
    const { driver, session, subtitles, grey } = await stage('as-available');
    const written: boolean[] = [];
    const sink = new (class extends NullSink {
      override write(span: Span): void {
        written.push(span.picture?.yuv?.subarray(0, width * height).some((luma) => luma !== 128) === true);
      }
    })({ pictures: true });
    const renderer = new Composition(grey, { subtitles });
    const player = new Player({ session, sinks: [sink], renderer, pace: 'as-available' });
    await player.start();
    const drive = driver.text(text, { media: session });
    let words = 0;
    const onEvent = (event: SpokenEvent): void => {
      if (event.type !== 'word' || ++words !== 4) return;
      queueMicrotask(() => {
        drive.interrupt();
        player.interrupt();
      });
    };
    await perform(drive, player, session, { subtitles, onEvent }).catch(() => undefined);
    await player.stop();
    session.close();
    expect(written.filter(Boolean).length).toBeGreaterThan(5);
    // What was on its way through the renderer may still have it.
    expect(written.slice(-4)).toEqual([false, false, false, false]);
  });
});

describe('Subtitles', () => {
  const seconds = (time: Ticks): number => Math.round((time * rate) / 1e7);

  function track() {
    let committed = Infinity;
    let cutFrom = Infinity;
    const session = {
      sampleRate: rate,
      outputOf: (source: number) => (source >= cutFrom ? -2 : source < committed ? source : -1),
    };
    const subtitles = new Subtitles(session, { holdMs: 500 });
    return {
      subtitles,
      follow: () => subtitles.follow(() => undefined, seconds),
      at: (time: number) => subtitles.at(time * rate),
      commit: (time: number) => (committed = time * rate),
      cutAt: (time: number) => (cutFrom = time * rate),
    };
  }

  it('show a clause from its first sample, word by word, until it has been held', () => {
    const { at, follow } = track();
    const one = follow();
    const { reply, speech } = said(1, ['one', 'two', 'three'], 1);
    one.reply(reply);
    one.speech(speech);
    one.end(2.5 * rate);
    // The frame that ends at the first sample does not have it.
    expect(at(1)).toBeUndefined();
    expect(at(1.04)).toEqual({ text: 'one two three', said: 3 });
    expect(at(1.5)?.said).toBe(3);
    expect(at(1.52)?.said).toBe(7);
    expect(at(2.04)?.said).toBe(13);
    expect(at(2.9)?.said).toBe(13);
    expect(at(3.04)).toBeUndefined();
    expect(at(9)).toBeUndefined();
  });

  it('wait for what is not committed, and take text that comes late', () => {
    const { at, follow, commit } = track();
    const one = follow();
    const { reply, speech } = said(1, ['one', 'two'], 0);
    one.speech(speech);
    commit(0.25);
    expect(at(1)).toBeUndefined();
    one.reply(reply);
    commit(5);
    expect(at(2)).toEqual({ text: 'one two', said: 7 });
  });

  it('are gone at once when they are cut, and another utterance takes over', () => {
    const { at, follow, cutAt } = track();
    const one = follow();
    for (const [clause, start] of [
      [1, 0],
      [2, 2],
    ]) {
      const { reply, speech } = said(clause, ['one', 'two'], start);
      one.reply(reply);
      one.speech(speech);
    }
    expect(at(0.6)?.said).toBe(7);
    cutAt(1);
    one.cut();
    expect(at(0.64)).toBeUndefined();
    cutAt(Infinity);
    const two = follow();
    const { reply, speech } = said(1, ['again'], 3);
    two.reply(reply);
    two.speech(speech);
    expect(at(2.5)).toBeUndefined();
    expect(at(3.1)).toEqual({ text: 'again', said: 5 });
  });

  it('of the next utterance replace those that are still held', () => {
    const { at, follow } = track();
    for (const start of [0, 0.6]) {
      const one = follow();
      const { reply, speech } = said(1, [`at${start}`], start);
      one.reply(reply);
      one.speech(speech);
      one.end((start + 0.5) * rate);
    }
    expect(at(0.4)?.text).toBe('at0');
    expect(at(0.58)?.text).toBe('at0');
    expect(at(0.7)?.text).toBe('at0.6');
    expect(at(1.7)).toBeUndefined();
  });

  it('of which nobody knows when words begin are shown whole', () => {
    const { at, follow } = track();
    const one = follow();
    const { reply, speech } = said(1, ['one', 'two'], 0);
    one.reply(reply);
    one.speech({ ...speech, subtitles: [] });
    expect(at(0.1)).toEqual({ text: 'one two', said: undefined });
  });

  it('of a drive that ends before anything came are none', () => {
    const { at, follow } = track();
    follow().end(0);
    expect(at(0.1)).toBeUndefined();
  });

  it('refuse a hold of more than a minute', () => {
    const session = { sampleRate: rate, outputOf: () => -1 };
    expect(() => new Subtitles(session, { holdMs: 60_001 })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error,
    );
  });
});
