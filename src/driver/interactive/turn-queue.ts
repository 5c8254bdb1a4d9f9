import { FacewireError } from '../../errors.js';
import type { InteractiveDrive } from './drive.js';

export interface Turn {
  readonly drive: InteractiveDrive;
  /** Waits until what runs is over, instead of taking its place. */
  readonly queued: boolean;
  /** Time of the clock before which it does not begin. */
  readonly notBefore: number;
  /** Bytes of text or sound that it keeps while it waits. */
  readonly heldBytes: () => number;
  readonly send: () => void;
}

export interface QueueLimits {
  readonly drives: number;
  readonly bytes: number;
}

/** Utterances that wait for their turn, in order. What is in is never dropped to make room; what finds none is refused. */
export class TurnQueue {
  readonly #limits: QueueLimits;
  #turns: Turn[] = [];
  #refused = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** The one that is next. */
  get first(): Turn | undefined {
    return this.#turns[0];
  }

  get count(): number {
    return this.#turns.length;
  }

  get bytes(): number {
    return this.#turns.reduce((sum, turn) => sum + turn.heldBytes(), 0);
  }

  /** Utterances that found no room. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes an utterance that does not wait of its own accord. */
  add(turn: Turn): void {
    this.#turns.push(turn);
  }

  /** Takes an utterance that was in before, and is next. */
  addFirst(turn: Turn): void {
    this.#turns.unshift(turn);
  }

  /** Throws ERR_BUFFER_FULL, taking nothing. */
  addIfRoom(turn: Turn): void {
    const { drives, bytes } = this.#limits;
    const all = this.bytes + turn.heldBytes();
    if (this.#turns.length < drives && all <= bytes) return this.add(turn);
    this.#refused++;
    const [expected, received] =
      all > bytes
        ? [`at most ${bytes} bytes that wait`, `${all} bytes`]
        : [`at most ${drives} drives that wait`, `${drives + 1} drives`];
    throw new FacewireError('ERR_BUFFER_FULL', 'more utterances are waiting for their turn than are kept', {
      expected,
      received,
      remedy:
        'Await `finished` of a drive that waits before more is queued; give a long sound in pieces, which are read when its turn comes.',
    });
  }

  /** How many bytes may still be added to what waits. */
  get freeBytes(): number {
    return Math.max(0, this.#limits.bytes - this.bytes);
  }

  remove(drive: InteractiveDrive): void {
    this.#turns = this.#turns.filter((turn) => turn.drive !== drive);
  }

  /** Empties it. */
  takeAll(): readonly InteractiveDrive[] {
    return this.#turns.splice(0).map((turn) => turn.drive);
  }
}
