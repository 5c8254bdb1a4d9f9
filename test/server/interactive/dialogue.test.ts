import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatEndpoint } from '../../../src/server/answers/chat-endpoint.js';
import { QuestionAnswers } from '../../../src/server/answers/question-answers.js';
import { Script } from '../../../src/server/script/script.js';
import { Model } from '../answers/model.js';
import { driven, hear, world, type Driven, type World } from './world.js';

const script = Script.parse('replies: [{ match: opening hours, reply: We open at nine. }]');

let model: Model;
let shared: World;
beforeAll(async () => {
  model = await Model.start();
  const endpoint = new ChatEndpoint({ url: model.url, model: 'small', apiKey: '' });
  const answers = QuestionAnswers.parse(
    'answers: [{ questions: [Where are you from?], answer: From a machine. }]',
    endpoint,
  );
  shared = await world({ maxSessions: 100 }, { script, answers });
});
afterAll(async () => {
  await shared.cloud.close();
  await model.close();
});

const ask = ({ channel }: Driven, Text: string, ChatRoundId: string): string => {
  shared.clock.advance(1000);
  return channel.send('SEND_TEXT', { Text, ChatRoundId });
};
const shown = ({ channel }: Driven, id: string): (string | undefined)[] =>
  channel.messages
    .filter(({ Payload }) => Payload.ReqId === id && [2, 4].includes(Payload.Type ?? 0))
    .map(({ Payload }) => Payload.TextDisplay);

describe('a question to a session', () => {
  it('goes to the script, then to the file of answers, then to the model, clause by clause', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const scripted = ask(session, 'What are your opening hours?', 'a');
    await hear(session, scripted, 0);
    const known = ask(session, 'Where are you from', 'a');
    await hear(session, known);
    expect([shown(session, scripted), shown(session, known)]).toEqual([
      ['We open at nine.'],
      ['From a machine.'],
    ]);
    expect(model.requests).toEqual([]);

    const from = stage.entries.length;
    const id = ask(session, 'What is the weather like?', 'a');
    const request = await model.next();
    expect(request.asked.messages.at(-1)).toEqual({ role: 'user', content: 'What is the weather like?' });
    request.say('It is sun', 'ny. And w');
    // The first clause is heard while the model still thinks about the second.
    (await stage.entry(from)).finish();
    await channel.until(() => shown(session, id).length === 1);
    request.say('arm.');
    request.end();
    await hear(session, id, from + 1);
    expect(shown(session, id)).toEqual(['It is sunny.', 'And warm.']);
    expect(channel.story(id).at(-1)).toBe('TextOver');
  });

  it('is answered with what was said in its round, and in no other', async () => {
    const session = await driven(shared);
    const other = await driven(shared);
    const rounds: (readonly string[])[] = [];
    const turn = async (of: Driven, text: string, round: string): Promise<void> => {
      const id = ask(of, text, round);
      const request = await model.next();
      rounds.push(request.asked.messages.slice(1).map(({ content }) => content));
      request.say(`Answer to ${text}.`);
      request.end();
      await hear(of, id);
    };
    await turn(session, 'one', 'a');
    await turn(session, 'two', 'b');
    await turn(session, 'three', 'a');
    await turn(other, 'four', 'a');
    expect(rounds).toEqual([['one'], ['two'], ['one', 'Answer to one.', 'three'], ['four']]);
  });

  it('that is interrupted, or whose session ends, ends the request at the model', async () => {
    const session = await driven(shared);
    const { channel, stage } = session;
    const id = ask(session, 'Tell me a long story.', 'a');
    const first = await model.next();
    first.say('Once upon a time. There w');
    (await stage.entry(0)).start();
    await channel.has(id, 'TextStart');
    channel.send('SEND_TEXT', { Interrupt: true });
    await channel.has(id, 'TextOver final3');
    await first.closed;
    ask(session, 'Go on.', 'a');
    const second = await model.next();
    shared.clock.advance(10 * 60_000);
    await second.closed;
  });
});
