import type { NativePoolCalls } from './pool-binding.js';
import type { NativeSoundCalls } from './sound-binding.js';
import type { NativeVideoCalls } from './video-binding.js';

/**
 * The whole native surface, with pools, sound cards and pictures in files of their own. Nothing else in TypeScript sees the raw addon;
 * session.ts wraps it. Every integer is exact below 2^53.
 */

/** Columns of the report that pushes fill: a Float64Array of `reportLength` integers. */
export const report = {
  kind: 0,
  flags: 1,
  /** Clause number (SeqNo) of a speech message. */
  clause: 2,
  /** Errc of result.h, 0 = fine. */
  error: 3,
  /** Byte position of the error. */
  errorPosition: 4,
  /** Audio frames in this message, at the wire's rate. */
  audioFrames: 5,
  /** Feature frames taken from this message. */
  featureFrames: 6,
  /** Rate used for this message's audio, in Hz. */
  sampleRate: 7,
  /** MessageWarning bits of message.h and SessionWarning bits of session.h; see `warning`. */
  warnings: 8,
  headerCode: 9,
  payloadErrorCode: 10,
  /** Source sample at which the clause of this message begins (session rate; counts all audio ever received). */
  clauseStart: 11,
  /** Source sample just past the audio received so far. */
  sourceEnd: 12,
  /** Byte ranges [begin, end) into the pushed message. */
  requestIdBegin: 16,
  requestIdEnd: 17,
  phonesBegin: 18,
  phonesEnd: 19,
  wordsBegin: 20,
  wordsEnd: 21,
  subtitlesBegin: 22,
  subtitlesEnd: 23,
  actionsBegin: 24,
  actionsEnd: 25,
  expressionsBegin: 26,
  expressionsEnd: 27,
  headerMessageBegin: 28,
  headerMessageEnd: 29,
  errorMessageBegin: 30,
  errorMessageEnd: 31,
} as const;
export const reportLength = 32;

/** Values of `report.kind`. The first five are MessageKind of message.h. */
export const kind = { other: 0, speech: 1, reply: 2, error: 3, pong: 4, stale: 5, refused: 6 } as const;

/** Bits of `report.flags`. */
export const flag = { final: 1, sentenceStart: 2, sentenceFinal: 4, featuresFinal: 8 } as const;

/** Bits of `report.warnings`. */
export const warning = {
  featureLengthNotMultiple: 1,
  featureNotFinite: 2,
  featureOutOfRange: 4,
  featureFamilyUnknown: 8,
  oddPcmByte: 16,
  fieldType: 32,
  rateChanged: 65536,
  featuresDropped: 131072,
  /** The columns are hardly in the order that they are read in; told once a session. */
  featureOrder: 262144,
} as const;

/**
 * Columns that readCounters fills: a caller-owned Float64Array of `counterLength` integers.
 * What the session has counted since it was made, and (16 to 18) how it stands.
 */
