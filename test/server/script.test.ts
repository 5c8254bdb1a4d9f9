import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { Script } from '../../src/server/script/script.js';
import { SensitiveWords } from '../../src/server/script/sensitive-words.js';
import { newRequestId } from '../../src/wire/ids.js';
import { repliesOf, TestClient, type Frame } from './client.js';

const script = Script.parse(`
replies:
  - match: [opening hours, 几点开门]
    reply: We open at nine. Come in.
    highlight: true
    interaction: { type: OptionInfo, content: { options: [today, tomorrow] } }
  - match: legal notice
    how: whole
    for: both
    reply: <speak>This is<break time="1s"/> final.</speak>
    markup: ssml
    uninterruptible: true
marks:
  - match: please listen
    uninterruptible: true
    microphoneOff: true
  - match: picture
    interaction: { type: Image, content: { url: "https://a.b/c.png" } }
`);

let cloud: LocalCloud;
let client: TestClient;
const asked: string[] = [];
beforeAll(async () => {
  cloud = await startLocalCloud({
    voice: 'kal16',
    pace: 'asap',
    script,
    sensitiveWords: new SensitiveWords(['forbidden fruit', '敏感']),
    phrases: { sensitive: 'Let us talk of other things.' },
    answers: {
      async *answer({ text }) {
        asked.push(text);
        yield 'Well. I would say: forbidden ';
        yield 'fruit is good. And more.';
      },
    },
  });
  client = await TestClient.connect(cloud.connection);
});
afterAll(() => cloud.close());

const chat = (InputText: string): Promise<Frame[]> =>
  client.finished(client.send({ DriverType: 'CHAT', InputText }));

describe('a script', () => {
  it('answers what matches, without asking anybody', async () => {
    const replies = repliesOf(await chat('Tell me your OPENING  hours!'));
    expect(
      replies.map((reply) => [reply.ReplyType, reply.SeqNo, reply.ReplyDisplay, reply.IsHighLight]),
    ).toEqual([
      ['enhanceText', 0, 'We open at nine.', true],
      ['enhanceText', 1, 'Come in.', true],
    ]);
    expect(replies[0]?.InteractionType).toBe('OptionInfo');
    expect(JSON.parse(replies[0]?.InteractionContent ?? '')).toEqual({ options: ['today', 'tomorrow'] });
    expect(asked).toEqual([]);
  });

  it('replaces a text only where it is told to', async () => {
    const replaced = repliesOf(await client.text('Legal notice.'));
    expect(
      replaced.map((reply) => [reply.ReplyType, reply.ReplyDisplay, reply.Uninterrupt, reply.ContentType]),
    ).toEqual([
      ['enhanceText', 'This is', true, 9],
      ['enhanceText', 'final.', true, 9],
    ]);
    expect(repliesOf(await client.text('Legal notice one.'))[0]).toMatchObject({
      ReplyType: 'input',
      Uninterrupt: false,
    });
    expect(repliesOf(await client.text('Opening hours.'))[0]).toMatchObject({ ReplyType: 'input' });
  });

  it('marks the clauses that hold its words, in streamed text too', async () => {
    const ReqId = newRequestId();
    client.send({ ReqId, DriverType: 'STREAM_TEXT', Seq: 1, InputText: 'Please **lis' });
    client.send({
      ReqId,
      DriverType: 'STREAM_TEXT',
      Seq: 2,
      InputText: 'ten** now. A picture. Bye.',
      IsFinal: true,
    });
    const replies = repliesOf(await client.finished(ReqId));
    expect(replies.map((reply) => [reply.Uninterrupt, reply.Muted, reply.InteractionType])).toEqual([
      [true, true, ''],
      [false, false, 'Image'],
      [false, false, ''],
    ]);
    expect(replies[1]?.InteractionContent).toBe('{"url":"https://a.b/c.png"}');
  });

  it.each([
    [
      'replies:\n  - match: a\n    reply: ""',
      'script:3: replies[0].reply must be a text of 1 to 4000 characters',
    ],
    [
      'replies:\n  - match: a\n    reply: b\n    loud: true',
      'script:4: replies[0].loud must be one of match',
    ],
    ['replies:\n  - reply: b', 'script:2: replies[0].match must be'],
    [
      'replies:\n  - match: a\n    how: fuzzy\n    reply: b',
      'script:3: replies[0].how must be part or whole',
    ],
    [
      'marks:\n  - match: a\n    microphoneOff: maybe',
      'script:3: marks[0].microphoneOff must be true or false',
    ],
    ['marks:\n  - match: "..."', 'script:2: marks[0].match must be a text with letters or digits'],
    [
      'marks:\n - match: a\n   interaction: {content: 3}',
      'script:3: marks[0].interaction.type must be a text',
    ],
    ['replies: 3', 'script:1: replies must be a list'],
    ['- a', 'script:1: the file must be an object'],
    ['replies:\n  - match: a\n   reply: b', 'script:3: '],
    ['{"replies": [}', 'script:1: '],
  ])('is refused with line and field: %j', (text, message) => {
    let told = 'taken';
    try {
      Script.parse(text);
    } catch (error) {
      told = (error as Error).message;
      expect(error).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    }
    expect(told).toContain(message);
  });

  it('is read from JSON as well, and a file that is not there is named', async () => {
    expect(Script.parse('{"replies": [{"match": "a b", "reply": "c"}]}').replyTo('a,b', 'chat')?.text).toBe(
      'c',
    );
    await expect(Script.load('/nowhere/script.yaml')).rejects.toMatchObject({
      code: 'ERR_INPUT_UNREADABLE',
      received: 'ENOENT',
    });
  });
});

