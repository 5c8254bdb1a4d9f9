import type { FacewireError } from '../errors.js';
import type { AlphaKind, PixelFormat } from '../pixel-format.js';

/** What every sink of one player agrees on. All positions count from the player's first frame. */
export interface OutputFormat {
  /** Audio frames per second of the mono float blocks. */
  readonly sampleRate: number;
  /** Video frames per second as a ratio of integers. */
  readonly frameRateNumerator: number;
  readonly frameRateDenominator: number;
  /** Picture size in pixels; 0 × 0 when the player draws nothing. */
  readonly width: number;
  readonly height: number;
}

/** One picture. Sinks must not keep `pixels` or `yuv` after `release()`. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 8 bits a channel, rows top to bottom, no padding. */
  readonly pixels: Uint8Array;
  /** How `pixels` lie. Default `rgba`. */
  readonly format?: PixelFormat;
  /** What alpha means in `rgba` and `bgra`. Default `straight`. */
  readonly alpha?: AlphaKind;
  /** The same as YUV 4:2:0 (yuv-picture.ts), from renderers that keep it up to date where the picture changes. */
  readonly yuv?: Uint8Array;
  /** Says that this holder is done; the buffer is reused when all are. */
  release(): void;
  /** One more holder. */
  retain(): void;
}

/**
 * One period of the output: exactly one video frame and the audio under it.
 * Spans follow each other without gap or overlap, so a sink that counts frames
 * and samples stays in step for ever.
 */
export interface Span {
  readonly frameIndex: number;
  readonly sampleIndex: number;
  /** Mono float PCM in [-1, 1]; the same array is reused for the next span, copy what must stay. */
  readonly audio: Float32Array;
  /** The weight row of this frame (see frame.ts); reused like `audio`. */
  readonly weights: Float32Array;
  /** Present when the player draws; the previous picture again when drawing was late. */
  readonly picture: Picture | undefined;
}

export interface SinkReport {
  readonly name: string;
  readonly videoFrames: number;
  readonly audioFrames: number;
  /** Video frames that showed the picture before again because drawing was late. */
  readonly repeatedFrames: number;
  readonly bytes: number;
  /** True when the sink broke before it was closed. */
  readonly failed?: boolean;
}

/** Turns spans into something outside. Never reads the network and never decides what time it is. */
export interface Sink {
  readonly name: string;
  /** True when this sink needs `Span.picture`. */
  readonly wantsPictures: boolean;
  /**
   * True when this sink keeps what is said for later, as a file does. When it cannot be opened at the start, a player
   * with a sink that is no recording begins without it; a player of recordings alone does not begin. Default false.
   */
  readonly isRecording?: boolean;
  /** Resolves when the sink can take spans. */
  open(format: OutputFormat): Promise<void>;
  /** Takes one span; must not block. Failures go to `onError`, never thrown from here. */
  write(span: Span): void;
  /** Plays out or finishes the file, then releases everything. Idempotent. */
  close(): Promise<SinkReport>;
  /** Called once when the sink breaks; the player goes on without it. */
  onError: ((error: FacewireError) => void) | undefined;
  /** Audio frames that the sink can take now; undefined when it has no limit. */
  readonly room?: number;
  /**
   * Present when the sink consumes at a pace of its own, as a sound card does. The player then follows it: gives it
   * sound through here ahead of time, instead of spans, and all other sinks their spans as the sound is heard.
   */
  readonly clock?: SoundClock;
}

/** What a sound card is to the player that follows it. Samples are those of the player's output. */
export interface SoundClock {
  /** The sample that play() takes next. */
  readonly next: number;
  /** The sample that is heard now. Never goes back. */
  readonly heard: number;
  /** Samples of speech that it takes now. */
  readonly room: number;
  /** Samples of silence that it takes now: few, because what is said next is heard behind them. */
  readonly silenceRoom: number;
  /** Takes sound, not more than there is room for. `flows`: speech is under way, and running dry a fault to count. */
  play(audio: Float32Array, flows: boolean): void;
  /**
   * Silences at once, with a ramp of 10 ms, what was given and is not heard. Returns the sample at which the ramp
   * begins; `next` is its end from now on. Without this, what was given is heard.
   */
  cut?(): number;
}
