import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { drivePath } from '../../src/wire/endpoint.js';
import { newRequestId } from '../../src/wire/ids.js';
import { sign, stringToSign } from '../../src/wire/signing.js';
import { refusedUpgrade, TestClient, type Frame } from '../server/client.js';
import { RawClient } from './raw-client.js';
import { cases, describeTargets, type Running, type Target, sayWhatElsewhereNeeds } from './target.js';

/**
 * The rules of the endpoint-rendering API, §1 to §4 of the protocol, as cases
 * that run against any server: ours, and with four variables in the environment
 * (see target.ts) any other.
 */
describeTargets('driverengine', rules);

const english = 'Good morning. This is the second sentence, and it is longer.';

type Query = Readonly<Record<string, string>>;

function rules(running: () => Running, target: Target): void {
  let server: Running;
  let client: TestClient;
  const { ours } = cases(target);
  beforeAll(async () => {
    server = running();
    client = await TestClient.connect(server.connection);
  });
  afterAll(() => client.close());

  const now = (): number => Math.floor(Date.now() / 1000);
  const usual = (): Record<string, string> => ({
    appkey: server.connection.appkey,
    requestid: newRequestId(),
    timestamp: `${now()}`,
  });
  /** Address with these parameters; `encode` is how the signature is written into it. */
  const address = (
    query: Query,
    encode: (signature: string) => string = encodeURIComponent,
    text = stringToSign(query),
  ): string =>
    `${server.connection.url}${drivePath}?${stringToSign(query)}&signature=${encode(sign(server.connection.accessToken, text))}`;
  const opens = async (url: string): Promise<void> => {
    const raw = await RawClient.open(url);
    raw.destroy();
    expect(raw.status).toBe(101);
  };
  const replies = (frames: readonly Frame[]): Frame['Payload']['ReplyRsp'][] =>
    frames.filter((frame) => frame.Payload.DriverRspType === 'REPLY').map((frame) => frame.Payload.ReplyRsp);
  const speeches = (frames: readonly Frame[]): Frame['Payload']['SpeechRsp'][] =>
    frames
      .filter((frame) => frame.Payload.DriverRspType === 'SPEECH')
      .map((frame) => frame.Payload.SpeechRsp);
  const shown = (frames: readonly Frame[]): string =>
    replies(frames)
      .map((reply) => reply.ReplyDisplay)
      .join(' ');
  const succeeded = (frames: readonly Frame[]): void => {
    expect(frames.map((frame) => frame.Header.Code)).toEqual(frames.map(() => 0));
    expect(speeches(frames).some((speech) => speech.Audio !== '')).toBe(true);
    expect(frames.at(-1)?.Payload.SpeechRsp.Final).toBe(true);
  };
  const failed = (frames: readonly Frame[]): void => {
    const last = frames.at(-1)!;
    expect(last.Header.Code !== 0 || last.Payload.ErrorCode !== 0).toBe(true);
  };

  describe('§1.3 signature', () => {
    it('covers every parameter, sorted by the bytes of the names', () => opens(address(usual())));
    it.each(['zh-CN', 'en-US'])('covers Language %s, which sorts before appkey', (Language) =>
      opens(address({ Language, ...usual() })),
    );
    it('may have its slash as it is', () =>
      opens(address(usual(), (text) => encodeURIComponent(text).replaceAll('%2F', '/'))));
    it('may be made over the form-encoded text, as browsers do', () => {
      const query = usual();
      return opens(
        address(query, undefined, new URLSearchParams(Object.entries(query).toSorted()).toString()),
      );
    });
    it('may be 290 s old', () => opens(address({ ...usual(), timestamp: `${now() - 290}` })));
    it('opens a second connection with the same address, as SDKs with a helper service do', async () => {
      const url = address(usual());
      await opens(url);
      await opens(url);
    });
    ours('does not need a requestid', () => {
      const { requestid, ...query } = usual();
      expect(requestid).toHaveLength(32);
      return opens(address(query));
    });
    it.each([-600, 600])('is refused %i s away from the time of the server', async (seconds) => {
      const { status } = await refusedUpgrade(address({ ...usual(), timestamp: `${now() + seconds}` }));
      expect(status).toBeGreaterThanOrEqual(400);
    });
    it('is refused with a wrong token', async () => {
      const { status } = await refusedUpgrade(
        address(usual(), () => encodeURIComponent(sign('wrong', 'text'))),
      );
      expect(status).toBeGreaterThanOrEqual(400);
    });
    it('is refused for another key', async () => {
      const { status } = await refusedUpgrade(address({ ...usual(), appkey: 'nobody' }));
      expect(status).toBeGreaterThanOrEqual(400);
    });
    it('is refused when a parameter was added after signing', async () => {
      const { status } = await refusedUpgrade(`${address(usual())}&Language=en-US`);
      expect(status).toBeGreaterThanOrEqual(400);
    });
    ours('answers a refusal with its time and a code', async () => {
      const { date, body: said } = await refusedUpgrade(address({ ...usual(), appkey: 'nobody' }));
      expect(Math.abs(Date.parse(date!) - Date.now())).toBeLessThan(60_000);
      expect(said.Header.Code).toBe(100005);
    });
  });

  describe('§3.2 connection', () => {
    it('is usable at once, and says nothing by itself', async () => {
      const fresh = await TestClient.connect(server.connection);
      const id = fresh.send({ DriverType: 'TEXT', InputText: 'Good morning.' });
      await fresh.finished(id);
      expect(fresh.frames.every((frame) => frame.Payload.ReqId === id)).toBe(true);
      await fresh.close();
    });
    it('serves one drive after the other', async () => {
      for (let i = 0; i < 3; i++) succeeded(await client.text('Good morning.'));
    });
  });

  describe('§4.1 requests', () => {
    it('TEXT is spoken', async () => succeeded(await client.text(english)));
    it('TEXT in SSML is spoken without its tags', async () => {
      const frames = await client.text('<speak>Good <break time="100ms"/>morning.</speak>', {
        InputTextType: 'SSML',
      });
      succeeded(frames);
      expect(shown(frames)).not.toContain('<');
    });
    it('TEXT with every setting is spoken', async () =>
      succeeded(
        await client.text(english, {
          SpeechParam: { TimbreKey: '', Speed: 1.2, Volume: 3, SmartActionEnabled: false, SubtitleType: 1 },
        }),
      ));
    it('TEXT must not be empty', async () => failed(await client.text('')));
    it('a type that is none is refused', async () =>
      failed(await client.finished(client.send({ DriverType: 'SING', InputText: 'la' }))));
    ours('another project is refused', async () =>
      failed(await client.text('Good morning.', { VirtualmanProjectId: 'nobody' })),
    );
    for (const [name, value] of [
      ['Speed', 2.1],
      ['Speed', 0.4],
      ['Volume', 11],
      ['EmotionIntensity', 49],
      ['SubtitleType', 2],
    ] as const)
      ours(`${name} ${value} is out of range`, async () =>
        failed(await client.text('Good morning.', { SpeechParam: { [name]: value } })),
      );
    ours('what is no JSON is answered, and the socket goes on', async () => {
      const before = client.frames.length;
      client.socket.send('{"Header": {}, "Payload": {"ReqId": "x",}}');
      await client.until(() => client.frames.length > before);
      expect(client.frames[before].Header.Code).not.toBe(0);
      succeeded(await client.text('Good morning.'));
    });
  });

  describe('§4.2 streamed text', () => {
    const stream = async (pieces: readonly string[], order = pieces.map((_, i) => i)): Promise<Frame[]> => {
      const id = newRequestId();
      for (const i of order)
        client.send({
          ReqId: id,
          DriverType: 'STREAM_TEXT',
          InputText: pieces[i],
          Seq: i + 1,
          IsFinal: i === pieces.length - 1,
        });
      return client.finished(id);
    };
    it('is joined in the order of its numbers', async () => {
      const frames = await stream(['Good mor', 'ning. This is ', 'the second sentence.']);
      succeeded(frames);
      expect(shown(frames)).toBe('Good morning. This is the second sentence.');
    });
    it('may end with an empty fragment', async () => succeeded(await stream(['Good morning.', ''])));
    ours('may come in another order', async () =>
      expect(shown(await stream(['Good ', 'mor', 'ning.'], [0, 2, 1]))).toBe('Good morning.'),
    );
    ours('does a fragment that comes twice once', async () =>
      expect(shown(await stream(['Good ', 'morning.'], [0, 0, 1]))).toBe('Good morning.'),
    );
    ours('is not taken in SSML', async () => {
      const more = { InputText: 'x', InputTextType: 'SSML', Seq: 1, IsFinal: true };
      failed(await client.finished(client.send({ DriverType: 'STREAM_TEXT', ...more })));
    });
    ours('is not taken in fragments over 1000 bytes', async () => failed(await stream(['x'.repeat(1001)])));
  });

  describe('§4.3 interrupting', () => {
    ours('Seq 9999 ends a stream, and its text is not spoken', async () => {
      const id = newRequestId();
      const piece = { ReqId: id, DriverType: 'STREAM_TEXT' };
      client.send({ ...piece, InputText: 'Good morning. ', Seq: 1, IsFinal: false });
      client.send({ ...piece, InputText: 'end', Seq: 9999, IsFinal: true });
      const frames = await client.finished(id);
      expect(shown(frames)).not.toMatch(/\bend\b/);
      expect(frames.at(-1)?.Header.Code).toBe(0);
    });
    it('STOP_CHAT with the running id leaves the socket usable', async () => {
      const id = client.send({ DriverType: 'CHAT', InputText: 'Tell me something long.' });
      client.send({ ReqId: id, DriverType: 'CHAT', InputText: '', ChatCommand: 'STOP_CHAT' });
      succeeded(await client.text('Good morning.'));
    });
  });

  describe('§4.4 to §4.11 answers', () => {
    let frames: Frame[];
    beforeAll(async () => {
      frames = await client.text(english);
    });
    it('echo ReqId and StreamId', () => {
      for (const { Payload } of frames)
        expect([Payload.ReqId, Payload.StreamId]).toEqual([frames[0].Payload.ReqId, 'stream-1']);
    });
    it('are REPLY or SPEECH, and always hold both objects', () => {
      for (const { Payload } of frames) {
        expect(['REPLY', 'SPEECH']).toContain(Payload.DriverRspType);
        expect(typeof Payload.ReplyRsp).toBe('object');
        expect(typeof Payload.SpeechRsp).toBe('object');
        expect(Payload.ErrorCode).toBe(0);
      }
    });
    it('announce clauses in rising order, the last one as such', () => {
      const numbers = replies(frames).map((reply) => reply.SeqNo);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
      expect(replies(frames).map((reply) => reply.IsFinal)).toEqual(
        numbers.map((_, i) => i === numbers.length - 1),
      );
      expect(new Set(replies(frames).map((reply) => reply.ReplyType))).toEqual(new Set(['input']));
    });
    it('say Final once, at the very end', () => {
      expect(frames.map(({ Payload }) => Payload.SpeechRsp.Final)).toEqual(
        frames.map((_, i) => i === frames.length - 1),
      );
    });
    it('hold whole samples of 24 kHz', () => {
      for (const { Audio, Sampling } of speeches(frames)) {
        if (Audio === '') continue;
        expect(Sampling).toBe(24_000);
        expect(Buffer.from(Audio, 'base64').toString('base64')).toBe(Audio);
        expect(Buffer.from(Audio, 'base64').length % 2).toBe(0);
      }
    });
    it('hold rows of 52 finite values, 25 for a second of sound', () => {
      const rows = new Map<number, number>();
      const samples = new Map<number, number>();
      for (const { ThFeat, ThDim, RealThType, Audio, SeqNo } of speeches(frames)) {
        if (ThFeat.length > 0) expect([ThDim, RealThType]).toEqual([52, '3D_standard']);
        expect(ThFeat.length % 52).toBe(0);
        expect(ThFeat.every(Number.isFinite)).toBe(true);
        rows.set(SeqNo, (rows.get(SeqNo) ?? 0) + ThFeat.length / 52);
        samples.set(SeqNo, (samples.get(SeqNo) ?? 0) + Buffer.from(Audio, 'base64').length / 2);
      }
      for (const [clause, count] of samples)
        expect(Math.abs(rows.get(clause)! - count / 960)).toBeLessThanOrEqual(1);
    });
    it('write times and places as decimal strings', () => {
      const decimal = /^\d+$/;
      for (const { Phn, Subtitle, Action } of speeches(frames)) {
        for (const { Start, End } of Phn) expect(`${Start} ${End}`).toMatch(/^\d+ \d+$/);
        for (const word of Subtitle)
          for (const value of [word.Start, word.End, word.PosStart, word.PosEnd])
            expect(value).toMatch(decimal);
        for (const { Start } of Action) expect(Start).toMatch(decimal);
      }
    });
    it('have phones that follow each other, from 0 in the first clause', () => {
      const [first] = speeches(frames).filter((speech) => speech.Phn.length > 0);
      expect(first.Phn[0].Start).toBe('0');
      expect(first.Phn.slice(1).map((phone) => phone.Start)).toEqual(
        first.Phn.slice(0, -1).map((phone) => phone.End),
      );
    });
    ours('have words that stand where their places say', () => {
      for (const { Subtitle, SeqNo } of speeches(frames)) {
        const clause = Array.from(replies(frames).find((reply) => reply.SeqNo === SeqNo)?.ReplyDisplay ?? '');
        for (const word of Subtitle)
          expect(clause.slice(Number(word.PosStart), Number(word.PosEnd)).join('')).toBe(word.Word);
      }
    });
    it('begin each clause once, and end its mouth data at most once', () => {
      const starts = speeches(frames)
        .filter((speech) => speech.SentenceStart)
        .map((speech) => speech.SeqNo);
      const finals = speeches(frames)
        .filter((speech) => speech.ThFeatFinal)
        .map((speech) => speech.SeqNo);
      expect(new Set(starts).size).toBe(starts.length);
      expect(new Set(finals).size).toBe(finals.length);
    });
  });
}

sayWhatElsewhereNeeds();
