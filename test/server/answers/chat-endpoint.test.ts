import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnswerSource } from '../../../src/server/answer-source.js';
import { ChatEndpoint, type ChatEndpointOptions } from '../../../src/server/answers/chat-endpoint.js';
import { startLocalCloud, type LocalCloud, type LocalCloudOptions } from '../../../src/server/local-cloud.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { repliesOf, TestClient, type Frame } from '../client.js';
import { codeOf } from '../../code-of.js';
import { Model } from './model.js';

const apiKey = 'sk-very-secret-0123456789';
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let model: Model;
let cloud: LocalCloud | undefined;
beforeEach(async () => {
  model = await Model.start();
});
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
  await model.close();
});

async function connect(
  options: Partial<ChatEndpointOptions> = {},
  more: Partial<LocalCloudOptions> = {},
): Promise<TestClient> {
  const answers = new ChatEndpoint({ url: model.url, model: 'tiny', apiKey, ...options });
  // Long enough never to fire in a test that does not ask for it.
  cloud = await startLocalCloud({
    voice: 'kal16',
    pace: 'asap',
    answers,
    waitingMs: 0,
    answerMs: 3_600_000,
    ...more,
  });
  return TestClient.connect(cloud.connection);
}

const ask = (client: TestClient, InputText: string, more = {}): string =>
  client.send({ DriverType: 'CHAT', InputText, ...more });
const shown = (frames: readonly Frame[]): string[] => repliesOf(frames).map((reply) => reply.ReplyDisplay);
const lastOf = (frames: readonly Frame[]): Frame['Header'] | undefined => frames.at(-1)?.Header;

