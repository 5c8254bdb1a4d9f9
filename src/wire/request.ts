import { FacewireError } from '../errors.js';
import { isRequestId } from './ids.js';
import { isWellFormed, utf8Length } from './text.js';

/** How the answer should sound. Left-out fields keep the project's own settings. */
export interface SpeechSettings {
  /** Name of the timbre; an empty string is the project's own. */
  readonly timbre?: string;
  /** 0.5 (slowest) to 2.0 (fastest); 1.0 is normal. */
  readonly speed?: number;
  /** -10 to 10, whole; 0 is normal, larger is louder. */
  readonly volume?: number;
  /** One of the timbre's emotions. */
  readonly emotion?: string;
  /** 50 to 200, whole; only together with `emotion`. */
  readonly emotionIntensity?: number;
  /** Lets the cloud add gestures by itself. */
  readonly smartActions?: boolean;
  readonly subtitles?: 'character' | 'word';
  /** Language of a timbre that has several. */
  readonly language?: string;
}

export type Markup = 'markdown' | 'ssml';

interface RequestIds {
  /** 32 hex digits, one per drive; all fragments of a streamed text share it. */
  readonly requestId: string;
  /** Names the conversation; any text that is not empty. */
  readonly streamId: string;
  readonly projectId: string;
  readonly speech?: SpeechSettings;
}

export interface TextRequest extends RequestIds {
  readonly kind: 'text';
  readonly text: string;
  readonly markup?: Markup;
}

/** One fragment of a streamed text; always markdown (or plain), because SSML cannot be streamed. */
export interface StreamRequest extends RequestIds {
  readonly kind: 'stream';
  readonly text: string;
  /** Counts the fragments from 1. */
  readonly sequence: number;
  /** True on exactly one fragment, the last. */
  readonly final: boolean;
}

export interface ChatRequest extends RequestIds {
  readonly kind: 'chat';
  readonly command: 'say' | 'start' | 'stop';
  readonly text: string;
}

export type DriveRequest = TextRequest | StreamRequest | ChatRequest;

/** Bytes of UTF-8 in one fragment of a streamed text; the smaller of the two documented figures. */
export const maxFragmentBytes = 1000;
/** Number of the fragment with which the vendor's own client ends a stream that it interrupts; our server stops at it. */
export const interruptSequence = 9999;
/** The documents of this API give no limit; its neighbours have this one. Above it a warning, not an error. */
export const usualTextBytes = 4000;

export interface BuiltRequest {
  /** The JSON text of one WebSocket frame. */
  readonly frame: string;
  readonly warnings: readonly string[];
}

const chatCommands = { say: 'CHATTING', start: 'START_CHAT', stop: 'STOP_CHAT' } as const;

/** Writes a request, after checking every documented limit; throws ERR_WIRE_LIMIT naming the field. */
export function buildRequest(request: DriveRequest): BuiltRequest {
  const warnings: string[] = [];
  checkIds(request);
  if (!isWellFormed(request.text)) throw limit('text', 'no surrogate that stands alone', 'half a character');
  const bytes = utf8Length(request.text);
  if (request.kind === 'stream') {
    if (bytes > maxFragmentBytes) {
      throw limit('text', `at most ${maxFragmentBytes} bytes of UTF-8 in one fragment`, `${bytes} bytes`);
    }
    if (!Number.isSafeInteger(request.sequence) || request.sequence < 1) {
      throw limit('sequence', 'a whole number from 1', String(request.sequence));
    }
    // At run time a caller without types could ask for it.
    if ((request as { markup?: unknown }).markup === 'ssml') {
      throw limit('markup', 'markdown or plain text, because SSML cannot be streamed', 'ssml');
    }
  } else if (bytes > usualTextBytes) {
    warnings.push(`the text has ${bytes} bytes; clouds are known to refuse more than ${usualTextBytes}`);
  }
  if (request.kind === 'text' && request.text === '')
    throw limit('text', 'at least one character', 'an empty string');
  const speech = request.speech === undefined ? undefined : speechParam(request.speech);
  const payload: Record<string, unknown> = {
    ReqId: request.requestId,
    StreamId: request.streamId,
    VirtualmanProjectId: request.projectId,
    InputText: request.text,
    ...kindFields(request),
    ...(speech === undefined ? {} : { SpeechParam: speech }),
  };
  return { frame: JSON.stringify({ Header: {}, Payload: payload }), warnings };
}