export const counter = {
  /** SPEECH messages taken. */
  messages: 0,
  /** Messages that were not of the running utterance, or came after its end or an interrupt. */
  staleMessages: 1,
  /** Messages of which nothing was taken: malformed, too large, or no room. */
  refusedMessages: 2,
  /** SPEECH messages whose sound could not be read. */
  damagedMessages: 3,
  /** Sound received, in samples at the session's rate. */
  sourceSamples: 4,
  /** Of these, dropped by interrupts. Nothing else ever drops sound. */
  cutSamples: 5,
  interrupts: 6,
  /** Clauses whose features were anchored to the sample where their sound begins. */
  clauses: 7,
  featureRows: 8,
  /** Of these, for instants that a picture had shown already; they are not shown any more. */
  lateFeatureRows: 9,
  /** Of these, rows with something that is not a number; they repeat the row before. */
  repeatedFeatureRows: 10,
  /** Feature rows not taken: no room, a wrong width, or of an unknown family. */
  droppedFeatureRows: 11,
  /** Changes of the wire's sample rate inside an utterance. */
  rateChanges: 12,
  /** Times that speech ran dry inside an utterance. */
  starvations: 13,
  /** Samples of silence put there, until it went on. */
  starvedSamples: 14,
  /** Samples of silence put before speech by the start buffer. */
  heldSamples: 15,
  /** One of `phase`. */
  phase: 16,
  /** How long after its earliest sound would have come speech starts, in ticks of 100 ns: 20 to 600 ms. */
  targetTicks: 17,
  /** The most that sound was late of late, after the earliest of its stretch of speech, in ticks; at most 600 ms. */
  lateTicks: 18,
  /** Phones taken. */
  phones: 19,
  /** Phones not taken: no room, or of a time that has its phones already. */
  droppedPhones: 20,
  /** Pictures whose mouth came from features. */
  featurePictures: 21,
  /** Pictures whose mouth came from phones, because features were missing or late. */
  phonePictures: 22,
  /** Pictures whose mouth came from the loudness of the sound, because there were no phones either. */
  loudnessPictures: 23,
  /** Closures of the lips in p b m that features had left open. */
  closuresAdded: 24,
} as const;
export const counterLength = 25;

/** Values of `counter.phase`: whether silence means 'not yet' (waiting, starved) or the end (idle). */
export const phase = { idle: 0, waiting: 1, speaking: 2, starved: 3 } as const;

export interface NativeSessionOptions {
  /** Output audio frames per second: 16000, 24000, 44100 or 48000. */
  sampleRate: number;
  /** Duration of one feature frame in ticks of 100 ns. */
  featureHopTicks: number;
  /** Names of the wire's feature columns, in wire order. */
  featureOrder: string[];
  /** Other orders that a stream may have by mistake; without them none is looked for. */
  knownOrders?: string[][];
  /** How far the mouth runs ahead of the sound, in ticks; may be negative. */
  mouthLeadTicks: number;
  /** Most audio that may wait, in seconds. */
  maxBufferedSeconds: number;
  maxMessageBytes: number;
  /** Seed of the idle life (blink, gaze, sway), or -1 for none. */
  idleSeed: number;
  /** One of `sourcePolicy`; default automatic. */
  sourcePolicy?: number;
  /** Whether lips close in p b m where features leave them open. Default true. */
  closureOverlay?: boolean;
  /** Whether all other rules of mouth_rules.h hold. Default true. */
  constraints?: boolean;
}

/** Values of NativeSessionOptions.sourcePolicy: SourcePolicy of mouth_shapes.h. */
export const sourcePolicy = { auto: 0, features: 1, phones: 2 } as const;

declare const nativeSession: unique symbol;
/** A session of the addon. Nothing can be done with it but handing it back; it dies with its last reference. */
export interface NativeSession {
  readonly [nativeSession]: true;
}

/**
 * What can be done with a session. These are functions, not methods, because
 * finding the native half of `this` takes longer than any other part of a call.
 * After close() each of them throws ERR_STATE. Numbers of samples are integers.
 */
