import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRequestId } from '../../../src/wire/ids.js';
import { driven, hear, world, type World } from './world.js';

let shared: World;
beforeAll(async () => {
  shared = await world({ maxSessions: 100 });
});
afterAll(() => shared.cloud.close());

describe('SEND_STREAMTEXT', () => {
  const packet = (Seq: number, Text: string, more: object = {}): Record<string, unknown> => ({
    Seq,
    Text,
    ...more,
  });

  it('regroups fragments into sentences, in the order of their numbers', async () => {
    const session = await driven(shared);
    const { channel } = session;
    const id = channel.send('SEND_STREAMTEXT', packet(1, 'It costs 3.'));
    channel.send('SEND_STREAMTEXT', packet(3, 'And mo'), id);
    channel.send('SEND_STREAMTEXT', packet(2, '50 now. '), id);
    channel.send('SEND_STREAMTEXT', packet(3, 'a repeated number'), id);
    channel.send('SEND_STREAMTEXT', packet(4, 're.'), id);
    channel.send('SEND_STREAMTEXT', packet(5, '', { IsFinal: true }), id);
    await hear(session, id, 0);
    const texts = channel.messages
      .filter(({ Payload }) => Payload.Type === 2)
      .map(({ Payload }) => Payload.TextDisplay);
    expect(texts).toEqual(['It costs 3.50 now.', 'And more.']);
    expect(channel.story(id)).toEqual([
      'WaitingTextStart',
      'TextStart',
      'WaitingTextOver',
      'TextOver final1',
    ]);
  });

  it('ends by itself after StreamMaxInterval without a packet, and later packets are at the wrong time', async () => {
    const session = await driven(shared, { StreamMaxInterval: 3000 });
    const { channel } = session;
    const id = channel.send('SEND_STREAMTEXT', packet(1, 'No final packet '));
    await channel.settled();
    shared.clock.advance(2999);
    channel.send('SEND_STREAMTEXT', packet(2, 'will come'), id);
    await channel.settled();
    shared.clock.advance(2999);
    expect(session.stage.entries).toHaveLength(0);
    shared.clock.advance(1);
    await hear(session, id, 0);
    expect(channel.story(id).at(-1)).toBe('TextOver final2');
    channel.send('SEND_STREAMTEXT', packet(3, 'Too late.'), id);
    expect(await channel.refusal(id)).toBe(110015);
  });

  it('stops as the vendor’s client stops it, and ignores what was on its way', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = channel.send('SEND_STREAMTEXT', packet(1, 'This goes on and on. And on.'));
    (await stage.entry(0)).start();
    await channel.has(id, 'TextStart');
    channel.send('SEND_STREAMTEXT', packet(2, '', { IsFinal: true, Interrupt: true }), id);
    channel.send('SEND_STREAMTEXT', packet(3, 'A packet that was on its way.'), id);
    await channel.settled();
    expect(channel.story(id, false).at(-1)).toBe('TextOver final3');
    expect(stage.entries[0]?.isCut).toBe(true);
  });

  it('stops with the number of the packet before, as in the documents’ sample', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = channel.send(
      'SEND_STREAMTEXT',
      packet(1, 'This has had its final packet.', { IsFinal: true }),
    );
    (await stage.entry(0)).start();
    await channel.has(id, 'TextStart');
    channel.send('SEND_STREAMTEXT', packet(1, '', { IsFinal: true, Interrupt: true }), id);
    await channel.has(id, 'TextOver final3');
  });

  it('in clause mode speaks an inserted clause next: A1 A2 X A3 A4', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const clause = (Seq: number, Text: string, more: object = {}): Record<string, unknown> =>
      packet(Seq, Text, { IsSentence: true, ...more });
    const id = newRequestId();
    for (const n of [1, 2, 3, 4]) channel.send('SEND_STREAMTEXT', clause(n, `This is clause A${n}.`), id);
    (await stage.entry(0)).finish();
    (await stage.entry(1)).start();
    await channel.has(id, 'SentenceStart 2');
    channel.send('SEND_STREAMTEXT', clause(5, 'This is clause X.', { IsInsertSentence: true }), id);
    channel.send('SEND_STREAMTEXT', clause(6, 'This is clause Y.', { IsInsertSentence: true }), id);
    await channel.settled();
    stage.entries[1]?.finish();
    for (let n = 2; n < 6; n++) (await stage.entry(n)).finish();
    await channel.has(id, 'SentenceOver 4');
    // Without a final packet it stays open.
    shared.clock.advance(9000);
    channel.send('SEND_STREAMTEXT', clause(7, 'And one more.'), id);
    (await stage.entry(6)).finish();
    await channel.has(id, 'SentenceOver 7');
    channel.send('SEND_STREAMTEXT', clause(8, '', { IsFinal: true }), id);
    await channel.has(id, 'TextOver final1');
    const of = (n: number): string[] => [`SentenceStart ${n}`, `SentenceNext ${n}`, `SentenceOver ${n}`];
    expect(channel.story(id)).toEqual([
      'WaitingTextStart',
      'TextStart',
      ...[1, 2, 5, 6, 3, 4, 7].flatMap(of),
      'WaitingTextOver',
      'TextOver final1',
    ]);
    const texts = channel.messages
      .filter(({ Payload }) => Payload.Type === 2)
      .map(({ Payload }) => Payload.TextDisplay);
    expect(texts.map((text) => /[AXY]\d?/.exec(text ?? '')?.[0])).toEqual([
      'A1',
      'A2',
      'X',
      'Y',
      'A3',
      'A4',
      'A',
    ]);
  });

  it('takes 1000 bytes and those of the newer page, not more', async () => {
    const { channel } = await driven(shared);
    const id = channel.send('SEND_STREAMTEXT', packet(1, 'é'.repeat(1001)));
    expect(await channel.refusal(id)).toBe(100001);
  });
});

