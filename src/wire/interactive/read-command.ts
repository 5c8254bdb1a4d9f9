import { decodeBase64 } from '../base64.js';
import { openEnvelope } from '../envelope.js';
import { asText, enumKey, field, type JsonObject } from '../fields.js';
import { isRequestId } from '../ids.js';
import { refusalCode } from '../read-request.js';
import { codePointLength, utf8Length } from '../text.js';
import {
  maxAudioBytes,
  maxTextBytes,
  maxVisitorIdCharacters,
  newerFragmentBytes,
  type AudioCommand,
  type Command,
  type StreamCommand,
  type TextCommand,
} from './command-types.js';
import { defined, PayloadReader, Refused } from './payload-reader.js';

export interface InteractiveRefusal {
  /** Goes into `Header.Code` of the answer. */
  readonly code: number;
  /** The documented name of the field at fault; `depth` or `message` when it is the whole. */
  readonly field: string;
  readonly message: string;
  /** As far as they could be read, so that the answer finds its drive. */
  readonly requestId: string | undefined;
  readonly sessionId: string | undefined;
}

export type CommandReading =
  | { readonly ok: true; readonly command: Command; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusal: InteractiveRefusal };

/** The server's side: reads one frame of the channel, or the body of a command over REST. Never throws. */
export function readCommand(input: Uint8Array | string): CommandReading {
  const envelope = openEnvelope(input);
  const { payload } = envelope;
  if (payload === undefined)
    return { ok: false, refusal: refusal(undefined, envelope.field, envelope.fault) };
  const warnings: string[] = [];
  try {
    return { ok: true, command: readPayload(payload, warnings), warnings };
  } catch (thrown) {
    if (thrown instanceof Refused)
      return { ok: false, refusal: refusal(payload, thrown.field, thrown.message) };
    throw thrown;
  }
}

export function refusal(payload: JsonObject | undefined, name: string, message: string): InteractiveRefusal {
  return {
    code: refusalCode.badRequest,
    field: name,
    message: `InvalidParameter: ${message}`,
    requestId: asText(field(payload, 'ReqId'))?.slice(0, 64),
    sessionId: asText(field(payload, 'SessionId'))?.slice(0, 128),
  };
}

/** Reads a command out of its payload; throws Refused. */
export function readPayload(payload: JsonObject, warnings: string[]): Command {
  const reader = new PayloadReader(payload, '', warnings);
  const ids = { requestId: readRequestId(reader), sessionId: reader.identifier('SessionId') };
  const name = enumKey(reader.text('Command') ?? '');
  const data = reader.object('Data') ?? new PayloadReader({}, 'Data.', warnings);
  switch (name) {
    case 'send_text':
      return { kind: 'text', ...ids, ...readText(data) };
    case 'send_streamtext':
      return { kind: 'stream', ...ids, ...readStream(data) };
    case 'send_audio':
      return { kind: 'audio', ...ids, ...readAudio(data) };
    case 'send_heartbeat':
      if (data.text('Text') !== 'PING') warnings.push('Data.Text of a heartbeat is not PING');
      return { kind: 'heartbeat', ...ids };
    default:
      throw reader.refused('Command', 'must be SEND_TEXT, SEND_STREAMTEXT, SEND_AUDIO or SEND_HEARTBEAT');
  }
}

export function readRequestId(reader: PayloadReader): string {
  const requestId = reader.identifier('ReqId', 64);
  if (!isRequestId(requestId)) reader.warnings.push('ReqId is not 32 hex digits');
  return requestId;
}

type Body<C> = Omit<C, 'kind' | 'requestId' | 'sessionId'>;

function readText(data: PayloadReader): Body<TextCommand> {
  const text = bounded(data, maxTextBytes);
  const interrupt = data.flag('Interrupt');
  if (text === '' && interrupt !== true) {
    throw data.refused('Text', 'must not be empty unless Interrupt is true');
  }
  const chat = enumKey(data.text('ChatCommand') ?? '');
  if (chat !== '' && chat !== 'notusechat') throw data.refused('ChatCommand', 'must be NotUseChat or empty');
  return {
    text,
    asIs: chat !== '',
    ...defined({
      interrupt,
      roundId: data.text('ChatRoundId', 128),
      visitorId: readVisitorId(data),
      smartActions: data.flag('SmartActionEnabled'),
      seiInfo: data.text('VideoSeiInfo'),
    }),
  };
}

function readVisitorId(data: PayloadReader): string | undefined {
  const id = data.text('CloudAiVisitorBizId');
  if (codePointLength(id ?? '') > maxVisitorIdCharacters) {
    throw data.refused('CloudAiVisitorBizId', `has at most ${maxVisitorIdCharacters} characters`);
  }
  return id;
}

function readStream(data: PayloadReader): Body<StreamCommand> {
  const clause = data.flag('IsSentence');
  let insert = data.flag('IsInsertSentence');
  if (insert === true && clause !== true) {
    data.warnings.push('Data.IsInsertSentence has no effect without IsSentence');
    insert = false;
  }
  const text = bounded(data, newerFragmentBytes);
  const sequence = readSequence(data);
  const interrupt = data.flag('Interrupt');
  // As the documents have it: an interrupt without a number does nothing. Better told than ignored.
  if (interrupt === true && text === '' && sequence === 0) {
    throw data.refused('Seq', 'must not be 0 beside Interrupt, which has no effect then');
  }
  return {
    text,
    sequence,
    final: data.flag('IsFinal') ?? false,
    ...defined({
      interrupt,
      smartActions: data.flag('SmartActionEnabled'),
      clause,
      insert,
    }),
  };
}

function readAudio(data: PayloadReader): Body<AudioCommand> {
  const base64 = data.text('Audio', Math.ceil(maxAudioBytes / 3) * 4) ?? '';
  const pcm = decodeBase64(base64);
  if (pcm === undefined) throw data.refused('Audio', 'must be standard base64');
  if (pcm.byteLength > maxAudioBytes) throw data.refused('Audio', `has at most ${maxAudioBytes} bytes`);
  if (pcm.byteLength % 2 !== 0) data.warnings.push('Data.Audio has an odd number of bytes');
  const final = data.flag('IsFinal') ?? false;
  if (final && pcm.byteLength > 0) data.warnings.push('Data.Audio of a final packet is not empty');
  return {
    pcm,
    sequence: readSequence(data),
    final,
    ...defined({ interrupt: data.flag('Interrupt'), seiInfo: data.text('VideoSeiInfo') }),
  };
}

function bounded(data: PayloadReader, maxBytes: number): string {
  const text = data.text('Text', maxBytes) ?? '';
  const bytes = utf8Length(text);
  if (bytes > maxBytes) throw data.refused('Text', `has at most ${maxBytes} bytes, not ${bytes}`);
  return text;
}

function readSequence(data: PayloadReader): number {
  const sequence = data.number('Seq', [0, Number.MAX_SAFE_INTEGER], true);
  if (sequence === undefined) throw data.refused('Seq', 'must be a whole number from 1');
  if (sequence === 0) data.warnings.push('Data.Seq is 0; the first packet has 1');
  return sequence;
}
