import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRequestId } from '../../src/wire/ids.js';
import { call, paths } from '../server/interactive/client.js';
import { Driven, longText, withSession } from './session-rig.js';
import { cases, describeTargets, uninterruptibleText, type Running, type Target } from './target.js';

/** SEND_TEXT and the messages of the channel: §5.1, §6.1, §8 and §9. One session serves all cases. */
describeTargets('text commands', rules);

const textChain = ['WaitingTextStart', 'TextStart', 'WaitingTextOver', 'TextOver'];

function rules(server: () => Running, target: Target): void {
  const { ours, timed } = cases(target);
  let s: Driven;
  beforeAll(async () => {
    s = await Driven.open(server(), { DriverType: 3 });
  });
  afterAll(() => s.close());

  describe('§5.1 commands', () => {
    ours('need ReqId, a known Command and the SessionId of the channel', async () => {
      const Data = { Text: 'Hello.', ChatCommand: 'NotUseChat' };
      expect(await s.attempt('SEND_DANCE', Data)).toBe(100001);
      expect(await s.attempt('SEND_TEXT', Data, { SessionId: 'another' })).toBe(100001);
      expect(await s.attempt('SEND_TEXT', undefined)).toBe(100001);
      const before = s.channel.messages.length;
      s.channel.socket.send(
        JSON.stringify({ Header: {}, Payload: { SessionId: s.id, Command: 'SEND_TEXT', Data } }),
      );
      await s.until(() => s.channel.messages.length > before);
      expect(s.channel.messages[before]?.Header.Code).toBe(100001);
    });
    ours('that are no JSON are answered, and the channel goes on', async () => {
      for (const bad of ['', '{', '[]', '{"Payload": 1}', '{"Header":{},"Payload":{},}']) {
        const before = s.channel.messages.length;
        s.channel.socket.send(bad);
        await s.until(() => s.channel.messages.length > before);
        expect(s.channel.messages[before]?.Header.Code).toBe(100001);
      }
      expect(await s.over(await s.say('Good morning.'))).toContain('TextOver');
    });
    it('are taken by a session of DriverType 1, but not SEND_AUDIO', () =>
      withSession(server(), { DriverType: 1 }, async (id) => {
        await call(server().connection, paths.start, { ReqId: newRequestId(), SessionId: id });
        const send = async (Command: string, Data: object): Promise<number> => {
          const payload = { ReqId: newRequestId(), SessionId: id, Command, Data };
          return (await call(server().connection, paths.command, payload)).Header.Code;
        };
        expect(await send('SEND_TEXT', { Text: 'Hello.', ChatCommand: 'NotUseChat' })).toBe(0);
        await server().time.pass(3000);
        expect(await send('SEND_STREAMTEXT', { Text: 'Hello.', Seq: 1, IsFinal: true })).toBe(0);
        expect(await send('SEND_HEARTBEAT', { Text: 'PING' })).toBe(0);
        await server().time.pass(3000);
        expect(await send('SEND_AUDIO', { Audio: '', Seq: 1, IsFinal: true })).not.toBe(0);
      }));
  });

  describe('§8 messages', () => {
    it('carry SessionId and ReqId, and say Code 0', async () => {
      const id = await s.say('Good morning.');
      await s.over(id);
      const messages = s.channel.messages.filter(({ Payload }) => Payload.ReqId === id);
      expect(messages.length).toBeGreaterThan(0);
      for (const { Header, Payload } of messages) expect([Header.Code, Payload.SessionId]).toEqual([0, s.id]);
    });
    it('tell the statuses of a text in order, each at most once, TextOver last', async () => {
      const id = await s.say('Good morning. This is another sentence.');
      const statuses = (await s.over(id)).map((word) => word.split(' ')[0]);
      expect(textChain.filter((status) => statuses.includes(status))).toEqual(statuses);
      expect(statuses.at(-1)).toBe('TextOver');
      if (target.isOurs) expect(statuses).toEqual(textChain);
    });
    ours('tell each clause before it is said: type 2 with what is shown and what is spoken', async () => {
      const id = await s.say('# Welcome\n\nThis is **bold**. See ![a plan](https://example.com/p.png)');
      await s.over(id);
      const contents = s.of(id).filter(({ Type }) => Type === 2) as unknown as Record<string, unknown>[];
      expect(contents.map(({ Seq }) => Seq)).toEqual(contents.map((_, i) => i + 1));
      expect(contents.map(({ ContentType, TtsSupport }) => [ContentType, TtsSupport])).toEqual([
        [8, true],
        [1, true],
        [1, true],
        [4, false],
      ]);
      expect(contents.map(({ Final }) => Final)).toEqual([false, false, false, true]);
      expect(contents[1]).toMatchObject({ TextPro: '<speak>This is bold.</speak>', Uninterrupt: false });
    });
    ours('tell a failure with both spellings of its message', async () => {
      const id = s.channel.send('SEND_TEXT', { Text: '' });
      await s.refused(id);
      const said = s.of(id)[0] as unknown as Record<string, unknown>;
      expect(said).toMatchObject({ Type: 9, ErrorCode: 100001 });
      expect(said['ErrorMessage']).toBe(said['ErrorMsg']);
    });
    ours('tell Error for a drive that fails; the session goes on', async () => {
      const id = await s.say('…');
      expect((await s.over(id)).at(-1)).toBe('Error');
      expect(s.of(id).at(-1)?.ErrorCode).toBe(100001);
      expect((await s.over(await s.say('Good morning.'))).at(-1)).toBe('TextOver');
    });
    it('statsession knows the last SpeakStatus', async () => {
      await s.over(await s.say('Good morning.'));
      const { Payload } = await call(server().connection, paths.stat, {
        ReqId: newRequestId(),
        SessionId: s.id,
      });
      if (target.isOurs) expect(Payload['SpeakStatus']).toBe('TextOver');
      else expect([undefined, '', 'TextOver']).toContain(Payload['SpeakStatus']);
    });
  });

  describe('§6.1 SEND_TEXT', () => {
    it('with NotUseChat is spoken as it is', async () => {
      const id = await s.say('Good morning.');
      expect(await s.over(id)).toContain('TextOver');
      if (target.isOurs) expect(s.shown(id)).toBe('Good morning.');
    });
    for (const ChatCommand of [undefined, '']) {
      it(`with ChatCommand ${JSON.stringify(ChatCommand)} goes through the dialogue service`, async () => {
        await server().time.pass(1100);
        const id = s.channel.send('SEND_TEXT', { Text: 'What time is it?', ChatCommand, ChatRoundId: 'r1' });
        const statuses = await s.over(id);
        expect(statuses.at(-1)).toMatch(/^(TextOver|Error)/);
        if (!target.isOurs) return;
        // The question comes back as type 1, its answer as type 4.
        expect(s.of(id).map(({ Type }) => Type)).toEqual(expect.arrayContaining([1, 4]) as number[]);
        expect(s.of(id).find(({ Type }) => Type === 1)?.Text).toBe('What time is it?');
      });
    }
    ours('with another ChatCommand is refused', async () =>
      expect(await s.attempt('SEND_TEXT', { Text: 'Hello.', ChatCommand: 'Perhaps' })).toBe(100001),
    );
    it('may have 4000 bytes of UTF-8', async () => {
      const id = await s.say('é'.repeat(2000));
      await s.until(() => s.of(id).length > 0);
      expect(s.of(id).filter(({ Type }) => Type === 9)).toEqual([]);
      await s.has(id, 'TextStart');
      s.stop();
      await s.over(id);
    });
    it('must not have 4001', async () =>
      expect(
        await s.attempt('SEND_TEXT', { Text: `${'é'.repeat(2000)}x`, ChatCommand: 'NotUseChat' }),
      ).not.toBe(0));
    it('needs a text, or Interrupt', async () => {
      expect(await s.attempt('SEND_TEXT', { Text: '' })).not.toBe(0);
      expect(await s.attempt('SEND_TEXT', {})).not.toBe(0);
      expect(await s.attempt('SEND_TEXT', { Text: '', Interrupt: false })).not.toBe(0);
    });
    it('may carry CloudAiVisitorBizId, SmartActionEnabled, VideoSeiInfo', async () => {
      const id = await s.say('Good morning.', {
        CloudAiVisitorBizId: 'v'.repeat(64),
        SmartActionEnabled: true,
        VideoSeiInfo: '{}',
      });
      expect(await s.over(id)).toContain('TextOver');
    });
    ours('must not have a CloudAiVisitorBizId of 65 characters', async () => {
      const Data = { Text: 'Hello.', ChatCommand: 'NotUseChat' };
      expect(await s.attempt('SEND_TEXT', { ...Data, CloudAiVisitorBizId: 'v'.repeat(65) })).toBe(100001);
      const id = await s.say('Good morning.', { CloudAiVisitorBizId: '😀'.repeat(64) });
      expect(await s.over(id)).toContain('TextOver');
    });
    timed('must be 1 s after the one before, else 100012; the first goes on', async () => {
      const first = await s.speaking();
      await server().time.pass(300);
      expect(await s.refused(s.channel.text('Too early.'))).toBe(100012);
      expect((await s.over(first)).at(-1)).toBe('TextOver');
      expect(await s.over(await s.say('Not too early.'))).toContain('TextOver');
    });
    it('interrupts the text that is spoken: TextOver for the old one, then the new one begins', async () => {
      const old = await s.speaking();
      const next = await s.say('This is the new one.');
      await s.over(next);
      const order = s.channel.messages
        .filter(({ Payload }) => Payload.Type === 3 && [old, next].includes(Payload.ReqId))
        .map(({ Payload }) => `${Payload.ReqId === old ? 'old' : 'new'} ${Payload.SpeakStatus}`);
      expect(order).toContain('old TextOver');
      expect(order.indexOf('old TextOver')).toBeLessThan(order.indexOf('new TextStart'));
      expect(order.filter((word) => word === 'old TextOver')).toHaveLength(1);
    });
    it('stops with Interrupt and no text: TextOver', async () => {
      const id = await s.speaking();
      s.stop();
      expect((await s.over(id)).at(-1)).toMatch(/^TextOver/);
    });
    ours('stops again, or when nothing is said, without a failure', async () => {
      const before = s.channel.messages.length;
      s.stop();
      s.stop({ Text: '' });
      await s.channel.settled();
      expect(s.channel.messages.slice(before).filter(({ Header }) => Header.Code !== 0)).toEqual([]);
    });
    ours('stops within the second after a text, too', async () => {
      const id = s.channel.text('Too early?');
      await s.refused(id).catch(() => 0);
      const next = await s.speaking();
      s.stop();
      expect((await s.over(next)).at(-1)).toBe('TextOver final3');
    });
    ours('is dropped (type 7, 110015) while what is said is not interruptible', async () => {
      const warning = await s.speaking(uninterruptibleText);
      const dropped = await s.say('By the way.');
      expect(await s.refused(dropped)).toBe(110015);
      expect(s.of(dropped).map(({ Type }) => Type)).toEqual([7]);
      expect((await s.over(warning)).at(-1)).toBe('TextOver');
      expect(s.of(warning).find(({ Type }) => Type === 2)).toMatchObject({ Uninterrupt: true });
    });
    ours('with Interrupt is forced through; Interrupt alone stops it', async () => {
      const warning = await s.speaking(uninterruptibleText);
      const forced = await s.say('All clear.', { Interrupt: true });
      expect((await s.over(forced)).at(-1)).toBe('TextOver');
      expect(s.channel.story(warning).at(-1)).toBe('TextOver final3');
      const again = await s.speaking(uninterruptibleText);
      s.stop();
      expect((await s.over(again)).at(-1)).toBe('TextOver final3');
    });
    ours('needs a ReqId of its own: one that names a drive does nothing new', async () => {
      const id = await s.say('Said once.');
      await s.over(id);
      await server().time.pass(1100);
      s.channel.send('SEND_TEXT', { Text: 'Said twice?', ChatCommand: 'NotUseChat' }, id);
      await s.channel.settled();
      expect(s.statuses(id).filter((status) => status === 'TextOver')).toHaveLength(1);
    });
    it('goes over HTTPS as well, and is told on the channel', async () => {
      await server().time.pass(1100);
      const ReqId = newRequestId();
      const Data = { Text: 'Good morning.', ChatCommand: 'NotUseChat' };
      const payload = { ReqId, SessionId: s.id, Command: 'SEND_TEXT', Data };
      expect((await call(server().connection, paths.command, payload)).Header.Code).toBe(0);
      expect(await s.over(ReqId)).toContain('TextOver');
    });
    ours('over HTTPS is answered with the code of what is wrong', async () => {
      const send = async (Data: object, more: object = {}): Promise<number> => {
        const payload = { ReqId: newRequestId(), SessionId: s.id, Command: 'SEND_TEXT', Data, ...more };
        return (await call(server().connection, paths.command, payload)).Header.Code;
      };
      expect(await send({ Text: '' })).toBe(100001);
      expect(await send({ Text: 'x'.repeat(4001) })).toBe(100001);
      expect(await send({ Text: 'x' }, { Command: 'SEND_DANCE' })).toBe(100001);
      expect(await send({ Text: 'x' }, { SessionId: 'm404' })).toBe(110018);
      await server().time.pass(1100);
      expect(await send({ Text: longText })).toBe(0);
      expect(await send({ Text: longText })).toBe(100012);
      expect(await send({ Interrupt: true })).toBe(0);
    });
    ours('with a tag that is not known is refused with its name and place', async () => {
      const id = await s.say('<speak>Hello <blink>you</blink></speak>');
      expect(await s.refused(id)).toBe(100001);
      expect(s.channel.messages.at(-1)?.Header.Message).toMatch(/<blink>/);
    });
  });
}
