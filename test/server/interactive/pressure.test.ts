import { expect, it } from 'vitest';
import { newRequestId } from '../../../src/wire/ids.js';
import type { LocalCloud } from '../../../src/server/local-cloud.js';
import { describeLong } from '../../tools.js';
import { ToneVoice } from '../../tools/tone-voice.js';
import { VirtualClock } from '../../tools/virtual-clock.js';
import { startLocalCloud } from '../../../src/server/local-cloud.js';
import { ChannelClient, of, paths, ready } from './client.js';
import { Entry, FakeStage } from './fake-stage.js';

/** On this stage everything is heard at once, so that a channel has as much to tell as it ever can. */
class QuickStage extends FakeStage {
  override speak(): Entry {
    const entry = new Entry(undefined);
    entry.finish();
    return entry;
  }
}

interface World {
  readonly cloud: LocalCloud;
  readonly clock: VirtualClock;
}

async function newWorld(outbox: {
  readonly softBytes: number;
  readonly softMs?: number;
  readonly hardBytes?: number;
}): Promise<World> {
  const clock = new VirtualClock();
  const stage = (request: ConstructorParameters<typeof FakeStage>[0]): Promise<FakeStage> =>
    Promise.resolve(new QuickStage(request));
  // The time of the sessions jumps: nobody answers a ping, and who waits to be cut off would be idle for hours.
  const interactive = { clock, stage, maxSessions: 4, pingMs: 1e9, channelIdleMs: 1e9, sessionIdleMs: 1e9 };
  return { clock, cloud: await startLocalCloud({ voice: new ToneVoice(), interactive, outbox }) };
}

/** A clause that is shown and not said: nothing to compute, and much to tell. */
const clause = (Seq: number): Readonly<Record<string, unknown>> => ({
  Seq,
  IsSentence: true,
  Text: `![A picture](http://example.com/${'o'.repeat(1900)})`,
});

/** A client that reads nothing asks for more while no more than `enough` bytes wait, until it is cut off; the most that ever waited for it. */
async function stick(
  { cloud, clock }: World,
  id: string,
  enough = Number.POSITIVE_INFINITY,
): Promise<{ readonly stuck: ChannelClient; readonly peak: number }> {
  const stuck = await ChannelClient.connect(cloud.connection, id);
  const other = await ready(cloud.connection);
  const served = await ChannelClient.connect(cloud.connection, other.id);
  stuck.socket.pause();
  const stream = newRequestId();
  let sequence = 0;
  let peak = 0;
  while (cloud.counts['not-reading'] === 0) {
    for (let i = 0; i < 50 && cloud.bufferedBytes <= enough; i++)
      stuck.send('SEND_STREAMTEXT', clause(++sequence), stream);
    // The other session is served all the while.
    clock.advance(1000);
    const drive = served.text('I am served.');
    await served.has(drive, 'TextOver');
    peak = Math.max(peak, cloud.bufferedBytes);
  }
  while (cloud.clients > 1) await new Promise((resolve) => setTimeout(resolve, 10));
  await served.close();
  return { stuck, peak };
}

describeLong([], 'a client of a channel that does not read', () => {
  it.each([
    ['too much for too long', { softBytes: 128 * 1024, softMs: 300 }, 128 * 1024, 128 * 1024],
    ['too much', { softBytes: 128 * 1024, hardBytes: 256 * 1024 }, undefined, 256 * 1024],
  ])('is cut off when %s waits for it; its session goes on', async (_what, outbox, enough, limit) => {
    const own = await newWorld(outbox);
    const { cloud } = own;
    try {
      const { id } = await ready(cloud.connection);
      const { stuck, peak } = await stick(own, id, enough);
      expect(cloud.counts['not-reading']).toBe(1);
      expect(peak).toBeGreaterThan(limit);
      // Over the hard limit by one message, over the soft one by what was asked for before that was seen.
      expect(peak).toBeLessThan(limit + (enough === undefined ? 16 : 512) * 1024);
      expect(cloud.bufferedBytes).toBe(0);
      stuck.socket.resume();
      expect([1013, 1006]).toContain((await stuck.closed).code);
      // It may come back, and is told what it missed of the last drive.
      expect((await of(cloud.connection, paths.stat, id)).Payload.SessionStatus).toBe(1);
      const back = await ChannelClient.connect(cloud.connection, id);
      await back.until(() => back.messages.length > 0);
      const drive = back.text('And now I read.', { Interrupt: true });
      await back.has(drive, 'TextOver');
      await back.close();
    } finally {
      await cloud.close();
    }
  });

  it('costs 6 MB at most with the limits that a server has by itself', async () => {
    const own = await newWorld({ softBytes: 1024 * 1024 });
    try {
      const { id } = await ready(own.cloud.connection);
      const { stuck, peak } = await stick(own, id);
      expect(peak).toBeGreaterThan(1024 * 1024);
      expect(peak).toBeLessThan(6_000_000);
      stuck.socket.terminate();
    } finally {
      await own.cloud.close();
    }
  });
});
