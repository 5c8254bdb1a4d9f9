import { errorTable, type ErrorCode } from '../errors.js';
import {
  ExpressionTracker,
  readFrame,
  readTimingRanges,
  SpeechJoiner,
  ticksPerMillisecond,
  type JoinedSpeech,
  type Speech,
  type SpeechTiming,
  type Ticks,
  type WireFrame,
} from '../wire/index.js';
import type { DriveMedia, PushReportLike } from './drive-media.js';
import type { ReplyEvent, SpeechEvent, WarningCode } from './events.js';
import { TimeBase, type TimeReference } from './time-base.js';

/** What one frame means to its drive. */
export type Taken =
  | ReplyEvent
  | SpeechEvent
  | { readonly type: 'error'; readonly frame: WireFrame & { readonly kind: 'error' } }
  /** Of another drive, a sign of life, or not usable. */
  | { readonly type: 'nothing' }
  /** The media session has no room; offer the same bytes again later. */
  | { readonly type: 'full' };

export interface IntakeOptions {
  readonly requestId: string;
  readonly media: DriveMedia | undefined;
  readonly timeReference: TimeReference | undefined;
  readonly onWarning: (code: WarningCode, message: string) => void;
}

/** The media session's names for what this layer calls otherwise. */
const sessionWarnings: Readonly<Record<string, WarningCode>> = {
  featureLengthNotMultiple: 'features-length',
  featureNotFinite: 'features-not-finite',
  featureOutOfRange: 'features-out-of-range',
  featureFamilyUnknown: 'features-family-unknown',
  oddPcmByte: 'audio-odd-byte',
  fieldType: 'field-type',
  rateChanged: 'audio-rate-changed',
  featuresDropped: 'features-invalid',
  featureOrder: 'features-order',
};

const sessionErrors: { readonly [code in ErrorCode]?: WarningCode } = {
  ERR_WIRE_MALFORMED: 'frame-malformed',
  ERR_BASE64_INVALID: 'base64-invalid',
  ERR_SAMPLE_RATE_UNSUPPORTED: 'audio-rate-unsupported',
  ERR_FEATURES_INVALID: 'features-invalid',
  ERR_MESSAGE_TOO_LARGE: 'message-too-large',
};

// Above this a frame that the session calls stale is not looked at again; failures are far smaller.
const smallFrameBytes = 8192;

function orderWarning(order: string | undefined): string {
  const behaves = 'the mouth does not follow the voice and its two sides do not move together';
  return order === undefined || order === 'unknown'
    ? `${behaves}: the feature columns seem to be in another order; set the one of the stream`
    : `${behaves}: the feature columns seem to be in the order ${order}; set that one (featureOrder, --rig)`;
}

