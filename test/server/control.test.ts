import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacewireError } from '../../src/errors.js';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { FliteVoice } from '../../src/voice/flite-voice.js';
import { newRequestId } from '../../src/wire/ids.js';
import { ends, TestClient, type Frame } from './client.js';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startLocalCloud({ voice: 'kal16', pace: 'asap', streamIdleMs: 60_000 });
});
afterAll(() => cloud.close());

const shown = (frames: readonly Frame[]): string[] =>
  frames
    .filter((frame) => frame.Payload.DriverRspType === 'REPLY')
    .map((frame) => frame.Payload.ReplyRsp.ReplyDisplay);
const long = 'This is a sentence that goes on for a while. '.repeat(30);

describe('STREAM_TEXT', () => {
  const fragment = (ReqId: string, Seq: number, InputText: string, IsFinal = false): Record<string, unknown> => ({
    ReqId, DriverType: 'STREAM_TEXT', Seq, InputText, IsFinal,
  }); // prettier-ignore

  it('joins fragments in the order of their numbers and speaks clauses as they complete', async () => {
    const client = await TestClient.connect(cloud.connection);
    const id = newRequestId();
    client.send(fragment(id, 1, 'It costs 3.'));
    client.send(fragment(id, 3, 'And here is mo'));
    client.send(fragment(id, 2, '50 now. '));
    await client.until(() => client.of(id).some((frame) => frame.Payload.SpeechRsp.SentenceFinal));
    expect(client.of(id).some(ends)).toBe(false);
    client.send(fragment(id, 4, 're'));
    client.send(fragment(id, 2, 'a repeated number is ignored'));
    client.send(fragment(id, 5, '', true));
    const frames = await client.finished(id);
    expect(shown(frames)).toEqual(['It costs 3.50 now.', 'And here is more']);
    expect(frames.filter((frame) => frame.Payload.ReplyRsp.IsFinal)).toHaveLength(1);
    await client.close();
  });

  it('closes itself when no packet comes, and leaves late ones alone', async () => {
    const hasty = await startLocalCloud({ voice: 'kal16', pace: 'asap', streamIdleMs: 100 });
    const client = await TestClient.connect(hasty.connection);
    const id = client.send(fragment(newRequestId(), 1, 'No end mark will come'));
    const frames = await client.finished(id);
    expect(shown(frames)).toEqual(['No end mark will come']);
    const count = client.of(id).length;
    client.send(fragment(id, 2, 'Too late.', true));
    await client.text('Something else.');
    expect(client.of(id)).toHaveLength(count);
    await hasty.close();
  });

  it('stops at the interrupt of the vendor’s client', async () => {
    const client = await TestClient.connect(cloud.connection);
    const id = client.send(fragment(newRequestId(), 1, long.slice(0, 990)));
    await client.until(() => client.of(id).length >= 3);
    client.send(fragment(id, 9999, 'end', true));
    const frames = await client.finished(id);
    expect(shown(frames).length).toBeLessThan(22);
    expect(shown(frames)).not.toContain('end');
    await client.close();
  });

  it('refuses a stream with too many fragments missing', async () => {
    const client = await TestClient.connect(cloud.connection);
    const id = newRequestId();
    for (let sequence = 2; sequence < 70; sequence++) client.send(fragment(id, sequence, 'x'));
    const frames = await client.finished(id);
    expect(frames.at(-1)?.Header).toMatchObject({ Code: 100001 });
    await client.close();
  });
});

