import { type NativePool, type NativePoolCalls } from './pool-binding.js';
import { loadAddon } from './load-addon.js';
import { coded } from './native-error.js';
import { nativeSessionOf, type MediaSession } from './session.js';

/**
 * Many sessions whose due frames are evaluated in one call, into one array that
 * is ready for upload. A pool and its sessions belong to one thread; every
 * worker may have its own. A session is in one pool at most, and may be used
 * as before. Closing it takes it out.
 */
export class SessionPool {
  readonly #calls: NativePoolCalls;
  readonly #native: NativePool;
  // By row. The sessions of a pool live as long as the pool.
  readonly #members: (MediaSession | undefined)[] = [];

  constructor() {
    this.#calls = loadAddon().pool;
    this.#native = this.#calls.create();
  }

  /** Takes a session in. Returns its row, which it keeps: the lowest that is free. */
  add(session: MediaSession): number {
    try {
      const row = this.#calls.add(this.#native, nativeSessionOf(session));
      this.#members[row] = session;
      return row;
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Takes a session out; its row is free for the next one. Nothing when it is not in this pool. */
  remove(session: MediaSession): void {
    try {
      this.#calls.remove(this.#native, nativeSessionOf(session));
    } catch (thrown) {
      throw coded(thrown);
    }
    const row = this.#members.indexOf(session);
    if (row >= 0) this.#members[row] = undefined;
  }

  /** Rows that frames() fills: one past the highest in use. */
  get rows(): number {
    return this.#calls.rows(this.#native);
  }

  /**
   * MediaSession.frameAt() for every session: row after row of 55 numbers into
   * `out`, and flags (bits of `poolFlag`) of each into `flags`. Both have room for `rows`.
   * `samples` is the output sample of each row, or one for all; `nextSamples`
   * likewise that of the picture after it, 0 for none. A row without a session,
   * or whose samples are not integers, gets 0 throughout and disturbs no other.
   * Returns the rows filled.
   */
  frames(
    samples: number | Float64Array,
    out: Float32Array,
    flags: Uint8Array,
    nextSamples: number | Float64Array = 0,
  ): number {
    try {
      return this.#calls.frames(this.#native, samples, out, flags, nextSamples);
    } catch (thrown) {
      throw coded(thrown);
    }
  }
}