/** Turns the frames of one drive into events, with the media session or without. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #timeBase: TimeBase;
  readonly #joiner = new SpeechJoiner();
  readonly #expressions = new ExpressionTracker();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#timeBase = new TimeBase(options.timeReference);
  }

  /** Length of the audio so far. */
  get audioEnd(): Ticks {
    return this.#timeBase.audioEnd;
  }

  take(bytes: Uint8Array): Taken {
    const { media } = this.#options;
    return media === undefined ? this.#takeWhole(bytes, true) : this.#takeWithMedia(bytes, media);
  }

  #takeWithMedia(bytes: Uint8Array, media: DriveMedia): Taken {
    const report = media.push(bytes, Math.round(performance.now() * ticksPerMillisecond));
    if (report.errorCode === 'ERR_BUFFER_FULL') return { type: 'full' };
    if (report.kind === 'speech') {
      this.#warnOfReport(report);
      return this.#speechOfReport(report);
    }
    if (report.kind === 'pong') return { type: 'nothing' };
    if (report.kind === 'refused') {
      this.#warnOfReport(report);
      return { type: 'nothing' };
    }
    // A failure of the gateway carries an id of its own, which the session takes for another drive's.
    if (report.kind === 'stale' && bytes.length > smallFrameBytes) return { type: 'nothing' };
    return this.#takeWhole(bytes, false);
  }

  #takeWhole(bytes: Uint8Array, withSpeech: boolean): Taken {
    const { frame, warnings } = readFrame(bytes);
    if (frame.kind === 'pong') return { type: 'nothing' };
    if (frame.kind === 'error') return { type: 'error', frame };
    if (frame.kind !== 'malformed' && frame.requestId !== this.#options.requestId) return { type: 'nothing' };
    for (const warning of warnings) this.#warn(warning.code, `${warning.field}: ${warning.message}`);
    if (frame.kind === 'reply') return { type: 'reply', reply: frame.reply };
    if (frame.kind === 'speech' && withSpeech) return this.#speechOfFrame(frame.speech);
    return { type: 'nothing' };
  }

  #speechOfFrame(speech: Speech): SpeechEvent {
    const packet = this.#joiner.push(speech);
    for (const warning of packet.warnings) this.#warn(warning.code, `${warning.field}: ${warning.message}`);
    return this.#speech(speech, speech.timing, packet.pcm.length, packet.sampleRate, undefined, packet);
  }

  #speechOfReport(report: PushReportLike): SpeechEvent {
    const { timing, warnings } = readTimingRanges({
      phones: report.text('phones'),
      words: report.text('words'),
      subtitles: report.text('subtitles'),
      actions: report.text('actions'),
      expressions: report.text('expressions'),
    });
    for (const warning of warnings) this.#warn(warning.code, `${warning.field}: ${warning.message}`);
    const marks = {
      clause: report.clause,
      clauseStart: report.sentenceStart,
      clauseEnd: report.sentenceFinal,
      featuresFinal: report.featuresFinal,
      final: report.final,
    };
    return this.#speech(marks, timing, report.audioFrames, report.sampleRate, report.clauseStart, undefined);
  }

  #speech(
    marks: Pick<SpeechEvent, 'clause' | 'clauseStart' | 'clauseEnd' | 'featuresFinal' | 'final'>,
    wireTiming: SpeechTiming,
    audioFrames: number,
    sampleRate: number,
    clauseStartSample: number | undefined,
    packet: JoinedSpeech | undefined,
  ): SpeechEvent {
    const place = this.#timeBase.advance(marks.clause, marks.clauseStart, audioFrames, sampleRate);
    const timing = this.#timeBase.toDrive(wireTiming);
    const expressions = this.#expressions.push(timing.expressions);
    const { media } = this.#options;
    for (const state of expressions) media?.expression?.(state);
    if (timing.subtitles.length > 0) media?.mayRest?.(timing.subtitles.map(({ end }) => end));
    return {
      type: 'speech',
      clause: marks.clause,
      clauseStart: place.isNewClause,
      clauseEnd: marks.clauseEnd,
      featuresFinal: marks.featuresFinal,
      final: marks.final,
      audioStart: place.audioStart,
      clauseAudioStart: place.clauseStart,
      audioFrames,
      sampleRate,
      phones: timing.phones,
      words: timing.words,
      subtitles: timing.subtitles,
      actions: timing.actions,
      expressions,
      positionReference: this.#timeBase.positionReference,
      clauseStartSample,
      packet,
    };
  }

  #warnOfReport(report: PushReportLike): void {
    for (const name of report.warningNames()) {
      const message =
        name === 'featureOrder'
          ? orderWarning(this.#options.media?.suspectedOrder)
          : `found by the media session: ${name}`;
      this.#warn(sessionWarnings[name] ?? 'media', message);
    }
    const { errorCode } = report;
    if (errorCode !== undefined) {
      this.#warn(
        sessionErrors[errorCode] ?? 'media',
        `${errorCode}: ${errorTable[errorCode].summary} What was good is kept.`,
      );
    }
  }

  #warn(code: WarningCode, message: string): void {
    this.#options.onWarning(code, message);
  }
}