function kindFields(request: DriveRequest): Record<string, unknown> {
  switch (request.kind) {
    case 'text':
      return { DriverType: 'TEXT', InputTextType: markupName(request.markup ?? 'markdown') };
    case 'stream':
      return {
        DriverType: 'STREAM_TEXT',
        InputTextType: 'MARKDOWN',
        Seq: request.sequence,
        IsFinal: request.final,
      };
    case 'chat': {
      const command = (chatCommands as Readonly<Record<string, string>>)[request.command];
      if (command === undefined) throw limit('command', 'say, start or stop', String(request.command));
      return { DriverType: 'CHAT', ChatCommand: command };
    }
    default:
      throw limit('kind', 'text, stream or chat', String((request as { kind: unknown }).kind));
  }
}

function markupName(markup: string): string {
  if (markup !== 'markdown' && markup !== 'ssml') throw limit('markup', 'markdown or ssml', markup);
  return markup.toUpperCase();
}

function checkIds(ids: RequestIds): void {
  if (!isRequestId(ids.requestId)) throw limit('requestId', '32 hex digits without dashes', ids.requestId);
  if (ids.streamId === '') throw limit('streamId', 'at least one character', 'an empty string');
  if (ids.projectId === '') throw limit('projectId', 'at least one character', 'an empty string');
}

/** Checks the speech settings and gives them the wire's names. */
export function speechParam(speech: SpeechSettings): Record<string, unknown> {
  const param: Record<string, unknown> = {};
  if (speech.timbre !== undefined) param['TimbreKey'] = speech.timbre;
  if (speech.speed !== undefined) {
    if (!(speech.speed >= 0.5 && speech.speed <= 2))
      throw limit('speech.speed', '0.5 to 2.0', String(speech.speed));
    param['Speed'] = speech.speed;
  }
  if (speech.volume !== undefined) {
    if (!Number.isInteger(speech.volume) || Math.abs(speech.volume) > 10) {
      throw limit('speech.volume', 'a whole number of -10 to 10', String(speech.volume));
    }
    param['Volume'] = speech.volume;
  }
  if (speech.emotion !== undefined && speech.emotion !== '') param['EmotionCategory'] = speech.emotion;
  if (speech.emotionIntensity !== undefined) {
    const intensity = speech.emotionIntensity;
    if (!Number.isInteger(intensity) || intensity < 50 || intensity > 200) {
      throw limit('speech.emotionIntensity', 'a whole number of 50 to 200', String(intensity));
    }
    if (speech.emotion === undefined || speech.emotion === '') {
      throw limit('speech.emotionIntensity', 'an emotion beside it', 'an intensity alone');
    }
    param['EmotionIntensity'] = intensity;
  }
  if (speech.smartActions !== undefined) param['SmartActionEnabled'] = speech.smartActions;
  if (speech.subtitles !== undefined) {
    if (speech.subtitles !== 'character' && speech.subtitles !== 'word') {
      throw limit('speech.subtitles', 'character or word', String(speech.subtitles));
    }
    param['SubtitleType'] = speech.subtitles === 'word' ? 1 : 0;
  }
  if (speech.language !== undefined) param['TimbreLanguage'] = speech.language;
  return param;
}

function limit(name: string, expected: string, received: string): FacewireError {
  const shown = received.length > 80 ? `${received.slice(0, 77)}...` : received;
  return new FacewireError('ERR_WIRE_LIMIT', `${name}: expected ${expected}, received ${shown}`, {
    expected,
    received: shown,
  });
}
