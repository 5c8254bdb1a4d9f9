import { describe, expect, it } from 'vitest';
import {
  readRestRequest,
  readRestResponse,
  restCallOf,
  restPaths,
  restUrl,
  channelUrl,
  writeRestError,
  writeRestRequest,
  writeRestResponse,
  type CreateByAsset,
  type RestCall,
} from '../../src/wire/index.js';
import { codeOf } from '../code-of.js';
import {
  created,
  creationSettings as settings,
  requestId,
  restRequests as requests,
  restResponses as responses,
  wholeCreation as whole,
} from './session-samples.js';

const calls = Object.keys(restPaths) as RestCall[];
const payloadOf = (body: string): Record<string, unknown> =>
  (JSON.parse(body) as { Payload: Record<string, unknown> }).Payload;
const create = (more: object): string =>
  JSON.stringify({
    Payload: {
      ReqId: requestId,
      AssetVirtualmanKey: 'a',
      UserId: 'u',
      Protocol: 'rtmp',
      DriverType: 1,
      ...more,
    },
  });
const refusedField = (more: object): string => {
  const reading = readRestRequest('createByAsset', create(more));
  return reading.ok ? 'taken' : reading.refusal.field;
};

describe('addresses', () => {
  it('take http and ws for each other and keep a prefix', () => {
    expect(restUrl('ws://h:1/', 'stat').href).toBe(`http://h:1${restPaths.stat}`);
    expect(restUrl('https://h/pre', 'close').href).toBe(`https://h/pre${restPaths.close}`);
    expect(channelUrl('https://h').href).toBe(
      'wss://h/v2/ws/ivh/interactdriver/interactdriverservice/commandchannel',
    );
  });
  it.each(['', 'ftp://h', 'http://user@h', 'http://h?x', 'http://h#x'])('refuse %j', (origin) => {
    expect(codeOf(() => restUrl(origin, 'stat'))).toBe('ERR_OPTION_INVALID');
  });
  it('are found by their path, and inherited names are not', () => {
    expect(calls.map((call) => restCallOf(restPaths[call]))).toEqual(calls);
    expect(restCallOf('/constructor')).toBeUndefined();
  });
});

