import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRequestId } from '../../../src/wire/ids.js';
import { fakeVoice } from './fake-stage.js';
import { driven, hear, world, type Driven, type World } from './world.js';

const spoken: string[] = [];
let shared: World;
beforeAll(async () => {
  shared = await world(
    { maxSessions: 100 },
    {
      voice: {
        ...fakeVoice,
        synthesize: (text, options) => {
          spoken.push(text);
          return fakeVoice.synthesize(text, options);
        },
      },
      answers: {
        async *answer() {
          yield 'Of course.';
        },
      },
    },
  );
});
afterAll(() => shared.cloud.close());

function contentOf({ channel }: Driven, id: string): Readonly<Record<string, unknown>>[] {
  return channel.messages
    .map(({ Payload }) => Payload as Readonly<Record<string, unknown>>)
    .filter(({ ReqId, Type }) => ReqId === id && Type === 2);
}

describe('what a text of a session holds', () => {
  it('is Markdown: a table is shown and not spoken, and a text that is nothing else ends well', async () => {
    const session = await driven(shared);
    const { channel } = session;
    const both = channel.text('# Prices\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\nThat is **all**.');
    await hear(session, both, 0);
    expect(contentOf(session, both).map(({ ContentType, TtsSupport }) => [ContentType, TtsSupport])).toEqual([
      [8, true],
      [6, false],
      [1, true],
    ]);
    shared.clock.advance(1000);
    const table = channel.text('| a | b |\n| - | - |\n| 1 | 2 |');
    await channel.has(table, 'TextOver');
    expect(channel.story(table, false)).toEqual(['WaitingTextStart', 'type2', 'TextOver']);
  });

  it('tells what is said as SSML, with its actions', async () => {
    const session = await driven(shared);
    const id = session.channel.text(
      '<speak>Yes <insert-action type="nod"/>& no.</speak>'.replace('&', '&amp;'),
    );
    await hear(session, id, 0);
    expect(contentOf(session, id)[0]).toMatchObject({
      TextPro: '<speak>Yes <insert-action type="nod"/>&amp; no.</speak>',
      TextDisplay: 'Yes & no.',
      ContentType: 9,
    });
  });

  it('is read in the language of the timbre', async () => {
    const session = await driven(shared, { SpeechParam: { TimbreLanguage: 'zh-CN' } });
    const text = '<speak><say-as interpret-as="cardinal">12</say-as></speak>';
    await hear(session, session.channel.text(text), 0);
    expect(spoken.at(-1)).toBe('十二');
    const id = newRequestId();
    session.channel.send('SEND_STREAMTEXT', { Seq: 1, Text: text, IsSentence: true }, id);
    session.channel.send('SEND_STREAMTEXT', { Seq: 2, Text: '', IsFinal: true, IsSentence: true }, id);
    await hear(session, id);
    expect(spoken.at(-1)).toBe('十二');
  });

  it('begins nothing and interrupts nothing when its tags cannot be read, in clause mode too', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = channel.text('This goes on.');
    (await stage.entry(0)).start();
    await channel.has(id, 'TextStart');
    const bad = { Seq: 1, Text: '<speak>Hello <blink/></speak>', IsSentence: true };
    expect(await channel.refusal(channel.send('SEND_STREAMTEXT', bad))).toBe(100001);
    expect(stage.entries[0]?.isCut).toBe(false);
    stage.entries[0]?.finish();
    await channel.has(id, 'TextOver');
  });

  it('that leaves nothing at all is an error of its drive only', async () => {
    const session = await driven(shared);
    const id = session.channel.text('---');
    await session.channel.has(id, 'Error');
    expect(session.channel.messages.at(-1)?.Payload.ErrorCode).toBe(100001);
  });
});

describe('smart actions of a session', () => {
  const actionsOf = ({ stage }: Driven): string[][] =>
    stage.entries.map(({ clause }) => clause?.timing.actions.map(({ name }) => name) ?? []);

  it('are added where a text has none and the face can perform them, when they are asked for', async () => {
    const session = await driven(shared);
    await hear(session, session.channel.text('Hello there. Count: first of all.'), 0);
    expect(actionsOf(session)).toEqual([[], []]);
    shared.clock.advance(1000);
    const text = 'Hello there. Look at this. Do you see? Thank you.';
    await hear(session, session.channel.text(text, { SmartActionEnabled: true }));
    // The face has no hand to point with.
    expect(actionsOf(session).slice(2)).toEqual([['greet'], [], ['ask'], ['bow']]);
    shared.clock.advance(1000);
    const tagged = '<speak><insert-action type="wink"/>Hello. Thank you.</speak>';
    await hear(session, session.channel.text(tagged, { SmartActionEnabled: true }));
    expect(actionsOf(session).slice(-2)).toEqual([['wink'], []]);
    const clause = { Seq: 1, IsSentence: true, IsFinal: true, SmartActionEnabled: true, Text: tagged };
    await hear(session, session.channel.send('SEND_STREAMTEXT', clause));
    expect(actionsOf(session).slice(-2)).toEqual([['wink'], []]);
  });

  it('are added to streamed text and to answers', async () => {
    const session = await driven(shared);
    const { channel } = session;
    const stream = newRequestId();
    channel.send('SEND_STREAMTEXT', { Seq: 1, Text: 'Welcome. ', SmartActionEnabled: true }, stream);
    channel.send('SEND_STREAMTEXT', { Seq: 2, Text: 'Certainly.', IsFinal: true }, stream);
    await hear(session, stream, 0);
    const clauses = newRequestId();
    const clause = { Seq: 1, IsSentence: true, IsFinal: true, SmartActionEnabled: true };
    channel.send('SEND_STREAMTEXT', { ...clause, Text: 'That is not it.' }, clauses);
    await hear(session, clauses);
    const question = { Text: 'Is it so?', SmartActionEnabled: true };
    await hear(session, channel.send('SEND_TEXT', question));
    expect(actionsOf(session)).toEqual([['welcome'], ['nod'], ['shake_head'], ['nod']]);
  });
});
