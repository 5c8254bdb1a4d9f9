import { afterEach, describe, expect, it } from 'vitest';

import { EndpointDriver } from '../../src/driver/index.js';
import type { FacewireError } from '../../src/errors.js';
import { MediaSession } from '../../src/media/session.js';
import { perform } from '../../src/player/perform.js';
import { Player } from '../../src/player/player.js';
import type { InterruptedEvent, SpokenEvent } from '../../src/player/spoken-events.js';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import { toTicks } from '../../src/wire/index.js';
import { closeAll, newDriver, ramp, startCloud } from '../driver/cloud.js';
import { Random } from '../reference/random.js';
import { FaultProxy } from '../tools/fault-proxy.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { FakeCard } from './fake-card.js';

const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const item of open.splice(0).reverse()) await item.close();
  await closeAll();
});

/** Takes everything, and does something when output sample `at` was written. */
class TrippingSink extends NullSink {
  at = Number.POSITIVE_INFINITY;
  trip: () => void = () => undefined;

  override write(span: Span): void {
    super.write(span);
    if (span.sampleIndex + span.audio.length <= this.at) return;
    this.at = Number.POSITIVE_INFINITY;
    // After the frame, as an application would.
    queueMicrotask(this.trip);
  }
}

interface Stage {
  readonly cloud: LocalCloud;
  readonly proxy: FaultProxy;
  readonly driver: EndpointDriver;
}

async function stage(): Promise<Stage> {
  // Drives are not taken up again, so that a cut is an error.
  const cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap', resumeMs: 0 });
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: cloud.port });
  const driver = new EndpointDriver({
    ...cloud.connection,
    url: proxy.url,
    environment: { random: () => 0 },
  });
  open.push(cloud, proxy, driver);
  return { cloud, proxy, driver };
}

interface Heard {
  readonly events: SpokenEvent[];
  readonly error: FacewireError | undefined;
  readonly text: string | undefined;
}

type Fault = 'none' | 'interrupt player' | 'interrupt both' | 'interrupt drive' | 'cut' | 'stop player';

/** Speaks `text` and does `fault` at output sample `at`. */
async function speak({ driver, proxy }: Stage, text: string, fault: Fault, at: number): Promise<Heard> {
  const session = new MediaSession({ sampleRate: 24_000, idleSeed: -1 });
  const sink = new TrippingSink();
  const player = new Player({ session, sinks: [sink], pace: 'as-available' });
  await player.start();
  const events: SpokenEvent[] = [];
  const drive = driver.text(text, { media: session });
  let stopping: Promise<unknown> = Promise.resolve();
  sink.at = fault === 'none' ? sink.at : at;
  sink.trip = () => {
    if (fault === 'interrupt drive' || fault === 'interrupt both') drive.interrupt();
    if (fault === 'interrupt player' || fault === 'interrupt both') {
      player.interrupt();
      player.interrupt();
    }
    if (fault === 'cut') proxy.cutAll('rst');
    if (fault === 'stop player') stopping = player.stop();
  };
  const outcome = await perform(drive, player, session, { onEvent: (event) => events.push(event) }).then(
    ({ text: shown }) => ({ error: undefined, text: shown }),
    (error: FacewireError) => ({ error, text: undefined }),
  );
  const before = events.length;
  // Nothing comes after the end, whatever the player still does.
  await player.stop();
  await stopping;
  await drive.done.catch(() => undefined);
  expect(events.length).toBe(before);
  session.close();
  return { events, ...outcome };
}

const words = ['One', 'grüßt', '世界', '😀😀', "it's", 'x²', 'naïve', 'seven', 'Ω'];

function randomText(random: Random): string {
  const sentences = Array.from({ length: random.integer(1, 4) }, () => {
    const some = Array.from(
      { length: random.integer(1, 7) },
      () => words[random.integer(0, words.length - 1)],
    );
    // A sentence of nothing but signs is shown, not spoken.
    if (new Set(some).size === 1 && some[0] === '😀😀') some.push('One');
    return `${some.join(random.integer(0, 5) === 0 ? '  ' : ' ')}${['.', '!', ', so.'][random.integer(0, 2)]}`;
  });
  return sentences.join(random.integer(0, 3) === 0 ? '\n\n' : ' ');
}

