import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { refusedUpgrade } from '../client.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { ChannelClient, create, of, paths, query, ready, channelPath } from './client.js';
import { driven, world, type World } from './world.js';

const minute = 60_000;
const refusedCode = async (url: string): Promise<number> => (await refusedUpgrade(url)).body.Header.Code;

let shared: World;
beforeAll(async () => {
  shared = await world({ maxSessions: 100 });
});
afterAll(() => shared.cloud.close());

describe('opening a channel', () => {
  it('needs a started session, its id signed, and a right key', async () => {
    const { connection } = shared.cloud;
    const { Payload } = await create(connection);
    const id = String(Payload.SessionId);
    expect(await refusedCode(ChannelClient.url(connection, 'm404'))).toBe(110018);
    expect(await refusedCode(`${connection.url}${channelPath}?${query(connection)}`)).toBe(110018);
    expect(await refusedCode(ChannelClient.url(connection, id))).toBe(110014);
    await of(connection, paths.start, id);
    const wrong = ChannelClient.url(connection, id).replace(/requestid=m/, 'requestid=x');
    expect(await refusedUpgrade(wrong)).toMatchObject({ status: 401, body: { Header: { Code: 100005 } } });
    const channel = await ChannelClient.connect(connection, id);
    expect(channel.headers['facewire-idempotent']).toBe('1');
    await of(connection, paths.close, id);
    expect(await refusedCode(ChannelClient.url(connection, id))).toBe(110013);
  });

  it('with a signature that was used is for the address that used it, as on the other socket', async () => {
    const own = await world();
    const { id } = await ready(own.cloud.connection);
    const url = ChannelClient.url(own.cloud.connection, id);
    const open = (localAddress: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, { localAddress });
        socket.once('open', () => socket.close());
        socket.once('close', () => resolve(101));
        socket.on('error', () => undefined);
        socket.once('unexpected-response', (request, response) => {
          request.destroy();
          resolve(response.statusCode ?? 0);
        });
        socket.once('error', reject);
      });
    expect([await open('127.0.0.1'), await open('127.0.0.1'), await open('127.0.0.2')]).toEqual([
      101, 101, 401,
    ]);
    expect(own.cloud.counts.reusedSignatures).toBe(1);
    await own.cloud.close();
  });

  it('uses a signature up where that is wished, and never by REST calls', async () => {
    const own = await world({}, { signatureReuse: 'never' });
    const { connection } = own.cloud;
    const { id } = await ready(connection);
    const url = ChannelClient.url(connection, id);
    const stat = url.replace(/^ws/, 'http').replace(channelPath, paths.stat);
    const body = JSON.stringify({ Payload: { ReqId: newRequestId(), SessionId: id } });
    const asks = async (): Promise<number> => (await fetch(stat, { method: 'POST', body })).status;
    expect([await asks(), await asks()]).toEqual([200, 200]);
    const socket = new WebSocket(url);
    await once(socket, 'open');
    expect((await refusedUpgrade(url)).status).toBe(401);
    expect(await asks()).toBe(200);
    socket.terminate();
    await own.cloud.close();
  });

  it('takes over from the channel before, which is told not to come back', async () => {
    const { channel, id, stage } = await driven(shared);
    const first = channel.text('The first client speaks.');
    (await stage.entry(0)).start();
    await channel.has(first, 'TextStart');
    const newer = await ChannelClient.connect(shared.cloud.connection, id);
    expect(await channel.closed).toMatchObject({ code: 1000 });
    expect(channel.messages.at(-1)?.Payload.ErrorCode).toBe(110022);
    // The drive goes on, and its end reaches the one that is there now.
    stage.entries[0]?.finish();
    await newer.has(first, 'TextOver');
    expect(channel.story(first)).not.toContain('TextOver');
    expect(newer.story(first)).toEqual(['WaitingTextStart', 'TextStart', 'WaitingTextOver', 'TextOver']);
  });

  it('refuses a second channel when it is set to, until the first is gone', async () => {
    const own = await world({ secondChannel: 'refuse' });
    const { channel, id } = await driven(own);
    expect(await refusedCode(ChannelClient.url(own.cloud.connection, id))).toBe(100008);
    await channel.close();
    const next = await ChannelClient.connect(own.cloud.connection, id);
    await next.settled();
    await own.cloud.close();
  });

  it('tells a client that comes back the statuses of the last three drives', async () => {
    const { channel, id, stage } = await driven(shared);
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      ids.push(channel.text(`This is drive number ${i}.`));
      (await stage.entry(i)).finish();
      await channel.has(ids[i] ?? '', 'TextOver');
      shared.clock.advance(1000);
    }
    await channel.close();
    const back = await ChannelClient.connect(shared.cloud.connection, id);
    await back.has(ids[3] ?? '', 'TextOver');
    expect(back.story(ids[0] ?? '')).toEqual([]);
    for (const drive of ids.slice(1)) expect(back.story(drive)).toEqual(channel.story(drive));
  });
});

