import { describe, expect, it } from 'vitest';
import {
  readChannelMessage,
  readCommand,
  readRestRequest,
  writeChannelError,
  writeCommand,
  writeContent,
  writeStatus,
  writeUninterruptible,
  type Command,
  type SpeakStatus,
} from '../../src/wire/index.js';
import { codeOf } from '../code-of.js';
import { commandIds as ids, commands, pcm } from './session-samples.js';

describe('commands', () => {
  it.each(commands.map((command) => [command.kind, command] as const))(
    '%s comes back as it was written',
    (_, command) => {
      const reading = readCommand(writeCommand(command));
      expect(
        reading.ok && {
          ...reading.command,
          ...('pcm' in reading.command && { pcm: [...reading.command.pcm] }),
        },
      ).toEqual({
        ...command,
        ...('pcm' in command && { pcm: [...command.pcm] }),
      });
      expect(reading).toMatchObject({ ok: true, warnings: [] });
    },
  );

  it('are written as the samples of the documents have them', () => {
    const payload = (command: Command): unknown =>
      (JSON.parse(writeCommand(command)) as { Payload: unknown }).Payload;
    const base = { ReqId: ids.requestId, SessionId: ids.sessionId };
    expect(payload({ kind: 'heartbeat', ...ids })).toEqual({
      ...base,
      Command: 'SEND_HEARTBEAT',
      Data: { Text: 'PING' },
    });
    expect(payload({ kind: 'text', ...ids, text: 'Hello', asIs: true })).toEqual({
      ...base,
      Command: 'SEND_TEXT',
      Data: { Text: 'Hello', ChatCommand: 'NotUseChat' },
    });
    expect(payload({ kind: 'text', ...ids, text: '', interrupt: true })).toEqual({
      ...base,
      Command: 'SEND_TEXT',
      Data: { Interrupt: true },
    });
    expect(payload({ kind: 'stream', ...ids, text: '', sequence: 59, final: true, interrupt: true })).toEqual(
      {
        ...base,
        Command: 'SEND_STREAMTEXT',
        Data: { Text: '', Seq: 59, IsFinal: true, Interrupt: true },
      },
    );
  });

  it.each<[string, Command]>([
    ['a text of 4001 bytes', { kind: 'text', ...ids, text: 'é'.repeat(2000) + 'x' }],
    ['an empty text', { kind: 'text', ...ids, text: '' }],
    ['half a character', { kind: 'text', ...ids, text: '\ud83d' }],
    ['a long visitor id', { kind: 'text', ...ids, text: 'x', visitorId: 'v'.repeat(65) }],
    [
      'a fragment of 1001 bytes',
      { kind: 'stream', ...ids, text: 'x'.repeat(1001), sequence: 1, final: false },
    ],
    ['sequence 0', { kind: 'stream', ...ids, text: 'x', sequence: 0, final: false }],
    [
      'text beside interrupt',
      { kind: 'stream', ...ids, text: 'x', sequence: 1, final: true, interrupt: true },
    ],
    [
      'an insertion outside clause mode',
      { kind: 'stream', ...ids, text: 'x', sequence: 1, final: false, insert: true },
    ],
    [
      'a long packet of sound',
      { kind: 'audio', ...ids, pcm: new Uint8Array(5122), sequence: 1, final: false },
    ],
    ['half a sample', { kind: 'audio', ...ids, pcm: new Uint8Array(3), sequence: 1, final: false }],
    ['sound in the final packet', { kind: 'audio', ...ids, pcm, sequence: 1, final: true }],
    [
      'an empty packet that is not final',
      { kind: 'audio', ...ids, pcm: new Uint8Array(0), sequence: 1, final: false },
    ],
    ['no session', { kind: 'heartbeat', ...ids, sessionId: '' }],
    ['a short request id', { kind: 'heartbeat', ...ids, requestId: 'abc' }],
  ])('are not written with %s', (_name, command) => {
    expect(codeOf(() => writeCommand(command))).toBe('ERR_WIRE_LIMIT');
  });

  it('are taken at their limits', () => {
    writeCommand({ kind: 'text', ...ids, text: 'é'.repeat(2000) });
    writeCommand({ kind: 'stream', ...ids, text: 'é'.repeat(500), sequence: 1, final: true });
    writeCommand({ kind: 'audio', ...ids, pcm: new Uint8Array(5120), sequence: 1, final: false });
  });

  it('are read from what other clients send', () => {
    const sent = {
      payload: {
        reqId: ids.requestId,
        sessionId: ids.sessionId,
        command: 'send_streamtext',
        data: { text: 'x'.repeat(2000), seq: '1', isFinal: 'true', isInsertSentence: true },
      },
    };
    expect(readCommand(JSON.stringify(sent))).toEqual({
      ok: true,
      command: { kind: 'stream', ...ids, text: 'x'.repeat(2000), sequence: 1, final: true, insert: false },
      warnings: ['Data.IsInsertSentence has no effect without IsSentence'],
    });
    const audio = {
      Payload: {
        ReqId: ids.requestId,
        SessionId: 'm',
        Command: 'SEND_AUDIO',
        Data: { Audio: 'AQID', Seq: 0, IsFinal: true },
      },
    };
    expect(readCommand(JSON.stringify(audio))).toMatchObject({
      ok: true,
      warnings: [
        'Data.Audio has an odd number of bytes',
        'Data.Audio of a final packet is not empty',
        'Data.Seq is 0; the first packet has 1',
      ],
    });
    const beat = { Payload: { ReqId: ids.requestId, SessionId: 'm', Command: 'SEND_HEARTBEAT' } };
    expect(readCommand(JSON.stringify(beat))).toMatchObject({ ok: true, command: { kind: 'heartbeat' } });
  });

  it.each<[string, string, object]>([
    ['Command', 'DANCE', {}],
    ['Data.Text', 'SEND_TEXT', {}],
    ['Data.Text', 'SEND_TEXT', { Text: 'é'.repeat(2001) }],
    ['Data.Text', 'SEND_TEXT', { Text: [] }],
    ['Data.ChatCommand', 'SEND_TEXT', { Text: 'x', ChatCommand: 'Shout' }],
    ['Data.Seq', 'SEND_STREAMTEXT', { Text: 'x' }],
    ['Data.Seq', 'SEND_STREAMTEXT', { Text: 'x', Seq: -1 }],
    ['Data.Audio', 'SEND_AUDIO', { Audio: '*', Seq: 1 }],
    ['Data.Audio', 'SEND_AUDIO', { Audio: 'A'.repeat(70_000), Seq: 1 }],
    ['Data', 'SEND_TEXT', 7 as never],
  ])('that break a limit are refused by the name %s (%s)', (name, command, data) => {
    const reading = readCommand(
      JSON.stringify({ Payload: { ReqId: ids.requestId, SessionId: 'm', Command: command, Data: data } }),
    );
    expect(reading).toMatchObject({
      ok: false,
      refusal: { code: 100001, field: name, requestId: ids.requestId, sessionId: 'm' },
    });
  });

  it('without their ids are refused', () => {
    expect(readCommand('{"Payload":{"Command":"SEND_HEARTBEAT"}}')).toMatchObject({
      refusal: { field: 'ReqId' },
    });
    expect(readCommand('{')).toMatchObject({ refusal: { field: 'message', requestId: undefined } });
  });

  it('nested too deep are not even parsed', () => {
    const deep = (levels: number): string => `{"Payload":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(readCommand(deep(16))).toMatchObject({ refusal: { field: 'Payload' } });
    for (const read of [readCommand, (text: string) => readRestRequest('stat', text)])
      expect(read(deep(17))).toMatchObject({ refusal: { code: 100001, field: 'depth' } });
  });
});

const statuses: readonly SpeakStatus[] = ['initial', 'waiting-text-start', 'text-start', 'waiting-text-over', 'text-over', 'waiting-audio-start', 'audio-start', 'waiting-audio-over', 'audio-over', 'clause-start', 'clause-over', 'clause-next', 'error']; // prettier-ignore

describe('messages of the channel', () => {
  it.each(statuses)('status %s comes back as it was written', (status) => {
    expect(readChannelMessage(writeStatus(ids, status, { sequence: 3 }))).toEqual({
      kind: 'status',
      status,
      sequence: 3,
      errorCode: 0,
      errorMessage: '',
      ...ids,
    });
  });

  it('says what ended a sound, and why a drive failed', () => {
    expect(readChannelMessage(writeStatus(ids, 'audio-over', { audioEnd: 'timeout' }))).toMatchObject({
      audioEnd: 'timeout',
    });
    expect(
      readChannelMessage(writeStatus(ids, 'error', { errorCode: -111005, errorMessage: 'no' })),
    ).toMatchObject({
      kind: 'status',
      status: 'error',
      errorCode: -111005,
      errorMessage: 'no',
    });
  });

  it('is written with the documented names', () => {
    expect(JSON.parse(writeStatus(ids, 'clause-next', { sequence: 2 }))).toEqual({
      Header: { Code: 0, Message: '', RequestID: ids.requestId, SessionID: ids.sessionId },
      Payload: {
        SessionId: ids.sessionId,
        ReqId: ids.requestId,
        Type: 3,
        SpeakStatus: 'SentenceNext',
        Seq: 2,
      },
    });
    expect(JSON.parse(writeChannelError(ids, 110015, 'no', 'payload'))).toMatchObject({
      Header: { Code: 0 },
      Payload: { Type: 9, ErrorCode: 110015, ErrorMessage: 'no', ErrorMsg: 'no' },
    });
  });

  it('content comes back as it was written', () => {
    const content = {
      content: 'answer',
      sequence: 2,
      text: 'q',
      spokenText: '<speak>a</speak>',
      displayText: 'a',
      contentType: '4',
      spoken: true,
      last: true,
      highlighted: true,
      uninterruptible: true,
      microphoneOff: true,
      interactionType: 'OptionInfo',
      interactionContent: '{}',
      extra: '{}',
    } as const;
    expect(readChannelMessage(writeContent(ids, content))).toEqual({ kind: 'content', ...content, ...ids });
    expect(readChannelMessage(writeContent(ids, { content: 'input', contentType: 'Image' }))).toMatchObject({
      content: 'input',
      contentType: 'Image',
      spoken: false,
    });
  });

  it('failures are told by header, payload or type', () => {
    expect(readChannelMessage(writeChannelError(ids, 110014, 'gone'))).toEqual({
      kind: 'error',
      code: 110014,
      message: 'gone',
      sequence: 0,
      place: 'header',
      ...ids,
    });
    expect(readChannelMessage(writeChannelError(ids, 100012, 'no', 'header', 7))).toMatchObject({
      code: 100012,
      sequence: 7,
    });
    expect(readChannelMessage(writeChannelError(ids, 110015, 'no', 'payload'))).toMatchObject({
      code: 110015,
      place: 'payload',
    });
    expect(readChannelMessage('{"Payload":{"Type":0,"ErrorMsg":"x"}}')).toMatchObject({
      kind: 'error',
      code: 0,
      message: 'x',
    });
    expect(readChannelMessage('{"Payload":{"Type":2,"ErrorCode":100012}}')).toMatchObject({
      kind: 'error',
      code: 100012,
    });
    expect(readChannelMessage(writeUninterruptible(ids, 110015, 'no'))).toEqual({
      kind: 'uninterruptible',
      errorCode: 110015,
      errorMessage: 'no',
      ...ids,
    });
  });

  it('are read without envelope, with strings for numbers and lower-case names', () => {
    expect(
      readChannelMessage('{"type":"3","speakStatus":"textover","reqId":"r","sessionId":"s","seq":"4"}'),
    ).toEqual({
      kind: 'status',
      status: 'text-over',
      sequence: 4,
      errorCode: 0,
      errorMessage: '',
      requestId: 'r',
      sessionId: 's',
    });
    expect(readChannelMessage('{"Payload":{"SpeakStatus":"Text Start"}}')).toMatchObject({
      kind: 'status',
      status: 'text-start',
    });
  });

  it('unknown types and statuses are to be ignored, a pong is none', () => {
    expect(readChannelMessage('{"Payload":{"Type":42}}')).toMatchObject({ kind: 'other', type: 42 });
    expect(readChannelMessage('{"Payload":{"Type":3,"SpeakStatus":"Yawning"}}')).toMatchObject({
      kind: 'other',
    });
    expect(readChannelMessage('{"Header":{"Code":1,"Message":"pong frame"}}')).toEqual({ kind: 'pong' });
    expect(readChannelMessage('7').kind).toBe('malformed');
    expect(readChannelMessage(Buffer.from([0xff])).kind).toBe('malformed');
  });
});
