import { describe, expect, it } from 'vitest';
import type { AnswerSource } from '../../../src/server/answer-source.js';
import { QuestionAnswers } from '../../../src/server/answers/question-answers.js';
import { startLocalCloud } from '../../../src/server/local-cloud.js';
import { repliesOf, TestClient } from '../client.js';

const file = `
greeting: Hello, this is the shop.
answers:
  - questions: [What are your opening hours?, When do you open]
    answer: We open at **nine**.
  - questions: How much is a cup of tea?
    answer: A cup of tea is three dollars.
  - questions: 你们几点开门？
    answer: We open at nine in China as well.
`;

const messageOf = (text: string): string => {
  try {
    QuestionAnswers.parse(text, undefined, 'qa.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('QuestionAnswers', () => {
  const answers = QuestionAnswers.parse(file);

  it.each([
    ['What are your opening hours?', 'We open at **nine**.'],
    ['what are you opening hour', 'We open at **nine**.'],
    ['opening hours', 'We open at **nine**.'],
    ['Hi, could you please tell me what are your opening hours?', 'We open at **nine**.'],
    ['How much is the cup of tea', 'A cup of tea is three dollars.'],
    ['请问你们几点开门呢', 'We open at nine in China as well.'],
    ['Tell me a joke about foxes', undefined],
    ['?!', undefined],
    ['x'.repeat(4000), undefined],
  ])('finds the answer, case %#', (question, answer) => {
    expect(answers.find(question)).toBe(answer);
  });

  it('is as strict as its threshold', () => {
    const strict = QuestionAnswers.parse(`threshold: 0\n${file}`);
    expect(strict.find('what are your opening hours')).toBe('We open at **nine**.');
    expect(strict.find('what are your closing hours')).toBeUndefined();
  });

  it.each([
    ['answers: []', 'qa.yaml:1: answers must be'],
    ['{"answers": [{"questions": "a",\n "answer": 3}]}', 'qa.yaml:2: answers[0].answer must be a text'],
    [
      'answers:\n  - questions: [a, "?!"]\n    answer: b',
      'qa.yaml:2: answers[0].questions must be a question with letters',
    ],
    [
      'answers:\n  - question: a\n    answer: b',
      'qa.yaml:2: answers[0].question must be one of questions, answer',
    ],
    ['threshold: 2\nanswers: []', 'qa.yaml:1: threshold must be a number of 0 to 1'],
    ['answers: [', 'qa.yaml:1: '],
    ['a: &a [x]\nb: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]', 'qa.yaml:'],
  ])('refuses %j with line and field', (text, message) => {
    expect(messageOf(text)).toContain(message);
  });

  it('answers CHAT, greets, and asks another source for what it does not know', async () => {
    const other: AnswerSource = {
      async *answer({ text }) {
        yield `The model on: ${text}.`;
      },
    };
    const cloud = await startLocalCloud({
      voice: 'kal16',
      pace: 'asap',
      answers: QuestionAnswers.parse(file, other),
    });
    try {
      const client = await TestClient.connect(cloud.connection);
      const chat = async (InputText: string, ChatCommand = 'CHATTING'): Promise<string[]> =>
        repliesOf(await client.finished(client.send({ DriverType: 'CHAT', InputText, ChatCommand }))).map(
          (reply) => reply.ReplyDisplay,
        );
      expect(await chat('', 'START_CHAT')).toEqual(['Hello, this is the shop.']);
      expect(await chat('When do you open?')).toEqual(['We open at **nine**.']);
      expect(await chat('Foxes')).toEqual(['The model on: Foxes.']);
    } finally {
      await cloud.close();
    }
  });

  it('says that it does not know when there is nobody else to ask', async () => {
    const pieces: string[] = [];
    const signal = new AbortController().signal;
    for await (const piece of answers.answer({ text: 'Foxes', conversationId: 'a', opening: false, signal }))
      pieces.push(piece);
    expect(pieces).toEqual(['I do not know the answer to that.']);
  });
});