describe('CHAT with a streaming endpoint', () => {
  it('speaks each clause as soon as the model has finished it', async () => {
    const client = await connect();
    const id = ask(client, 'How are you?');
    const request = await model.next();
    expect(request.authorization).toBe(`Bearer ${apiKey}`);
    expect(request.asked).toMatchObject({ model: 'tiny', stream: true });
    expect(request.asked.messages.map((message) => message.role)).toEqual(['system', 'user']);
    expect(request.asked.messages[1]?.content).toBe('How are you?');
    request.write(': a comment\n\ndata: {"choices":[{"delta":{"role":"assistant","content":null}}]}\n\n');
    request.say('I am ', 'well. ', 'And');
    await client.until(() => client.of(id).some((frame) => frame.Payload.SpeechRsp.SentenceFinal));
    expect(shown(client.of(id))).toEqual(['I am well.']);
    request.say(' you?');
    // An event may come in two pieces, cut inside a character.
    const bytes = Buffer.from(
      `data: ${JSON.stringify({ choices: [{ delta: { content: ' 😀 Good.' } }] })}\n\n`,
    );
    const cut = bytes.indexOf(0xf0) + 2;
    request.response.write(bytes.subarray(0, cut));
    request.response.write(bytes.subarray(cut));
    request.end();
    const frames = await client.finished(id);
    expect(shown(frames)).toEqual(['I am well.', 'And you?', '😀 Good.']);
    expect(repliesOf(frames).map((reply) => [reply.ReplyType, reply.SeqNo])).toEqual([
      ['cloudAiGpt', 1],
      ['cloudAiGpt', 2],
      ['cloudAiGpt', 3],
    ]);
    expect(lastOf(frames)?.Code).toBe(0);
  });

  it('remembers each conversation, and begins it anew when it is told to', async () => {
    const client = await connect();
    const round = async (text: string, answer: string, more = {}): Promise<string[]> => {
      const id = ask(client, text, more);
      const request = await model.next();
      request.say(answer);
      request.end();
      await client.finished(id);
      return request.asked.messages.slice(1).map((message) => message.content);
    };
    await round('One', 'First answer.');
    expect(await round('Two', 'Second answer.')).toEqual(['One', 'First answer.', 'Two']);
    expect(await round('Other', 'Third.', { StreamId: 'another' })).toEqual(['Other']);
    expect(await round('Anew', 'Fourth.', { ChatCommand: 'START_CHAT' })).toEqual(['Anew']);
    expect(await round('Three', 'Fifth.')).toEqual(['Anew', 'Fourth.', 'Three']);
  });

  it('greets without asking the model', async () => {
    const client = await connect({ greeting: 'Welcome to the shop.' });
    const frames = await client.finished(ask(client, '', { ChatCommand: 'START_CHAT' }));
    expect(shown(frames)).toEqual(['Welcome to the shop.']);
    expect(model.requests).toHaveLength(0);
  });

  it('ends the request at the model on STOP_CHAT', async () => {
    const client = await connect();
    const id = ask(client, 'Tell me a long story');
    const request = await model.next();
    request.say('Once upon a time there was a fox. It ');
    await client.until(() => client.of(id).some((frame) => frame.Payload.SpeechRsp.SentenceFinal));
    // Node's fetch holds the signal of a request weakly: nothing may depend on it while the answer is read.
    collectGarbage();
    client.send({ ReqId: id, DriverType: 'CHAT', ChatCommand: 'STOP_CHAT', InputText: '' });
    await request.closed;
    const frames = await client.finished(id);
    expect(lastOf(frames)?.Code).toBe(0);
    expect(frames.at(-1)?.Payload.SpeechRsp).toMatchObject({ Final: true, Audio: '' });
  });

  it('ends the request at the model when the client goes', async () => {
    const client = await connect();
    ask(client, 'Hello');
    const request = await model.next();
    await client.close();
    await request.closed;
  });

  it.each([
    [401, 'ERR_AUTH_REJECTED', 'FACEWIRE_CHAT_KEY'],
    [429, 'ERR_DRIVE_FAILED', '429'],
    [503, 'ERR_DRIVE_FAILED', '503'],
    [404, 'ERR_DRIVE_FAILED', 'name of the model'],
  ])('tells of HTTP %i, not the key', async (status, code, part) => {
    const client = await connect();
    const id = ask(client, 'Hello');
    (await model.next()).refuse(status, `{"error":{"message":"Incorrect API key provided: ${apiKey}"}}`);
    const frames = await client.finished(id);
    expect(lastOf(frames)).toMatchObject({ Code: -111005 });
    expect(lastOf(frames)?.Message).toContain(code);
    expect(lastOf(frames)?.Message).toContain(part);
    expect(client.texts.join('')).not.toContain(apiKey);
  });

  it.each<
    [
      string,
      (request: { write(text: string): void; response: { destroy(): void; end(): void } }) => void,
      string,
    ]
  >([
    ['the connection breaks', (request) => request.response.destroy(), 'connection broke'],
    ['the end mark is missing', (request) => request.response.end(), 'without its end mark'],
    ['an event is not JSON', (request) => request.write('data: {oops\n\n'), 'not JSON'],
    [
      'the model reports an error',
      (request) => request.write(`data: {"error":{"message":"bad key ${apiKey}"}}\n\n`),
      'reported an error',
    ],
    ['an event never ends', (request) => request.write(`data: ${'x'.repeat(300 * 1024)}`), 'too long'],
  ])('says what it has and then fails when %s', async (_, fail, part) => {
    const client = await connect();
    const id = ask(client, 'Hello');
    const request = await model.next();
    request.say('This much is known. And');
    await client.until(() => client.of(id).some((frame) => frame.Payload.SpeechRsp.SentenceFinal));
    fail(request);
    const frames = await client.finished(id);
    expect(shown(frames)).toEqual(['This much is known.', 'And']);
    expect(lastOf(frames)?.Message).toContain('ERR_CONNECTION_LOST');
    expect(lastOf(frames)?.Message).toContain(part);
    expect(client.texts.join('')).not.toContain(apiKey);
    await request.closed;
  });

  it('follows no redirect with the key', async () => {
    const client = await connect();
    const id = ask(client, 'Hello');
    (await model.next()).response.writeHead(307, { location: `${model.url}/elsewhere` }).end();
    expect(lastOf(await client.finished(id))?.Message).toContain('ERR_CONNECT_FAILED');
    expect(model.requests).toHaveLength(1);
  });

  it('says so when nobody listens there', async () => {
    const gone = await Model.start();
    const url = gone.url;
    await gone.close();
    const client = await connect({ url });
    expect(lastOf(await client.finished(ask(client, 'Hello')))?.Message).toContain('ERR_CONNECT_FAILED');
  });
});