describe('CHAT', () => {
  it('answers by the echo, which says that it is one', async () => {
    const client = await TestClient.connect(cloud.connection);
    const opening = await client.finished(client.send({ DriverType: 'CHAT', ChatCommand: 'START_CHAT' }));
    expect(shown(opening).join(' ')).toContain('I only repeat');
    const answer = await client.finished(client.send({ DriverType: 'CHAT', InputText: 'How tall is it?' }));
    expect(shown(answer)).toEqual(['I am an echo.', 'You said: How tall is it?']);
    expect(answer[0]?.Payload.ReplyRsp).toMatchObject({ ReplyType: 'cloudAiGpt', SeqNo: 1 });
    await client.close();
  });

  it('stops at once on STOP_CHAT and ends the drive', async () => {
    const client = await TestClient.connect(cloud.connection);
    const id = client.send({ DriverType: 'CHAT', InputText: long.slice(0, 900) });
    await client.until(() => client.of(id).length >= 3);
    client.send({ ReqId: id, DriverType: 'CHAT', ChatCommand: 'STOP_CHAT', InputText: '' });
    const frames = await client.finished(id);
    expect(shown(frames).length).toBeLessThan(20);
    const count = frames.length;
    await client.text('Next.');
    expect(client.of(id)).toHaveLength(count);
    expect(client.of(id).at(-1)?.Payload.SpeechRsp).toMatchObject({ Final: true, Audio: '' });
    await client.close();
  });

  it('stops while it waits for real time', async () => {
    const paced = await startLocalCloud({ voice: 'kal16', aheadSeconds: 0.5 });
    const client = await TestClient.connect(paced.connection);
    const id = client.send({ DriverType: 'CHAT', InputText: long.slice(0, 900) });
    await client.until(() => client.of(id).length >= 4);
    client.send({ ReqId: id, DriverType: 'CHAT', ChatCommand: 'STOP_CHAT', InputText: '' });
    expect(shown(await client.finished(id)).length).toBeLessThan(5);
    await paced.close();
  });

  it('takes answers from a source of the caller’s, and reports its failure after what was said', async () => {
    const other = await startLocalCloud({
      voice: 'kal16',
      pace: 'asap',
      answers: {
        async *answer({ text, conversationId }) {
          yield `${text} in ${conversationId}. `;
          yield 'And mo';
          if (text === 'fail') throw new Error('the model is down');
          yield 're.';
        },
      },
    });
    try {
      const client = await TestClient.connect(other.connection);
      const answer = await client.finished(client.send({ DriverType: 'CHAT', InputText: 'Hi' }));
      expect(shown(answer)).toEqual(['Hi in stream-1.', 'And more.']);
      const failed = await client.finished(client.send({ DriverType: 'CHAT', InputText: 'fail' }));
      expect(failed.at(-1)?.Header.Code).toBe(-111005);
      expect(shown(failed)[0]).toBe('fail in stream-1.');
    } finally {
      await other.close();
    }
  });
});