export interface NativeSessionCalls {
  /** `report`, on a SharedArrayBuffer, belongs to the session from now on: pushes fill it. */
  create(options: NativeSessionOptions, report: Float64Array): NativeSession;
  /** Releases native memory now. May be repeated. */
  close(session: NativeSession): void;
  /**
   * Starts an utterance: only messages with this request id are accepted from
   * now on (every other is kind.stale), until end(), finish or interrupt().
   * What is still waiting of the utterance before plays on. An empty id accepts every message.
   */
  begin(session: NativeSession, requestId: string): void;
  /**
   * Takes one wire frame as it came and fills the report. Never throws for bad content.
   * `arrivalTicks` is when it came, in ticks of the clock of commit(); the start buffer learns from it.
   */
  push(session: NativeSession, bytes: Uint8Array, arrivalTicks?: number): void;
  /**
   * The same for a message that somebody else parsed: the first `featureCount`
   * of `features` are rows in wire order, not finite where a value was no number.
   * Phones are symbols one to a line, and start and end of each in ticks.
   */
  pushParsed(
    session: NativeSession,
    base64: string,
    features: Float32Array,
    featureCount: number,
    sampleRate: number,
    featureDimension: number,
    clause: number,
    flags: number,
    arrivalTicks?: number,
    phoneSymbols?: string,
    phoneTimes?: Float64Array,
  ): void;
  /** The utterance has no more audio (Final, an error or a lost connection): flushes the resampler and closes the tracks. */
  end(session: NativeSession): void;
  /**
   * Fixes the output up to sample n: what has arrived, then silence. Returns the samples of silence inserted
   * while an utterance was unfinished (starved). With `nowTicks`, a clock of 100 ns that never goes back,
   * speech starts, and goes on after it ran dry, only when enough of it waits (see start_buffer.h); what is
   * returned is then only silence after the utterance had begun to be heard.
   */
  commit(session: NativeSession, untilSample: number, nowTicks?: number): number;
  /** Samples of output that could be committed now without silence, were speech not to wait for its start. */
  readySamples(session: NativeSession): number;
  /** The part of readySamples() whose mouth will not change any more by what is still to come: two feature frames and the mouth lead less while an utterance is open, and 460 ms less than there are phones where these move the mouth. */
  settledSamples(session: NativeSession): number;
  committed(session: NativeSession): number;
  /** Copies committed audio from `sample` on; positions outside the kept window read as silence. Returns samples that were inside. */
  readAudio(session: NativeSession, sample: number, out: Float32Array): number;
  /**
   * As readAudio, but also what is not committed yet and will be heard there if nothing is interrupted; not speech
   * that waits for its start. Returns the samples, which may be fewer than `out` holds.
   */
  lookAhead(session: NativeSession, sample: number, out: Float32Array): number;
  /** Commits what is ready, as far as `out` has room, and copies it. Returns the samples. */
  readReady(session: NativeSession, out: Float32Array): number;
  /**
   * Fills one weight row (frame.ts, 55 wide) for the instant of output sample `sample`. Returns 1 when the
   * mouth is speaking, else 0. With `nextSample` past `sample`, at which the next picture follows, the row also
   * shows a closure of the lips that would fall between the two.
   */
  frameAt(session: NativeSession, sample: number, out: Float32Array, nextSample: number): number;
  /**
   * Voids everything after output sample `sample` (10 ms ramp to silence) and all
   * that waits, and closes the door to the running request id. Returns the source
   * sample at which speech was cut, or -1 when nothing was playing.
   */
  interrupt(session: NativeSession, sample: number): number;
  /**
   * Puts on an expression of 52 weights in ARKit order, from one output sample to another (`clock` 0) or between
   * ticks of the running utterance (`clock` 1); without an end until told. A `key` that is worn already only gets
   * the end. Returns 0 when as many as possible are worn, else 1. See expressions.h.
   */
  wear(
    session: NativeSession,
    key: number,
    weights: Float32Array,
    intensity: number,
    from: number,
    to: number | undefined,
    clock: 0 | 1,
  ): number;
  /** The running utterance may stop at these ticks from its first sample, rising, when it runs dry time and again. */
  mayRest(session: NativeSession, ticks: Float64Array): void;
  /** 0 while nothing is wrong with the order of columns, 1 + the place in `knownOrders`, or -1 for another one. */
  suspectedOrder(session: NativeSession): number;
  /** Output sample at which a source sample is (or was) heard, -1 when not committed yet, -2 when it was cut or has left the window. */
  outputOf(session: NativeSession, sourceSample: number): number;
  /** Source sample just past the last one committed. */
  sourceCommitted(session: NativeSession): number;
  /** Fills `out` with the columns of `counter`. */
  readCounters(session: NativeSession, out: Float64Array): void;
}