describe('an answer that is late', () => {
  it('is bridged by a filler, which is counted from 0', async () => {
    const client = await connect({}, { waitingMs: 1, phrases: { waiting: 'Let me see.' } });
    const id = ask(client, 'Why?');
    const request = await model.next();
    await client.until(() => shown(client.of(id)).includes('Let me see.'));
    request.say('Because.');
    request.end();
    const frames = await client.finished(id);
    expect(
      repliesOf(frames).map((reply) => [reply.ReplyType, reply.SeqNo, reply.ReplyDisplay, reply.IsFinal]),
    ).toEqual([
      ['cloudAiWaiting', 0, 'Let me see.', false],
      ['cloudAiGpt', 1, 'Because.', true],
    ]);
    expect(lastOf(frames)?.Code).toBe(0);
  });

  it('ends the round with an apology when it does not come, and gives up the question', async () => {
    let gaveUp: () => void = () => undefined;
    const givenUp = new Promise<void>((resolve) => (gaveUp = resolve));
    const answers: AnswerSource = {
      async *answer({ signal }) {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        gaveUp();
      },
    };
    const client = await connect({}, { waitingMs: 1, answerMs: 2, answers });
    const frames = await client.finished(ask(client, 'Why?'));
    await givenUp;
    expect(repliesOf(frames).map((reply) => reply.ReplyType)).toEqual(['cloudAiWaiting', 'cloudAiTimeOut']);
    expect(repliesOf(frames).at(-1)).toMatchObject({ IsFinal: true, TtsSupport: true });
    expect(lastOf(frames)?.Code).toBe(0);
    // The next round is not harmed.
    const next = client.send({ DriverType: 'TEXT', InputText: 'Still here.', ReqId: newRequestId() });
    expect(shown(await client.finished(next))).toEqual(['Still here.']);
  });

  it('is waited for in silence when it is told to', async () => {
    const client = await connect({}, { waitingMs: 0, answerMs: 1 });
    const frames = await client.finished(ask(client, 'Why?'));
    expect(repliesOf(frames).map((reply) => [reply.ReplyType, reply.SeqNo])).toEqual([['cloudAiTimeOut', 0]]);
  });
});

describe('ChatEndpoint', () => {
  it('shows its key to nobody', () => {
    const source = new ChatEndpoint({ url: 'https://host/v1', model: 'm', apiKey });
    for (const text of [
      inspect(source, { depth: 9 }),
      JSON.stringify({ source }),
      `${JSON.stringify([source])}`,
    ]) {
      expect(text).not.toContain(apiKey);
    }
    expect(JSON.stringify(source)).toContain('https://host/v1/chat/completions');
  });

  it.each([
    ['ftp://host/v1', apiKey, 'ERR_OPTION_INVALID'],
    ['https://user:pass@host/v1', apiKey, 'ERR_OPTION_INVALID'],
    ['nonsense', apiKey, 'ERR_OPTION_INVALID'],
    ['http://host.example/v1', apiKey, 'ERR_SECRET_EXPOSED'],
    ['https://host/v1', 'two words\n', 'ERR_OPTION_INVALID'],
  ])('refuses %s with such a key', (url, key, code) => {
    expect(codeOf(() => new ChatEndpoint({ url, model: 'm', apiKey: key }))).toBe(code);
  });

  it('takes an endpoint on the network without a key', () => {
    expect(new ChatEndpoint({ url: 'http://host.example/v1/', model: 'm', apiKey: '' }).toJSON().url).toBe(
      'http://host.example/v1/chat/completions',
    );
  });
});
