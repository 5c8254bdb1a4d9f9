import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Question } from '../../../src/server/answer-source.js';
import type { SpeakOptions, Voice } from '../../../src/voice/voice.js';
import { ChannelClient } from './client.js';
import { fakeVoice } from './fake-stage.js';
import { driven, hear, world, type World } from './world.js';

const questions: Question[] = [];
let shared: World;
beforeAll(async () => {
  shared = await world(
    { maxSessions: 100, isUninterruptible: (text) => text.includes('[!]') },
    {
      answers: {
        async *answer(question) {
          questions.push(question);
          yield 'The answer is ';
          yield `${question.text.length}. That is all.`;
        },
      },
    },
  );
});
afterAll(() => shared.cloud.close());

describe('SEND_TEXT', () => {
  it('is spoken as it is, with every status once and in order', async () => {
    const session = await driven(shared);
    const id = session.channel.text('One sentence. And another one.');
    await hear(session, id, 0);
    expect(session.channel.story(id, false)).toEqual([
      'WaitingTextStart',
      'type2',
      'TextStart',
      'type2',
      'WaitingTextOver',
      'TextOver',
    ]);
    const shown = session.channel.messages.filter(({ Payload }) => Payload.Type === 2);
    expect(shown.map(({ Payload }) => [Payload.Seq, Payload.TextDisplay])).toEqual([
      [1, 'One sentence.'],
      [2, 'And another one.'],
    ]);
  });

  it('interrupts what is spoken: the old one is over before the new one begins', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const old = channel.text('This is a text that is going to be interrupted.');
    (await stage.entry(0)).start();
    await channel.has(old, 'TextStart');
    shared.clock.advance(1000);
    const next = channel.text('This is the new one.');
    (await stage.entry(1)).finish();
    await channel.has(next, 'TextOver');
    expect(stage.entries[0]?.isCut).toBe(true);
    expect(channel.story(old).at(-1)).toBe('TextOver final3');
    const order = channel.messages
      .filter(({ Payload }) => Payload.Type === 3)
      .map(({ Payload }) => Payload.ReqId);
    expect(order.lastIndexOf(old)).toBeLessThan(order.indexOf(next));
  });

  it('must be 1 s after the one before; what came too soon changes nothing and may come again', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const first = channel.text('This is the first.');
    const entry = await stage.entry(0);
    entry.start();
    await channel.has(first, 'TextStart');
    shared.clock.advance(999);
    const early = channel.text('Too early.');
    expect(await channel.refusal(early)).toBe(100012);
    expect(channel.messages.at(-1)?.Header.Message).toContain('in 1 ms');
    expect(entry.isCut).toBe(false);
    shared.clock.advance(1);
    channel.send('SEND_TEXT', { Text: 'Too early.', ChatCommand: 'NotUseChat' }, early);
    (await stage.entry(1)).finish();
    await channel.has(early, 'TextOver');
  });

  it('stops with an empty text and Interrupt, at once, twice, and when nothing is said', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    channel.send('SEND_TEXT', { Interrupt: true });
    const id = channel.text('Stop me.');
    (await stage.entry(0)).start();
    await channel.has(id, 'TextStart');
    channel.send('SEND_TEXT', { Interrupt: true });
    channel.send('SEND_TEXT', { Interrupt: true });
    await channel.has(id, 'TextOver final3');
    await channel.settled();
    expect(channel.messages.filter(({ Header }) => Header.Code !== 0)).toEqual([]);
    expect(channel.story(id).filter((word) => word.startsWith('TextOver'))).toHaveLength(1);
  });

  it('is a question without NotUseChat; ChatRoundId keeps rounds apart', async () => {
    const session = await driven(shared);
    const { channel } = session;
    const asked = channel.send('SEND_TEXT', { Text: 'How long?', ChatRoundId: 'round-1' });
    await hear(session, asked, 0);
    expect(channel.story(asked, false).filter((word) => word.startsWith('type'))).toEqual([
      'type1',
      'type4',
      'type4',
    ]);
    const texts = channel.messages
      .filter(({ Payload }) => Payload.Type === 4)
      .map(({ Payload }) => Payload.TextDisplay);
    expect(texts).toEqual(['The answer is 9.', 'That is all.']);
    shared.clock.advance(1000);
    await hear(session, channel.send('SEND_TEXT', { Text: 'And now?', ChatRoundId: 'round-2' }));
    shared.clock.advance(1000);
    await hear(session, channel.send('SEND_TEXT', { Text: 'Once more?', ChatRoundId: 'round-1' }));
    const [first, second, third] = questions.slice(-3).map(({ conversationId }) => conversationId);
    expect(first).toBe(third);
    expect(first).not.toBe(second);
    expect(first).toContain(session.id);
  });

  it('fails a question whose answer does not come, and stops asking', async () => {
    const asked: Question[] = [];
    const own = await world(
      {},
      {
        answerIdleMs: 5000,
        answers: {
          async *answer(question) {
            asked.push(question);
            yield 'Let me think. ';
            await new Promise((resolve) => question.signal.addEventListener('abort', resolve));
          },
        },
      },
    );
    const session = await driven(own);
    const id = session.channel.send('SEND_TEXT', { Text: 'Why?' });
    await session.channel.until(() => session.channel.story(id, false).includes('type1'));
    own.clock.advance(5000);
    await hear(session, id, 0);
    expect(session.channel.story(id)).toContain('Error');
    expect(session.channel.messages.at(-1)?.Payload.ErrorCode).toBe(-111005);
    expect(asked[0]?.signal.aborted).toBe(true);
    // The session goes on.
    own.clock.advance(1000);
    const next = session.channel.text('Still here.');
    await hear(session, next);
    expect(session.channel.story(next).at(-1)).toBe('TextOver');
    await own.cloud.close();
  });

  it('drops an input while something uninterruptible is said, unless it is forced', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const warning = channel.text('[!] Please leave the building.');
    const entry = await stage.entry(0);
    entry.start();
    await channel.has(warning, 'TextStart');
    shared.clock.advance(1000);
    const dropped = channel.text('By the way.');
    expect(await channel.refusal(dropped)).toBe(110015);
    expect(channel.story(dropped, false)).toEqual(['type7 110015']);
    const stream = channel.send('SEND_STREAMTEXT', { Text: 'By the way.', Seq: 1 });
    expect(await channel.refusal(stream)).toBe(110015);
    expect(entry.isCut).toBe(false);
    shared.clock.advance(1000);
    const forced = channel.text('All clear.', { Interrupt: true });
    await hear(session, forced);
    expect(entry.isCut).toBe(true);
    expect(channel.story(warning).at(-1)).toBe('TextOver final3');
  });

  it('is not done again when it comes again', async () => {
    const session = await driven(shared);
    const id = session.channel.text('Say this once.');
    await hear(session, id, 0);
    shared.clock.advance(1000);
    const back = await ChannelClient.connect(shared.cloud.connection, session.id);
    back.text('Say this once.');
    await back.settled();
    const again = back.send('SEND_TEXT', { Text: 'Say this once.', ChatCommand: 'NotUseChat' }, id);
    await back.settled();
    expect(again).toBe(id);
    // Only the one with an id of its own was taken.
    expect(back.story(id).filter((word) => word === 'WaitingTextStart')).toHaveLength(1);
  });

  it('is spoken with the percent and dB of the session', async () => {
    const options: SpeakOptions[] = [];
    const voice: Voice = {
      ...fakeVoice,
      synthesize: (text, given = {}) => {
        options.push(given);
        return fakeVoice.synthesize(text);
      },
    };
    const own = await world({}, { voice });
    const session = await driven(own, { SpeechParam: { Speed: 150, Volume: -4 } });
    await hear(session, session.channel.text('Faster and softer.'), 0);
    expect(options).toMatchObject([{ speed: 1.5, volume: -4 }]);
    await own.cloud.close();
  });

  it('with tags that cannot be read is refused by place, and begins nothing', async () => {
    const { channel } = await driven(shared);
    const id = channel.text('<speak>Hello <blink>you</blink></speak>');
    expect(await channel.refusal(id)).toBe(100001);
    expect(channel.messages.at(-1)?.Header.Message).toContain('<blink>');
    expect(channel.story(id)).toEqual([]);
  });

  it('that cannot be spoken is an error of its drive only', async () => {
    const session = await driven(shared);
    const id = session.channel.text('…');
    await session.channel.has(id, 'Error');
    expect(session.channel.messages.at(-1)?.Payload.ErrorCode).toBe(100001);
  });
});
