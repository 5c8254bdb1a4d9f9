import { afterEach, describe, expect, it } from 'vitest';

import type { FacewireError } from '../../src/errors.js';
import { MediaSession } from '../../src/media/session.js';
import { perform } from '../../src/player/perform.js';
import { Player } from '../../src/player/player.js';
import type { SpokenEvent } from '../../src/player/spoken-events.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import { toTicks, writeErrorFrame, type ExpressionPart } from '../../src/wire/index.js';
import { closeAll, newDriver, ramp, startCloud } from '../driver/cloud.js';
import { Random } from '../reference/random.js';

afterEach(closeAll);

const faults = [
  'none',
  'error frame',
  'reset',
  'silence',
  'interrupt',
  'abort',
  'stop player',
  'refused',
] as const;
type Fault = (typeof faults)[number];

/** Does something once output sample `at` was written. */
class Tripwire extends NullSink {
  constructor(
    readonly at: number,
    readonly trip: () => void,
  ) {
    super();
  }

  #tripped = false;

  override write(span: Span): void {
    super.write(span);
    if (this.#tripped || span.sampleIndex + span.audio.length <= this.at) return;
    this.#tripped = true;
    queueMicrotask(this.trip);
  }
}

interface Run {
  readonly events: SpokenEvent[];
  readonly error: FacewireError | undefined;
  /** Of everything that the cloud would have sent. */
  readonly words: string[];
  readonly actions: string[];
}

/** One drive of random clauses with words, actions and expressions, and one fault at a random place. */
async function performOnce(random: Random, fault: Fault): Promise<Run> {
  const clauses = random.integer(1, 4);
  const breakAt = random.integer(0, clauses - 1);
  const words: string[] = [];
  const actions: string[] = [];
  const cloud = await startCloud(
    (request, { reply, speech, socket }) => {
      for (let clause = 1; clause <= clauses; clause++) {
        if (clause - 1 === breakAt) {
          if (fault === 'error frame') return socket.send(writeErrorFrame(request, -111005, 'broke'));
          if (fault === 'reset') return void setImmediate(() => socket.terminate());
          if (fault === 'silence') return;
        }
        const said = Array.from({ length: random.integer(1, 4) }, (_, i) => `w${clause}x${i}`);
        words.push(...said);
        const step = 1_000_000;
        const isFirst = clause === 1;
        const part: ExpressionPart =
          clauses === 1 ? 'whole' : isFirst ? 'begin' : clause === clauses ? 'end' : 'inside';
        const action = `a${clause}`;
        if (random.integer(0, 1) === 1) actions.push(action);
        reply(request, clause, { displayText: said.join(' '), last: clause === clauses });
        speech(request, {
          clause,
          clauseStart: true,
          clauseEnd: true,
          sampleRate: 24_000,
          pcm: ramp(said.length * 0.1),
          subtitles: said.map((text, i) => ({
            text,
            start: toTicks(i * step),
            end: toTicks((i + 1) * step),
            positionStart: said.slice(0, i).join(' ').length + (i > 0 ? 1 : 0),
            positionEnd: said.slice(0, i + 1).join(' ').length,
          })),
          actions: actions.at(-1) === action ? [{ name: action, start: toTicks(0) }] : [],
          expressions: [
            { name: 'joy', start: toTicks(0), end: toTicks(said.length * step), position: 0, part },
          ],
        });
      }
      speech(request, { clause: clauses, final: true });
    },
    fault === 'refused' ? { refuse: () => 404 } : {},
  );
  const driver = newDriver(cloud.url, { timeouts: { firstMessageMs: 40, betweenMessagesMs: 40 } });
  const abort = new AbortController();
  const session = new MediaSession({ sampleRate: 24_000, idleSeed: -1 });
  const drive = driver.text('x', { media: session, signal: abort.signal });
  let stopping: Promise<unknown> = Promise.resolve();
  const trip = (): void => {
    if (fault === 'interrupt') {
      drive.interrupt();
      player.interrupt();
      player.interrupt();
    } else if (fault === 'abort') abort.abort();
    else if (fault === 'stop player') stopping = player.stop();
  };
  const sink = new Tripwire(random.integer(0, 30_000), trip);
  const player = new Player({ session, sinks: [sink], pace: 'as-available' });
  await player.start();
  const events: SpokenEvent[] = [];
  const error = await perform(drive, player, session, { onEvent: (event) => events.push(event) }).then(
    () => undefined,
    (thrown: FacewireError) => thrown,
  );
  const told = events.length;
  await player.stop();
  await stopping;
  await driver.close();
  session.close();
  expect(events).toHaveLength(told);
  return { events, error, words, actions };
}

describe('the events of any performance', () => {
  it('end exactly once, in order and in pairs, whatever breaks where', async () => {
    const random = new Random(23);
    const ends: Record<string, number> = {};
    for (let run = 0; run < 120; run++) {
      const fault = faults[run % faults.length];
      const { events, error, words, actions } = await performOnce(random, fault);
      const what = `run ${run}, ${fault}: ${events.map(({ type }) => type).join(' ')}`;
      const terminals = events.filter(({ type }) => type === 'finished' || type === 'interrupted');
      expect(terminals, what).toEqual([events.at(-1)]);
      const [end] = terminals;
      ends[`${fault} ${end.type}`] = (ends[`${fault} ${end.type}`] ?? 0) + 1;
      if (end.type === 'interrupted') expect(end.error, what).toBe(error);
      else expect(error, what).toBeUndefined();
      const times = events.map(({ at }) => at);
      expect(times, what).toEqual(times.toSorted((a, b) => a - b));
      expect(events.filter(({ type }) => type === 'started').length, what).toBeLessThanOrEqual(1);
      const told = events.flatMap((event) => (event.type === 'word' ? [event.text] : []));
      expect(told, what).toEqual(words.slice(0, told.length));
      if (told.length > 0) expect(events[0].type, what).toBe('started');
      const done = events.flatMap((event) => (event.type === 'action' ? [event.name] : []));
      expect(done, what).toEqual(actions.slice(0, done.length));
      // What an expression begins it ends, before the end of all.
      const faces = events.flatMap((event) => (event.type === 'expression' ? [event.phase] : []));
      expect([[], ['begin', 'end']], what).toContainEqual(faces);
      if (end.type === 'interrupted') expect(end.lastWord, what).toBe(told.at(-1));
      else expect([told, done], what).toEqual([words, actions]);
    }
    expect(ends['none finished']).toBe(15);
    for (const fault of ['error frame', 'reset', 'silence', 'refused'])
      expect(ends[`${fault} interrupted`], fault).toBe(15);
    // An abort after everything has arrived stops nothing.
    for (const fault of ['interrupt', 'stop player'])
      expect(ends[`${fault} interrupted`], fault).toBeGreaterThan(0);
  });
});