describe('a source of answers that hangs', () => {
  it('ends the drive with an error, after what it had said', async () => {
    const other = await startLocalCloud({
      voice: 'kal16',
      pace: 'asap',
      answerIdleMs: 100,
      answers: {
        async *answer({ signal }) {
          yield 'Let me think. Well';
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    });
    const client = await TestClient.connect(other.connection);
    const frames = await client.finished(client.send({ DriverType: 'CHAT', InputText: 'Why?' }));
    expect(shown(frames)[0]).toBe('Let me think.');
    expect(frames.at(-1)?.Header.Message).toContain('ERR_TIMEOUT');
    await other.close();
  });
});

describe('a second request on the socket', () => {
  it('replaces the one that runs', async () => {
    const client = await TestClient.connect(cloud.connection);
    const first = client.send({ DriverType: 'TEXT', InputText: long });
    await client.until(() => client.of(first).length >= 3);
    const second = client.send({ DriverType: 'TEXT', InputText: 'Now this.' });
    await client.finished(second);
    expect(shown(client.of(first)).length).toBeLessThan(30);
    expect(client.of(first).filter(ends)).toHaveLength(1);
    expect(shown(client.of(second))).toEqual(['Now this.']);
    const start = client.frames.findIndex((frame) => frame.Payload.ReqId === second);
    expect(
      client.frames
        .slice(start)
        .every((frame) => frame.Payload.ReqId === second || frame.Payload.SpeechRsp.Audio === ''),
    ).toBe(true);
    await client.close();
  });

  it('does not disturb another client', async () => {
    const [a, b] = [await TestClient.connect(cloud.connection), await TestClient.connect(cloud.connection)];
    const sentences = 'Both of us speak. At the same time. And nobody is mixed up.';
    const [left, right] = await Promise.all([a.text(sentences), b.text(sentences)]);
    const audio = (frames: readonly Frame[]): string =>
      frames.map((frame) => frame.Payload.SpeechRsp.Audio).join('');
    expect(audio(left).length).toBeGreaterThan(100_000);
    expect(audio(left)).toBe(audio(right));
    expect(a.frames.every((frame) => frame.Payload.ReqId === left[0]?.Payload.ReqId)).toBe(true);
    await Promise.all([a.close(), b.close()]);
  });
});

describe('bad input', () => {
  it.each([
    ['not JSON', '{"Header": {},', 'JSON'],
    ['an array', '[]', 'Payload'],
    ['no payload', '{"Header":{}}', 'Payload'],
  ])('%s gets an error frame', async (_, text, part) => {
    const client = await TestClient.connect(cloud.connection);
    client.socket.send(text);
    await client.until(() => client.frames.length > 0);
    expect(client.frames[0]?.Header.Code).toBe(100001);
    expect(client.frames[0]?.Header.Message).toContain(part);
    expect(shown(await client.text('Still here.'))).toEqual(['Still here.']);
    await client.close();
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['no text', { DriverType: 'TEXT', InputText: '' }, 100001, 'InputText'],
    ['blank text', { DriverType: 'TEXT', InputText: ' \n ' }, 100001, 'ERR_VOICE_UNSPEAKABLE'],
    ['an unknown type', { DriverType: 'DANCE', InputText: 'Hi' }, 100001, 'DriverType'],
    [
      'a speed out of range',
      { DriverType: 'TEXT', InputText: 'Hi', SpeechParam: { Speed: 3 } },
      100001,
      'Speed',
    ],
    ['a fragment without number', { DriverType: 'STREAM_TEXT', InputText: 'Hi' }, 100001, 'Seq'],
    [
      'SSML in a stream',
      { DriverType: 'STREAM_TEXT', Seq: 1, InputText: 'Hi', InputTextType: 'SSML' },
      100001,
      'SSML',
    ],
    [
      'another project',
      { DriverType: 'TEXT', InputText: 'Hi', VirtualmanProjectId: 'other' },
      100009,
      'project',
    ],
    [
      'an unknown timbre',
      { DriverType: 'TEXT', InputText: 'Hi', SpeechParam: { TimbreKey: 'nobody' } },
      100001,
      'espeak',
    ],
    ['text over the limit', { DriverType: 'TEXT', InputText: 'word '.repeat(801) }, 100001, '4000'],
    [
      'signs only',
      { DriverType: 'TEXT', InputText: '?! 🙂 ...' },
      100001,
      '@echogarden/espeak-ng-emscripten',
    ],
  ])('%s gets an error frame', async (_, fields, code, part) => {
    const client = await TestClient.connect(cloud.connection);
    const frames = await client.finished(client.send(fields));
    expect(frames).toHaveLength(1);
    expect(frames[0]?.Header.Code).toBe(code);
    expect(frames[0]?.Header.Message).toContain(part);
    expect(shown(await client.text('Still here.'))).toEqual(['Still here.']);
    await client.close();
  });

  it('text in another script names the package when only English is there', async () => {
    const voice = new FliteVoice('kal16');
    const english = await startLocalCloud({ voice, pace: 'asap' });
    try {
      const client = await TestClient.connect(english.connection);
      const frames = await client.text('This is fine. 你好。');
      expect(frames).toHaveLength(1);
      expect(frames[0]?.Header.Code).toBe(100001);
      expect(frames[0]?.Header.Message).toContain('npm install @echogarden/espeak-ng-emscripten');
      expect(frames[0]?.Header.Message).toContain('ERR_VOICE_UNSPEAKABLE');
    } finally {
      await english.close();
      await voice.close();
    }
  });

  it('a voice that fails in the middle ends the drive with an error after what was good', async () => {
    const real = new FliteVoice('kal16');
    let spoken = 0;
    const flaky = await startLocalCloud({
      pace: 'asap',
      voice: {
        name: 'flaky',
        languages: ['en'],
        canSpeak: () => true,
        synthesize: (text, options) => {
          if (++spoken === 2) throw new FacewireError('ERR_VOICE_FAILED', 'the voice broke');
          return real.synthesize(text, options);
        },
        close: () => real.close(),
      },
    });
    try {
      const client = await TestClient.connect(flaky.connection);
      const frames = await client.text('One. Two. Three.');
      expect(frames.at(-1)?.Header.Message).toContain('ERR_VOICE_FAILED: the voice broke');
      expect(shown(frames)).toEqual(['One.']);
      expect(frames.at(-1)?.Header).toMatchObject({ Code: -111005 });
      expect(frames.at(-1)?.Header.Message).toContain('ERR_VOICE_FAILED: the voice broke');
    } finally {
      await flaky.close();
      await real.close();
    }
  });

  it('a frame over 64 KiB closes that socket only', async () => {
    const client = await TestClient.connect(cloud.connection);
    const other = await TestClient.connect(cloud.connection);
    client.socket.send('x'.repeat(65 * 1024));
    expect((await client.closed).code).toBe(1009);
    expect(shown(await other.text('Unharmed.'))).toEqual(['Unharmed.']);
    await other.close();
  });

  it('a binary frame is refused', async () => {
    const client = await TestClient.connect(cloud.connection);
    client.socket.send(Buffer.from([1, 2, 3]));
    await client.until(() => client.frames.length > 0);
    expect(client.frames[0]?.Header.Code).toBe(100001);
    await client.close();
  });

  it('random bytes never crash the server', async () => {
    const client = await TestClient.connect(cloud.connection);
    const seeds = [
      '{"Payload":{"ReqId":1}}',
      '{"Payload":{"DriverType":"TEXT","InputText":{}}}',
      'null',
      '"x"',
      '{"payload":{}}',
    ];
    for (let i = 0; i < 200; i++) {
      const text = Array.from(seeds[i % seeds.length] ?? '');
      text[(i * 7) % text.length] = String.fromCharCode(32 + ((i * 31) % 90));
      client.socket.send(text.join(''));
    }
    await client.until(() => client.frames.length === 200);
    expect(client.frames.every((frame) => frame.Header.Code === 100001)).toBe(true);
    expect(shown(await client.text('Alive.'))).toEqual(['Alive.']);
    await client.close();
  });
});
