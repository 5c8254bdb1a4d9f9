import { describe, expect, it } from 'vitest';
import { faceActions } from '../../src/avatar/face-actions.js';
import { newRequestId } from '../../src/wire/ids.js';
import { sign, stringToSign } from '../../src/wire/signing.js';
import { call, of, paths, type Answer } from '../server/interactive/client.js';
import { create, creation, prepared, withSession } from './session-rig.js';
import { cases, describeTargets, type Running, type Target } from './target.js';

/**
 * The REST API of interactive sessions: §1.2, §1.3 and §7 of the protocol, as
 * cases that run against any server (see target.ts).
 */
describeTargets('REST of sessions', rules);

type Query = Readonly<Record<string, string>>;

function rules(server: () => Running, target: Target): void {
  const { ours, asset } = cases(target);
  const now = (): number => Math.floor(Date.now() / 1000);
  const usual = (): Record<string, string> => ({
    appkey: server().connection.appkey,
    timestamp: `${now()}`,
  });
  const signature = (query: Query): string => sign(server().connection.accessToken, stringToSign(query));
  const address = (
    query: Query,
    path: string = paths.listAll,
    encode: (signature: string) => string = encodeURIComponent,
    signed = signature(query),
  ): string =>
    `${server().connection.url.replace(/^ws/, 'http')}${path}?${stringToSign(query)}&signature=${encode(signed)}`;
  const listBody = (): string => JSON.stringify({ Header: {}, Payload: { ReqId: newRequestId() } });
  const post = (url: string, body = listBody(), headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json;charset=utf-8', ...headers },
    });
  /** `Header.Code` of the answer, or the HTTP status where that is a failure. */
  const outcome = async (response: Promise<Response>): Promise<number> => {
    const { ok, status } = await response;
    const text = await (await response).text();
    return ok ? (JSON.parse(text) as Answer).Header.Code : status;
  };
  const passes = async (url: string): Promise<void> => expect(await outcome(post(url))).toBe(0);
  const fails = async (url: string): Promise<void> => expect(await outcome(post(url))).not.toBe(0);
  const list = (path: string, fields: object = {}): Promise<Answer> =>
    call(server().connection, path, { ReqId: newRequestId(), ...fields });
  const state = (id: string): Promise<Answer> => of(server().connection, paths.stat, id);
  /** Code of a creation, which is undone at once. */
  const creating = async (fields: object): Promise<number> => {
    const { Header, Payload } = await create(server(), fields as Record<string, unknown>);
    if (Payload?.SessionId !== undefined) await of(server().connection, paths.close, Payload.SessionId);
    return Header.Code;
  };

  describe('§1.2 envelope', () => {
    it('has a code, a text and an id of the server’s own in its Header', async () => {
      const { http, headers, Header } = await list(paths.listAll);
      expect(http).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(Header).toMatchObject({
        Code: 0,
        Message: expect.any(String) as string,
        RequestID: expect.any(String) as string,
      });
      expect(Header.RequestID).not.toBe('');
    });
    it('tells a business failure with HTTP 200, a code and `Name: text`', async () => {
      const { http, Header } = await state('m404');
      expect(http).toBe(200);
      expect(Header.Code).not.toBe(0);
      expect(Header.Message).toMatch(/^\w[\w ]*: \S/);
    });
    it('takes a Language in the headers', async () => {
      expect(await outcome(post(address(usual()), listBody(), { Language: 'zh-CN' }))).toBe(0);
    });
    for (const body of ['', '{', '[]', '{"Header": {}}', '{"Header": {}, "Payload": []}', '{"Payload": {},}'])
      ours(`100001 for the body ${JSON.stringify(body)}`, async () =>
        expect(await outcome(post(address(usual()), body))).toBe(100001),
      );
    ours('only POST', async () => {
      const { status, headers } = await fetch(address(usual()));
      expect(status).toBe(405);
      expect(headers.get('allow')).toContain('POST');
    });
  });

  describe('§1.3 signature', () => {
    it('covers appkey and timestamp; a requestid is not needed', () => passes(address(usual())));
    it('covers a requestid where one is sent', () =>
      passes(address({ ...usual(), requestid: newRequestId() })));
    for (const Language of ['zh-CN', 'en-US'])
      it(`covers Language ${Language}, which sorts before appkey`, () =>
        passes(address({ ...usual(), Language })));
    it('may have its slash as it is', () =>
      passes(address(usual(), paths.listAll, (text) => encodeURIComponent(text).replaceAll('%2F', '/'))));
    it('is refused when its plus is not encoded, and taken when it is', async () => {
      const query = usual();
      // About every second time gives a signature with a plus in it.
      while (!signature(query).includes('+')) query['timestamp'] = `${Number(query['timestamp']) - 1}`;
      await fails(address(query, paths.listAll, (text) => encodeURIComponent(text).replaceAll('%2B', '+')));
      await passes(address(query));
    });
    it('never covers the body', async () => {
      const url = address(usual(), paths.timbres);
      expect(await outcome(post(url, '{"Header":{},"Payload":{"PageIndex":1,"PageSize":1}}'))).toBe(0);
      expect(await outcome(post(url, '{"Header":{},"Payload":{"PageIndex":1,"PageSize":2}}'))).toBe(0);
    });
    it('may be used again and again for polling while its time stamp is good', async () => {
      const url = address({ ...usual(), timestamp: `${now() - 240}` });
      for (let i = 0; i < 20; i++) await passes(url);
    });
    it('is refused in vain, then works: a refusal uses nothing up', async () => {
      const query = usual();
      await fails(address(query, paths.listAll, undefined, sign('wrong', stringToSign(query))));
      await passes(address(query));
    });
    it('may be 290 s old', () => passes(address({ ...usual(), timestamp: `${now() - 290}` })));
    for (const seconds of [-600, 600])
      it(`is refused ${seconds} s away from the time of the server`, () =>
        fails(address({ ...usual(), timestamp: `${now() + seconds}` })));
    it('is refused with a wrong token', () =>
      fails(address(usual(), paths.listAll, undefined, sign('wrong', stringToSign(usual())))));
    it('is refused for another key', () => fails(address({ ...usual(), appkey: 'nobody' })));
    it('is refused when a parameter was added, or changed, after signing', async () => {
      await fails(`${address(usual())}&Language=en-US`);
      await fails(address(usual()).replace(/timestamp=\d+/, `timestamp=${now() - 1}`));
    });
    it('is refused when it is missing', async () => {
      await fails(address(usual()).replace(/&signature=.*/, ''));
      await fails(address(usual()).replace(/\?.*/, ''));
    });
    ours('is refused with 401, or 403 for the clock, code 100005, and the time of the server', async () => {
      for (const [query, status] of [
        [{ ...usual(), appkey: 'nobody' }, 401],
        [{ ...usual(), timestamp: `${now() - 600}` }, 403],
      ] as const) {
        const response = await post(address(query));
        expect(response.status).toBe(status);
        expect(Math.abs(Date.parse(response.headers.get('date')!) - Date.now())).toBeLessThan(60_000);
        expect(((await response.json()) as Answer).Header.Code).toBe(100005);
      }
    });
  });

  describe('§7.2, §7.3 creation', () => {
    it('createsession answers ReqId, SessionId and state 3 or 1', () =>
      withSession(server(), { ReqId: 'd7aa08da33dd4a662ad5be508c5b77cf' }, async (id, { Payload }) => {
        expect(Payload['ReqId']).toBe('d7aa08da33dd4a662ad5be508c5b77cf');
        expect(id).toMatch(/^\S+$/);
        expect([1, 3]).toContain(Payload.SessionStatus);
      }));
    asset('createsessionbyasset answers the same', async () => {
      const { VirtualmanProjectId, ...fields } = creation(server());
      expect(VirtualmanProjectId).toBeDefined();
      const { Header, Payload } = await call(server().connection, paths.createByAsset, {
        ...fields,
        AssetVirtualmanKey: target.assetKey,
        SpeechParam: { Speed: 150, TimbreKey: '', Volume: -4 },
      });
      expect(Header.Code).toBe(0);
      expect([1, 3]).toContain(Payload.SessionStatus);
      await of(server().connection, paths.close, String(Payload.SessionId));
    });
    for (const name of ['UserId', 'Protocol', 'DriverType', 'ReqId', 'VirtualmanProjectId'])
      it(`needs ${name}`, async () => expect(await creating({ [name]: undefined })).not.toBe(0));
    for (const [name, value] of [
      ['DriverType', 2],
      ['DriverType', 0],
      ['Protocol', 'hls'],
      ['StreamMaxInterval', 1999],
      ['StreamMaxInterval', 6001],
      ['Backgrounds', [{}, {}, {}, {}, {}, {}]],
    ] as const)
      it(`does not take ${name} ${JSON.stringify(value)}`, async () =>
        expect(await creating({ [name]: value })).not.toBe(0));
    for (const fields of [
      { DriverType: 1 },
      { DriverType: 3 },
      { StreamMaxInterval: 2000 },
      { StreamMaxInterval: 6000 },
      { ProtocolOption: {} },
    ])
      it(`takes ${JSON.stringify(fields)}`, async () => expect(await creating(fields)).toBe(0));
    ours('takes every documented field', async () =>
      expect(
        await creating({
          ProtocolOption: { TrtcRoomId: 4_294_967_294, TrtcStrRoomId: 'r', TrtcAutoGenRoomIdType: 1 },
          ExtraInfo: { AlphaChannelEnable: true, AlphaPadDisable: true },
          Backgrounds: [{ Url: 'https://example.com/1.png' }, {}],
          Foregrounds: [{}, {}, {}],
          AnchorParam: { SilenceActionDisabled: true },
        }),
      ).toBe(0),
    );
    ours('does not take a room number above 4294967294', async () =>
      expect(await creating({ ProtocolOption: { TrtcRoomId: 4_294_967_295 } })).toBe(100001),
    );
    for (const Protocol of ['trtc', 'webrtc'])
      ours(`refuses ${Protocol} with 100001 and says what is supported`, async () => {
        const { Header } = await create(server(), { Protocol });
        expect(Header.Code).toBe(100001);
        expect(Header.Message).toMatch(/rtmp/);
      });
    const ofAsset = async (SpeechParam: object): Promise<number> => {
      const fields = { ...creation(server()), AssetVirtualmanKey: target.assetKey, SpeechParam };
      const { Header, Payload } = await call(server().connection, paths.createByAsset, fields);
      if (Payload?.SessionId !== undefined) await of(server().connection, paths.close, Payload.SessionId);
      return Header.Code;
    };
    for (const [name, good, bad] of [
      ['Speed', [50, 99.5, 200], [49, 201, 1]],
      ['Volume', [-10, 0, 10], [-11, 11]],
    ] as const) {
      for (const value of good)
        asset(`SpeechParam.${name} may be ${value} (percent, dB)`, async () =>
          expect(await ofAsset({ [name]: value })).toBe(0),
        );
      for (const value of bad)
        ours(`SpeechParam.${name} must not be ${value}`, async () =>
          expect(await ofAsset({ [name]: value })).toBe(100001),
        );
    }
    ours('SpeechParam has no effect with a project', async () =>
      expect(await creating({ SpeechParam: { Speed: 1 } })).toBe(0),
    );
    ours('with CssCustomPushUrl no PlayStreamAddr comes back, and the address is never shown', () =>
      withSession(
        server(),
        { ProtocolOption: { CssCustomPushUrl: 'rtmp://push.example/live/one?txSecret=Canary&txTime=5F' } },
        async (id, created) => {
          const ready = await state(id);
          expect(ready.Payload.SessionStatus).toBe(1);
          expect(JSON.stringify([created, ready, await list(paths.listAll)])).not.toMatch(
            /Canary|push\.example/,
          );
          expect(ready.Payload).not.toHaveProperty('PlayStreamAddr');
        },
      ),
    );
    ours('a SessionId may be given, as to a private deployment, once', async () => {
      const SessionId = `own-${newRequestId()}`;
      await withSession(server(), { SessionId }, async (id) => {
        expect(id).toBe(SessionId);
        expect((await create(server(), { SessionId })).Header.Code).toBe(100001);
      });
    });
    ours('the number of sessions is limited: 100008', async () => {
      const small = await target.start({ maxSessions: 1 });
      expect((await create(small)).Header.Code).toBe(0);
      expect((await create(small)).Header.Code).toBe(100008);
      await small.close();
    });
  });

  describe('§7 statsession, lists', () => {
    it('statsession tells state, start, error and an address that plays', () =>
      withSession(server(), {}, async (id) => {
        const { Payload } = await state(id);
        expect(Payload).toMatchObject({
          ReqId: expect.any(String) as string,
          SessionStatus: 1,
          IsSessionStarted: false,
          ErrorCode: 0,
          PlayStreamAddr: expect.stringMatching(/^rtmp:\/\/.+/) as string,
        });
      }));
    it('the lists tell what lives: UserId, SessionId, SessionStatus, DriverType, IsSessionStarted', async () => {
      const { projectId } = server().connection;
      const UserId = newRequestId();
      let gone = '';
      await withSession(server(), { UserId, DriverType: 3 }, async (id) => {
        gone = id;
        for (const answer of [
          await list(paths.listAll),
          await list(paths.listProject, { VirtualmanProjectId: projectId }),
        ]) {
          const found = answer.Payload.Sessions?.find((session) => session['SessionId'] === id);
          expect(found).toMatchObject({ UserId, SessionStatus: 1, IsSessionStarted: false });
          // A string in the document, a number in its sample.
          expect(Number(found?.['DriverType'])).toBe(3);
        }
      });
      const { Payload } = await list(paths.listAll);
      expect((Payload.Sessions ?? []).filter((session) => session['SessionId'] === gone)).toEqual([]);
    });
    ours('listsessionofassetvk takes both names of its field, listsessionofvk the vendor’s', async () => {
      const fields = { ...creation(server()), AssetVirtualmanKey: 'asset-7' };
      const { Payload } = await call(server().connection, paths.createByAsset, fields);
      await prepared(server(), String(Payload.SessionId));
      for (const answer of [
        await list(paths.listAsset, { AssetVirtualmanKey: 'asset-7' }),
        await list(paths.listAsset, { VirtualmanKey: 'asset-7' }),
        await list(paths.listAvatar, { VirtualmanKey: 'asset-7' }),
      ])
        expect(answer.Payload.Sessions?.map((session) => session['SessionId'])).toEqual([Payload.SessionId]);
      await of(server().connection, paths.close, String(Payload.SessionId));
    });
    ours('listsessionofprojectid needs the project', async () =>
      expect((await list(paths.listProject)).Header.Code).toBe(100001),
    );
  });

  describe('§7.4 neighbouring calls', () => {
    it('describetimbre gives pages of TimbreAssets', async () => {
      const { Header, Payload } = await call(server().connection, paths.timbres, {
        PageIndex: 1,
        PageSize: 100,
      });
      expect(Header.Code).toBe(0);
      const timbres = Payload['TimbreAssets'] as readonly Record<string, unknown>[];
      expect(timbres.length).toBeGreaterThan(0);
      for (const timbre of timbres) expect(timbre['TimbreKey']).toEqual(expect.any(String));
    });
    ours('a page has at most 100 of them, and lists emotions and languages', async () => {
      const page = (PageSize: number): Promise<Answer> =>
        call(server().connection, paths.timbres, { PageIndex: 1, PageSize });
      expect((await page(101)).Header.Code).toBe(100001);
      const [first] = (await page(1)).Payload['TimbreAssets'] as readonly Record<string, unknown>[];
      expect(first).toMatchObject({
        EmotionalCategories: expect.any(Array) as unknown[],
        TimbreLanguages: expect.any(Array) as unknown[],
      });
    });
    ours('getaction gives Actions', async () => {
      const { Header, Payload } = await call(server().connection, paths.actions, { VirtualmanKey: 'any' });
      expect(Header.Code).toBe(0);
      expect((Payload['Actions'] as { ActionCode: string }[]).map((action) => action.ActionCode)).toEqual(
        Object.keys(faceActions),
      );
    });
  });
}
