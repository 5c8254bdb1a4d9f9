import { openEnvelope } from './envelope.js';
import {
  asBoolean,
  asInteger,
  asNumber,
  asObject,
  asText,
  enumKey,
  field,
  type JsonObject,
} from './fields.js';
import { isRequestId } from './ids.js';
import { maxFragmentBytes, type DriveRequest, type Markup, type SpeechSettings } from './request.js';
import { utf8Length } from './text.js';

/** The codes of the vendor's table that a refusal uses. */
export const refusalCode = { badRequest: 100001 } as const;

export interface Refusal {
  /** Goes into `Header.Code` of the answer. */
  readonly code: number;
  /** The documented name of the field at fault; `depth` or `message` when it is the whole. */
  readonly field: string;
  readonly message: string;
  /** As far as they could be read, so that the answer finds its drive. */
  readonly requestId: string | undefined;
  readonly streamId: string | undefined;
}

export type RequestReading =
  | { readonly ok: true; readonly request: DriveRequest; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusal: Refusal };

class Refused extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The server's side: reads one upstream frame. Types and the case of a name's
 * first letter are taken as they come; a value outside a documented range is refused. Never throws.
 */
export function readRequest(input: Uint8Array | string): RequestReading {
  const envelope = openEnvelope(input);
  const { payload } = envelope;
  if (payload === undefined) return refuse(undefined, envelope.field, envelope.fault);
  const warnings: string[] = [];
  try {
    return { ok: true, request: readPayload(payload, warnings), warnings };
  } catch (thrown) {
    if (thrown instanceof Refused) return refuse(payload, thrown.field, thrown.message);
    throw thrown;
  }
}

function refuse(payload: JsonObject | undefined, name: string, message: string): RequestReading {
  const code = refusalCode.badRequest;
  const requestId = asText(field(payload, 'ReqId'))?.slice(0, 64);
  const streamId = asText(field(payload, 'StreamId'))?.slice(0, 128);
  return {
    ok: false,
    refusal: { code, field: name, message: `InvalidParameter: ${message}`, requestId, streamId },
  };
}

function readPayload(payload: JsonObject, warnings: string[]): DriveRequest {
  const requestId = identifier(payload, 'ReqId', 64);
  if (!isRequestId(requestId)) warnings.push('ReqId is not 32 hex digits');
  const speech = readSpeech(payload);
  const ids = {
    requestId,
    streamId: identifier(payload, 'StreamId', 128),
    projectId: identifier(payload, 'VirtualmanProjectId', 128),
    ...(speech === undefined ? {} : { speech }),
  };
  const text = readText(payload);
  const markup = choice<Markup>(payload, 'InputTextType', { markdown: 'markdown', ssml: 'ssml' }, 'markdown');
  const kind = choice(
    payload,
    'DriverType',
    { text: 'text', chat: 'chat', stream_text: 'stream' } as const,
    undefined,
  );
  if (kind === 'text') {
    if (text === '') throw new Refused('InputText', 'InputText must not be empty when DriverType is TEXT');
    return { kind, ...ids, text, markup };
  }
  if (kind === 'chat') {
    const commands = { chatting: 'say', start_chat: 'start', stop_chat: 'stop' } as const;
    return { kind, ...ids, text, command: choice(payload, 'ChatCommand', commands, 'say') };
  }
  if (markup === 'ssml') throw new Refused('InputTextType', 'SSML does not support streaming');
  const bytes = utf8Length(text);
  if (bytes > maxFragmentBytes) {
    throw new Refused('InputText', `a fragment has at most ${maxFragmentBytes} bytes, not ${bytes}`);
  }
  const sequence = asInteger(field(payload, 'Seq'));
  if (sequence === undefined || sequence < 0) {
    throw new Refused('Seq', 'Seq must be a whole number from 1 when DriverType is STREAM_TEXT');
  }
  if (sequence === 0) warnings.push('Seq is 0; the first fragment has 1');
  return { kind, ...ids, text, sequence, final: flag(payload, 'IsFinal') ?? false };
}

function readText(payload: JsonObject): string {
  const value = field(payload, 'InputText');
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new Refused('InputText', 'InputText must be a string');
  return value;
}

function identifier(payload: JsonObject, name: string, maxLength: number): string {
  const value = field(payload, name);
  if (typeof value !== 'string' || value === '')
    throw new Refused(name, `${name} must be a string that is not empty`);
  if (value.length > maxLength) throw new Refused(name, `${name} has at most ${maxLength} characters`);
  return value;
}

function choice<T extends string>(
  object: JsonObject,
  name: string,
  values: Readonly<Record<string, T>>,
  fallback: T | undefined,
): T {
  const value = field(object, name);
  if ((value === undefined || value === null || value === '') && fallback !== undefined) return fallback;
  const key = typeof value === 'string' ? enumKey(value) : '';
  if (Object.hasOwn(values, key)) return values[key];
  throw new Refused(name, `${name} must be one of ${Object.keys(values).join(', ').toUpperCase()}`);
}

function flag(object: JsonObject, name: string): boolean | undefined {
  const value = field(object, name);
  if (value === undefined || value === null) return undefined;
  const boolean = asBoolean(value);
  if (boolean === undefined) throw new Refused(name, `${name} must be true or false`);
  return boolean;
}

function readSpeech(payload: JsonObject): SpeechSettings | undefined {
  const value = field(payload, 'SpeechParam');
  if (value === undefined || value === null) return undefined;
  const object = asObject(value);
  if (object === undefined) throw new Refused('SpeechParam', 'SpeechParam must be an object');
  const speed = ranged(object, 'Speed', 0.5, 2, false);
  const volume = ranged(object, 'Volume', -10, 10, true);
  const intensity = ranged(object, 'EmotionIntensity', 50, 200, true);
  const subtitles = ranged(object, 'SubtitleType', 0, 1, true);
  const smartActions = flag(object, 'SmartActionEnabled');
  const timbre = optionalText(object, 'TimbreKey');
  const emotion = optionalText(object, 'EmotionCategory');
  const language = optionalText(object, 'TimbreLanguage');
  return {
    ...(timbre !== undefined && { timbre }),
    ...(speed !== undefined && { speed }),
    ...(volume !== undefined && { volume }),
    ...(emotion !== undefined && { emotion }),
    // Without an emotion the intensity has no effect; the documents say so.
    ...(intensity !== undefined &&
      emotion !== undefined &&
      emotion !== '' && { emotionIntensity: intensity }),
    ...(smartActions !== undefined && { smartActions }),
    ...(subtitles !== undefined && {
      subtitles: subtitles === 1 ? ('word' as const) : ('character' as const),
    }),
    ...(language !== undefined && { language }),
  };
}

function ranged(
  object: JsonObject,
  name: string,
  low: number,
  high: number,
  whole: boolean,
): number | undefined {
  const value = field(object, name);
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined || number < low || number > high || (whole && !Number.isInteger(number))) {
    throw new Refused(
      `SpeechParam.${name}`,
      `${name} must be a ${whole ? 'whole ' : ''}number of ${low} to ${high}`,
    );
  }
  return number;
}

function optionalText(object: JsonObject, name: string): string | undefined {
  const value = field(object, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Refused(`SpeechParam.${name}`, `${name} must be a string`);
  return value;
}