describe('SEND_AUDIO', () => {
  const silence = Buffer.alloc(5120).toString('base64');
  const sound = (Seq: number, Audio = silence, more: object = {}): Record<string, unknown> => ({
    Seq,
    Audio,
    ...more,
  });

  it('is for sessions of DriverType 3', async () => {
    const { channel } = await driven(shared);
    expect(await channel.refusal(channel.send('SEND_AUDIO', sound(1)))).toBe(100001);
  });

  it('lets six packets through at once and then those inside the rate; a refused one may come again', async () => {
    const session = await driven(shared, { DriverType: 3 });
    const { channel, stage } = session;
    const id = newRequestId();
    // Six, and one that the network may have bunched with them.
    for (let n = 1; n <= 8; n++) channel.send('SEND_AUDIO', sound(n), id);
    expect(await channel.refusal(id)).toBe(100012);
    expect(channel.messages.at(-1)?.Header.Message).toContain('in 120 ms');
    expect(channel.messages.at(-1)?.Payload.Seq).toBe(8);
    expect(stage.sounds[0]?.packets).toHaveLength(7);
    for (let n = 8; n <= 20; n++) {
      shared.clock.advance(120);
      channel.send('SEND_AUDIO', sound(n), id);
      await channel.settled();
    }
    expect(stage.sounds[0]?.packets).toHaveLength(20);
    stage.sounds[0]?.start();
    await channel.has(id, 'AudioStart');
    channel.send('SEND_AUDIO', sound(21, '', { IsFinal: true }), id);
    await channel.has(id, 'WaitingAudioOver');
    stage.sounds[0]?.finish();
    await channel.has(id, 'AudioOver final1');
    expect(channel.story(id)).toEqual([
      'WaitingAudioStart',
      'AudioStart',
      'WaitingAudioOver',
      'AudioOver final1',
    ]);
  });

  it('is held back, not cut, while too much of it waits to be heard', async () => {
    const session = await driven(shared, { DriverType: 3 });
    const { channel, stage } = session;
    const id = channel.send('SEND_AUDIO', sound(1));
    await channel.settled();
    const heard = stage.sounds[0];
    // There is room for two more, were it not for one that waits for another.
    heard.overfull = -320;
    channel.send('SEND_AUDIO', sound(3), id);
    channel.send('SEND_AUDIO', sound(4, Buffer.alloc(5120 + 32).toString('base64')), id);
    expect(await channel.refusal(id)).toBe(100012);
    expect(channel.messages.at(-1)?.Header.Message).toMatch(
      /waits to be heard; send this packet again in 1 ms/,
    );
    expect(channel.messages.at(-1)?.Payload.Seq).toBe(4);
    channel.send('SEND_AUDIO', sound(2), id);
    await channel.settled();
    expect(heard.packets).toHaveLength(3);
    // The end is no sound.
    heard.overfull = 10_000;
    channel.send('SEND_AUDIO', sound(4, '', { IsFinal: true }), id);
    await channel.settled();
    heard.finish();
    await channel.has(id, 'AudioOver final1');
  });

  it('ends by itself after StreamMaxInterval, with FinalType 2', async () => {
    const session = await driven(shared, { DriverType: 3 });
    const { channel, stage } = session;
    const id = channel.send('SEND_AUDIO', sound(1));
    await channel.settled();
    shared.clock.advance(2000);
    expect(stage.sounds[0]?.ended).toBe(true);
    stage.sounds[0]?.finish();
    await channel.has(id, 'AudioOver final2');
  });

  it('carries half a sample over to the next packet, and puts packets in order', async () => {
    const session = await driven(shared, { DriverType: 3 });
    const { channel, stage } = session;
    const bytes = Buffer.from(Array.from({ length: 30 }, (_, i) => i));
    const part = (from: number, to: number): string => bytes.subarray(from, to).toString('base64');
    const id = channel.send('SEND_AUDIO', sound(1, part(0, 7)));
    channel.send('SEND_AUDIO', sound(3, part(20, 30)), id);
    channel.send('SEND_AUDIO', sound(2, part(7, 20)), id);
    await channel.settled();
    const packets = stage.sounds[0]?.packets ?? [];
    expect(Buffer.concat(packets)).toEqual(bytes);
    expect(packets.every((packet) => packet.byteLength % 2 === 0)).toBe(true);
  });

  it('waits its turn: not while text is spoken, and no text while it is heard', async () => {
    const session = await driven(shared, { DriverType: 3 });
    const { channel, stage } = session;
    const text = channel.text('Text drives this session, too.');
    (await stage.entry(0)).start();
    await channel.has(text, 'TextStart');
    expect(await channel.refusal(channel.send('SEND_AUDIO', sound(1)))).toBe(110015);
    channel.send('SEND_TEXT', { Interrupt: true });
    await channel.has(text, 'TextOver final3');
    const id = channel.send('SEND_AUDIO', sound(1));
    shared.clock.advance(1000);
    expect(await channel.refusal(channel.text('Not now.'))).toBe(110015);
    expect(await channel.refusal(channel.send('SEND_AUDIO', sound(1)))).toBe(110015);
    channel.send('SEND_AUDIO', sound(2, '', { Interrupt: true }), id);
    await channel.has(id, 'AudioOver final3');
    shared.clock.advance(1000);
    const now = channel.text('Now it may.');
    await hear(session, now);
  });
});
