/**
 * The whole native surface. Nothing else in TypeScript sees the raw addon;
 * session.ts wraps it. Every integer is exact below 2^53.
 */

/** Columns of the report that push fills: a caller-owned Float64Array of `reportLength` integers. */
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
} as const;

/**
 * Columns that readCounters fills: a caller-owned Float64Array of `counterLength` integers.
 * What the session has counted since it was made, and (last three) how it stands.
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
  /** Speech that should wait before it starts, in ticks of 100 ns: 20 to 600 ms. */
  targetTicks: 17,
  /** 95th percentile of how late sound comes, in ticks; negative when it comes ahead of its time. */
  lateTicks: 18,
} as const;
export const counterLength = 19;

/** Values of `counter.phase`: whether silence means 'not yet' (waiting, starved) or the end (idle). */
export const phase = { idle: 0, waiting: 1, speaking: 2, starved: 3 } as const;

export interface NativeSessionOptions {
  /** Output audio frames per second: 16000, 24000, 44100 or 48000. */
  sampleRate: number;
  /** Duration of one feature frame in ticks of 100 ns. */
  featureHopTicks: number;
  /** Names of the wire's feature columns, in wire order. */
  featureOrder: string[];
  /** How far the mouth runs ahead of the sound, in ticks; may be negative. */
  mouthLeadTicks: number;
  /** Most audio that may wait, in seconds. */
  maxBufferedSeconds: number;
  maxMessageBytes: number;
  /** Seed of the idle life (blink, gaze, sway), or -1 for none. */
  idleSeed: number;
}

export interface NativeSession {
  /**
   * Starts an utterance: only messages with this request id are accepted from
   * now on (every other is kind.stale), until end(), finish or interrupt().
   * What is still waiting of the utterance before plays on. An empty id accepts every message.
   */
  begin(requestId: string): void;
  /**
   * Takes one wire frame as it came. Returns kind; details in `report`. Never throws for bad input.
   * `arrivalTicks` is when it came, in ticks of the clock of commit(); the start buffer learns from it.
   */
  push(bytes: Uint8Array, report: Float64Array, arrivalTicks?: number): number;
  /** The same for a message that somebody else parsed. `features` is row-major in wire order. */
  pushParsed(
    base64: string,
    features: Float32Array | number[],
    sampleRate: number,
    featureDimension: number,
    clause: number,
    flags: number,
    report: Float64Array,
    arrivalTicks?: number,
  ): number;
  /** The utterance has no more audio (Final, an error or a lost connection): flushes the resampler and closes the tracks. */
  end(): void;
  /**
   * Fixes the output up to sample n: what has arrived, then silence. Returns the samples of silence inserted
   * while an utterance was unfinished (starved). With `nowTicks`, a clock of 100 ns that never goes back,
   * speech starts, and goes on after it ran dry, only when enough of it waits (see start_buffer.h); what is
   * returned is then only silence after the utterance had begun to be heard.
   */
  commit(untilSample: number, nowTicks?: number): number;
  /** Samples of output that could be committed now without silence, were speech not to wait for its start. */
  readySamples(): number;
  /** The part of readySamples() whose mouth will not change any more by what is still to come: two feature frames and the mouth lead less while an utterance is open. */
  settledSamples(): number;
  committed(): number;
  /** Copies committed audio from `sample` on; positions outside the kept window read as silence. Returns samples that were inside. */
  readAudio(sample: number, out: Float32Array): number;
  /**
   * Fills one weight row (frame.ts, 55 wide) for the instant of output sample `sample`. Returns 1 when the
   * mouth is speaking, else 0. With `nextSample`, at which the next picture follows, the row also shows a
   * closure of the lips that would fall between the two.
   */
  frameAt(sample: number, out: Float32Array, nextSample?: number): number;
  /**
   * Voids everything after output sample `sample` (10 ms ramp to silence) and all
   * that waits, and closes the door to the running request id. Returns the source
   * sample at which speech was cut, or -1 when nothing was playing.
   */
  interrupt(sample: number): number;
  /** Output sample at which a source sample is (or was) heard, -1 when not committed yet, -2 when it was cut or has left the window. */
  outputOf(sourceSample: number): number;
  /** Source sample just past the last one committed. */
  sourceCommitted(): number;
  /** Fills `out` with the columns of `counter`. */
  readCounters(out: Float64Array): void;
  /** Releases native memory now; every later call throws ERR_STATE. */
  close(): void;
}

export interface NativeAddon {
  readonly version: string;
  /** Name of the kernel table in use: scalar, sse41, avx2 or neon. */
  readonly kernels: string;
  /** Tables that this CPU can run, best first. */
  readonly availableKernels: string[];
  Session: new (options: NativeSessionOptions) => NativeSession;
  /** For benchmarks and tests: runs one kernel or stage with a named table. */
  bench: {
    decodeBase64(table: string, text: Uint8Array, out: Uint8Array): number;
    resample(
      table: string,
      inputRate: number,
      outputRate: number,
      input: Int16Array,
      out: Float32Array,
    ): number;
    interpolate(
      table: string,
      frames: Float32Array,
      width: number,
      position: number,
      out: Float32Array,
    ): void;
  };
}
