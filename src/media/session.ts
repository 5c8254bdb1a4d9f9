import { FacewireError } from '../errors.js';
import { arkitNames } from '../frame.js';
import { flag, sourcePolicy, type NativeSession, type NativeSessionCalls } from './binding.js';
import type { ExpressionShape } from './expressions.js';
import { loadAddon } from './load-addon.js';
import { coded } from './native-error.js';
import { featureOrders, type FeatureOrderName } from './orders.js';
import { PushReport } from './push-report.js';
import { packPhones } from './render-phones.js';
import type { MediaSessionOptions, ParsedSpeech } from './session-options.js';
import { WornExpressions, type ExpressionCue, type ExpressionOptions } from './worn-expressions.js';

/** The native half of a session, for the other files of this folder. */
export let nativeSessionOf: (session: unknown) => NativeSession;

/**
 * One conversation's media: wire messages in, one voice and one face out, on
 * one clock. Synchronous, and allocation-free per message once it has warmed
 * up. Positions in the output and in the source count samples from 0 at
 * `sampleRate`. Use it from one thread; every worker may have its own.
 */
export class MediaSession {
  /** Output audio frames per second. */
  readonly sampleRate: number;
  readonly #calls: NativeSessionCalls;
  readonly #native: NativeSession;
  readonly #report = new PushReport();
  readonly #expressions: WornExpressions;

