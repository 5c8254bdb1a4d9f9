import { asBoolean, asInteger, asObject, asText, field, parseJson, type JsonObject } from '../fields.js';
import {
  audioEndNumbers,
  contentKindNumbers,
  speakStatusNames,
  type AudioEnd,
  type ChannelIds,
  type ChannelMessage,
  type Content,
  type ContentKind,
  type SpeakStatus,
} from './channel-types.js';
import { defined } from './payload-reader.js';
import { keyOf, nameOf } from './rest-responses.js';

const type = { exception: 0, status: 3, dropped: 7, failed: 9 } as const;

/** The JSON text of a status of a drive. @param gatewayId the server's own id of the connection. */
export function writeStatus(
  to: ChannelIds,
  status: SpeakStatus,
  more: {
    readonly sequence?: number;
    readonly audioEnd?: AudioEnd;
    readonly errorCode?: number;
    readonly errorMessage?: string;
  } = {},
): string {
  return envelope(to, {
    Type: type.status,
    SpeakStatus: speakStatusNames[status],
    ...defined({
      Seq: more.sequence,
      FinalType: more.audioEnd && audioEndNumbers[more.audioEnd],
    }),
    ...(more.errorCode !== undefined && errorFields(more.errorCode, more.errorMessage ?? '')),
  });
}

/** The JSON text of what is asked or said; left-out fields are not sent. */
export function writeContent(to: ChannelIds, content: Partial<Content> & Pick<Content, 'content'>): string {
  const number = Number(content.contentType);
  return envelope(to, {
    Type: contentKindNumbers[content.content],
    ...defined({
      Seq: content.sequence,
      Text: content.text,
      TextPro: content.spokenText,
      TextDisplay: content.displayText,
      ContentType:
        content.contentType === undefined
          ? undefined
          : Number.isInteger(number)
            ? number
            : content.contentType,
      TtsSupport: content.spoken,
      Final: content.last,
      IsHighLight: content.highlighted,
      Uninterrupt: content.uninterruptible,
      Muted: content.microphoneOff,
      InteractionType: content.interactionType,
      InteractionContent: content.interactionContent,
      CloudAiExtra: content.extra,
    }),
  });
}

/** The JSON text that tells that an input was dropped, because what is being said must not be interrupted. */
export function writeUninterruptible(to: ChannelIds, errorCode: number, message: string): string {
  return envelope(to, { Type: type.dropped, ...errorFields(errorCode, message) });
}

/**
 * The JSON text of a failure. @param place `header` sets `Header.Code` as well
 * (a command that was not taken), `payload` leaves it 0 (a drive that failed).
 * @param sequence number of the packet that was not taken.
 */
export function writeChannelError(
  to: ChannelIds,
  code: number,
  message: string,
  place: 'header' | 'payload' = 'header',
  sequence?: number,
): string {
  return envelope(
    to,
    { Type: type.failed, ...defined({ Seq: sequence }), ...errorFields(code, message) },
    place === 'header' ? { code, message } : undefined,
  );
}

// Both spellings of the message are in use.
function errorFields(code: number, message: string): Record<string, unknown> {
  return { ErrorCode: code, ErrorMessage: message, ErrorMsg: message };
}

function envelope(
  to: ChannelIds,
  payload: Record<string, unknown>,
  failure: { readonly code: number; readonly message: string } = { code: 0, message: '' },
): string {
  return JSON.stringify({
    Header: {
      Code: failure.code,
      Message: failure.message,
      RequestID: to.requestId,
      SessionID: to.sessionId,
    },
    Payload: { SessionId: to.sessionId, ReqId: to.requestId, ...payload },
  });
}

/** The client's side: reads one frame of the channel, with or without its envelope. Never throws. */
export function readChannelMessage(input: Uint8Array | string): ChannelMessage {
  const parsed = parseJson(input);
  if ('fault' in parsed) return { kind: 'malformed', fault: parsed.fault };
  const root = asObject(parsed.value);
  if (root === undefined) return { kind: 'malformed', fault: 'not an object' };
  const header = asObject(field(root, 'Header'));
  const code = asInteger(field(header, 'Code')) ?? 0;
  const message = text(header, 'Message');
  if (code !== 0 && message.trim().toLowerCase() === 'pong frame') return { kind: 'pong' };
  const payload = asObject(field(root, 'Payload')) ?? (header === undefined ? root : {});
  const ids = {
    requestId: text(payload, 'ReqId') || text(header, 'RequestID'),
    sessionId: text(payload, 'SessionId'),
  };
  const sequence = asInteger(field(payload, 'Seq')) ?? 0;
  if (code !== 0) return { kind: 'error', code, message, sequence, place: 'header', ...ids };
  return readPayload(payload, ids);
}

function readPayload(payload: JsonObject, ids: ChannelIds): ChannelMessage {
  const errorCode = asInteger(field(payload, 'ErrorCode')) ?? 0;
  const errorMessage = text(payload, 'ErrorMessage') || text(payload, 'ErrorMsg');
  const speakStatus = text(payload, 'SpeakStatus');
  const number = asInteger(field(payload, 'Type')) ?? (speakStatus === '' ? undefined : type.status);
  if (number === type.dropped) return { kind: 'uninterruptible', errorCode, errorMessage, ...ids };
  const failed = number === type.exception || number === type.failed;
  if (failed || (errorCode !== 0 && number !== type.status)) {
    const sequence = asInteger(field(payload, 'Seq')) ?? 0;
    return { kind: 'error', code: errorCode, message: errorMessage, sequence, place: 'payload', ...ids };
  }
  if (number === type.status) {
    const status = keyOf<SpeakStatus>(speakStatusNames, speakStatus);
    if (status === undefined) return { kind: 'other', type: number, ...ids };
    return {
      kind: 'status',
      status,
      sequence: asInteger(field(payload, 'Seq')) ?? 0,
      errorCode,
      errorMessage,
      ...defined({ audioEnd: nameOf<AudioEnd>(audioEndNumbers, asInteger(field(payload, 'FinalType'))) }),
      ...ids,
    };
  }
  const content = nameOf<ContentKind>(contentKindNumbers, number);
  if (content === undefined) return { kind: 'other', type: number, ...ids };
  return { kind: 'content', ...readContent(content, payload), ...ids };
}

function readContent(content: ContentKind, payload: JsonObject): Content {
  return {
    content,
    sequence: asInteger(field(payload, 'Seq')) ?? 0,
    text: text(payload, 'Text'),
    spokenText: text(payload, 'TextPro'),
    displayText: text(payload, 'TextDisplay'),
    contentType: text(payload, 'ContentType'),
    spoken: flag(payload, 'TtsSupport'),
    last: flag(payload, 'Final'),
    highlighted: flag(payload, 'IsHighLight'),
    uninterruptible: flag(payload, 'Uninterrupt'),
    microphoneOff: flag(payload, 'Muted'),
    interactionType: text(payload, 'InteractionType'),
    interactionContent: text(payload, 'InteractionContent'),
    extra: text(payload, 'CloudAiExtra'),
  };
}

function text(object: JsonObject | undefined, name: string): string {
  return asText(field(object, name)) ?? '';
}

function flag(object: JsonObject, name: string): boolean {
  return asBoolean(field(object, name)) ?? false;
}
