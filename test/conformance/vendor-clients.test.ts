import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { drivePath } from '../../src/wire/endpoint.js';
import { newRequestId } from '../../src/wire/ids.js';
import { sign, stringToSign } from '../../src/wire/signing.js';
import { ends, TestClient, type Frame } from '../server/client.js';
import { channelPath, ChannelClient, paths, type Answer } from '../server/interactive/client.js';
import { Driven, longText } from './session-rig.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { cases, describeTargets, type Running, type Target } from './target.js';

/**
 * What the vendor's own SDKs and other public clients send, byte for byte where
 * it matters: §1.2, §1.3, §3.1, §4.1, §4.3, §5, §6 and §7 of the protocol.
 */
describeTargets('clients of others', rules);

type Query = Readonly<Record<string, string>>;

/** With the first letter of every name small, as some clients send it. */
function small(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      small(inner),
    ]),
  );
}

function rules(server: () => Running, target: Target): void {
  const { ours, timed } = cases(target);
  /** Signs as a browser does: over the form-encoded text, sorted by code units, `Language` included. */
  const signed = (more: Query): string => {
    const { appkey, accessToken } = server().connection;
    const query = new URLSearchParams({ appkey, timestamp: `${Math.floor(Date.now() / 1000)}`, ...more });
    query.sort();
    query.append('signature', sign(accessToken, query.toString()));
    return query.toString();
  };
  const rest = (path: string, more: Query = {}): string =>
    `${server().connection.url.replace(/^ws/, 'http')}${path}?${signed(more)}`;
  const post = async (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const init = { method: 'POST', body: JSON.stringify(body), headers };
    const response = await fetch(url, init);
    const answer = (await response.json()) as Pick<Answer, 'Header' | 'Payload'>;
    return { http: response.status, headers: response.headers, ...answer };
  };
  const opened = async (url: string): Promise<WebSocket> => {
    const socket = new WebSocket(url, { origin: 'https://page.example' });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return socket;
  };

  describe('§1.1 plain text on loopback', () => {
    ours('serves http: and ws: without TLS, pages of any origin included', async () => {
      expect(server().connection.url).toMatch(/^ws:\/\/127\.0\.0\.1:/);
      const answer = await post(rest(paths.listAll), { Header: {}, Payload: { ReqId: newRequestId() } });
      expect(answer.Header.Code).toBe(0);
      (
        await opened(`${server().connection.url}${drivePath}?${signed({ requestid: newRequestId() })}`)
      ).close();
    });
  });

  describe('§3.1, §4 the browser client of endpoint rendering', () => {
    let client: TestClient;
    const drive = async (fields: object, envelope: object = { Header: {} }): Promise<Frame[]> => {
      const ReqId = newRequestId();
      const Payload = {
        ReqId,
        StreamId: newRequestId(),
        VirtualmanProjectId: server().connection.projectId,
        ...fields,
      };
      client.socket.send(JSON.stringify({ ...envelope, Payload }));
      return client.finished(ReqId);
    };
    const shown = (frames: readonly Frame[]): string =>
      frames.map(({ Payload }) => Payload.ReplyRsp?.ReplyDisplay ?? '').join('');
    const succeeded = (frames: readonly Frame[]): void => {
      expect(frames.filter(({ Header, Payload }) => Header.Code !== 0 || Payload.ErrorCode !== 0)).toEqual(
        [],
      );
      expect(frames.filter(ends)).toHaveLength(1);
      expect(frames.some(({ Payload }) => (Payload.SpeechRsp?.Audio ?? '') !== '')).toBe(true);
    };
    beforeAll(async () => {
      client = await TestClient.connect(server().connection);
    });
    afterAll(() => client.close());

    for (const Language of ['zh-CN', 'en-US'])
      it(`connects with Language=${Language} in the signed query`, async () => {
        const query = signed({ Language, requestid: newRequestId() });
        expect(query).toMatch(/^Language=.*&appkey=.*&requestid=.*&timestamp=.*&signature=/);
        (await opened(`${server().connection.url}${drivePath}?${query}`)).close();
      });
    it('reconnects with the address that a helper service gave it', async () => {
      const url = `${server().connection.url}${drivePath}?${signed({ requestid: newRequestId() })}`;
      for (let i = 0; i < 3; i++) (await opened(url)).close();
    });
    const plainText = {
      DriverType: 'TEXT',
      InputTextType: 'SSML',
      Seq: 0,
      IsFinal: false,
      SpeechParam: { SmartActionEnabled: true },
    };
    it('speaks plain text that is labelled SSML and has no <speak>, Seq 0, IsFinal false', async () =>
      succeeded(await drive({ ...plainText, InputText: 'Good morning.' })));
    ours('the same with bare signs of XML, shown as they are', async () => {
      const frames = await drive({ ...plainText, InputText: 'Salt & pepper, 3 < 4.' });
      succeeded(frames);
      expect(shown(frames)).toContain('Salt & pepper, 3 < 4.');
    });
    ours('the same with an insert-action in it and no <speak>', async () => {
      const frames = await drive({
        ...plainText,
        InputText: 'Good <insert-action type="wave"/>morning.',
      });
      succeeded(frames);
      expect(frames.flatMap(({ Payload }) => Payload.SpeechRsp?.Action ?? []).map(({ Pos }) => Pos)).toEqual([
        'wave',
      ]);
    });
    it('streams MARKDOWN from Seq 1 under one ReqId, IsFinal on the last', async () => {
      const ReqId = newRequestId();
      const piece = { ReqId, DriverType: 'STREAM_TEXT', InputTextType: 'MARKDOWN' };
      client.send({ ...piece, InputText: 'Good mor', Seq: 1, IsFinal: false });
      client.send({ ...piece, InputText: 'ning.', Seq: 2, IsFinal: true });
      succeeded(await client.finished(ReqId));
    });
    it('chats without Seq, IsFinal and InputTextType', async () =>
      succeeded(await drive({ DriverType: 'CHAT', InputText: 'Hello.', ChatCommand: 'CHATTING' })));
    it('stops a chat with STOP_CHAT, an empty text and the running ReqId', async () => {
      const ReqId = client.send({ DriverType: 'CHAT', InputText: 'Tell me something long.' });
      client.send({ ReqId, DriverType: 'CHAT', InputText: '', ChatCommand: 'STOP_CHAT' });
      succeeded(await drive({ ...plainText, InputText: 'Good morning.' }));
    });
    const stop = { DriverType: 'STREAM_TEXT', InputText: 'end', Seq: 9999, IsFinal: true };
    ours('§4.3 stops a stream with "end" as Seq 9999, which is never spoken', async () => {
      const ReqId = newRequestId();
      client.send({ ReqId, DriverType: 'STREAM_TEXT', InputText: 'Good morning. ', Seq: 1, IsFinal: false });
      client.send({ ...stop, ReqId });
      const frames = await client.finished(ReqId);
      expect(shown(frames)).not.toMatch(/\bend\b/);
      expect(frames.at(-1)?.Header.Code).toBe(0);
    });
    for (const [when, before] of [
      ['after its final fragment', [{ Seq: 1, InputText: 'Good morning.', IsFinal: true }]],
      ['that has a gap', [{ Seq: 2, InputText: 'morning.', IsFinal: false }]],
    ] as const)
      ours(`§4.3 the same for a stream ${when}`, async () => {
        const ReqId = newRequestId();
        for (const fields of before) client.send({ ReqId, DriverType: 'STREAM_TEXT', ...fields });
        client.send({ ...stop, ReqId });
        // What comes next is served, and by then all of the stream has come.
        succeeded(await drive({ ...plainText, InputText: 'Good night.' }));
        expect(shown(client.of(ReqId))).not.toMatch(/\bend\b/);
        expect(client.of(ReqId).every(({ Header }) => Header.Code === 0)).toBe(true);
      });
    ours('§4.3 the same for a stream of which the server knows nothing', async () => {
      const cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap', streamIdleMs: 50 });
      const first = await TestClient.connect(cloud.connection);
      const settled = async (): Promise<void> => {
        const pong = new Promise((resolve) => first.socket.once('pong', resolve));
        first.socket.ping();
        await pong;
      };
      first.send({ ...stop, ReqId: newRequestId() });
      await settled();
      // A stream that another client leaves open ends by itself: later than this one would have.
      const second = await TestClient.connect(cloud.connection);
      await second.finished(second.send({ DriverType: 'STREAM_TEXT', InputText: 'Good morning.', Seq: 1 }));
      await settled();
      expect(first.frames).toEqual([]);
      await cloud.close();
    });
    it('§1.2 no Header', async () =>
      succeeded(await drive({ ...plainText, InputText: 'Good morning.' }, {})));
    it('§1.2 fields that nobody knows', async () =>
      succeeded(
        await drive(
          { ...plainText, InputText: 'Good morning.', Extra: { deep: [1] } },
          { Header: { X: 1 }, X: 1 },
        ),
      ));
    ours('§4.4 names whose first letter is small, and strings for numbers', async () => {
      const ReqId = newRequestId();
      const Payload = {
        ReqId,
        StreamId: 'conformance',
        VirtualmanProjectId: server().connection.projectId,
        DriverType: 'text',
        InputText: 'Good morning.',
        SpeechParam: { Speed: '1.5', SmartActionEnabled: true },
      };
      client.socket.send(JSON.stringify(small({ Header: {}, Payload })));
      succeeded(await client.finished(ReqId));
    });
    ours('§1.4 a ReqId with dashes, and any StreamId', async () => {
      const ReqId = '92597c35-3a99-415e-9bae-3124771b7749';
      client.send({ ReqId, StreamId: '客户 1', DriverType: 'TEXT', InputText: 'Good morning.' });
      const frames = await client.finished(ReqId);
      succeeded(frames);
      expect(new Set(frames.map(({ Payload }) => Payload.StreamId))).toEqual(new Set(['客户 1']));
    });
    ours('§7.4 asks describeactionconfigcommanddetail, signed with a requestid', async () => {
      const url = rest(paths.actionConfig, { Language: 'zh-CN', requestid: newRequestId() });
      const answer = await post(url, {
        Header: {},
        Payload: { VirtualmanProjectId: server().connection.projectId },
      });
      expect([answer.http, answer.Header.Code]).toEqual([200, 0]);
      expect(answer.Payload).toEqual({});
    });
  });

  describe('§5 to §7 the clients of sessions', () => {
    let s: Driven;
    beforeAll(async () => {
      s = await Driven.open(server());
    });
    afterAll(() => s.close());

    for (const [name, path] of Object.entries(paths))
      ours(`the preflight of ${name} is answered, and pages may read its answers and refusals`, async () => {
        const origin = 'https://page.example';
        const preflight = await fetch(rest(path), {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type,language',
          },
        });
        expect(preflight.ok).toBe(true);
        const { headers } = preflight;
        expect(headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/page\.example)$/);
        expect(headers.get('access-control-allow-methods')).toMatch(/\bPOST\b/);
        const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(/, */);
        expect(allowed).toEqual(expect.arrayContaining(['content-type', 'language']));
        for (const url of [rest(path), rest(path).replace(/signature=.*/, 'signature=x')]) {
          const answer = await post(url, { Payload: {} }, { origin, 'content-type': 'application/json' });
          expect(answer.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/page\.example)$/);
        }
      });
    ours(
      'createsession with the Timeout, the Language header and the fields of the browser client',
      async () => {
        const Payload = {
          ReqId: newRequestId(),
          VirtualmanProjectId: server().connection.projectId,
          UserId: newRequestId(),
          Protocol: 'rtmp',
          DriverType: 1,
          Timeout: 180,
          ProtocolOption: { TrtcStrRoomId: '', TrtcAutoGenRoomIdType: 0 },
        };
        const headers = { 'content-type': 'application/json', Language: 'zh-CN' };
        const created = await post(
          rest(paths.create, { Language: 'zh-CN' }),
          { Header: {}, Payload },
          headers,
        );
        expect(created.Header.Code).toBe(0);
        const closing = { ReqId: newRequestId(), SessionId: created.Payload.SessionId };
        expect((await post(rest(paths.close), { Header: {}, Payload: closing })).Header.Code).toBe(0);
      },
    );
    ours('names whose first letter is small, protocols in capitals, numbers as strings', async () => {
      const Payload = {
        ReqId: newRequestId(),
        AssetVirtualmanKey: 'asset-1',
        UserId: newRequestId(),
        Protocol: 'RTMP',
        DriverType: '1',
        SpeechParam: { Speed: '120' },
      };
      const created = await post(rest(paths.createByAsset), small({ Header: {}, Payload }));
      expect(created.Header.Code).toBe(0);
      const closing = { ReqId: newRequestId(), SessionId: created.Payload.SessionId };
      expect((await post(rest(paths.close), small({ Payload: closing }))).Header.Code).toBe(0);
    });
    ours('polls and closes with one signed address, on every path', async () => {
      const query = signed({ timestamp: `${Math.floor(Date.now() / 1000) - 170}` });
      const { url } = server().connection;
      for (const path of [paths.stat, paths.stat, paths.listAll, paths.stat]) {
        const body = { Header: {}, Payload: { ReqId: newRequestId(), SessionId: s.id } };
        expect((await post(`${url.replace(/^ws/, 'http')}${path}?${query}`, body)).Header.Code).toBe(0);
      }
    });
    it('§5 connects with Language=en-US, and again at once with the same address when it was cut', async () => {
      await s.channel.close();
      const url = `${server().connection.url}${channelPath}?${signed({ Language: 'en-US', requestid: s.id })}`;
      for (let i = 0; i < 3; i++) {
        const socket = await opened(url);
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.close();
        await closed;
      }
      s.channel = await ChannelClient.connect(server().connection, s.id);
    });
    ours('commands without a Header, and with small first letters', async () => {
      await server().time.pass(1100);
      const ReqId = newRequestId();
      const Data = { Text: 'Good morning.', ChatCommand: 'notUseChat', SmartActionEnabled: 'true' };
      const Payload = { ReqId, SessionId: s.id, Command: 'SEND_TEXT', Data };
      s.channel.socket.send(JSON.stringify(small({ Payload })));
      expect((await s.over(ReqId)).at(-1)).toBe('TextOver');
    });
    it('§6.1 the stop of the browser client: Interrupt and ChatRoundId, no text', async () => {
      const id = await s.speaking();
      s.stop({ ChatRoundId: newRequestId() });
      expect((await s.over(id)).at(-1)).toMatch(/^TextOver/);
    });
    ours('§6.1 the stop of the Android client, which waits for WaitingTextStart only', async () => {
      const id = await s.say(longText);
      await s.until(() => s.statuses(id).includes('WaitingTextStart'));
      s.stop();
      expect((await s.over(id)).at(-1)).toBe('TextOver final3');
    });
    it('§6.1 commands over HTTPS: only the code of the answer matters', async () => {
      await server().time.pass(1100);
      const ReqId = newRequestId();
      const Data = { Text: 'Good morning.', ChatCommand: 'NotUseChat' };
      const body = { Header: {}, Payload: { ReqId, SessionId: s.id, Command: 'SEND_TEXT', Data } };
      expect((await post(rest(paths.command), body)).Header.Code).toBe(0);
      expect(await s.over(ReqId)).toContain('TextOver');
    });
    it('§6.2 the stop of the browser client for a stream: last Seq + 1, IsFinal, Interrupt', async () => {
      const id = newRequestId();
      s.piece(id, 1, longText, { IsFinal: false });
      s.piece(id, 2, longText, { IsFinal: false });
      await s.has(id, 'TextStart');
      s.piece(id, 3, '', { IsFinal: true, Interrupt: true });
      expect((await s.over(id)).at(-1)).toMatch(/^TextOver/);
    });
    for (const [who, ms] of [
      ['browser client, 10 s', 10_000],
      ['Android client, 45 s', 45_000],
    ] as const)
      timed(`§6.4 the heartbeats of the ${who}, with any text`, async () => {
        for (let passed = 0; passed < 1_300_000; passed += ms) {
          await server().time.pass(ms);
          s.channel.send('SEND_HEARTBEAT', { Text: 'alive' });
          await s.channel.settled();
        }
        expect(s.channel.messages.filter(({ Header }) => Header.Code !== 0)).toEqual([]);
      });
    it('an SDK that signs raw text and one that signs form-encoded text agree', () => {
      const { appkey, accessToken } = server().connection;
      const raw = stringToSign({ Language: 'en-US', appkey, requestid: s.id, timestamp: '1717639699' });
      const query = new URLSearchParams({
        timestamp: '1717639699',
        requestid: s.id,
        appkey,
        Language: 'en-US',
      });
      query.sort();
      expect(sign(accessToken, query.toString())).toBe(sign(accessToken, raw));
    });
  });
}
