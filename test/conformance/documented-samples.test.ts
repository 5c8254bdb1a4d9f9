import { describe, expect, it } from 'vitest';

import {
  readCommand,
  readFrame,
  readRequest,
  readRestRequest,
  readRestResponse,
} from '../../src/wire/index.js';
import { damagedReply, damagedSpeech, sampleRequestId } from '../wire/samples.js';

/**
 * The samples of the page "Endpoint Rendering Driver API" as they stand there:
 * a comma is missing in two of them, comments stand in the third. No peer sends
 * that; a reader of documents may repair it, the wire reads strict JSON.
 */
const request = `{
"Header": {},
"Payload": {
"VirtualmanProjectId": "253b2a182d694a60bed82635b18025a2",
"InputText": "Which domains?"
"ReqId": "d7aa08da33dd4a662ad5be508c5b77cf",
"StreamId": "92597c35-3a99-415e-9bae-3124771b7749",
"DriverType": "TEXT",
"SpeechParam": {
"TimbreKey": ""
}
}
}`;
const reply = damagedReply.replace(/("ReplyDisplay":"[^"]*"),/, '$1\n');
const speech = damagedSpeech.replace('"Audio":"",', '"Audio": "", // Content too long, not displayed\n');

/** What a reader of the page does in its head. */
function repair(text: string): string {
  return text
    .replace(/^(\s*\/\/.*|(.*?["\w],?)\s*\/\/.*)$/gm, '$2')
    .replace(/"\s*\n\s*"/g, '",\n"')
    .replace(/,(\s*[}\]])/g, '$1');
}

describe('the documented samples', () => {
  it.each([
    ['request', request],
    ['REPLY', reply],
    ['SPEECH', speech],
  ])('%s, as it stands, is no JSON: told, never thrown', (_name, text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(readFrame(text).frame).toEqual({ kind: 'malformed', fault: 'not valid JSON' });
    const reading = readRequest(text);
    expect(reading.ok).toBe(false);
    if (!reading.ok) expect(reading.refusal.code).toBe(100001);
  });

  it('request, repaired, is a request of a text', () => {
    expect(readRequest(repair(request))).toMatchObject({
      ok: true,
      request: { kind: 'text', text: 'Which domains?', speech: { timbre: '' } },
      warnings: [],
    });
  });

  it('REPLY, repaired, finds its drive although a piece of it is lost', () => {
    const { frame } = readFrame(repair(reply));
    expect(frame).toMatchObject({
      kind: 'reply',
      requestId: sampleRequestId,
      streamId: '92597c35-3a99-415e-9bae-3124771b7749',
      reply: { clause: 2, last: true, uninterruptible: false, replyType: 'input' },
    });
  });

  it('SPEECH, repaired, keeps all its times, the misspelt one too', () => {
    const { frame } = readFrame(repair(speech));
    expect(frame.kind).toBe('speech');
    if (frame.kind !== 'speech') return;
    const { phones, subtitles } = frame.speech.timing;
    expect(phones).toHaveLength(17);
    expect(phones.at(-1)?.end).toBe(24_200_000);
    expect(subtitles.map((word) => word.start).at(-1)).toBe(16_000_000);
    expect(subtitles).toHaveLength(8);
  });
});

const ids = `"ReqId": "d7aa08da33dd4a662ad5be508c5b77cf",
"SessionId": "m123adfafvbadsafd",`;
const command = (name: string, data: string): string => `{
"Header": {},
"Payload": {
${ids}
"Command": "${name}",
"Data": {
${data}
}
}
}`;

/** The samples of the pages on sessions, each as it stands, and in their own words what it asks for. */
describe('the documented samples of sessions', () => {
  it.each([
    ['SEND_HEARTBEAT', command('SEND_HEARTBEAT', '"Text": "PING",'), { kind: 'heartbeat' }],
    [
      'SEND_TEXT',
      command(
        'SEND_TEXT',
        '"Text": "Hello, I am", "ChatCommand": "NotUseChat"//This drive is purely text-driven.',
      ),
      { kind: 'text', text: 'Hello, I am', asIs: true },
    ],
    [
      'SEND_STREAMTEXT of a clause',
      command(
        'SEND_STREAMTEXT',
        `"Text": "Clause",
"Seq": 1,
"IsFinal": false,
//No final packet is needed.
"IsSentence": true,
"IsInsertSentence": false//True for an insertion.`,
      ),
      { kind: 'stream', sequence: 1, final: false, clause: true, insert: false },
    ],
  ])(
    '%s, as it stands, is no JSON: refused, never thrown; repaired it is what it says',
    (_name, text, wanted) => {
      const reading = readCommand(text);
      expect(reading.ok).toBe(false);
      if (!reading.ok) expect(reading.refusal.code).toBe(100001);
      expect(readCommand(repair(text))).toMatchObject({ ok: true, command: wanted, warnings: [] });
    },
  );

  it.each([
    ['a fragment', '"Text": "Streaming", "Seq": 1, "IsFinal": false', { text: 'Streaming', final: false }],
    ['the final packet', '"Text": "ended.", "Seq": 59, "IsFinal": true', { sequence: 59, final: true }],
    [
      'the interrupt',
      '"Text": "", "Seq": 59, "IsFinal": true, "Interrupt": true',
      { text: '', sequence: 59, interrupt: true },
    ],
  ])('SEND_STREAMTEXT, %s', (_name, data, wanted) =>
    expect(readCommand(command('SEND_STREAMTEXT', data))).toMatchObject({
      ok: true,
      command: wanted,
      warnings: [],
    }),
  );

  it('createsessionbyasset and its answer', () => {
    const key = 'd7aa08da33dd4a662ad5be508c5b77cf';
    const asked = `{ "Header": { }, "Payload": { "ReqId": "${key}", "AssetVirtualmanKey": "${key}", "DriverType": 1, "UserId": "henry", "Protocol": "rtmp" } }`;
    expect(readRestRequest('createByAsset', asked)).toMatchObject({
      ok: true,
      request: { requestId: key, assetKey: key, driver: 'text', userId: 'henry', protocol: 'rtmp' },
      warnings: [],
    });
    const answered = `{ "Header": { "Code": 0, "Message": "", "RequestID": "123" }, "Payload": { "ReqId": "${key}", "SessionId": "m789", "SessionStatus": 1, "PlayStreamAddr": "rtmp://live.qq.com/live/m789" } }`;
    expect(readRestResponse('createByAsset', answered)).toEqual({
      kind: 'answer',
      response: {
        requestId: key,
        sessionId: 'm789',
        status: 'ready',
        playAddress: 'rtmp://live.qq.com/live/m789',
      },
    });
  });
});
