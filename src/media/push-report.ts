import { FacewireError, type ErrorCode } from '../errors.js';
import { flag, kind, report as column, reportLength, warning } from './binding.js';

/** Codes of Errc in result.h, by number. */
const codes: readonly (ErrorCode | undefined)[] = [
  undefined,
  'ERR_WIRE_MALFORMED',
  'ERR_WIRE_MALFORMED',
  'ERR_BASE64_INVALID',
  'ERR_SAMPLE_RATE_UNSUPPORTED',
  'ERR_FEATURES_INVALID',
  'ERR_MESSAGE_TOO_LARGE',
  'ERR_BUFFER_FULL',
  'ERR_INTERNAL',
  'ERR_OPTION_INVALID',
  'ERR_STATE',
  'ERR_WIRE_MALFORMED',
  'ERR_OUT_OF_MEMORY',
];

const reasons: readonly string[] = [
  '',
  'the message is not UTF-8',
  'the message is not JSON',
  'the audio is not base64',
  'the sample rate is not one that can be converted',
  'the features have a wrong length, family or value; the sound was kept',
  'the message is larger than the session takes',
  'more media is waiting than the session holds; nothing of this message was taken',
  'an output is too small',
  'an option is out of range',
  'called at the wrong time',
  'the message is not speech',
  'there is not enough memory for this message; nothing of it was taken',
];

export type PushKind = keyof typeof kind;
const kindNames = Object.keys(kind) as PushKind[];

/** Small parts of a wire message that can be read as text. Arrays are JSON; the others are string contents, still escaped. */
export type PushPart =
  | 'requestId'
  | 'phones'
  | 'words'
  | 'subtitles'
  | 'actions'
  | 'expressions'
  | 'headerMessage'
  | 'errorMessage';

const partColumns: Readonly<Record<PushPart, number>> = {
  requestId: column.requestIdBegin,
  phones: column.phonesBegin,
  words: column.wordsBegin,
  subtitles: column.subtitlesBegin,
  actions: column.actionsBegin,
  expressions: column.expressionsBegin,
  headerMessage: column.headerMessageBegin,
  errorMessage: column.errorMessageBegin,
};

const decoder = new TextDecoder();
const nothing = new Uint8Array(0);

/** What the last push found and took. One object for the life of the session: read it before the next push. */
export class PushReport {
  /**
   * The columns as the addon writes them; see `report` of binding.ts. In shared
   * memory, because the addon keeps its address and that cannot be taken away.
   */
  readonly columns = new Float64Array(new SharedArrayBuffer(8 * reportLength));
  /** The message that the byte ranges point into. */
  bytes: Uint8Array = nothing;

  /** `stale` is a message of another utterance, `refused` one that could not be taken at all. */
  get kind(): PushKind {
    return kindNames[this.#at(column.kind)];
  }
  get final(): boolean {
    return (this.#at(column.flags) & flag.final) !== 0;
  }
  get sentenceStart(): boolean {
    return (this.#at(column.flags) & flag.sentenceStart) !== 0;
  }
  get sentenceFinal(): boolean {
    return (this.#at(column.flags) & flag.sentenceFinal) !== 0;
  }
  get featuresFinal(): boolean {
    return (this.#at(column.flags) & flag.featuresFinal) !== 0;
  }
  /** Number of the clause. */
  get clause(): number {
    return this.#at(column.clause);
  }
  /** Audio frames in the message, at `sampleRate`. */
  get audioFrames(): number {
    return this.#at(column.audioFrames);
  }
  get featureFrames(): number {
    return this.#at(column.featureFrames);
  }
  /** Rate used for this message's audio, in Hz. */
  get sampleRate(): number {
    return this.#at(column.sampleRate);
  }
  /** Bits of `warning`; 0 when all was in order. */
  get warnings(): number {
    return this.#at(column.warnings);
  }
  /** `Header.Code` of the wire; 0 when fine. */
  get headerCode(): number {
    return this.#at(column.headerCode);
  }
  /** `Payload.ErrorCode` of the wire; 0 when fine. */
  get payloadErrorCode(): number {
    return this.#at(column.payloadErrorCode);
  }
  /** Source sample, at the session's rate, where the clause of this message begins. */
  get clauseStart(): number {
    return this.#at(column.clauseStart);
  }
  /** Source sample just past all audio received so far. */
  get sourceEnd(): number {
    return this.#at(column.sourceEnd);
  }

  /** Why media of this message was not taken, or undefined when all was. */
  get errorCode(): ErrorCode | undefined {
    return codes[this.#at(column.error)];
  }

  /** The same as an error to throw or to report. */
  toError(): FacewireError | undefined {
    const code = this.errorCode;
    if (code === undefined) return undefined;
    const position = this.#at(column.errorPosition);
    return new FacewireError(code, `${reasons[this.#at(column.error)]} (position ${position})`, {
      expected: expectations[code] ?? 'a message as documented in docs/protocol.md',
      received:
        code === 'ERR_SAMPLE_RATE_UNSUPPORTED' ? `${this.sampleRate} Hz` : `${this.bytes.length} bytes`,
      position,
    });
  }

  /** Names of the warnings of this message. */
  warningNames(): (keyof typeof warning)[] {
    const names = Object.keys(warning) as (keyof typeof warning)[];
    return names.filter((name) => (this.warnings & warning[name]) !== 0);
  }

  /** A small part of the message as text; empty when the message has none. */
  text(part: PushPart): string {
    const begin = this.#at(partColumns[part]);
    const end = this.#at(partColumns[part] + 1);
    return end > begin ? decoder.decode(this.bytes.subarray(begin, end)) : '';
  }

  #at(index: number): number {
    return this.columns[index];
  }
}

const expectations: Partial<Record<ErrorCode, string>> = {
  ERR_BASE64_INVALID: 'standard base64 with padding and no blanks',
  ERR_SAMPLE_RATE_UNSUPPORTED: '8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100 or 48000 Hz',
  ERR_FEATURES_INVALID: 'rows of at most 1024 values, no further ahead of the audio than maxBufferedSeconds',
  ERR_MESSAGE_TOO_LARGE: 'a message within maxMessageBytes whose audio is within maxBufferedSeconds',
  ERR_BUFFER_FULL: 'waiting media within maxBufferedSeconds',
  ERR_WIRE_MALFORMED: 'one JSON object in UTF-8',
  ERR_OUT_OF_MEMORY: 'memory for the message and all that waits',
};
