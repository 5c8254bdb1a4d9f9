import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newRequestId } from '../../../src/wire/ids.js';
import { audioPacketBytes } from '../../../src/wire/interactive/command-types.js';
import { badMessages } from '../bad-messages.js';
import { ChannelClient } from './client.js';
import { driven, world, type Driven, type World } from './world.js';

let shared: World;
beforeAll(async () => {
  shared = await world({ maxSessions: 100, onWarning: () => undefined });
});
afterAll(() => shared.cloud.close());

/** Says something on a session and hears it to its end. */
async function speaks({ channel, stage }: Driven): Promise<void> {
  shared.clock.advance(1000);
  const next = stage.entries.length;
  const drive = channel.text('This is said and heard.');
  (await stage.entry(next)).finish();
  await channel.has(drive, 'TextOver');
}

/**
 * Sends something bad on the channel of one session and returns how that channel ended. Its session goes on with
 * another one; another session is served before and after.
 */
async function endOf(misbehave: (client: ChannelClient) => void): Promise<{
  readonly code: number;
  readonly codes: readonly number[];
  readonly told: string | undefined;
}> {
  const good = await driven(shared);
  const bad = await driven(shared);
  await speaks(good);
  misbehave(bad.channel);
  const { code } = await bad.channel.closed;
  await speaks(good);
  await speaks({ ...bad, channel: await ChannelClient.connect(shared.cloud.connection, bad.id) });
  const { messages } = bad.channel;
  const codes = messages.map(({ Header }) => Header.Code);
  return { code, codes, told: messages[0]?.Header.Message };
}

describe('a message that no client should send ends its channel only', () => {
  let before: World['cloud']['counts'];
  beforeEach(() => (before = shared.cloud.counts));

  it('over 64 KiB: 1009', async () => {
    const { code } = await endOf(({ socket }) => socket.send('x'.repeat(64 * 1024 + 1)));
    expect(code).toBe(1009);
  });

  it('over 64 KiB in all its fragments: 1009', async () => {
    const { code } = await endOf(({ socket }) => {
      for (let i = 0; i < 9; i++) socket.send('x'.repeat(8192), { fin: i === 8 });
    });
    expect(code).toBe(1009);
  });

  it('in more fragments than a message can need: 1008, before they are kept', async () => {
    const { code } = await endOf(({ socket }) => badMessages.withoutEnd(socket));
    expect(code).toBe(1008);
  });

  it('nested too deep: told, then 1007', async () => {
    const { code, codes, told } = await endOf(({ socket }) => badMessages.tooDeep(socket));
    expect([code, codes]).toEqual([1007, [100001]]);
    expect(told).toMatch(/nested deeper than 16/);
    expect(shared.cloud.counts['too-deep']).toBe(before['too-deep'] + 1);
  });

  it('nested too deep, and more of it behind: told once', async () => {
    const deep = `{"Payload":{"Data":${'{"a":'.repeat(14)}1${'}'.repeat(14)}}}`;
    const { code, codes } = await endOf(({ socket }) => {
      for (let i = 0; i < 10; i++) socket.send(`{"Payload":{"Data":${deep}}}`);
    });
    expect([code, codes]).toEqual([1007, [100001]]);
  });

  it('binary: told, then 1003', async () => {
    const { code, codes, told } = await endOf(({ socket }) => socket.send(Buffer.from([1, 2, 3])));
    expect([code, codes]).toEqual([1003, [100001]]);
    expect(told).toMatch(/only text frames/);
    expect(shared.cloud.counts['not-text']).toBe(before['not-text'] + 1);
  });

  it('not UTF-8: 1007', async () => {
    const { code } = await endOf(({ socket }) => badMessages.notUtf8(socket));
    expect(code).toBe(1007);
  });
});

describe('the limit of a message', () => {
  it('lets 64 KiB through, to be judged as any other', async () => {
    const { channel } = await driven(shared);
    channel.socket.send('x'.repeat(64 * 1024));
    await channel.until(() => channel.messages.length === 1);
    expect(channel.messages[0]?.Header.Code).toBe(100001);
  });

  it('lets the longest text through, however it is escaped', async () => {
    const session = await driven(shared);
    const { channel, stage, id } = session;
    const ReqId = newRequestId();
    const Data = { Text: '<said>', ChatCommand: 'NotUseChat' };
    const message = JSON.stringify({ Payload: { ReqId, SessionId: id, Command: 'SEND_TEXT', Data } });
    channel.socket.send(message.replace('<said>', `${'\\u0041\\u0020'.repeat(1999)}It`));
    await stage.entry(0);
    expect(channel.messages.filter(({ Header }) => Header.Code !== 0)).toEqual([]);
  });

  it('lets the largest packet of sound through, eight documented ones, and names what is larger', async () => {
    const { channel, stage } = await driven(shared, { DriverType: 3 });
    const id = newRequestId();
    const seiInfo = { VideoSeiInfo: JSON.stringify({ note: 'x'.repeat(4000) }) };
    const send = (bytes: number): void => {
      const Audio = Buffer.alloc(bytes).toString('base64');
      channel.send('SEND_AUDIO', { Audio, Seq: 1, ...seiInfo }, id);
    };
    send(8 * audioPacketBytes + 2);
    expect(await channel.refusal(id)).toBe(100001);
    // More than may come at once: 100012 until so much of it would be heard.
    send(8 * audioPacketBytes);
    await channel.until(() => channel.messages.some(({ Header }) => Header.Code === 100012));
    shared.clock.advance(500);
    send(8 * audioPacketBytes);
    await channel.settled();
    expect(stage.sounds[0]?.packets.map((packet) => packet.byteLength)).toEqual([8 * audioPacketBytes]);
  });

  it('counts no depth inside a string', async () => {
    const session = await driven(shared);
    const drive = session.channel.text(`${'{['.repeat(50)} "\\" said`);
    (await session.stage.entry(0)).finish();
    await session.channel.has(drive, 'TextOver');
  });
});
