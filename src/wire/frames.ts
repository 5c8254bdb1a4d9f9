import { FacewireError } from '../errors.js';
import { standardFeatureFamily } from './feature-order.js';
import type { ExpressionPart, Reply, SpeechTiming } from './response.js';
import { formatTicks } from './ticks.js';

/** Who a downstream frame is for. */
export interface FrameAddress {
  readonly requestId: string;
  readonly streamId: string;
  /** The gateway's own id in the header, for example gz…; empty when left out. */
  readonly gatewayId?: string;
}

/** A clause of text; left-out fields are empty, 0 or false. */
export type ReplyInput = Partial<Reply> & Pick<Reply, 'replyType' | 'displayText' | 'clause'>;

/** A chunk of speech; left-out fields are empty, 0 or false. */
export interface SpeechInput extends Partial<SpeechTiming> {
  readonly clause: number;
  readonly clauseStart?: boolean;
  readonly clauseEnd?: boolean;
  readonly final?: boolean;
  readonly featuresFinal?: boolean;
  readonly pcm?: Int16Array;
  /** In Hz. */
  readonly sampleRate?: number;
  /** Row-major in wire order. */
  readonly features?: Float32Array | readonly number[];
  readonly featureDimension?: number;
  readonly featureFamily?: string;
}

const flags: Readonly<Record<ExpressionPart, string>> = { begin: 'B', inside: 'I', end: 'E', whole: 'S' };

/** The JSON text of a REPLY frame, with the zero-valued sibling object of the vendor's samples. */
export function writeReplyFrame(to: FrameAddress, reply: ReplyInput): string {
  return envelope(to, { code: 0, message: '' }, 'REPLY', replyObject(reply), emptySpeech);
}

/** The JSON text of a SPEECH frame, with the zero-valued sibling object of the vendor's samples. */
export function writeSpeechFrame(to: FrameAddress, speech: SpeechInput): string {
  return envelope(to, { code: 0, message: '' }, 'SPEECH', emptyReply, speechObject(speech));
}

/**
 * The JSON text of a failure. It has no payload objects; the ids are there so that the client finds its drive.
 * @param place `header` sets `Header.Code`, `payload` sets `Payload.ErrorCode` beside a header that says 0.
 */
export function writeErrorFrame(
  to: FrameAddress,
  code: number,
  message: string,
  place: 'header' | 'payload' = 'header',
): string {
  const inHeader = place === 'header';
  return JSON.stringify({
    Header: header(to, inHeader ? code : 0, inHeader ? message : ''),
    Payload: {
      DriverRspType: '',
      ErrorCode: inHeader ? 0 : code,
      ErrorMessage: inHeader ? '' : message,
      ReqId: to.requestId,
      StreamId: to.streamId,
    },
  });
}

/** A frame that looks like a failure and is none: the gateway's sign of life. */
export function writePongFrame(to: FrameAddress): string {
  return JSON.stringify({ Header: header(to, 1, 'pong frame') });
}

function header(to: FrameAddress, code: number, message: string): Record<string, unknown> {
  return {
    RequestID: to.requestId,
    SessionID: to.gatewayId ?? '',
    DialogID: '',
    Code: code,
    Message: message,
  };
}

function envelope(
  to: FrameAddress,
  status: { code: number; message: string },
  type: string,
  reply: Record<string, unknown>,
  speech: Record<string, unknown>,
): string {
  return JSON.stringify({
    Header: header(to, status.code, status.message),
    Payload: {
      DriverRspType: type,
      ErrorCode: 0,
      ErrorMessage: '',
      ReplyRsp: reply,
      ReqId: to.requestId,
      SpeechRsp: speech,
      StreamId: to.streamId,
    },
  });
}

function replyObject(reply: Partial<Reply>): Record<string, unknown> {
  return {
    ContentType: reply.contentType ?? 0,
    InteractionContent: reply.interactionContent ?? '',
    InteractionType: reply.interactionType ?? '',
    IsFinal: reply.last ?? false,
    IsHighLight: reply.highlighted ?? false,
    Muted: reply.microphoneOff ?? false,
    ReplyDisplay: reply.displayText ?? '',
    ReplyPro: reply.spokenText ?? '',
    ReplyType: reply.replyType ?? '',
    SeqNo: reply.clause ?? 0,
    TtsSupport: reply.spoken ?? false,
    Uninterrupt: reply.uninterruptible ?? false,
    ...(reply.extra === undefined ? {} : { CloudAiExtra: reply.extra }),
  };
}

function speechObject(speech: SpeechInput): Record<string, unknown> {
  const features = speech.features ?? [];
  const pcm = speech.pcm;
  return {
    Action: (speech.actions ?? []).map((cue) => ({ Pos: cue.name, Start: formatTicks(cue.start) })),
    Audio:
      pcm === undefined ? '' : Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
    Expression: (speech.expressions ?? []).map((span) => ({
      End: formatTicks(span.end),
      Flag: flags[span.part],
      Loc: String(span.position),
      Name: span.name,
      Start: formatTicks(span.start),
    })),
    Final: speech.final ?? false,
    Phn: (speech.phones ?? []).map((span) => ({
      End: formatTicks(span.end),
      Phn: span.phone,
      Start: formatTicks(span.start),
    })),
    RealThType: speech.featureFamily ?? (features.length > 0 ? standardFeatureFamily : ''),
    Sampling: speech.sampleRate ?? 0,
    SentenceFinal: speech.clauseEnd ?? false,
    SentenceStart: speech.clauseStart ?? false,
    SeqNo: speech.clause,
    Subtitle: (speech.subtitles ?? []).map((span) => ({
      End: formatTicks(span.end),
      PosEnd: String(span.positionEnd),
      PosStart: String(span.positionStart),
      Start: formatTicks(span.start),
      Word: span.text,
    })),
    ThDim: speech.featureDimension ?? 0,
    ThFeat: Array.from(features, roundFeature),
    ThFeatFinal: speech.featuresFinal ?? false,
    Word: (speech.words ?? []).map((word) => ({ Phn: word.phones, Word: word.word })),
  };
}

const emptyReply = replyObject({});
const emptySpeech = speechObject({ clause: 0 });

/** At most 6 significant digits: finer than any face, and half the bytes of a float written out. */
function roundFeature(value: number): number {
  if (!Number.isFinite(value)) {
    throw new FacewireError('ERR_FEATURES_INVALID', 'a feature is not a finite number', {
      expected: 'finite numbers',
      received: String(value),
      remedy: 'Correct the code that makes the features.',
    });
  }
  return Math.abs(value) <= 1 ? Math.round(value * 1e6) / 1e6 : Number(value.toPrecision(6));
}
