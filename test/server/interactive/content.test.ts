import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Question } from '../../../src/server/answer-source.js';
import { Script } from '../../../src/server/script/script.js';
import { SensitiveWords } from '../../../src/server/script/sensitive-words.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { driven, hear, world, type Driven, type World } from './world.js';

const script = Script.parse(`
replies:
  - match: opening hours
    reply: We open at **nine**. Come in.
    highlight: true
    interaction: { type: OptionInfo, content: { options: [today, tomorrow] } }
  - match: legal notice
    how: whole
    for: text
    reply: <speak>This is<break time="1s"/>final.</speak>
    markup: ssml
marks:
  - match: please listen
    uninterruptible: true
    microphoneOff: true
  - match: new model
    interaction: { type: Image, content: { url: "https://a.b/c.png" } }
`);

/** An answer whose pieces the test gives. */
class Asked {
  #pieces: (string | undefined)[] = [];
  #wake: () => void = () => undefined;

  constructor(readonly question: Question) {
    question.signal.addEventListener('abort', () => this.#wake());
  }

  say(piece: string | undefined): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  async *pieces(): AsyncGenerator<string> {
    for (;;) {
      const piece = this.#pieces[0];
      if (this.#pieces.length > 0) {
        this.#pieces.shift();
        if (piece === undefined) return;
        yield piece;
      } else if (this.question.signal.aborted) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const asked: Asked[] = [];
let shared: World;
beforeAll(async () => {
  shared = await world(
    { maxSessions: 100 },
    {
      script,
      sensitiveWords: new SensitiveWords(['forbidden fruit']),
      phrases: { sensitive: 'Let us talk of other things. Shall we?', waiting: 'Let me see.' },
      waitingMs: 3000,
      answerMs: 15_000,
      answerIdleMs: 60_000,
      answers: {
        answer(question) {
          const one = new Asked(question);
          asked.push(one);
          return one.pieces();
        },
      },
    },
  );
});
afterAll(() => shared.cloud.close());

/** Everything that a drive told of its content: type, text, and what else was set. */
function contents({ channel }: Driven, id: string): unknown[][] {
  return channel.messages
    .map(({ Payload }) => Payload as Readonly<Record<string, unknown>>)
    .filter(({ ReqId, Type }) => ReqId === id && [2, 4].includes(Number(Type)))
    .map(({ Type, TextDisplay }) => [Type, TextDisplay]);
}

function contentOf({ channel }: Driven, id: string): Readonly<Record<string, unknown>>[] {
  return channel.messages
    .map(({ Payload }) => Payload as Readonly<Record<string, unknown>>)
    .filter(({ ReqId, Type }) => ReqId === id && [2, 4].includes(Number(Type)));
}

const ask = ({ channel }: Driven, Text: string, more: object = {}): string =>
  channel.send('SEND_TEXT', { Text, ...more });
const echoed = ({ channel }: Driven, id: string): Promise<void> =>
  channel.until(() => channel.story(id, false).includes('type1'));

describe('a script in a session', () => {
  it('answers a question that matches, without asking anybody, with its marks', async () => {
    const session = await driven(shared);
    const before = asked.length;
    const id = ask(session, 'Tell me your OPENING hours!');
    await hear(session, id, 0);
    expect(contents(session, id)).toEqual([
      [2, 'We open at **nine**.'],
      [2, 'Come in.'],
    ]);
    expect(contentOf(session, id)[0]).toMatchObject({
      IsHighLight: true,
      InteractionType: 'OptionInfo',
      InteractionContent: '{"options":["today","tomorrow"]}',
      TtsSupport: true,
      Final: false,
    });
    expect(contentOf(session, id)[1]).toMatchObject({ Final: true });
    expect(asked).toHaveLength(before);
    expect(session.channel.story(id).at(-1)).toBe('TextOver');
  });

  it('replaces a text that is spoken as it is only where it is told to', async () => {
    const session = await driven(shared);
    const notice = session.channel.text('Legal notice.');
    await hear(session, notice, 0);
    expect(contents(session, notice)).toEqual([
      [2, 'This is'],
      [2, 'final.'],
    ]);
    shared.clock.advance(1000);
    const hours = session.channel.text('Opening hours.');
    await hear(session, hours);
    expect(contents(session, hours)).toEqual([[2, 'Opening hours.']]);
  });

  it('marks clauses of streamed text: microphone off, not interruptible, something to show', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = newRequestId();
    channel.send('SEND_STREAMTEXT', { Seq: 1, Text: 'Our new model. Please **lis' }, id);
    channel.send('SEND_STREAMTEXT', { Seq: 2, Text: 'ten** now.', IsFinal: true }, id);
    (await stage.entry(0)).finish();
    (await stage.entry(1)).start();
    await channel.until(() => contents(session, id).length === 2);
    const [first, second] = contentOf(session, id);
    expect(first).toMatchObject({
      InteractionType: 'Image',
      InteractionContent: '{"url":"https://a.b/c.png"}',
    });
    expect(first).not.toHaveProperty('Muted');
    expect(second).toMatchObject({ Muted: true, Uninterrupt: true });
    const dropped = channel.text('By the way.');
    expect(await channel.refusal(dropped)).toBe(110015);
    expect(channel.story(dropped, false)).toEqual(['type7 110015']);
    stage.entries[1]?.finish();
    await channel.has(id, 'TextOver final1');
  });
});

describe('an answer that is late', () => {
  it('is bridged by a phrase and follows it', async () => {
    const session = await driven(shared);
    const id = ask(session, 'How far is the moon?', { CloudAiVisitorBizId: 'visitor-7' });
    await echoed(session, id);
    expect(asked.at(-1)?.question).toMatchObject({ text: 'How far is the moon?', visitorId: 'visitor-7' });
    shared.clock.advance(2999);
    await session.channel.settled();
    expect(contents(session, id)).toEqual([]);
    shared.clock.advance(1);
    (await session.stage.entry(0)).finish();
    asked.at(-1)?.say('About a light second. ');
    asked.at(-1)?.say('More or less.');
    asked.at(-1)?.say(undefined);
    await hear(session, id, 1);
    expect(contents(session, id)).toEqual([
      [2, 'Let me see.'],
      [4, 'About a light second.'],
      [4, 'More or less.'],
    ]);
    expect(session.channel.story(id)).toEqual([
      'WaitingTextStart',
      'TextStart',
      'WaitingTextOver',
      'TextOver',
    ]);
  });

  it('and does not come at all ends the round with an apology, not with an error', async () => {
    const session = await driven(shared);
    const id = ask(session, 'What is the meaning of all this?');
    await echoed(session, id);
    shared.clock.advance(3000);
    (await session.stage.entry(0)).finish();
    await session.channel.settled();
    shared.clock.advance(11_999);
    await session.channel.settled();
    expect(contents(session, id)).toHaveLength(1);
    shared.clock.advance(1);
    await hear(session, id, 1);
    expect(contents(session, id)).toEqual([
      [2, 'Let me see.'],
      [2, 'I am sorry, I have no answer to that at the moment.'],
    ]);
    expect(session.channel.story(id).at(-1)).toBe('TextOver');
    expect(asked.at(-1)?.question.signal.aborted).toBe(true);
  });

  it('is given up when something else is to be said', async () => {
    const session = await driven(shared);
    const id = ask(session, 'Shall I wait?');
    await echoed(session, id);
    const { question } = asked.at(-1) ?? {};
    shared.clock.advance(1000);
    const next = session.channel.text('No need.');
    await hear(session, next, 0);
    expect(question?.signal.aborted).toBe(true);
    expect(session.channel.story(id).at(-1)).toBe('TextOver final3');
    expect(contents(session, id)).toEqual([]);
  });
});

describe('sensitive words in a session', () => {
  const phrases = [
    [2, 'Let us talk of other things.'],
    [2, 'Shall we?'],
  ];

  it.each([
    ['a question', {}],
    ['a text that is spoken as it is', { ChatCommand: 'NotUseChat' }],
  ])('in %s are answered by the fixed phrase, and nobody is asked', async (_, more) => {
    const session = await driven(shared);
    const before = asked.length;
    const id = ask(session, 'First this. Then the FOR-BIDDEN. No. Forbidden *fruit*!', more);
    await hear(session, id, 0);
    expect(contents(session, id)).toEqual(phrases);
    expect(contentOf(session, id)[1]).toMatchObject({ Final: true });
    expect(asked).toHaveLength(before);
    expect(session.channel.story(id).at(-1)).toBe('TextOver');
  });

  it('in an answer end it before they are shown, and the source is asked no more', async () => {
    const session = await driven(shared);
    const id = ask(session, 'What is good?');
    await echoed(session, id);
    for (const piece of ['Well. It is forbidden', '. Fruit ', 'is good. And ', 'so on. And '])
      asked.at(-1)?.say(piece);
    (await session.stage.entry(0)).finish();
    (await session.stage.entry(1)).finish();
    await session.channel.until(() => contents(session, id).length === 3);
    expect(asked.at(-1)?.question.signal.aborted).toBe(true);
    await hear(session, id, 2);
    expect(contents(session, id)).toEqual([[4, 'Well.'], [4, 'It is forbidden.'], ...phrases]);
    expect(session.channel.story(id)).toEqual([
      'WaitingTextStart',
      'TextStart',
      'WaitingTextOver',
      'TextOver',
    ]);
  });

  it('in streamed text end it over the border of packets; what still comes is ignored', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = newRequestId();
    const send = (Seq: number, Text: string, more: object = {}): string =>
      channel.send('SEND_STREAMTEXT', { Seq, Text, ...more }, id);
    send(1, 'It is for');
    send(2, 'bidden. Fru');
    send(3, 'it is good. More of it.');
    (await stage.entry(0)).finish();
    const apology = await stage.entry(1);
    send(4, 'Even more.');
    await channel.settled();
    apology.finish();
    send(5, '', { IsFinal: true });
    await hear(session, id, 2);
    expect(contents(session, id)).toEqual([[2, 'It is forbidden.'], ...phrases]);
    expect(channel.messages.filter(({ Header }) => Header.Code !== 0)).toEqual([]);
    expect(channel.story(id).at(-1)).toMatch(/^TextOver/);
    // The session goes on.
    const next = channel.text('Something else.');
    await hear(session, next);
    expect(channel.story(next).at(-1)).toBe('TextOver');
  });

  it('end a drive in silence when the phrase is nothing at all', async () => {
    const own = await world(
      {},
      { sensitiveWords: new SensitiveWords(['forbidden']), phrases: { sensitive: '---' } },
    );
    const session = await driven(own);
    const id = newRequestId();
    session.channel.send(
      'SEND_STREAMTEXT',
      { Seq: 1, Text: 'All is well. It is forbidden.', IsFinal: true },
      id,
    );
    await hear(session, id, 0);
    expect(contents(session, id)).toEqual([[2, 'All is well.']]);
    expect(session.channel.story(id).at(-1)).toBe('TextOver final1');
    await own.cloud.close();
  });

  it('in clause mode are found in the order of speaking, that of inserted clauses', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = newRequestId();
    const clause = (Seq: number, Text: string, more: object = {}): string =>
      channel.send('SEND_STREAMTEXT', { Seq, Text, IsSentence: true, ...more }, id);
    clause(1, 'It is forbidden.');
    clause(2, 'Next comes this.');
    (await stage.entry(0)).start();
    await channel.has(id, 'SentenceNext 1');
    clause(3, 'Fruit is good.', { IsInsertSentence: true });
    await channel.settled();
    stage.entries[0]?.finish();
    await hear(session, id, 1);
    expect(contents(session, id)).toEqual([[2, 'It is forbidden.'], ...phrases]);
    expect(channel.story(id)).toEqual([
      'WaitingTextStart',
      'TextStart',
      'SentenceStart 1',
      'SentenceNext 1',
      'SentenceOver 1',
      'SentenceStart 3',
      'WaitingTextOver',
      'SentenceOver 3',
      'TextOver',
    ]);
    expect(JSON.stringify(channel.messages)).not.toContain('Fruit');
  });
});
