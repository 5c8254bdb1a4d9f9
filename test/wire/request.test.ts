import { describe, expect, it } from 'vitest';
import { buildRequest, readRequest, type DriveRequest, type SpeechSettings } from '../../src/wire/index.js';

const ids = { requestId: 'd7aa08da33dd4a662ad5be508c5b77cf', streamId: 's', projectId: 'p' };
const text = (more: object = {}): DriveRequest => ({ kind: 'text', text: 'Hello', ...ids, ...more });
const stream = (more: object = {}): DriveRequest => ({
  kind: 'stream',
  text: 'Hello',
  sequence: 1,
  final: false,
  ...ids,
  ...more,
});
const payload = (request: DriveRequest): Record<string, unknown> =>
  (JSON.parse(buildRequest(request).frame) as { Payload: Record<string, unknown> }).Payload;

describe('buildRequest', () => {
  it('writes a text request with both envelope objects', () => {
    expect(JSON.parse(buildRequest(text({ speech: { timbre: '' } })).frame)).toEqual({
      Header: {},
      Payload: {
        ReqId: ids.requestId,
        StreamId: 's',
        VirtualmanProjectId: 'p',
        InputText: 'Hello',
        DriverType: 'TEXT',
        InputTextType: 'MARKDOWN',
        SpeechParam: { TimbreKey: '' },
      },
    });
  });
  it('writes every speech setting by its documented name', () => {
    const speech: SpeechSettings = {
      timbre: 't',
      speed: 1.5,
      volume: -10,
      emotion: 'happy',
      emotionIntensity: 200,
      smartActions: true,
      subtitles: 'word',
      language: 'en',
    };
    expect(payload(text({ speech }))['SpeechParam']).toEqual({
      TimbreKey: 't',
      Speed: 1.5,
      Volume: -10,
      EmotionCategory: 'happy',
      EmotionIntensity: 200,
      SmartActionEnabled: true,
      SubtitleType: 1,
      TimbreLanguage: 'en',
    });
  });
  it.each([
    ['say', 'CHATTING'],
    ['start', 'START_CHAT'],
    ['stop', 'STOP_CHAT'],
  ] as const)('writes the chat command %s', (command, name) => {
    expect(payload({ kind: 'chat', command, text: '', ...ids })).toMatchObject({
      DriverType: 'CHAT',
      ChatCommand: name,
    });
  });
  it('allows an empty closing fragment', () => {
    expect(payload(stream({ text: '', sequence: 7, final: true }))).toMatchObject({
      InputText: '',
      Seq: 7,
      IsFinal: true,
    });
  });
  it('counts bytes, not characters', () => {
    expect(() => buildRequest(stream({ text: '好'.repeat(333) }))).not.toThrow();
    expect(() => buildRequest(stream({ text: '好'.repeat(334) }))).toThrow(/1000 bytes.*1002/);
  });
  it('warns of a text over the usual limit and sends it', () => {
    expect(buildRequest(text({ text: 'a'.repeat(4001) })).warnings).toHaveLength(1);
    expect(buildRequest(text({ text: 'a'.repeat(4000) })).warnings).toHaveLength(0);
  });
  it.each<[string, DriveRequest]>([
    ['requestId', text({ requestId: 'd7aa08da-33dd-4a66-2ad5-be508c5b77cf' })],
    ['streamId', text({ streamId: '' })],
    ['projectId', text({ projectId: '' })],
    ['text', text({ text: '' })],
    ['text', text({ text: 'half \ud83d' })],
    ['markup', text({ markup: 'html' })],
    ['markup', stream({ markup: 'ssml' })],
    ['sequence', stream({ sequence: 0 })],
    ['sequence', stream({ sequence: 1.5 })],
    ['command', { kind: 'chat', command: 'sing', text: '', ...ids } as unknown as DriveRequest],
    ['speech.speed', text({ speech: { speed: 2.01 } })],
    ['speech.speed', text({ speech: { speed: NaN } })],
    ['speech.volume', text({ speech: { volume: 11 } })],
    ['speech.volume', text({ speech: { volume: 0.5 } })],
    ['speech.emotionIntensity', text({ speech: { emotion: 'x', emotionIntensity: 49 } })],
    ['speech.emotionIntensity', text({ speech: { emotionIntensity: 100 } })],
    ['speech.subtitles', text({ speech: { subtitles: 'line' } })],
  ])('refuses a bad %s', (field, request) => {
    expect(() => buildRequest(request)).toThrow(
      expect.objectContaining({
        code: 'ERR_WIRE_LIMIT',
        message: expect.stringMatching(`^${field}:`) as string,
      }),
    );
  });
});