describe('sensitive words', () => {
  it.each([
    ['in a text', (): Promise<Frame[]> => client.text('First. Then the For-bidden. No. FORBIDDEN *fruit*!')],
    ['in a question', (): Promise<Frame[]> => chat('What is a ｆｏｒｂｉｄｄｅｎ fruit?')],
    [
      'in SSML',
      (): Promise<Frame[]> =>
        client.text('<speak>for<sub alias="forbidden fruit">x</sub></speak>', { InputTextType: 'SSML' }),
    ],
  ])('%s are answered by the fixed phrase', async (_, run) => {
    const replies = repliesOf(await run());
    expect(replies.map((reply) => [reply.ReplyType, reply.SeqNo, reply.ReplyDisplay, reply.IsFinal])).toEqual(
      [['sensitive', 0, 'Let us talk of other things.', true]],
    );
    expect(asked).toEqual([]);
  });

  it('in an answer end it before they are shown', async () => {
    const frames = await chat('What is good?');
    expect(repliesOf(frames).map((reply) => [reply.ReplyType, reply.ReplyDisplay])).toEqual([
      ['cloudAiGpt', 'Well.'],
      ['sensitive', 'Let us talk of other things.'],
    ]);
    expect(client.texts.join('')).not.toMatch(/forbidden fruit is/i);
    expect(frames.at(-1)?.Payload.SpeechRsp.Final).toBe(true);
  });

  it('are found over the end of a clause', async () => {
    const ReqId = newRequestId();
    client.send({
      ReqId,
      DriverType: 'STREAM_TEXT',
      Seq: 1,
      InputText: 'It is forbidden. Fruit is good. More.',
      IsFinal: true,
    });
    expect(repliesOf(await client.finished(ReqId)).map((reply) => reply.ReplyType)).toEqual([
      'input',
      'sensitive',
    ]);
  });

  it('are whole words where there are blanks, and anything where there are none', () => {
    const words = new SensitiveWords(['ass', 'Zürich', '敏感 词']);
    expect(words.isIn('a class of assets')).toBe(false);
    expect(words.isIn('an ASS.')).toBe(true);
    expect(words.isIn('zurich')).toBe(true);
    expect(words.isIn('这是敏—感词吗')).toBe(true);
    expect(new SensitiveWords([]).isIn('anything')).toBe(false);
  });

  it('come from a file, one a line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'facewire-words-'));
    try {
      const path = join(folder, 'words.txt');
      writeFileSync(path, '# words\r\n\r\nBad word\r\n敏感\r\n');
      const words = await SensitiveWords.load(path);
      expect(words.isIn('a bad, word')).toBe(true);
      expect(words.isIn('words')).toBe(false);
      writeFileSync(path, 'good\n???\n');
      await expect(SensitiveWords.load(path)).rejects.toMatchObject({
        code: 'ERR_INPUT_UNREADABLE',
        message: expect.stringContaining(`${path}:2`) as string,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
