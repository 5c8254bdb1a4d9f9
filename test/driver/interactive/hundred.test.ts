import { afterEach, describe, expect, it } from 'vitest';
import { InteractiveSession } from '../../../src/driver/interactive/index.js';
import { Random } from '../../reference/random.js';
import { world, type World } from '../../server/interactive/world.js';
import { isAll } from '../../tools.js';
import { FaultProxy } from '../../tools/fault-proxy.js';
import { closeAll } from '../../tools/interactive-cloud.js';
import { ToneVoice } from '../../tools/tone-voice.js';
import { advanceUntil, VirtualClock } from '../../tools/virtual-clock.js';
import { onStage } from './stage.js';

afterEach(closeAll);

const text =
  'The first sentence is here. A second one follows it, with a comma. Then comes a third! ' +
  'Number four is a question, is it not? The fifth is dull. And the sixth ends it all, at last.';
/** Most take 30 ms; a hundred are for `--mode all`. */
const runs = isAll ? 100 : 15;

/** Lets everything on the stage of a session be heard at once, until `over` resolves. */
async function hearAll({ stages }: World, sessionId: string, over: Promise<unknown>): Promise<void> {
  const stage = stages.get(sessionId)!;
  const ended = over.then(
    () => undefined,
    () => undefined,
  );
  for (let next = 0; ; next++) {
    const entry = await Promise.race([stage.entry(next), ended]);
    if (entry === undefined) return;
    entry.finish();
  }
}

describe('a stream whose channel is cut, against our own server', () => {
  it(
    `loses and repeats no character in ${runs} runs with cuts at random places`,
    { timeout: 180_000 },
    async () => {
      const random = new Random(31);
      const voice = new ToneVoice();
      const scene = await world({ maxSessions: 4 }, { voice });
      const proxy = await FaultProxy.start({ host: '127.0.0.1', port: scene.cloud.port });
      let reconnects = 0;
      for (let run = 0; run < runs; run++) {
        const { connection } = scene.cloud;
        const session = await InteractiveSession.open({
          ...connection,
          url: proxy.url,
          userId: `user-${run}`,
          timeouts: { pollMs: 1 },
          environment: { random: () => 0 },
        });
        voice.spoken.length = 0;
        const pieces = [...text.matchAll(new RegExp(`[^]{1,${random.integer(1, 20)}}`, 'g'))].map(
          ([piece]) => piece,
        );
        const cuts = new Set(
          Array.from({ length: random.integer(1, 3) }, () => random.integer(0, pieces.length - 1)),
        );
        async function* writing(): AsyncGenerator<string> {
          for (const [index, piece] of pieces.entries()) {
            if (cuts.has(index)) {
              // The next connection breaks, too, somewhere.
              const how = random.integer(0, 1) === 0 ? ('rst' as const) : ('fin' as const);
              const direction = random.integer(0, 1) === 0 ? ('up' as const) : ('down' as const);
              proxy.set({ kind: 'cut', direction, after: random.integer(1, 4000), how });
              proxy.cutAll(how);
            }
            yield piece;
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
        const stream = session.stream(writing());
        await Promise.all([stream.finished, hearAll(scene, session.sessionId, stream.finished)]);
        expect(voice.spoken.join(' ')).toBe(text);
        reconnects += session.counters.reconnects;
        proxy.set({ kind: 'pass' });
        await session.close();
      }
      expect(reconnects).toBeGreaterThanOrEqual(runs);
      await proxy.close();
      await scene.cloud.close();
    },
  );
});

describe('a channel that was reset', () => {
  it('is back within 1 s in the median and 3 s at p95, over 100 breaks', async () => {
    const dice = new Random(8);
    const clock = new VirtualClock();
    const environment = { clock, random: () => dice.next() };
    const scene = await onStage({}, { environment }, clock);
    const waits: number[] = [];
    for (let run = 0; run < 100; run++) {
      // Between two breaks there is service, mostly longer than the 30 s that start the row of waits anew.
      scene.clock.advance(dice.integer(5, 120) * 1000);
      const before = scene.session.counters.reconnects;
      const began = scene.clock.now();
      scene.cloud.cut();
      await advanceUntil(
        scene.clock,
        () =>
          scene.session.counters.reconnects > before &&
          scene.session.isConnected &&
          scene.cloud.channels.size > 0,
        10,
      );
      waits.push(scene.clock.now() - began);
    }
    waits.sort((a, b) => a - b);
    expect(waits[49]).toBeLessThanOrEqual(1000);
    expect(waits[94]).toBeLessThanOrEqual(3000);
  });
});
