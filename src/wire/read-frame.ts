import { decodeBase64 } from './base64.js';
import {
  asBoolean,
  asInteger,
  asObject,
  asText,
  enumKey,
  field,
  parseJson,
  type JsonObject,
} from './fields.js';
import { readTiming } from './read-timing.js';
import type { FrameIds, FrameReading, Reply, Speech, WireFrame } from './response.js';
import { Warnings } from './warnings.js';

/**
 * Reads one downstream frame. Takes what is there: null or missing is empty,
 * numbers may be strings, unknown fields are ignored, the case of a name's
 * first letter does not matter. Never throws; what could not be used is in `warnings`.
 */
export function readFrame(input: Uint8Array | string): FrameReading {
  const warnings = new Warnings();
  const frame = read(input, warnings);
  return { frame, warnings: warnings.list };
}

function read(input: Uint8Array | string, warnings: Warnings): WireFrame {
  const parsed = parseJson(input);
  const fault =
    'fault' in parsed ? parsed.fault : asObject(parsed.value) === undefined ? 'not an object' : undefined;
  if ('fault' in parsed || fault !== undefined) {
    warnings.add('frame-malformed', '', `the frame is ${fault}`);
    return { kind: 'malformed', fault: fault ?? '' };
  }
  const root = asObject(parsed.value)!;
  const header = object(root, 'Header', '', warnings);
  const code = integer(header, 'Code', 'Header.', warnings);
  const message = asText(field(header, 'Message')) ?? '';
  if (code !== 0 && message.trim().toLowerCase() === 'pong frame') return { kind: 'pong' };
  const payload = object(root, 'Payload', '', warnings);
  const reply = object(payload, 'ReplyRsp', 'Payload.', warnings);
  const ids = readIds(header, payload, reply, warnings);
  if (code !== 0) return { kind: 'error', code, message, place: 'header', ...ids };
  const payloadCode = integer(payload, 'ErrorCode', 'Payload.', warnings);
  if (payloadCode !== 0) {
    const text = asText(field(payload, 'ErrorMessage')) ?? asText(field(payload, 'ErrorMsg')) ?? '';
    return { kind: 'error', code: payloadCode, message: text, place: 'payload', ...ids };
  }
  const responseType = asText(field(payload, 'DriverRspType')) ?? '';
  switch (enumKey(responseType)) {
    case 'reply':
      return { kind: 'reply', reply: readReply(reply, warnings), ...ids };
    case 'speech':
      return { kind: 'speech', speech: readSpeech(speechObject(payload, reply, warnings), warnings), ...ids };
    default:
      warnings.add('type-unknown', 'Payload.DriverRspType', 'neither REPLY nor SPEECH');
      return { kind: 'other', responseType, ...ids };
  }
}

// One vendor sample has lost a piece of text: the id stands in `UninterrId`
// inside ReplyRsp, and SpeechRsp and StreamId have slipped into it.
function readIds(
  header: JsonObject | undefined,
  payload: JsonObject | undefined,
  reply: JsonObject | undefined,
  warnings: Warnings,
): FrameIds {
  let requestId = asText(field(payload, 'ReqId')) ?? '';
  if (requestId === '') {
    requestId = asText(field(reply, 'UninterrId')) || asText(field(header, 'RequestID')) || '';
    if (payload !== undefined)
      warnings.add('id-assumed', 'Payload.ReqId', 'missing; another id of the frame is used');
  }
  const streamId = asText(field(payload, 'StreamId')) ?? asText(field(reply, 'StreamId')) ?? '';
  return { requestId, streamId };
}

function speechObject(
  payload: JsonObject | undefined,
  reply: JsonObject | undefined,
  warnings: Warnings,
): JsonObject | undefined {
  const own = object(payload, 'SpeechRsp', 'Payload.', warnings);
  if (own !== undefined) return own;
  const slipped = asObject(field(reply, 'SpeechRsp'));
  if (slipped !== undefined) warnings.add('object-misplaced', 'Payload.SpeechRsp', 'found inside ReplyRsp');
  return slipped;
}

