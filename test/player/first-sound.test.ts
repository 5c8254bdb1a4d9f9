import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { Random } from '../reference/random.js';
import { FakeCard } from './fake-card.js';

const rate = 16_000;
const ms = rate / 1000;

describe('the first sound', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  // The card takes blocks of 10 ms; its own latency comes on top.
  it.each([40, 100, 400, 1000])(
    'is with the card within 80 ms of its packet, packets of %i ms on a steady link',
    async (packetMs) => {
      const random = new Random(packetMs);
      const card = new FakeCard(rate);
      const session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
      const player = new Player({ session, sinks: [card] });
      await player.start();
      const delays: number[] = [];
      let now = 0;
      const pass = (): void => {
        vi.advanceTimersByTime(1);
        now += 1;
        if (now % 10 === 0) card.pass(10 * ms);
      };
      const packet = Buffer.alloc(2 * packetMs * ms, 1).toString('base64');
      for (let utterance = 0; utterance < 100; utterance++) {
        const idle = random.integer(100, 300);
        for (let i = 0; i < idle; i++) pass();
        session.begin();
        const first = session.sourceCommitted() + session.readySamples();
        const began = now;
        let heardAt: number | undefined;
        const packets = Math.ceil(400 / packetMs);
        for (let i = 0; i < packets * packetMs + 200; i++) {
          if (i % packetMs === 0 && i < packets * packetMs) {
            session.pushParsed({
              audio: packet, sampleRate: rate, final: i === (packets - 1) * packetMs,
              arrivalTicks: Math.round(performance.now() * 10_000),
            }); // prettier-ignore
          }
          pass();
          const at = session.outputOf(first);
          if (heardAt === undefined && at >= 0 && card.heard > at) heardAt = now;
        }
        delays.push(heardAt! - began);
        card.forget(card.heard);
      }
      await player.stop();
      session.close();
      delays.sort((a, b) => a - b);
      console.log(
        `packets of ${packetMs} ms: ${delays[50]} ms p50, ${delays[95]} ms p95, ${delays[99]} ms at most`,
      );
      expect(delays[95]).toBeLessThanOrEqual(80);
    },
  );
});
