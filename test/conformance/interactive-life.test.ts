import { describe, expect, it } from 'vitest';
import type { InteractiveOptions } from '../../src/server/interactive/options.js';
import { newRequestId } from '../../src/wire/ids.js';
import { refusedUpgrade } from '../server/client.js';
import {
  call,
  channelPath,
  ChannelClient,
  of,
  paths,
  query,
  type Answer,
} from '../server/interactive/client.js';
import { create, Driven, prepared, withSession } from './session-rig.js';
import { cases, describeTargets, type Running, type Target } from './target.js';

const minute = 60_000;

/** The life of a session and its channel: §5, §7.1, and the codes of §9 that belong to it. */
describeTargets('life of a session', rules);

function rules(server: () => Running, target: Target): void {
  const { ours, timed } = cases(target);
  const ask = (path: string, id: string): Promise<Answer> => of(server().connection, path, id);
  const codeOf = async (path: string, id: string): Promise<number> => (await ask(path, id)).Header.Code;
  const connect = (id: string): Promise<ChannelClient> => ChannelClient.connect(server().connection, id);
  const refusedCode = async (url: string): Promise<number> => (await refusedUpgrade(url)).body.Header.Code;
  const channelCode = (id: string): Promise<number> =>
    refusedCode(ChannelClient.url(server().connection, id));
  const isRefused = async (url: string): Promise<void> =>
    expect((await refusedUpgrade(url)).status).toBeGreaterThanOrEqual(400);
  const driven = async (
    fields: Record<string, unknown>,
    use: (d: Driven) => Promise<void>,
  ): Promise<void> => {
    const session = await Driven.open(server(), fields);
    try {
      await use(session);
    } finally {
      await session.close();
    }
  };

  describe('§7.1 states', () => {
    it('3 until it is ready, then 1, then 2 when it is closed', async () => {
      const { Payload } = await create(server());
      const id = String(Payload.SessionId);
      expect([1, 3]).toContain(Payload.SessionStatus);
      const { seen } = await prepared(server(), id);
      expect(seen.at(-1)).toBe(1);
      expect(await codeOf(paths.close, id)).toBe(0);
      expect((await ask(paths.stat, id)).Payload.SessionStatus).toBe(2);
    });
    timed('PlayStreamAddr comes with state 1, not before', async () => {
      const { Payload } = await create(server());
      const id = String(Payload.SessionId);
      expect(Payload).not.toHaveProperty('PlayStreamAddr');
      expect((await ask(paths.stat, id)).Payload).not.toHaveProperty('PlayStreamAddr');
      expect((await prepared(server(), id)).state.Payload.PlayStreamAddr).toMatch(/^rtmp:/);
      await ask(paths.close, id);
    });
    it('startsession makes IsSessionStarted true, for ever', () =>
      withSession(server(), {}, async (id) => {
        const started = await ask(paths.start, id);
        expect(started).toMatchObject({
          Header: { Code: 0 },
          Payload: { ReqId: expect.any(String) as string },
        });
        expect((await ask(paths.stat, id)).Payload['IsSessionStarted']).toBe(true);
        await ask(paths.close, id);
        expect((await ask(paths.stat, id)).Payload).toMatchObject({
          SessionStatus: 2,
          IsSessionStarted: true,
        });
      }));
    timed('startsession before state 1 is 110014', async () => {
      const id = String((await create(server())).Payload.SessionId);
      expect(await codeOf(paths.start, id)).toBe(110014);
      await prepared(server(), id);
      expect(await codeOf(paths.start, id)).toBe(0);
      await ask(paths.close, id);
    });
    it('closesession may come at any time, and again', () =>
      withSession(server(), {}, async (id) => {
        expect(await codeOf(paths.close, id)).toBe(0);
        if (target.isOurs) expect(await codeOf(paths.close, id)).toBe(0);
      }));
    ours('a closed session tells CloseType 1', () =>
      withSession(server(), {}, async (id) => {
        await ask(paths.close, id);
        expect((await ask(paths.stat, id)).Payload['CloseType']).toBe(1);
      }),
    );
    it('a session with the same UserId closes the older one', () => {
      const UserId = newRequestId();
      return withSession(server(), { UserId }, (older) =>
        withSession(server(), { UserId }, async (newer) => {
          expect((await ask(paths.stat, older)).Payload.SessionStatus).toBe(2);
          expect((await ask(paths.stat, newer)).Payload.SessionStatus).toBe(1);
          if (!target.isOurs) return;
          expect((await ask(paths.stat, older)).Payload).toMatchObject({ CloseType: 5, ErrorCode: 110022 });
          expect(await codeOf(paths.start, older)).toBe(110022);
          expect(await channelCode(older)).toBe(110022);
        }),
      );
    });
    timed('a session that shows no picture in time is 4, with -111004', async () => {
      const own = await target.start({ creationMs: 400 } satisfies InteractiveOptions);
      const id = String((await create(own)).Payload.SessionId);
      const { state } = await prepared(own, id);
      expect(state.Payload).toMatchObject({ SessionStatus: 4, ErrorCode: -111004 });
      await own.close();
    });
  });

  describe('§5 the channel opens', () => {
    it('when the session was started, and not before', () =>
      withSession(server(), {}, async (id) => {
        await isRefused(ChannelClient.url(server().connection, id));
        if (target.isOurs) expect(await channelCode(id)).toBe(110014);
        await ask(paths.start, id);
        const channel = await connect(id);
        await channel.settled();
        await channel.close();
      }));
    it('with the SessionId as requestid, which is signed', () =>
      withSession(server(), {}, async (id) => {
        const { connection } = server();
        await ask(paths.start, id);
        await isRefused(`${connection.url}${channelPath}?${query(connection)}`);
        await isRefused(ChannelClient.url(connection, newRequestId()));
        const signed = query(connection).replace('timestamp=', `requestid=${id}&timestamp=`);
        await isRefused(`${connection.url}${channelPath}?${signed}`);
      }));
    it('no more when the session is closed', () =>
      withSession(server(), {}, async (id) => {
        await ask(paths.start, id);
        await ask(paths.close, id);
        await isRefused(ChannelClient.url(server().connection, id));
        if (target.isOurs) expect(await channelCode(id)).toBe(110013);
      }));
    it('once for a session: of two one is left', () =>
      driven({}, async ({ id, channel }) => {
        const second = await connect(id).catch(() => undefined);
        if (second === undefined) await channel.settled();
        else {
          await channel.closed;
          await second.settled();
        }
      }));
    timed('once for a session, or is refused with 100008 until the first is gone', async () => {
      const own = await target.start({ secondChannel: 'refuse' });
      const { id, channel } = await Driven.open(own);
      expect(await refusedCode(ChannelClient.url(own.connection, id))).toBe(100008);
      await channel.close();
      await (await ChannelClient.connect(own.connection, id)).settled();
      await own.close();
    });
    it('again after it was lost, as long as the session lives', () =>
      driven({}, async (session) => {
        for (let i = 0; i < 3; i++) await (await session.reconnect()).settled();
        const drive = await session.say('Still here.');
        expect(await session.over(drive)).toContain('TextOver');
      }));
    it('and tells the statuses of the last 3 drives again, in order', () =>
      driven({}, async (session) => {
        const drives: string[] = [];
        for (let i = 0; i < 4; i++) {
          drives.push(await session.say(`Drive number ${i}.`));
          await session.over(drives[i]);
        }
        const { channel: before } = session;
        const back = await session.reconnect();
        await session.has(drives[3], 'TextOver');
        expect(back.story(drives[0])).toEqual([]);
        for (const drive of drives.slice(1)) expect(back.story(drive)).toEqual(before.story(drive));
      }));
    it('and a drive that runs goes on while nobody listens', () =>
      driven({}, async (session) => {
        const drive = await session.say('This is said to its end, whoever is there to hear it.');
        await session.has(drive, 'TextStart');
        const back = await session.reconnect();
        await session.over(drive);
        expect(back.story(drive).at(-1)).toBe('TextOver');
      }));
  });

  describe('§5 idle', () => {
    timed('a channel is cut after 3 minutes without a command, the session lives', async () => {
      const session = await Driven.open(server());
      await server().time.pass(3 * minute - 1);
      await session.channel.settled();
      await server().time.pass(1);
      await session.channel.closed;
      expect((await ask(paths.stat, session.id)).Payload.SessionStatus).toBe(1);
      await session.close();
    });
    timed('a session is closed after 10 minutes, and says so: CloseType 2, 110013', () =>
      driven({}, async ({ id }) => {
        await server().time.pass(10 * minute - 1);
        expect((await ask(paths.stat, id)).Payload.SessionStatus).toBe(1);
        await server().time.pass(1);
        expect((await ask(paths.stat, id)).Payload).toMatchObject({
          SessionStatus: 2,
          CloseType: 2,
          ErrorCode: 110013,
        });
        expect(await channelCode(id)).toBe(110013);
      }),
    );
    for (const [who, ms] of [
      ['45 s', 45_000],
      ['10 s, as the vendor’s browser client sends them,', 10_000],
      ['2 minutes', 120_000],
    ] as const)
      timed(`heartbeats of ${who} keep both, and get no answer that is a failure`, () =>
        driven({}, async ({ id, channel }) => {
          for (let passed = 0; passed < 25 * minute; passed += ms) {
            await server().time.pass(ms);
            channel.send('SEND_HEARTBEAT', { Text: 'PING' });
            await channel.settled();
          }
          expect(channel.messages.filter(({ Header }) => Header.Code !== 0)).toEqual([]);
          expect((await ask(paths.stat, id)).Payload.SessionStatus).toBe(1);
        }),
      );
    timed('commands keep both, over HTTPS the session only', () =>
      driven({}, async ({ id, channel }) => {
        for (let i = 0; i < 8; i++) {
          await server().time.pass(2 * minute);
          channel.text('Hello.');
          await channel.settled();
        }
        for (let i = 0; i < 2; i++) {
          await server().time.pass(9 * minute);
          const beat = { ReqId: newRequestId(), SessionId: id, Command: 'SEND_HEARTBEAT', Data: {} };
          expect((await call(server().connection, paths.command, beat)).Header.Code).toBe(0);
        }
        await channel.closed;
        expect((await ask(paths.stat, id)).Payload.SessionStatus).toBe(1);
      }),
    );
  });

  describe('§9 codes of a session', () => {
    it('110018, or another failure, for a session that does not exist', async () => {
      for (const path of [paths.stat, paths.start, paths.close]) {
        const code = await codeOf(path, 'm404');
        if (target.isOurs) expect(code).toBe(110018);
        else expect(code).not.toBe(0);
      }
      await isRefused(ChannelClient.url(server().connection, 'm404'));
      if (target.isOurs) expect(await channelCode('m404')).toBe(110018);
    });
    ours('110013 for one that is closed', () =>
      withSession(server(), {}, async (id) => {
        await ask(paths.close, id);
        expect(await codeOf(paths.start, id)).toBe(110013);
      }),
    );
    it('110016 for a drive before startsession', () =>
      withSession(server(), {}, async (id) => {
        const command = { ReqId: newRequestId(), SessionId: id, Command: 'SEND_TEXT', Data: { Text: 'Hi.' } };
        const { Header } = await call(server().connection, paths.command, command);
        if (target.isOurs) expect(Header.Code).toBe(110016);
        else expect(Header.Code).not.toBe(0);
      }));
    for (const [code, how] of [
      [110013, 'is closed'],
      [110022, 'is closed by the same UserId'],
    ] as const)
      ours(`${code} on the channel whose session ${how}, after the end of its drive`, async () => {
        const UserId = newRequestId();
        const session = await Driven.open(server(), { UserId });
        const drive = await session.say('This is cut off before its end, and told so.');
        await session.has(drive, 'TextStart');
        if (code === 110013) await ask(paths.close, session.id);
        else await create(server(), { UserId });
        expect((await session.channel.closed).code).toBe(1000);
        const { messages } = session.channel;
        expect(messages.at(-1)?.Payload.ErrorCode).toBe(code);
        expect(session.channel.story(drive).at(-1)).toBe('TextOver final3');
      });
    ours('100012 for more than 100 commands a second', () =>
      driven({}, async ({ channel }) => {
        for (let i = 0; i < 401; i++) channel.send('SEND_HEARTBEAT', { Text: 'PING' });
        await channel.settled();
        expect(channel.messages.map(({ Header }) => Header.Code)).toEqual([100012]);
      }),
    );
  });
}
