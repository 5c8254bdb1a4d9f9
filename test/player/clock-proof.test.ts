import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { Random } from '../reference/random.js';
import { isAll } from '../tools.js';
import {
  CheckingCard,
  ChunkSink,
  FragmentSink,
  from,
  HeardLog,
  MeasuredSink,
  ms,
  rate,
  rise,
  utteranceMs,
} from './measuring-sinks.js';

const audio = Buffer.from(Int16Array.from({ length: utteranceMs * ms }, (_, i) => i + 1).buffer).toString(
  'base64',
);
const features = new Float32Array(52 * (utteranceMs / 40 + 2));
for (let row = 0; row * 52 < features.length; row++)
  features[row * 52 + 7] = from + (rise * row * 40) / utteranceMs;

describe('a card and all other outputs on one clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ['stay together for 8 hours (a quarter of an hour by default), also while the card is away', 300, 8],
    ['stay together for an hour (a quarter by default) when the card is slow', -300, 1],
  ])(
    '%s',
    async (_, ppm, longest) => {
      const hours = isAll ? longest : 0.25;
      const random = new Random(11);
      const card = new CheckingCard();
      const heard = new HeardLog();
      const sinks = [
        new ChunkSink('push', heard, 0),
        new ChunkSink('late push', heard, 120),
        new FragmentSink('recording', heard, 0),
        new MeasuredSink('samples and timeline', heard, 0),
        new MeasuredSink('late face', heard, 80),
        new MeasuredSink('latest face', heard, 1000),
      ];
      const session = new MediaSession({ sampleRate: rate, idleSeed: -1, mouthLeadMs: 0 });
      const delaysMs = new Map(sinks.map((sink) => [sink, sink.delayMs]));
      const player = new Player({ session, sinks: [card, ...sinks], delaysMs, frameRate: 25 });
      await player.start();
      const turns = (hours * 3_600_000) / 4;
      // Away for 20 s in the middle: stopped until that is noticed, then at the pace of another clock.
      const [gone, back] = [Math.round(turns / 2), Math.round(turns / 2) + 5000];
      let spoken = 0;
      let nextMs = 0;
      let due = 0;
      for (let turn = 0; turn < turns; turn++) {
        if (turn * 4 >= nextMs) {
          session.begin();
          session.pushParsed({
          audio, features, sampleRate: rate, sentenceStart: true, featuresFinal: true, final: true,
          arrivalTicks: Math.round(performance.now() * 10_000),
        }); // prettier-ignore
          spoken += 1;
          nextMs = turn * 4 + utteranceMs + random.integer(0, 1000);
        }
        // It plays on while its blocks are told late.
        heard.note(card.heard + due);
        vi.advanceTimersByTime(4);
        // The card has a pace of its own; away from it the machine's clock counts.
        const isStopped = turn >= gone && turn < gone + 100;
        if (!isStopped) due += 4 * ms * (turn >= gone && turn < back ? 1 : 1 + ppm / 1e6);
        // Blocks of 10 ms; and now and then our loop is late by up to 30 ms.
        if (isStopped) continue;
        if (due >= 10 * ms && random.integer(0, 200) > 0) {
          card.pass(Math.floor(due));
          due -= Math.floor(due);
        } else if (due >= 40 * ms) {
          card.pass(Math.floor(due));
          due -= Math.floor(due);
        }
      }
      // What is held is handed on in its time.
      heard.isKept = false;
      await Promise.all([player.stop(), vi.advanceTimersByTimeAsync(2000)]);
      session.close();
      for (const { name, delayMs, inside, toCard, gaps } of sinks) {
        console.log(
          `${hours} h, ${ppm} ppm, ${name} (${delayMs} ms): own sound ${String(inside)}; card ${String(toCard)}`,
        );
        expect(gaps).toBe(0);
        expect(inside.count).toBeGreaterThan(spoken * 10);
        expect(inside.percentile(0.99)).toBeLessThanOrEqual(20);
        expect(inside.percentile(1)).toBeLessThanOrEqual(40);
        expect(toCard.percentile(0.99)).toBeLessThanOrEqual(20);
        expect(toCard.percentile(1)).toBeLessThanOrEqual(40);
      }
      expect(card.broken).toBe(0);
      expect(card.dry).toBe(0);
      expect(spoken).toBeGreaterThan((hours * 3600) / 2.1);
    },
    3_600_000,
  );
});