describe('what is left unused', () => {
  it('a channel is cut after 3 minutes, its session closed after 10, each once and not before', async () => {
    // No pings: nobody answers them while the clock jumps.
    const own = await world({ pingMs: 60 * minute });
    const { channel, id } = await driven(own);
    own.clock.advance(3 * minute - 1);
    await channel.settled();
    own.clock.advance(1);
    expect(await channel.closed).toMatchObject({ code: 1000 });
    const again = await ChannelClient.connect(own.cloud.connection, id);
    await again.settled();
    await again.close();
    // The session counts from when the channel came back.
    own.clock.advance(10 * minute - 1);
    expect((await of(own.cloud.connection, paths.stat, id)).Payload.SessionStatus).toBe(1);
    own.clock.advance(1);
    expect((await of(own.cloud.connection, paths.stat, id)).Payload).toMatchObject({
      SessionStatus: 2,
      CloseType: 2,
      ErrorCode: 110013,
    });
    expect(own.stages.get(id)?.closed).toBe(true);
    await own.cloud.close();
  });

  it('a session that nobody starts is closed after 10 minutes; asking for its state changes nothing', async () => {
    const own = await world();
    const { Payload } = await create(own.cloud.connection);
    const id = String(Payload.SessionId);
    for (let i = 0; i < 9; i++) {
      own.clock.advance(minute);
      await of(own.cloud.connection, paths.stat, id);
    }
    expect(own.cloud.sessions).toBe(1);
    own.clock.advance(minute);
    expect(own.cloud.sessions).toBe(0);
    await own.cloud.close();
  });

  it('heartbeats, of 10 s as the vendor’s browser client sends them too, keep it for a day', async () => {
    const own = await world({ pingMs: 2_000_000_000 });
    const { channel } = await driven(own);
    const beat = async (ms: number): Promise<void> => {
      own.clock.advance(ms);
      channel.send('SEND_HEARTBEAT', { Text: 'PING' });
      await channel.settled();
    };
    for (let i = 0; i < 60; i++) await beat(10_000);
    for (let passed = 0; passed < 24 * 60 * minute; passed += 100_000) await beat(100_000);
    expect(own.cloud.sessions).toBe(1);
    expect(channel.messages).toEqual([]);
    own.clock.advance(10 * minute);
    expect(own.cloud.sessions).toBe(0);
    await own.cloud.close();
  });

  it('a client that vanished without a word is noticed by its pings within 35 s', async () => {
    const own = await world({ sessionIdleMs: minute });
    const { id } = await ready(own.cloud.connection);
    const url = new URL(ChannelClient.url(own.cloud.connection, id));
    const socket = connect(Number(url.port), '127.0.0.1');
    socket.write(
      `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
    );
    await once(socket, 'data');
    // It never answers a ping.
    socket.on('data', () => undefined);
    const gone = once(socket, 'close');
    own.clock.advance(30_000);
    await gone;
    own.clock.advance(30_000);
    expect((await of(own.cloud.connection, paths.stat, id)).Payload).toMatchObject({ CloseType: 2 });
    expect(own.stages.get(id)?.closed).toBe(true);
    expect(own.cloud.sessions).toBe(0);
    await own.cloud.close();
  });
});

describe('the end of a session', () => {
  it('reaches its channel with a code: closed, replaced, and the server going', async () => {
    const own = await world({ maxSessions: 10 });
    const ended = async (
      end: (id: string) => Promise<unknown>,
      UserId: string,
    ): Promise<number | undefined> => {
      const { channel, id, stage } = await driven(own, { UserId });
      const drive = channel.text('This will not be said to its end.');
      (await stage.entry(0)).start();
      await channel.has(drive, 'TextStart');
      await end(id);
      await channel.closed;
      // The drive has one end, and it comes before the session's.
      expect(channel.story(drive).filter((word) => word.startsWith('TextOver'))).toEqual(['TextOver final3']);
      return channel.messages.at(-1)?.Payload.ErrorCode;
    };
    const { connection } = own.cloud;
    expect(await ended((id) => of(connection, paths.close, id), 'a')).toBe(110013);
    expect(await ended(() => create(connection, { UserId: 'b' }), 'b')).toBe(110022);
    expect(await ended(() => own.cloud.close(), 'c')).toBe(110013);
  });

  it('is told with the reason when the stream broke off', async () => {
    const { channel, id, stage } = await driven(shared);
    const { FacewireError } = await import('../../../src/errors.js');
    stage.onLost?.(new FacewireError('ERR_RTMP_LOST', 'rtmp://h/live/***: the ingest closed the connection'));
    await channel.closed;
    expect((await of(shared.cloud.connection, paths.stat, id)).Payload).toMatchObject({
      SessionStatus: 2,
      CloseType: 3,
      ErrorMessage: expect.stringContaining('ERR_RTMP_LOST') as string,
    });
  });
});

describe('what a client should not send', () => {
  it('costs it the message, or the channel, but nobody else anything', async () => {
    const other = await driven(shared);
    const bad = await driven(shared);
    bad.channel.socket.send('{"Payload": ');
    bad.channel.socket.send('[1, 2]');
    bad.channel.send('SEND_TEXT', { Text: 12, Interrupt: 'perhaps' });
    await bad.channel.until(() => bad.channel.messages.length === 3);
    expect(bad.channel.messages.map(({ Header }) => Header.Code)).toEqual([100001, 100001, 100001]);
    bad.channel.socket.send(Buffer.from([1, 2, 3]));
    expect(await bad.channel.closed).toMatchObject({ code: 1003 });
    const again = await ChannelClient.connect(shared.cloud.connection, bad.id);
    again.socket.send('x'.repeat(200_000));
    expect(await again.closed).toMatchObject({ code: 1009 });
    const drive = other.channel.text('Nothing happened here.');
    (await other.stage.entry(0)).finish();
    await other.channel.has(drive, 'TextOver');
  });

  it('is slowed down when it comes too fast', async () => {
    const { channel } = await driven(shared);
    for (let i = 0; i < 402; i++) channel.send('SEND_HEARTBEAT', { Text: 'PING' });
    await channel.until(() => channel.messages.length === 2);
    for (const { Header } of channel.messages) {
      expect(Header.Code).toBe(100012);
      expect(Header.Message).toMatch(/at most \d+ .* \d+ ms/);
    }
    shared.clock.advance(20);
    channel.send('SEND_HEARTBEAT', { Text: 'PING' });
    await channel.settled();
    expect(channel.messages).toHaveLength(2);
  });

  it('is refused for a session that is not the channel’s', async () => {
    const { channel } = await driven(shared);
    const ReqId = newRequestId();
    channel.socket.send(
      JSON.stringify({
        Payload: { ReqId, SessionId: 'another', Command: 'SEND_TEXT', Data: { Text: 'Hello' } },
      }),
    );
    expect(await channel.refusal(ReqId)).toBe(100001);
  });
});