function readReply(reply: JsonObject | undefined, warnings: Warnings): Reply {
  const place = 'ReplyRsp.';
  return {
    replyType: text(reply, 'ReplyType', place, warnings).replace(/\s+/g, ''),
    spokenText: text(reply, 'ReplyPro', place, warnings),
    displayText: text(reply, 'ReplyDisplay', place, warnings),
    interactionType: text(reply, 'InteractionType', place, warnings),
    interactionContent: text(reply, 'InteractionContent', place, warnings),
    uninterruptible: boolean(reply, 'Uninterrupt', place, warnings),
    microphoneOff: boolean(reply, 'Muted', place, warnings),
    clause: integer(reply, 'SeqNo', place, warnings),
    contentType: integer(reply, 'ContentType', place, warnings),
    spoken: boolean(reply, 'TtsSupport', place, warnings),
    last: boolean(reply, 'IsFinal', place, warnings),
    highlighted: boolean(reply, 'IsHighLight', place, warnings),
    extra: text(reply, 'CloudAiExtra', place, warnings),
  };
}

function readSpeech(speech: JsonObject | undefined, warnings: Warnings): Speech {
  const place = 'SpeechRsp.';
  const timing = readTiming(
    {
      phones: field(speech, 'Phn'),
      words: field(speech, 'Word'),
      subtitles: field(speech, 'Subtitle'),
      actions: field(speech, 'Action'),
      expressions: field(speech, 'Expression'),
    },
    warnings,
  );
  const audio = decodeBase64(text(speech, 'Audio', place, warnings));
  if (audio === undefined) {
    warnings.add(
      'base64-invalid',
      'SpeechRsp.Audio',
      'not standard base64; the audio of this frame is left out',
    );
  }
  return {
    clause: integer(speech, 'SeqNo', place, warnings),
    clauseStart: boolean(speech, 'SentenceStart', place, warnings),
    clauseEnd: boolean(speech, 'SentenceFinal', place, warnings),
    final: boolean(speech, 'Final', place, warnings),
    featuresFinal: boolean(speech, 'ThFeatFinal', place, warnings),
    audio: audio ?? new Uint8Array(0),
    sampleRate: Math.max(0, integer(speech, 'Sampling', place, warnings)),
    features: readFeatures(speech, warnings),
    featureDimension: Math.max(0, integer(speech, 'ThDim', place, warnings)),
    featureFamily: text(speech, 'RealThType', place, warnings),
    timing,
  };
}

function readFeatures(speech: JsonObject | undefined, warnings: Warnings): Float32Array {
  const value = field(speech, 'ThFeat');
  if (value === undefined || value === null) return new Float32Array(0);
  if (!Array.isArray(value)) {
    warnings.add('field-type', 'SpeechRsp.ThFeat', 'expected an array');
    return new Float32Array(0);
  }
  // 1e999 parses to Infinity and 1e300 overflows a float: both are 'not a finite number'.
  return Float32Array.from(value as unknown[], (entry) => {
    const single = typeof entry === 'number' ? Math.fround(entry) : NaN;
    return Number.isFinite(single) ? single : NaN;
  });
}

function object(
  parent: JsonObject | undefined,
  name: string,
  place: string,
  warnings: Warnings,
): JsonObject | undefined {
  const value = field(parent, name);
  if (value === undefined || value === null) return undefined;
  const found = asObject(value);
  if (found === undefined) warnings.add('field-type', place + name, 'expected an object');
  return found;
}

function text(parent: JsonObject | undefined, name: string, place: string, warnings: Warnings): string {
  return coerce(parent, name, place, warnings, 'a string', asText) ?? '';
}

function integer(parent: JsonObject | undefined, name: string, place: string, warnings: Warnings): number {
  return coerce(parent, name, place, warnings, 'a whole number', asInteger) ?? 0;
}

function boolean(parent: JsonObject | undefined, name: string, place: string, warnings: Warnings): boolean {
  return coerce(parent, name, place, warnings, 'true or false', asBoolean) ?? false;
}

function coerce<T>(
  parent: JsonObject | undefined,
  name: string,
  place: string,
  warnings: Warnings,
  expected: string,
  convert: (value: unknown) => T | undefined,
): T | undefined {
  const value = field(parent, name);
  if (value === undefined || value === null) return undefined;
  const converted = convert(value);
  if (converted === undefined) warnings.add('field-type', place + name, `expected ${expected}`);
  return converted;
}
