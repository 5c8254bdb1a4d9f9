import type { FacewireError } from '../../errors.js';
import type { RenderedClause } from '../render-clause.js';

/** How something that was given to a stage reaches the viewers. Neither promise rejects. */
export interface Heard {
  /** True when its first sample went out, false when it was cut before. */
  readonly started: Promise<boolean>;
  /** True when all of it went out, false when it was cut. */
  readonly finished: Promise<boolean>;
}

/** The writing end of a caller's own sound. */
export interface SoundEntry extends Heard {
  /** Milliseconds until so many samples more may wait to be heard, 0 when they may now. */
  roomInMs(samples: number): number;
  /** Takes little-endian s16 mono PCM at 16 kHz, whole samples. Throws when there is no room for it. */
  push(pcm: Uint8Array): void;
  /** No more comes. */
  end(): void;
}

/**
 * The rendering half of a session: one face and one voice on a stream that
 * runs without a gap until close(), idle between speeches. Whatever is spoken
 * is heard in the order of the calls.
 */
export interface Stage {
  /** Where viewers play the stream; undefined when it goes to an address of the caller's. */
  readonly playAddress: string | undefined;
  /** @param display the text of the clause as it is shown. */
  speak(clause: RenderedClause, display: string): Heard;
  sound(): SoundEntry;
  /** Silences everything at once. */
  interrupt(): void;
  /** Ends the stream and frees all it took. Idempotent, never rejects. */
  close(): Promise<void>;
  /** Called at most once, when the stream broke off for good. */
  onLost: ((error: FacewireError) => void) | undefined;
}

export interface StageRequest {
  readonly sessionId: string;
  /** Push here instead of to the built-in ingest. A secret. */
  readonly pushUrl: string | undefined;
  /** Host under which the viewer reaches this machine. */
  readonly playHost: string;
}

/** Resolves when pictures go out. Rejects when they never will, and has freed everything then. */
export type StageMaker = (request: StageRequest) => Promise<Stage>;
