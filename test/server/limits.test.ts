import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { MessageRate } from '../../src/server/message-rate.js';
import { startLocalCloud, type LocalCloud, type LocalCloudOptions } from '../../src/server/local-cloud.js';
import { UsedSignatures } from '../../src/server/used-signatures.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { badMessages } from './bad-messages.js';
import { refusedUpgrade, signedUrl, TestClient } from './client.js';

const open: LocalCloud[] = [];
afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud.close();
});

async function newCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap', ...options });
  open.push(cloud);
  return cloud;
}

/** Sends something bad on one socket and returns how that one ended; another client is served before and after. */
async function endOf(
  cloud: LocalCloud,
  misbehave: (client: TestClient) => void,
): Promise<{ code: number; client: TestClient }> {
  const good = await TestClient.connect(cloud.connection);
  const bad = await TestClient.connect(cloud.connection);
  expect((await good.text('Before.')).at(-1)?.Header.Code).toBe(0);
  misbehave(bad);
  const { code } = await bad.closed;
  expect((await good.text('After.')).at(-1)?.Header.Code).toBe(0);
  await good.close();
  return { code, client: bad };
}

describe('a message that no client should send ends its own socket only', () => {
  it('over 64 KiB: 1009', async () => {
    const cloud = await newCloud();
    const { code } = await endOf(cloud, ({ socket }) => socket.send('x'.repeat(65 * 1024)));
    expect(code).toBe(1009);
  });

  it('64 KiB of small fragments: refused by count, before they are kept', async () => {
    const cloud = await newCloud();
    const { code } = await endOf(cloud, ({ socket }) => badMessages.withoutEnd(socket));
    expect(code).toBe(1008);
  });

  it('nested too deep: told, then 1007', async () => {
    const cloud = await newCloud();
    const { code, client } = await endOf(cloud, ({ socket }) => badMessages.tooDeep(socket));
    expect(code).toBe(1007);
    expect(client.frames[0].Header.Message).toMatch(/nested deeper than 16/);
    expect(cloud.counts['too-deep']).toBe(1);
  });

  it('binary: told, then 1003', async () => {
    const cloud = await newCloud();
    const { code, client } = await endOf(cloud, ({ socket }) => socket.send(Buffer.from([1, 2, 3])));
    expect(code).toBe(1003);
    expect(client.frames[0].Header.Code).toBe(100001);
    expect(cloud.counts['not-text']).toBe(1);
  });

  it('faster than is allowed: told, then 1008', async () => {
    const cloud = await newCloud({ rate: { perSecond: 1, burst: 20 } });
    const { code, client } = await endOf(cloud, (bad) => {
      for (let i = 0; i < 21; i++) bad.send({ DriverType: 'CHAT', ChatCommand: 'STOP_CHAT' });
    });
    expect(code).toBe(1008);
    expect(client.frames.map((frame) => frame.Header.Code)).toEqual([100012]);
    expect(client.frames[0]?.Header.Message).toMatch(/at most 1 messages a second and 20 at once; .* in 1 s/);
    expect(cloud.counts['too-fast']).toBe(1);
  });

  it('braces inside a string are no depth', async () => {
    const cloud = await newCloud();
    const client = await TestClient.connect(cloud.connection);
    expect((await client.text(`${'{['.repeat(50)} "\\" said`)).at(-1)?.Header.Code).toBe(0);
    await client.close();
  });
});

describe('the rate of messages', () => {
  it('allows a burst, then so many a second, and no more after a long pause', () => {
    let now = 0;
    const rate = new MessageRate({ perSecond: 10, burst: 5 }, () => now);
    const taken = (): number => {
      let count = 0;
      while (rate.take()) count++;
      return count;
    };
    expect(taken()).toBe(5);
    now += 300;
    expect(taken()).toBe(3);
    now += 3_600_000;
    expect(taken()).toBe(5);
  });
});

describe('a signed address', () => {
  const connect = (url: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url);
      socket.once('open', () => {
        socket.once('close', () => resolve(true));
        socket.close();
      });
      socket.once('error', () => resolve(false));
    });

  it('opens one connection where it may not be used again', async () => {
    const cloud = await newCloud({ signatureReuse: 'never' });
    const url = signedUrl(cloud.connection);
    expect(await connect(url)).toBe(true);
    const { status, body } = await refusedUpgrade(url);
    expect([status, body.Header.Code]).toEqual([401, 100005]);
    expect(body.Header.Message).toMatch(/used before/);
    expect(cloud.counts.reusedSignatures).toBe(1);
    expect(await connect(signedUrl(cloud.connection))).toBe(true);
  });

  it('opens more from the same machine by default, as the clients of helper services do', async () => {
    const cloud = await newCloud();
    const url = signedUrl(cloud.connection);
    for (let i = 0; i < 3; i++) expect(await connect(url)).toBe(true);
  });

  it('is of no use to another machine by default, and forgotten when its time has passed', () => {
    const used = new UsedSignatures('same-address');
    expect(used.use('s', 'a', 1000, 1000)).toBe(true);
    expect(used.use('s', 'a', 1000, 1100)).toBe(true);
    expect(used.use('s', 'b', 1000, 1100)).toBe(false);
    expect(used.refused).toBe(1);
    expect(used.use('t', 'b', 1700, 1400)).toBe(true);
    expect(used.size).toBe(1);
  });

  it('is remembered in bounded memory', () => {
    const used = new UsedSignatures('never');
    for (let i = 0; i < 70_000; i++) used.use(`${i}`, 'a', 1000, 1000);
    expect(used.size).toBeLessThanOrEqual(65_536);
    expect(used.use('69999', 'a', 1000, 1000)).toBe(false);
  });
});

describe('a client that vanishes without a word', () => {
  it('is gone within 35 s, with its drive', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const cloud = await newCloud({ pace: 'realtime-ahead', aheadSeconds: 0.1, resumeMs: 0 });
      const client = await TestClient.connect(cloud.connection);
      client.send({ DriverType: 'TEXT', InputText: 'A long sentence for nobody. '.repeat(60) });
      await client.until(() => client.frames.length > 1);
      // It answers no ping any more.
      client.socket.pause();
      let seconds = 0;
      for (; cloud.clients > 0 && seconds < 60; seconds += 0.5) {
        vi.advanceTimersByTime(500);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(seconds).toBeLessThanOrEqual(35);
      client.socket.terminate();
    } finally {
      vi.useRealTimers();
    }
  });
});
