import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRequestId } from '../../src/wire/ids.js';
import { call, paths } from '../server/interactive/client.js';
import { Driven, longText } from './session-rig.js';
import { cases, describeTargets, type Running, type Target } from './target.js';

/** SEND_STREAMTEXT, with and without clause mode: §6.2. One session serves all cases. */
describeTargets('streamed text', rules);

function rules(server: () => Running, target: Target): void {
  const { ours, timed } = cases(target);
  let s: Driven;
  beforeAll(async () => {
    s = await Driven.open(server());
  });
  afterAll(() => s.close());

  describe('§6.2 SEND_STREAMTEXT', () => {
    it('is one drive with one ReqId, from the first packet to the final one', async () => {
      const id = await s.stream(['Good mor', 'ning. This is ', 'the second sentence.']);
      expect(s.statuses(id).at(-1)).toBe('TextOver');
      if (target.isOurs) expect(s.shown(id)).toBe('Good morning. This is the second sentence.');
    });
    it('may end with an empty packet', async () =>
      expect(s.statuses(await s.stream(['Good morning.', ''])).at(-1)).toBe('TextOver'));
    ours('joins its packets by their numbers, each once', async () => {
      const id = newRequestId();
      s.piece(id, 1, 'Good ');
      s.piece(id, 3, 'ning.');
      s.piece(id, 2, 'mor');
      s.piece(id, 2, 'mor');
      s.piece(id, 4, '', { IsFinal: true });
      await s.over(id);
      expect(s.shown(id)).toBe('Good morning.');
      expect(s.channel.story(id).at(-1)).toBe('TextOver final1');
    });
    it('takes packets of 1000 bytes', async () => {
      const id = newRequestId();
      s.piece(id, 1, 'é'.repeat(500), { IsFinal: true });
      await s.has(id, 'TextStart');
      s.stop();
      await s.over(id);
    });
    ours('takes the 2000 bytes of the newer page, and no more', async () => {
      const id = newRequestId();
      s.piece(id, 1, 'é'.repeat(1000), { IsFinal: true });
      await s.has(id, 'TextStart');
      s.stop();
      await s.over(id);
      expect(await s.attempt('SEND_STREAMTEXT', { Text: 'x'.repeat(2001), Seq: 1 })).toBe(100001);
    });
    it('needs a Seq', async () =>
      expect(await s.attempt('SEND_STREAMTEXT', { Text: 'Hello.', IsFinal: true })).not.toBe(0));
    timed('gets the missing final after StreamMaxInterval (2 s): FinalType 2', async () => {
      const id = newRequestId();
      s.piece(id, 1, 'There is no final packet');
      await s.channel.settled();
      await server().time.pass(1999);
      expect(s.statuses(id)).toEqual(['WaitingTextStart']);
      await server().time.pass(1);
      expect((await s.over(id)).at(-1)).toBe('TextOver final2');
      s.piece(id, 2, 'Too late.');
      expect(await s.refused(id)).toBe(110015);
    });
    timed('gets it after the StreamMaxInterval of its session', async () => {
      const own = await Driven.open(server(), { StreamMaxInterval: 6000 });
      const id = newRequestId();
      own.piece(id, 1, 'There is no final packet');
      await own.channel.settled();
      await server().time.pass(5999);
      expect(own.statuses(id)).toEqual(['WaitingTextStart']);
      expect((await own.over(id)).at(-1)).toBe('TextOver final2');
      await own.close();
    });
    it('stops as the vendor’s client stops it: empty, next number, IsFinal, Interrupt', async () => {
      const id = newRequestId();
      s.piece(id, 1, longText);
      s.piece(id, 2, longText);
      await s.has(id, 'TextStart');
      s.piece(id, 3, '', { IsFinal: true, Interrupt: true });
      expect((await s.over(id)).at(-1)).toMatch(/^TextOver/);
      if (target.isOurs) expect(s.channel.story(id).at(-1)).toBe('TextOver final3');
    });
    ours('stops with the number of its final packet, as the sample does', async () => {
      const id = newRequestId();
      s.piece(id, 59, longText, { IsSentence: true, IsFinal: true });
      await s.has(id, 'TextStart');
      s.piece(id, 59, '', { IsFinal: true, Interrupt: true });
      expect((await s.over(id)).at(-1)).toBe('TextOver final3');
    });
    ours('is not stopped by an interrupt whose Seq is 0 or missing', async () => {
      const id = newRequestId();
      s.piece(id, 1, 'This is said to its end.', { IsFinal: true });
      await s.has(id, 'TextStart');
      s.channel.send('SEND_STREAMTEXT', { Text: '', Seq: 0, IsFinal: true, Interrupt: true }, id);
      expect(await s.refused(id)).toBe(100001);
      s.channel.send('SEND_STREAMTEXT', { Text: '', IsFinal: true, Interrupt: true }, id);
      expect((await s.over(id)).at(-1)).toBe('TextOver final1');
    });
    ours('packets that were on their way when it was interrupted are no failure', async () => {
      const id = newRequestId();
      s.piece(id, 1, longText);
      await s.has(id, 'WaitingTextStart');
      s.piece(id, 2, '', { IsFinal: true, Interrupt: true });
      s.piece(id, 3, 'Late.');
      await s.over(id);
      await s.channel.settled();
      expect(s.of(id).filter(({ Type }) => Type === 9)).toEqual([]);
    });
    it('interrupts a text, and is interrupted by one', async () => {
      const text = await s.speaking();
      const id = newRequestId();
      s.piece(id, 1, longText, { IsFinal: true });
      await s.over(text);
      await s.has(id, 'TextStart');
      const last = await s.say('Good morning.');
      await s.over(last);
      expect(s.statuses(id).at(-1)).toBe('TextOver');
    });
    ours('outside clause mode knows no tags: they are shown as they are, and not said', async () => {
      const text = 'Good <break time="1s"/>morning, <blink>Henry</blink>.';
      const id = await s.stream([text]);
      expect(s.shown(id)).toBe(text);
      const said = s.of(id).find(({ Type }) => Type === 2) as unknown as Record<string, unknown>;
      expect(said['TextPro']).toMatch(/^<speak>Good morning, Henry[^<]*<\/speak>$/);
    });
    timed('goes over HTTPS as well', async () => {
      const ReqId = newRequestId();
      for (const [Seq, Text] of [
        [1, 'Good morn'],
        [2, 'ing.'],
      ] as const) {
        const Data = { Text, Seq, IsFinal: Seq === 2 };
        const payload = { ReqId, SessionId: s.id, Command: 'SEND_STREAMTEXT', Data };
        expect((await call(server().connection, paths.command, payload)).Header.Code).toBe(0);
      }
      await s.over(ReqId);
      expect(s.shown(ReqId)).toBe('Good morning.');
    });
  });

  describe('§6.2 clause mode', () => {
    const clause = (id: string, Seq: number, Text: string, more: object = {}): void =>
      s.piece(id, Seq, Text, { IsSentence: true, ...more });

    it('tells SentenceStart, SentenceNext and SentenceOver with the number of each clause', async () => {
      const id = await s.stream(['This is the first of them.', 'And this is the second.', ''], {
        IsSentence: true,
      });
      const told = s.channel.story(id).filter((word) => word.startsWith('Sentence'));
      if (target.isOurs)
        expect(told).toEqual(
          [1, 2].flatMap((n) => [`SentenceStart ${n}`, `SentenceNext ${n}`, `SentenceOver ${n}`]),
        );
      else expect(told).not.toEqual([]);
    });
    it('says an inserted clause next: A1 A2 X A3 A4', async () => {
      const id = newRequestId();
      for (const n of [1, 2, 3, 4]) clause(id, n, `This is the clause that is called A${n}.`);
      await s.until(() => s.channel.story(id).includes('SentenceStart 2'));
      clause(id, 5, 'This one is called X, and is next.', { IsInsertSentence: true });
      clause(id, 6, '', { IsFinal: true });
      await s.over(id);
      const order = s.channel.story(id).filter((word) => word.startsWith('SentenceOver'));
      expect(order).toEqual([1, 2, 5, 3, 4].map((n) => `SentenceOver ${n}`));
    });
    timed('is not ended by a pause: SentenceNext may be waited for', async () => {
      const id = newRequestId();
      clause(id, 1, 'This is the first clause.');
      await s.until(() => s.channel.story(id).includes('SentenceOver 1'));
      await server().time.pass(9000);
      clause(id, 2, 'And one more after a while.', { IsFinal: true });
      expect((await s.over(id)).at(-1)).toBe('TextOver final1');
      expect(s.channel.story(id)).toContain('SentenceOver 2');
    });
    ours('regroups nothing: a packet is one unit, whatever is in it', async () => {
      const id = await s.stream(['One sentence. And half', ' of another'], { IsSentence: true });
      expect(s.channel.story(id).filter((word) => word.startsWith('SentenceStart'))).toEqual([
        'SentenceStart 1',
        'SentenceStart 2',
      ]);
    });
    ours('reads tags', async () => {
      const id = await s.stream(['<speak>Good <break time="100ms"/>morning to you.</speak>'], {
        IsSentence: true,
      });
      expect(s.statuses(id).at(-1)).toBe('TextOver');
      expect(s.shown(id)).not.toContain('<');
    });
    ours('may be left without a final packet: the next text ends it', async () => {
      const id = newRequestId();
      clause(id, 1, 'This is the only clause.');
      await s.until(() => s.channel.story(id).includes('SentenceOver 1'));
      const next = await s.say('Good morning.');
      await s.over(next);
      expect(s.channel.story(id).at(-1)).toBe('TextOver final3');
    });
    ours('IsInsertSentence alone means nothing', async () => {
      const id = await s.stream(['Good morning. ', 'Good night.'], { IsInsertSentence: true });
      expect(s.shown(id)).toBe('Good morning. Good night.');
    });
  });
}
