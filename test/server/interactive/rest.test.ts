import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FacewireError } from '../../../src/errors.js';
import { startLocalCloud } from '../../../src/server/local-cloud.js';
import { newRequestId } from '../../../src/wire/ids.js';
import { signedQuery } from '../../../src/wire/signing.js';
import { call, ChannelClient, create, of, paths, ready, restUrl } from './client.js';
import { FakeStage, fakeVoice } from './fake-stage.js';
import { VirtualClock } from '../../tools/virtual-clock.js';
import { world, type World } from './world.js';

let shared: World;
beforeAll(async () => {
  shared = await world({ maxSessions: 100 });
});
afterAll(() => shared.cloud.close());

describe('the gate of the REST paths', () => {
  it.each(Object.entries(paths))(
    'answers the preflight of %s, and its answers may be read',
    async (_, path) => {
      const { connection } = shared.cloud;
      const preflight = await fetch(restUrl(connection, path).split('?')[0] ?? '', {
        method: 'OPTIONS',
        headers: {
          origin: 'https://page.example',
          'access-control-request-headers': 'content-type,language',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
      expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('content-type');
      const unsigned = await fetch(restUrl(connection, path).split('?')[0] ?? '', {
        method: 'POST',
        body: '{}',
      });
      expect(unsigned.status).toBe(401);
      expect(unsigned.headers.get('access-control-allow-origin')).toBe('*');
      expect(await unsigned.json()).toMatchObject({ Header: { Code: 100005 } });
    },
  );

  it('tells a wrong clock from a wrong key', async () => {
    const { appkey, accessToken, url } = shared.cloud.connection;
    const at = (timestampSeconds: number, token: string): Promise<Response> => {
      const query = signedQuery({ appkey, accessToken: token, timestampSeconds });
      return fetch(`${url.replace(/^ws/, 'http')}${paths.listAll}?${query}`, { method: 'POST', body: '{}' });
    };
    const now = Math.floor(Date.now() / 1000);
    expect((await at(now - 400, accessToken)).status).toBe(403);
    expect((await at(now, 'another token')).status).toBe(401);
    expect((await at(now - 200, accessToken)).status).toBe(200);
  });

  it('takes POST only and nothing larger than its limit', async () => {
    const { connection } = shared.cloud;
    const got = await fetch(restUrl(connection, paths.listAll));
    expect(got.status).toBe(405);
    expect(got.headers.get('allow')).toContain('POST');
    const large = await call(connection, paths.listAll, {}, `{"Payload":{"ReqId":"${'x'.repeat(200_000)}"}}`);
    expect(large).toMatchObject({ http: 413, Header: { Code: 100001 } });
    const nested = await call(connection, paths.listAll, {}, '['.repeat(60_000));
    expect(nested).toMatchObject({ http: 200, Header: { Code: 100001 } });
  });

  it('without sessions answers what clients of endpoint rendering ask, and nothing else', async () => {
    const cloud = await startLocalCloud({ voice: fakeVoice, interactive: false });
    const { connection } = cloud;
    const config = await call(connection, paths.actionConfig, { VirtualmanProjectId: 'any' });
    expect([config.http, config.Header.Code, config.headers.get('access-control-allow-origin')]).toEqual([
      200,
      0,
      '*',
    ]);
    expect((await fetch(restUrl(connection, paths.actionConfig), { method: 'OPTIONS' })).status).toBe(204);
    const unsigned = restUrl(connection, paths.actionConfig).replace(/signature=.*/, 'signature=x');
    expect((await fetch(unsigned, { method: 'POST', body: '{}' })).status).toBe(401);
    expect((await call(connection, paths.listAll, {})).http).toBe(404);
    await cloud.close();
  });

  it('leaves other paths alone', async () => {
    const other = await fetch(restUrl(shared.cloud.connection, '/elsewhere'), { method: 'POST', body: '{}' });
    expect(other.status).toBe(404);
  });
});

describe('creating a session', () => {
  it('gives state 3 and no address until pictures go out, then 1 and an address', async () => {
    const clock = new VirtualClock();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { cloud } = await world({ clock, stage: (request) => gate.then(() => new FakeStage(request)) });
    const created = await create(cloud.connection, { ReqId: 'd7aa08da33dd4a662ad5be508c5b77cf' });
    expect(created.Payload).toMatchObject({
      ReqId: 'd7aa08da33dd4a662ad5be508c5b77cf',
      SessionStatus: 3,
      SessionId: expect.stringMatching(/^m\d+$/) as string,
    });
    expect(created.Payload).not.toHaveProperty('PlayStreamAddr');
    const id = String(created.Payload.SessionId);
    expect((await of(cloud.connection, paths.start, id)).Header.Code).toBe(110014);
    expect((await of(cloud.connection, paths.stat, id)).Payload).toMatchObject({ SessionStatus: 3 });
    open();
    await gate;
    const state = await of(cloud.connection, paths.stat, id);
    expect(state.Payload).toMatchObject({
      SessionStatus: 1,
      IsSessionStarted: false,
      PlayStreamAddr: `rtmp://127.0.0.1/live/${id}`,
    });
    expect((await of(cloud.connection, paths.start, id)).Header.Code).toBe(0);
    expect((await of(cloud.connection, paths.stat, id)).Payload).toMatchObject({ IsSessionStarted: true });
    expect((await of(cloud.connection, paths.close, id)).Header.Code).toBe(0);
    expect((await of(cloud.connection, paths.stat, id)).Payload).toMatchObject({
      SessionStatus: 2,
      CloseType: 1,
      IsSessionStarted: true,
    });
    await cloud.close();
  });

  it('pushes to an address of the caller’s and then gives none back', async () => {
    const { cloud, stages } = shared;
    const pushUrl = 'rtmp://push.example/live/one?txSecret=Canary&txTime=5F';
    const { id, state } = await ready(cloud.connection, { ProtocolOption: { CssCustomPushUrl: pushUrl } });
    expect(stages.get(id)?.request.pushUrl).toBe(pushUrl);
    expect(JSON.stringify(state)).not.toMatch(/Canary|PlayStreamAddr/);
    const listed = await call(cloud.connection, paths.listAll, { ReqId: newRequestId() });
    expect(JSON.stringify(listed)).not.toContain('Canary');
  });

  it.each([
    'http://h/live/x',
    'rtmp://user:Canary@h/live/x',
    'rtmp://h/live/Canary x',
    'file:///etc/passwd',
    'rtmp://h/live/x|[f=flv]Canary',
  ])('refuses the push address %j before anything is started for it', async (CssCustomPushUrl) => {
    const before = shared.stages.size;
    const { Header } = await create(shared.cloud.connection, { ProtocolOption: { CssCustomPushUrl } });
    expect(Header.Code).toBe(100001);
    expect(Header.Message).not.toContain('Canary');
    expect(shared.stages.size).toBe(before);
  });

  it('reports a stage that could not be opened as state 4', async () => {
    const { cloud } = await world({
      stage: () => Promise.reject(new FacewireError('ERR_RTMP_CONNECT', 'rtmp://h/live/***: refused')),
    });
    const { Payload } = await create(cloud.connection);
    const state = await of(cloud.connection, paths.stat, String(Payload.SessionId));
    expect(state.Payload).toMatchObject({
      SessionStatus: 4,
      ErrorCode: -101000,
      ErrorMessage: expect.stringContaining('ERR_RTMP_CONNECT') as string,
    });
    await cloud.close();
  });

  it('gives up a stage that takes too long, and closes it when it comes after all', async () => {
    const clock = new VirtualClock();
    let open: () => void = () => undefined;
    let late: FakeStage | undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { cloud } = await world({
      clock,
      stage: (request) => gate.then(() => (late = new FakeStage(request))),
    });
    const { Payload } = await create(cloud.connection);
    clock.advance(30_000);
    const state = await of(cloud.connection, paths.stat, String(Payload.SessionId));
    expect(state.Payload).toMatchObject({ SessionStatus: 4, ErrorCode: -111004 });
    open();
    await cloud.close();
    expect(late?.closed).toBe(true);
  });

  it.each(['webrtc', 'trtc'])('refuses the protocol %s and says what is supported', async (Protocol) => {
    const { Header } = await create(shared.cloud.connection, { Protocol });
    expect(Header.Code).toBe(100001);
    expect(Header.Message).toMatch(/rtmp.*CssCustomPushUrl/);
  });

  it.each([
    ['no user', { UserId: '' }, 100001],
    ['modulated voice', { DriverType: 2 }, 100001],
    ['too slow a speech', { SpeechParam: { Speed: 49 } }, 100001],
    ['a timbre that nobody has', { SpeechParam: { TimbreKey: 'nobody' } }, 100001],
    ['a pause that is too short', { StreamMaxInterval: 1999 }, 100001],
  ])('refuses %s', async (_, fields, code) => {
    expect((await create(shared.cloud.connection, fields)).Header.Code).toBe(code);
  });

  it('knows its project, and its assets when they are listed', async () => {
    const { cloud } = await world({ assetKeys: ['known'] });
    const project = { ReqId: newRequestId(), UserId: 'u', Protocol: 'rtmp', DriverType: 1 };
    const make = async (VirtualmanProjectId: string): Promise<number> =>
      (await call(cloud.connection, paths.create, { ...project, VirtualmanProjectId })).Header.Code;
    expect(await make('another')).toBe(100009);
    expect(await make(cloud.connection.projectId)).toBe(0);
    expect((await create(cloud.connection, { AssetVirtualmanKey: 'unknown' })).Header.Code).toBe(100009);
    expect((await create(cloud.connection, { AssetVirtualmanKey: 'known' })).Header.Code).toBe(0);
    await cloud.close();
  });

  it('takes requests without a header, and names whose first letter is small', async () => {
    const payload = {
      reqId: newRequestId(),
      assetVirtualmanKey: 'asset-1',
      userId: newRequestId(),
      protocol: 'RTMP',
      driverType: '1',
    };
    const answer = await call(shared.cloud.connection, paths.createByAsset, {}, { payload });
    expect(answer.Header.Code).toBe(0);
    expect(answer.Payload.SessionStatus).toBe(3);
  });

  it('takes a session id of the caller’s once', async () => {
    const SessionId = `own-${newRequestId()}`;
    const first = await create(shared.cloud.connection, { SessionId });
    expect(first.Payload.SessionId).toBe(SessionId);
    expect((await create(shared.cloud.connection, { SessionId })).Header.Code).toBe(100001);
  });
});

describe('what a session is created with and cannot show', () => {
  const layers = { Backgrounds: [{ Url: 'https://h/secret.png' }], ExtraInfo: { AlphaChannelEnable: true } };

  it('is taken, and told once in the log', async () => {
    const told: string[] = [];
    const { cloud } = await world({ onWarning: (message) => told.push(message) });
    const first = await create(cloud.connection, layers);
    expect(first.Header.Code).toBe(0);
    expect((await create(cloud.connection, { ...layers, Foregrounds: [{}] })).Header.Code).toBe(0);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('Backgrounds');
    expect(told[1]).toContain('AlphaChannelEnable');
    expect(told.join()).not.toContain('secret');
    const id = String(first.Payload.SessionId);
    await of(cloud.connection, paths.start, id);
    const command = { ReqId: newRequestId(), SessionId: id, Command: 'SEND_TEXT' };
    const Data = { Text: 'Hello.', ChatCommand: 'NotUseChat', VideoSeiInfo: '{}' };
    expect((await call(cloud.connection, paths.command, { ...command, Data })).Header.Code).toBe(0);
    expect(told.at(-1)).toContain('VideoSeiInfo');
    await cloud.close();
  });

  it('has limits: more than five layers are refused, and what it asks for falsely', async () => {
    const { connection } = shared.cloud;
    const six = { Backgrounds: [{}, {}, {}], Foregrounds: [{}, {}, {}] };
    expect((await create(connection, six)).Header.Code).toBe(100001);
    expect((await create(connection, { Backgrounds: 'blue' })).Header.Code).toBe(100001);
    expect((await create(connection, { ExtraInfo: { AlphaChannelEnable: 'maybe' } })).Header.Code).toBe(
      100001,
    );
  });

  it('is nothing to warn of where the face does it by itself', async () => {
    const told: string[] = [];
    const { cloud } = await world({ onWarning: (message) => told.push(message) });
    const plain = { AnchorParam: { SilenceActionDisabled: true }, ExtraInfo: { AlphaPadDisable: true } };
    expect((await create(cloud.connection, plain)).Header.Code).toBe(0);
    expect(told).toEqual([]);
    await cloud.close();
  });
});

describe('quotas and users', () => {
  it('refuses the session after the last one with the limit and the time, and no other', async () => {
    const { cloud } = await world({ maxSessions: 3 });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const { Header, Payload } = await create(cloud.connection, { UserId: `user-${i}` });
      expect(Header.Code).toBe(0);
      ids.push(String(Payload.SessionId));
    }
    const refused = await create(cloud.connection, { UserId: 'user-3' });
    expect(refused.Header).toMatchObject({ Code: 100008 });
    expect(refused.Header.Message).toMatch(/at most 3 .* in \d+ s/);
    // The same user makes room for himself.
    expect((await create(cloud.connection, { UserId: 'user-0' })).Header.Code).toBe(0);
    await of(cloud.connection, paths.close, ids[1] ?? '');
    expect((await create(cloud.connection, { UserId: 'user-3' })).Header.Code).toBe(0);
    expect(cloud.sessions).toBe(3);
    await cloud.close();
  });

  it('closes the older session of a user, who is told why', async () => {
    const { cloud, stages, clock } = shared;
    const older = await ready(cloud.connection, { UserId: 'henry' });
    const first = await ChannelClient.connect(cloud.connection, older.id);
    const drive = first.text('The older one is in the middle of this.');
    (await stages.get(older.id)!.entry(0)).start();
    await first.has(drive, 'TextStart');
    const began = clock.now();
    const newer = await ready(cloud.connection, { UserId: 'henry' });
    expect((await of(cloud.connection, paths.stat, older.id)).Payload).toMatchObject({
      SessionStatus: 2,
      CloseType: 5,
      ErrorCode: 110022,
    });
    expect(stages.get(older.id)?.closed).toBe(true);
    expect((await of(cloud.connection, paths.start, older.id)).Header.Code).toBe(110022);
    expect((await of(cloud.connection, paths.stat, newer.id)).Payload).toMatchObject({ SessionStatus: 1 });
    // No time passed on the server's clock, and nothing of the older one reaches the newer.
    expect(await first.closed).toMatchObject({ code: 1000 });
    expect(clock.now()).toBe(began);
    expect(first.messages.at(-1)?.Payload.ErrorCode).toBe(110022);
    const second = await ChannelClient.connect(cloud.connection, newer.id);
    const other = second.text('The newer one.');
    (await stages.get(newer.id)!.entry(0)).finish();
    await second.has(other, 'TextOver');
    expect(new Set(second.messages.map(({ Payload }) => Payload.ReqId))).toEqual(new Set([other]));
    expect(stages.get(newer.id)!.entries).toHaveLength(1);
  });

  it('lists what lives, by project, asset, avatar and altogether', async () => {
    const { cloud } = await world();
    const { connection } = cloud;
    const byAsset = await ready(connection, { UserId: 'a', AssetVirtualmanKey: 'key-1', DriverType: 3 });
    const project = await call(connection, paths.create, {
      ReqId: newRequestId(), UserId: 'b', Protocol: 'rtmp', DriverType: 1, VirtualmanProjectId: connection.projectId,
    }); // prettier-ignore
    const ids = async (path: string, fields: Record<string, unknown>): Promise<unknown[]> => {
      const { Payload } = await call(connection, path, { ReqId: newRequestId(), ...fields });
      return (Payload.Sessions ?? []).map((session) => session['SessionId']);
    };
    expect(await ids(paths.listAll, {})).toEqual([byAsset.id, project.Payload.SessionId]);
    expect(await ids(paths.listProject, { VirtualmanProjectId: connection.projectId })).toEqual([
      project.Payload.SessionId,
    ]);
    expect(await ids(paths.listAsset, { AssetVirtualmanKey: 'key-1' })).toEqual([byAsset.id]);
    expect(await ids(paths.listAvatar, { VirtualmanKey: 'key-1' })).toEqual([byAsset.id]);
    const all = await call(connection, paths.listAll, { ReqId: newRequestId() });
    expect(all.Payload.Sessions?.[0]).toMatchObject({
      UserId: 'a',
      DriverType: 3,
      SessionStatus: 1,
      IsSessionStarted: true,
      PlayStreamAddr: `rtmp://127.0.0.1/live/${byAsset.id}`,
    });
    await of(connection, paths.close, byAsset.id);
    expect(await ids(paths.listAll, {})).toEqual([project.Payload.SessionId]);
    await cloud.close();
  });
});