/** One frame as the message reader alone takes it apart; texts are still escaped, lists are JSON. See message.h. */
export interface NativeMessage {
  error: number;
  errorPosition: number;
  kind: number;
  warnings: number;
  headerCode: number;
  payloadErrorCode: number;
  sampleRate: number;
  featureDimension: number;
  clause: number;
  familyKnown: boolean;
  final: boolean;
  sentenceStart: boolean;
  sentenceFinal: boolean;
  featuresFinal: boolean;
  requestId: string;
  headerMessage: string;
  errorMessage: string;
  phones: string;
  words: string;
  subtitles: string;
  actions: string;
  expressions: string;
  /** In wire order, not clamped; NaN where the wire has no finite number. */
  features: Float32Array;
  /** Bytes of the decoded audio. */
  pcm: Uint8Array;
}

declare const benchResampler: unique symbol;
/** Everything but a tone at most -100 dB, or -128 dB. */
export type ResamplerQuality = 'standard' | 'archive';
export interface NativeBenchResampler {
  readonly [benchResampler]: true;
}

/** Bits of the flags of render() of `phones`. */
export const renderFlag = { constraints: 1 } as const;

export interface NativePhoneCalls {
  /**
   * Fills `out` with rows of 52 weights for phones. `symbols` has one to a line, `times` start and end of each in
   * samples. `level` has the loudness at each frame, a root mean square in [0, 1], or nothing; `alphabet` is the
   * number of an `Alphabet` of phones.h. See render_phones.h.
   */
  render(
    symbols: string,
    times: Float64Array,
    sampleRate: number,
    frameRateNum: number,
    frameRateDen: number,
    mouthLeadSamples: number,
    flags: number,
    level: Float32Array,
    out: Float32Array,
    alphabet: number,
  ): void;
}

export interface NativeAddon {
  readonly version: string;
  /** Name of the kernel table in use: scalar, sse41, avx2, avx512 or neon. */
  readonly kernels: string;
  /** Tables that this CPU can run, best first. */
  readonly availableKernels: string[];
  readonly session: NativeSessionCalls;
  readonly pool: NativePoolCalls;
  readonly phones: NativePhoneCalls;
  readonly sound: NativeSoundCalls;
  readonly video: NativeVideoCalls;
  /** For benchmarks and tests: runs one kernel or stage with a named table. */
  bench: {
    decodeBase64(table: string, text: Uint8Array, out: Uint8Array): number;
    resample(
      table: string,
      inputRate: number,
      outputRate: number,
      input: Int16Array,
      out: Float32Array,
      quality?: ResamplerQuality,
    ): number;
    /** A stream of its own, to feed chunk by chunk. */
    createResampler(
      table: string,
      inputRate: number,
      outputRate: number,
      quality?: ResamplerQuality,
    ): NativeBenchResampler;
    /** Feeds all of `input`, `chunkFrames` at a time, and returns the frames written. */
    resampleChunks(
      resampler: NativeBenchResampler,
      input: Int16Array,
      chunkFrames: number,
      out: Float32Array,
    ): number;
    /** Bytes of heap that one more stream takes, or -1 where the C library does not tell. */
    resamplerBytes(table: string, inputRate: number, outputRate: number, quality?: ResamplerQuality): number;
    interpolate(
      table: string,
      frames: Float32Array,
      width: number,
      position: number,
      out: Float32Array,
    ): void;
    readMessage(bytes: Uint8Array): NativeMessage;
    /** A JSON array of numbers by the kernel; returns how many. `out` needs room for 4 more. */
    parseFloats(table: string, text: Uint8Array, out: Float32Array): number;
    /**
     * The cubic alone for many tracks of `rowsPerTrack` rows that lie one after the other, every row followed by its
     * slopes as a session keeps them: row i of `out` is track i at `positions[i]`, counted in rows and before the last.
     */
    cubicRows(
      table: string,
      rows: Float32Array,
      width: number,
      rowsPerTrack: number,
      positions: Float64Array,
      out: Float32Array,
    ): void;
    /** The work of `times` pushes of the same message, in one crossing. */
    push(session: NativeSession, bytes: Uint8Array, times: number): void;
  };
}