describe('readRequest', () => {
  it.each<DriveRequest>([
    {
      kind: 'text',
      text: 'Hi 😀',
      markup: 'ssml',
      ...ids,
      speech: { speed: 0.5, subtitles: 'character', volume: 3 },
    },
    { kind: 'stream', text: 'x', sequence: 3, final: true, ...ids },
    { kind: 'chat', text: '', command: 'stop', ...ids },
  ])('reads back what buildRequest wrote: $kind', (request) => {
    expect(readRequest(buildRequest(request).frame)).toEqual({ ok: true, request, warnings: [] });
  });
  it('reads what the vendor browser client sends', () => {
    const body = {
      header: {},
      payload: {
        reqId: ids.requestId,
        streamId: 's',
        virtualmanProjectId: 'p',
        inputText: 'Hi',
        inputTextType: 'SSML',
        driverType: 'TEXT',
        seq: 0,
        isFinal: false,
        speechParam: { smartActionEnabled: true },
      },
    };
    expect(readRequest(JSON.stringify(body))).toMatchObject({
      ok: true,
      request: { kind: 'text', markup: 'ssml', speech: { smartActions: true } },
    });
  });
  const raw = (more: object): string =>
    JSON.stringify({
      Payload: {
        ReqId: ids.requestId,
        StreamId: 's',
        VirtualmanProjectId: 'p',
        DriverType: 'TEXT',
        InputText: 'x',
        ...more,
      },
    });
  it('reads numbers that came as strings', () => {
    expect(readRequest(raw({ DriverType: 'stream_text', Seq: '4', IsFinal: 'true' }))).toMatchObject({
      request: { sequence: 4, final: true },
    });
  });
  it.each([
    ['InputText', { InputText: '' }],
    ['InputText', { InputText: 5 }],
    ['InputText', { DriverType: 'STREAM_TEXT', Seq: 1, InputText: 'x'.repeat(1001) }],
    ['InputTextType', { DriverType: 'STREAM_TEXT', Seq: 1, InputTextType: 'SSML' }],
    ['DriverType', { DriverType: 'DANCE' }],
    ['DriverType', { DriverType: undefined }],
    ['Seq', { DriverType: 'STREAM_TEXT' }],
    ['ReqId', { ReqId: '' }],
    ['StreamId', { StreamId: 'x'.repeat(200) }],
    ['SpeechParam', { SpeechParam: [] }],
    ['SpeechParam.Speed', { SpeechParam: { Speed: 100 } }],
    ['SpeechParam.EmotionIntensity', { SpeechParam: { EmotionIntensity: 5 } }],
  ])('names the field it refuses: %s', (field, more) => {
    expect(readRequest(raw(more))).toMatchObject({ ok: false, refusal: { field, code: 100001 } });
  });
  it('keeps the ids of a refused request for the answer', () => {
    expect(readRequest(raw({ InputText: '' }))).toMatchObject({
      refusal: { requestId: ids.requestId, streamId: 's' },
    });
  });
  it.each(['', '{', '[]', '{"Payload":3}', new Uint8Array([0xff, 0xfe])])(
    'refuses %j as a whole',
    (input) => {
      expect(readRequest(input)).toMatchObject({ ok: false, refusal: { requestId: undefined } });
    },
  );
});
