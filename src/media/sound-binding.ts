/** The part of the native surface that plays sound cards; see binding.ts. */

declare const nativeSoundOutput: unique symbol;
/** Sound on its way to a card; as NativeSession. */
export interface NativeSoundOutput {
  readonly [nativeSoundOutput]: true;
}

/** A device that plays, as PortAudio tells it. */
export interface NativeSoundDevice {
  readonly id: number;
  readonly name: string;
  /** Name of the sound system behind it, for example ALSA or Windows WASAPI. */
  readonly host: string;
  /** Most channels that it plays. */
  readonly channels: number;
  /** The rate that it prefers, in Hz. */
  readonly sampleRate: number;
  readonly isDefault: boolean;
}

export interface NativeOpenedDevice extends NativeSoundDevice {
  /** From the callback to the ear, as promised; -1 when the device refused the rate and nothing was opened. */
  readonly latencyMs: number;
}

/** Columns that readCounters of a sound output fills; see sound_output.h. Frames are those of the card. */
export const soundCounter = {
  playedFrames: 0,
  /** Silence that went to the card instead of sound, for whatever reason. */
  silentFrames: 1,
  /** Times that nothing was there for the card while more was to come, and the silence because of it. */
  starvedEvents: 2,
  starvedFrames: 3,
  /** Times that the card itself ran dry because its callback came late. */
  cardUnderruns: 4,
  cardUnderrunFrames: 5,
  blocks: 6,
  /** Frames that passed while there was no card. */
  unheardFrames: 7,
  /** Source frames made void by flush(). */
  voidedFrames: 8,
  /** Source frames of silence left out to catch up with the writer's clock. */
  skippedFrames: 9,
  /** Milliseconds since the last callback, -1 before the first. */
  blockAgeMs: 10,
  /** From the callback to the ear in ms, a running mean. */
  latencyMs: 11,
  /** 1 when the card takes sound much faster than time passes. */
  hasNoClock: 12,
  driftPpm: 13,
} as const;
export const soundCounterLength = 16;

/** Values of `state()` of a sound output. */
export const soundState = { none: 0, playing: 1, ended: 2, busy: 3 } as const;

/** Sound cards through PortAudio, which is loaded from `path` at the first call that names it. */
export interface NativeSoundCalls {
  /** The devices of now, unless a stream of this process is open: then those of when it was opened. */
  list(path: string): Promise<NativeSoundDevice[]>;
  /**
   * Sound at `sampleRate` for a card at `cardRate`, of which up to `ringMs` (20 to 10000) wait.
   * `followMs` 0: the card is the clock. Otherwise the writer has a clock of its own, and so much waits.
   */
  create(sampleRate: number, cardRate: number, ringMs: number, followMs: number): NativeSoundOutput;
  /**
   * Opens and starts the device of this name ('' the default one) and sound system ('' any).
   * `latencyMs` 0: the lowest that the device recommends. `blockFrames` 0: as the device likes.
   */
  open(
    output: NativeSoundOutput,
    path: string,
    name: string,
    host: string,
    latencyMs: number,
    blockFrames: number,
  ): Promise<NativeOpenedDevice>;
  /** Stops at once; what the card holds is lost. Wait for isDrained() before. May be repeated. */
  close(output: NativeSoundOutput): Promise<void>;
  state(output: NativeSoundOutput): number;
  /** Frames that can be written now. */
  room(output: NativeSoundOutput): number;
  /** Takes all of `audio` or nothing, and returns the frames taken. `flows` 1: to run dry behind it is counted. */
  write(output: NativeSoundOutput, audio: Float32Array, flows: 0 | 1): number;
  /**
   * Voids what waits. Returns the frame at which the 10 ms ramp to silence begins. What is written next is heard
   * behind that ramp; written() says which frame that is.
   */
  flush(output: NativeSoundOutput): number;
  /** Nothing more comes for now: puts out what is inside. 0 while there is no room for it. */
  finish(output: NativeSoundOutput): number;
  written(output: NativeSoundOutput): number;
  /** Frame that is heard now, by the card's own clock. */
  position(output: NativeSoundOutput): number;
  /** 1 when all that was written was heard or is void. */
  isDrained(output: NativeSoundOutput): number;
  /**
   * While there is no card, or it stalls: lets pass what would have been heard by now, from the last call on; at the
   * first call since a card was opened, tried or has played, of the last `pastMs`. Does nothing while one is opened or
   * closed, nor before its first callback, nor while that came within 250 ms.
   */
  passSilently(output: NativeSoundOutput, pastMs: number): void;
  /** Fills `out` with the columns of `soundCounter`. */
  readCounters(output: NativeSoundOutput, out: Float64Array): void;
}