describe('the events of a performance', () => {
  it('end once, keep their order, and find their words, whatever goes wrong where', async () => {
    const random = new Random(11);
    const scene = await stage();
    const faults: Fault[] = [
      'none',
      'interrupt player',
      'interrupt both',
      'interrupt drive',
      'cut',
      'stop player',
    ];
    const terminals: Record<string, number> = { finished: 0, interrupted: 0 };
    for (let run = 0; run < 150; run++) {
      const text = randomText(random);
      const fault = faults[run % faults.length];
      const { events, error, text: shown } = await speak(scene, text, fault, random.integer(0, 60_000));
      const said = text.match(/\S+/gu) ?? [];
      const heard = events.filter((event) => event.type === 'word');
      // Words in order, from the first on, each once, each where it stands in the text that was sent.
      expect(heard.map((event) => event.text)).toEqual(said.slice(0, heard.length));
      expect(heard.map(({ range }) => text.slice(range!.start, range!.end))).toEqual(
        said.slice(0, heard.length),
      );
      const starts = heard.map(({ range }) => range!.start);
      expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
      for (const event of events)
        if (event.type === 'subtitle')
          expect(text.slice(event.range.start, event.range.end)).toBe(event.text);
      const times = events.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      const ends = events.filter(({ type }) => type === 'finished' || type === 'interrupted');
      expect(ends).toEqual([events.at(-1)]);
      const end = ends[0];
      terminals[end.type]++;
      if (end.type === 'interrupted') {
        expect(end.lastWord).toBe(heard.at(-1)?.text);
        expect(end.textEnd).toBe(heard.at(-1)?.range?.end ?? 0);
        if (fault === 'cut' || fault === 'interrupt drive') expect(end.error).toBe(error);
      } else {
        expect(heard).toHaveLength(said.length);
        expect(error).toBeUndefined();
        expect(shown).toBe(text);
      }
      if (fault === 'none') expect(end.type).toBe('finished');
      if (events.some(({ type }) => type === 'word')) expect(events[0].type).toBe('started');
    }
    expect(terminals['finished']).toBeGreaterThan(30);
    expect(terminals['interrupted']).toBeGreaterThan(30);
  });

  it('say after an error what was heard, and the error says what was not', async () => {
    const scene = await stage();
    const text = 'The first one is said. The second one gets cut off in its middle, as it happens.';
    const { cloud } = scene;
    await cloud.close();
    const slow = await startLocalCloud({
      voice: new ToneVoice(),
      pace: 'realtime-ahead',
      aheadSeconds: 0.1,
      resumeMs: 0,
    });
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: slow.port });
    const driver = new EndpointDriver({ ...slow.connection, url: proxy.url });
    open.push(slow, proxy, driver);
    const { events, error } = await speak({ cloud: slow, proxy, driver }, text, 'cut', 24_000);
    const end = events.at(-1) as InterruptedEvent;
    expect(end).toMatchObject({ type: 'interrupted', error });
    expect(error?.code).toBe('ERR_CONNECTION_LOST');
    expect(text.slice(0, end.textEnd).endsWith(end.lastWord!)).toBe(true);
    // Said in full and not said make the text; the word in between was cut.
    const unspoken = error!.unspoken!;
    expect(text.endsWith(unspoken)).toBe(true);
    const spoken = text.slice(0, text.length - unspoken.length).trimEnd();
    expect(text.slice(0, end.textEnd).startsWith(spoken)).toBe(true);
    expect(end.textEnd - spoken.length).toBeLessThanOrEqual(1 + end.lastWord!.length);
  });

  it('tell of actions, expressions and clauses that are only shown, in their turn', async () => {
    const cloud = await startCloud((request, { reply, speech }) => {
      reply(request, 1, { displayText: 'Look here.' });
      reply(request, 2, { displayText: '| a | table |', spoken: false });
      reply(request, 3, { displayText: 'Nice.', last: true });
      speech(request, {
        clause: 1,
        clauseStart: true,
        sampleRate: 24_000,
        pcm: ramp(1),
        subtitles: [
          { text: 'Look', start: toTicks(0), end: toTicks(4_000_000), positionStart: 0, positionEnd: 4 },
          {
            text: 'here.',
            start: toTicks(5_000_000),
            end: toTicks(9_000_000),
            positionStart: 5,
            positionEnd: 10,
          },
        ],
        actions: [{ name: 'point', start: toTicks(2_000_000) }],
        expressions: [
          { name: 'joy', start: toTicks(3_000_000), end: toTicks(6_000_000), position: 0, part: 'begin' },
        ],
      });
      speech(request, {
        clause: 3,
        clauseStart: true,
        sampleRate: 24_000,
        pcm: ramp(1),
        // A position that is nowhere: the word is looked for.
        subtitles: [
          { text: 'Nice.', start: toTicks(0), end: toTicks(9_000_000), positionStart: 90, positionEnd: 95 },
        ],
      });
      speech(request, { clause: 3, final: true });
    });
    const session = new MediaSession({ sampleRate: 24_000, idleSeed: -1 });
    const player = new Player({ session, sinks: [new NullSink()], pace: 'as-available' });
    await player.start();
    const told: string[] = [];
    const show = (event: SpokenEvent): string => {
      const seconds = event.at / 24_000;
      if (event.type === 'word' || event.type === 'subtitle')
        return `${seconds} ${event.type} ${event.text} ${event.range?.start}-${event.range?.end}`;
      if (event.type === 'expression') return `${seconds} ${event.phase} ${event.name}`;
      return `${seconds} ${event.type}${event.type === 'action' ? ` ${event.name}` : ''}`;
    };
    const { text } = await perform(newDriver(cloud.url).text('x', { media: session }), player, session, {
      onEvent: (event) => told.push(show(event)),
    });
    await player.stop();
    session.close();
    expect(told).toEqual([
      '0 started',
      '0 subtitle Look here. 0-10',
      '0 word Look 0-4',
      '0.2 action point',
      '0.3 begin joy',
      '0.5 word here. 5-10',
      '1 subtitle | a | table | 11-24',
      '1 subtitle Nice. 25-30',
      '1 word Nice. 25-30',
      '2 end joy',
      '2 finished',
    ]);
    expect(text).toBe('Look here. | a | table | Nice.');
  });

  it('come when they are heard, not when they were handed to the sound card', async () => {
    const { driver } = await stage();
    const session = new MediaSession({ sampleRate: 24_000, idleSeed: -1 });
    const card = new FakeCard(24_000);
    const player = new Player({ session, sinks: [card] });
    await player.start();
    const playing = setInterval(() => card.pass(960), 5);
    const early: number[] = [];
    let ahead = 0;
    await perform(driver.text('One two three four five six.', { media: session }), player, session, {
      onEvent: (event) => {
        early.push(event.at - card.heard);
        ahead = Math.max(ahead, card.next - card.heard);
      },
    });
    clearInterval(playing);
    await player.stop();
    session.close();
    expect(early.length).toBeGreaterThan(7);
    expect(Math.max(...early)).toBeLessThanOrEqual(0);
    expect(ahead).toBeGreaterThan(12_000);
  });
});