  constructor(options: MediaSessionOptions = {}) {
    const order = options.featureOrder ?? 'tencent-3d-standard';
    const names: readonly string[] | undefined = typeof order === 'string' ? featureOrders[order] : order;
    if (names === undefined) {
      throw new FacewireError('ERR_OPTION_INVALID', 'featureOrder is not a known order', {
        expected: `${Object.keys(featureOrders).join(', ')}, or an array of names such as ${arkitNames[17]}`,
        received: String(order),
      });
    }
    this.sampleRate = options.sampleRate ?? 48000;
    if (![16000, 24000, 44100, 48000].includes(this.sampleRate)) {
      throw new FacewireError('ERR_OPTION_INVALID', 'sampleRate is not one that a session puts out', {
        expected: '16000, 24000, 44100 or 48000',
        received: String(this.sampleRate),
      });
    }
    const policy = sourcePolicy[options.mouthSource ?? 'auto'];
    if (policy === undefined) {
      throw new FacewireError('ERR_OPTION_INVALID', 'mouthSource is not a known source', {
        expected: Object.keys(sourcePolicy).join(', '),
        received: String(options.mouthSource),
      });
    }
    this.#calls = loadAddon().session;
    try {
      this.#native = this.#calls.create(
        {
          sampleRate: this.sampleRate,
          featureHopTicks: ticks(options.featureHopMs ?? 40),
          featureOrder: [...names],
          mouthLeadTicks: ticks(options.mouthLeadMs ?? 40),
          maxBufferedSeconds: options.maxBufferedSeconds ?? 120,
          maxMessageBytes: options.maxMessageBytes ?? 16 * 1024 * 1024,
          idleSeed: options.idleSeed ?? 1,
          sourcePolicy: policy,
          closureOverlay: options.closureOverlay ?? true,
          constraints: options.constraints ?? true,
          knownOrders: orderNames.map((known) => [...featureOrders[known]]),
        },
        this.#report.columns,
      );
    } catch (thrown) {
      throw coded(thrown);
    }
    this.#expressions = new WornExpressions(this.#calls, this.#native, options.expressions ?? {});
  }

  static {
    nativeSessionOf = (session) => {
      if (typeof session === 'object' && session !== null && #native in session) return session.#native;
      throw new FacewireError('ERR_OPTION_INVALID', 'this is not a media session', {
        expected: 'a MediaSession',
        received: typeof session,
      });
    };
  }

  /**
   * Starts an utterance: until it ends, messages of this request are taken and
   * all others are stale. With the default '' every message is taken. What
   * still waits of the utterance before plays on.
   */
  begin(requestId = ''): void {
    this.#expressions.begin();
    try {
      this.#calls.begin(this.#native, requestId);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Takes one wire frame as it came. Bad content never throws; the report says
   * what it was. The report and `bytes` belong together until the next push.
   *
   * @param arrivalTicks when it came, in ticks of 100 ns of the clock of commit(), which learns from it how long to wait.
   */
  push(bytes: Uint8Array, arrivalTicks?: number): PushReport {
    const report = this.#report;
    try {
      this.#calls.push(this.#native, bytes, arrivalTicks);
    } catch (thrown) {
      throw coded(thrown);
    }
    report.bytes = bytes;
    return report;
  }

  /** Takes a message that was parsed elsewhere; the result is the same bit for bit. */
  pushParsed(speech: ParsedSpeech): PushReport {
    const report = this.#report;
    const { audio = '', sampleRate = 0, featureDimension = 0, clause = 0 } = speech;
    const flags =
      (speech.final === true ? flag.final : 0) |
      (speech.sentenceStart === true ? flag.sentenceStart : 0) |
      (speech.sentenceFinal === true ? flag.sentenceFinal : 0) |
      (speech.featuresFinal === true ? flag.featuresFinal : 0);
    const { features = noFeatures, arrivalTicks } = speech;
    const count = features.length;
    const phones = speech.phones === undefined ? undefined : packPhones(speech.phones);
    // Last, so that no getter of the caller runs between here and the call.
    const values = Array.isArray(features) ? toScratch(features, count) : features;
    try {
      this.#calls.pushParsed(
        this.#native,
        audio,
        values,
        count,
        sampleRate,
        featureDimension,
        clause,
        flags,
        arrivalTicks,
        phones?.symbols,
        phones?.times,
      );
    } catch (thrown) {
      throw coded(thrown);
    }
    report.bytes = noBytes;
    return report;
  }

  /** Says that no more audio comes for the running utterance. A final message does so by itself. Idempotent. */
  end(): void {
    try {
      this.#calls.end(this.#native);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Fixes the output up to sample `untilSample`, once and for all readers: what
   * has arrived, then silence. Returns the samples of silence put in while an
   * utterance was open.
   *
   * With `nowTicks`, whole ticks of 100 ns on a clock that never goes back,
   * speech starts only when enough of it waits to go on without a stop, as the
   * arrivals so far tell: 20 to 600 ms, at first 60 ms. So it does again after
   * it ran dry. Silence before the start is then not in what is returned.
   */
  commit(untilSample: number, nowTicks?: number): number {
    try {
      return this.#calls.commit(this.#native, untilSample, nowTicks);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Samples that could be committed now without silence. */
  readySamples(): number {
    try {
      return this.#calls.readySamples(this.#native);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** As readySamples(), without the last part of an open utterance whose mouth may still change by what comes next. */
  settledSamples(): number {
    try {
      return this.#calls.settledSamples(this.#native);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Output sample just past the last one fixed. */
  committed(): number {
    try {
      return this.#calls.committed(this.#native);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Copies committed mono audio from output sample `sample` on. Reading takes
   * nothing away; the last 4 seconds can be read, the rest is silence. Returns
   * the samples that could be read.
   */
  readAudio(sample: number, out: Float32Array): number {
    try {
      return this.#calls.readAudio(this.#native, sample, out);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * As readAudio, but also what is not committed yet and will be heard there if nothing is interrupted: what a sound
   * card is given ahead of time. Returns the samples, which may be fewer than `out` holds.
   */
  lookAhead(sample: number, out: Float32Array): number {
    try {
      return this.#calls.lookAhead(this.#native, sample, out);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Commits what is ready, as far as `out` has room for it, and copies it to the beginning of `out`: all that is
   * needed where nothing paces the output. Returns the samples.
   */
  readReady(out: Float32Array): number {
    try {
      return this.#calls.readReady(this.#native, out);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Fills one weight row (frame.ts, 55 numbers) for output sample `sample`. Returns 1 while there is speech,
   * else 0. Pictures that follow each other should say where the next one is: a closure of the lips that
   * would fall between the two is then shown by the nearer one.
   */
  frameAt(sample: number, out: Float32Array, nextSample = 0): number {
    try {
      return this.#calls.frameAt(this.#native, sample, out, nextSample);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Fades to silence within 10 ms after output sample `sample`, forgets all
   * that waits and closes the utterance; the mouth is at rest 120 ms later.
   * Returns the source sample of the cut, or -1 when nothing was heard then.
   */
  interrupt(sample: number): number {
    try {
      return this.#calls.interrupt(this.#native, sample);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * Puts on a facial expression, by name or by weights, over whatever the face says. It comes and goes within
   * 320 ms, never opens a closed mouth, and leaves two thirds of the mouth to speech. Returns a number for
   * endExpression(), or undefined when 8 are worn already. Fails with ERR_OPTION_INVALID for an unknown name.
   */
  setExpression(expression: string | ExpressionShape, options: ExpressionOptions = {}): number | undefined {
    return this.#expressions.wear(expression, options);
  }

  /** Takes an expression off again, at an output sample or now. Nothing when it is gone. */
  endExpression(expression: number, at = 0): void {
    this.#expressions.end(expression, at);
  }

  /**
   * Follows an expression of the running utterance, as the cloud tells of it; times are ticks from the start of its
   * sound. One whose name has no shape is left out.
   */
  expression(cue: ExpressionCue): void {
    this.#expressions.follow(cue);
  }

  /**
   * Moments of the running utterance at which speech may stop: the ends of its words, rising, in ticks from the start
   * of its sound, told as they become known. When sound comes too slowly and has run dry once, it is heard in whole
   * words from then on: it stops between two of them, not in the middle of one. Only commit() with a clock heeds this.
   */
  mayRest(ticks: readonly number[]): void {
    try {
      this.#calls.mayRest(this.#native, Float64Array.from(ticks));
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /**
   * What the order of the feature columns is suspected to be: a known order that fits what was received far better
   * than the one that is set, 'unknown', or undefined while nothing is wrong. A report warns of it once.
   */
  get suspectedOrder(): FeatureOrderName | 'unknown' | undefined {
    try {
      const index = this.#calls.suspectedOrder(this.#native);
      return index < 0 ? 'unknown' : orderNames[index - 1];
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Output sample at which a source sample is heard; -1 when not committed yet, -2 when cut or longer ago than 4 seconds. */
  outputOf(sourceSample: number): number {
    try {
      return this.#calls.outputOf(this.#native, sourceSample);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Source sample just past the last one committed. */
  sourceCommitted(): number {
    try {
      return this.#calls.sourceCommitted(this.#native);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Fills `out` with what the session has counted and how it stands; its columns are `counter`, `counterLength` of them. */
  readCounters(out: Float64Array): void {
    try {
      this.#calls.readCounters(this.#native, out);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Gives the native memory back at once. Idempotent; every other call then throws ERR_STATE. */
  close(): void {
    this.#calls.close(this.#native);
    this.#report.bytes = noBytes;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const orderNames = Object.keys(featureOrders) as FeatureOrderName[];
const noFeatures = new Float32Array(0);
const noBytes = new Uint8Array(0);
let scratch = noFeatures;

/**
 * Copies numbers to memory that the addon can read, which takes a thirtieth of
 * the time of asking for each through Node-API. What is not a number counts as
 * one that is not finite, as on the wire. Valid until the next call.
 */
function toScratch(numbers: readonly unknown[], count: number): Float32Array {
  const values = scratch.length >= count ? scratch : new Float32Array(Math.max(2048, 2 * count));
  // An element may be a getter that pushes to another session.
  scratch = noFeatures;
  for (let i = 0; i < count; i++) {
    const value = numbers[i];
    values[i] = typeof value === 'number' ? value : Number.NaN;
  }
  scratch = values;
  return values;
}

/** Milliseconds to ticks of 100 ns; what is not a number stays so and is refused by the addon. */
function ticks(ms: number): number {
  return typeof ms === 'number' ? Math.round(ms * 10_000) : ms;
}