describe('requests', () => {
  it.each(calls)('%s comes back as it was written', (call) => {
    const reading = readRestRequest(call, writeRestRequest(call, requests[call]));
    expect(reading).toEqual({ ok: true, request: requests[call], warnings: [] });
  });

  it('has every documented name of a creation', () => {
    expect(JSON.parse(writeRestRequest('createByAsset', whole))).toEqual({
      Header: {},
      Payload: {
        ReqId: requestId,
        SessionId: 'own',
        AssetVirtualmanKey: 'asset',
        UserId: 'henry',
        Protocol: 'trtc',
        DriverType: 3,
        ProtocolOption: {
          TrtcUseExternalApp: true,
          TrtcAppId: 'app',
          TrtcRoomId: 4294967294,
          TrtcStrRoomId: 'room',
          TrtcAutoGenRoomIdType: 1,
          TrtcUserSig: 'sig',
          TrtcPrivateMapKey: 'key',
          CssCustomPushUrl: 'rtmp://xyz.com/app/streamid?txSecret=0&txTime=1',
        },
        SpeechParam: { Speed: 112.5, TimbreKey: 't', Volume: -10, TimbreLanguage: 'en-US' },
        StreamMaxInterval: 6000,
        ExtraInfo: { AlphaChannelEnable: true, AlphaPadDisable: false },
        Backgrounds: [{ Any: 1 }],
        Foregrounds: [{ Any: 2 }],
        AnchorParam: { SilenceActionDisabled: true },
      },
    });
  });

  it('leaves out what is not given, as the sample of the documents does', () => {
    const sample = {
      ReqId: requestId,
      AssetVirtualmanKey: requestId,
      DriverType: 1,
      UserId: 'henry',
      Protocol: 'rtmp',
    };
    const body = writeRestRequest('createByAsset', {
      requestId,
      assetKey: requestId,
      driver: 'text',
      userId: 'henry',
      protocol: 'rtmp',
    });
    expect(payloadOf(body)).toEqual(sample);
  });

  it.each<[string, Partial<CreateByAsset>]>([
    ['speed over 200 percent', { speech: { speedPercent: 200.1 } }],
    ['a speed of the other API', { speech: { speedPercent: 1 } }],
    ['a broken volume', { speech: { volumeDb: 0.5 } }],
    [
      'six layers',
      { backgrounds: Array<object>(3).fill({}), foregrounds: Array<object>(3).fill({}) } as never,
    ],
    ['a layer that is no object', { backgrounds: ['picture.png'] as never }],
    ['a layer that JSON cannot hold', { foregrounds: [{ X: Number.NaN }] }],
    ['a layer with a function', { foregrounds: [{ Draw: () => 1 }] as never }],
    ['half a character in a layer', { backgrounds: [{ Url: '\ud83d' }] }],
    ['a layer of 16 KiB', { backgrounds: [{ Url: 'x'.repeat(16 * 1024) }] }],
    [
      'a layer of nine levels',
      { backgrounds: [JSON.parse(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`) as never] },
    ],
    ['a flag that is a word', { silenceActionsDisabled: 'yes' as never }],
    ['a number for the alpha channel', { alphaChannel: 1 as never }],
    ['a short interval', { streamMaxIntervalMs: 1999 }],
    ['a protocol in capitals', { protocol: 'RTMP' as never }],
    ['the old driver type', { driver: 'modulated' as never }],
    ['no user', { userId: '' }],
    ['an external app without its id', { output: { trtcExternalApp: true } }],
    [
      'an external app without a room',
      { output: { ...whole.output, trtcRoomId: undefined, trtcRoomName: '' } },
    ],
    ['a room number too large', { output: { trtcRoomId: 4294967295 } }],
    ['a push address of another scheme', { output: { pushUrl: 'file:///etc/passwd' } }],
    ['a dashed request id', { requestId: 'd7aa08da-33dd-4a66-2ad5-be508c5b77cf' }],
  ])('is not written with %s', (_name, more) => {
    expect(codeOf(() => writeRestRequest('createByAsset', { ...whole, ...more }))).toBe('ERR_WIRE_LIMIT');
  });

  it('shows no secret in the error for a push address', () => {
    try {
      writeRestRequest('createByAsset', { ...whole, output: { pushUrl: 'http://canary-key' } });
      expect.unreachable();
    } catch (thrown) {
      expect(JSON.stringify(thrown) + String(thrown)).not.toContain('canary');
    }
  });

  it('with speech settings is refused for a project', () => {
    const request = { ...settings, projectId: 'p', speech: {} } as never;
    expect(codeOf(() => writeRestRequest('createByProject', request))).toBe('ERR_WIRE_LIMIT');
  });
});

describe('what our server reads', () => {
  it('takes numbers as strings, null, lower-case first letters and no header', () => {
    const body = JSON.stringify({
      payload: {
        reqId: 'short',
        assetVirtualmanKey: 12345,
        userId: 'u',
        protocol: 'WebRTC',
        driverType: '3',
        sessionId: '',
        speechParam: { speed: '150', volume: null },
        protocolOption: { strTrtcRoomId: 'room', trtcUseExternalApp: 1 },
      },
    });
    expect(readRestRequest('createByAsset', body)).toEqual({
      ok: true,
      warnings: ['ReqId is not 32 hex digits'],
      request: {
        requestId: 'short',
        assetKey: '12345',
        userId: 'u',
        protocol: 'webrtc',
        driver: 'audio',
        speech: { speedPercent: 150 },
        output: { trtcRoomName: 'room', trtcExternalApp: true },
      },
    });
  });

  it.each<[string, object]>([
    ['Protocol', { Protocol: 'rtsp' }],
    ['DriverType', { DriverType: 2 }],
    ['UserId', { UserId: null }],
    ['SpeechParam.Speed', { SpeechParam: { Speed: 1.0 } }],
    ['SpeechParam.Volume', { SpeechParam: { Volume: 'loud' } }],
    ['ProtocolOption', { ProtocolOption: [] }],
    ['StreamMaxInterval', { StreamMaxInterval: 7000 }],
    ['Backgrounds', { Backgrounds: [{}, {}, {}], Foregrounds: [{}, {}, {}] }],
    ['Backgrounds', { Backgrounds: [1] }],
  ])('names %s', (name, more) => {
    expect(refusedField(more)).toBe(name);
  });

  it.each([
    ['', 'not valid JSON'],
    ['[]', 'Payload'],
    ['{"Payload":7}', 'Payload'],
  ])('refuses %j', (body, word) => {
    const reading = readRestRequest('stat', body);
    expect(reading.ok ? '' : reading.refusal.message).toContain(word);
  });
});

describe('responses', () => {
  it.each(calls)('%s comes back as it was written', (call) => {
    expect(readRestResponse(call, writeRestResponse(call, responses[call], '123'))).toEqual({
      kind: 'answer',
      response: responses[call],
    });
  });

  it('reads the sample of the documents', () => {
    const sample =
      '{ "Header": { "Code": 0, "Message": "", "RequestID": "123" }, "Payload": { "ReqId": "d7aa08da33dd4a662ad5be508c5b77cf", "SessionId": "m789", "SessionStatus": 1, "PlayStreamAddr": "rtmp://live.qq.com/live/m789" } }';
    expect(readRestResponse('createByAsset', sample)).toEqual({ kind: 'answer', response: created });
  });

  it('tells a failure without payload, and one inside it', () => {
    expect(readRestResponse('start', writeRestError(100014, 'Name: text', '1'))).toEqual({
      kind: 'error',
      code: 100014,
      message: 'Name: text',
    });
    const inner = '{"Header":{"Code":0},"Payload":{"ErrorCode":"110016","ErrorMsg":"no"}}';
    expect(readRestResponse('start', inner)).toEqual({ kind: 'error', code: 110016, message: 'no' });
  });

  it.each(['', '[]', '{}', 'null', '<html>'])('calls %j malformed', (body) => {
    expect(readRestResponse('stat', body).kind).toBe('malformed');
  });

  it('keeps what it can of unknown numbers and wrong types', () => {
    const body =
      '{"Payload":{"SessionStatus":"9","IsSessionStarted":"true","ErrorCode":null,"CloseType":77}}';
    expect(readRestResponse('stat', body)).toEqual({
      kind: 'answer',
      response: { requestId: '', status: 'unknown', started: true, errorCode: 0 },
    });
    const sessions = '{"Payload":{"Sessions":[null,{"DriverType":"3","SessionStatus":1}]}}';
    expect(readRestResponse('listByAccount', sessions)).toEqual({
      kind: 'answer',
      response: {
        requestId: '',
        sessions: [{ userId: '', sessionId: '', status: 'ready', started: false, driver: 'audio' }],
      },
    });
  });
});
