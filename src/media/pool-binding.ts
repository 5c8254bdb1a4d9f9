import type { NativeSession } from './binding.js';

declare const nativePool: unique symbol;
/** A pool of the addon; as NativeSession. */
export interface NativePool {
  readonly [nativePool]: true;
}

export interface NativePoolCalls {
  create(): NativePool;
  /** The session's row from now on, the lowest that is free. A session is in one pool at most. */
  add(pool: NativePool, session: NativeSession): number;
  /** Nothing when the session is not in this pool. Closing a session removes it, too. */
  remove(pool: NativePool, session: NativeSession): void;
  /** One past the highest row in use. */
  rows(pool: NativePool): number;
  /**
   * frameAt() for every session of the pool, each at `samples[row]` or all at
   * one sample, with `nextSamples` likewise. Fills row after row of `out` and
   * one flag (see `poolFlag`) for each, and returns the rows. A row without a
   * session, or whose samples are not integers below 2^53, gets 0 throughout.
   */
  frames(
    pool: NativePool,
    samples: number | Float64Array,
    out: Float32Array,
    flags: Uint8Array,
    nextSamples: number | Float64Array,
  ): number;
}

/** Bits of a flag that frames() of a pool gives: the row was drawn; there is speech. */
export const poolFlag = { live: 1, speaking: 2 } as const;
