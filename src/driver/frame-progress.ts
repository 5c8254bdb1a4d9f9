import { frameNumber } from '../wire/index.js';

/** Times that a drive goes on with another socket although nothing came over the last one. */
const mostFruitless = 3;

/** Which frames of a drive have come, where the cloud numbers them. */
export class FrameProgress {
  readonly #requestId: string;
  #received = 0;
  #receivedBefore = -1;
  #fruitless = 0;

  constructor(requestId: string) {
    this.#requestId = requestId;
  }

  /** Number of the last frame. */
  get received(): number {
    return this.#received;
  }

  /** Counts a frame; `seen` and `missing` ones must not be taken. One without a number is always next. */
  take(bytes: Uint8Array): 'next' | 'seen' | { readonly missing: number; readonly got: number } {
    const at = frameNumber(bytes);
    if (at === undefined || at.requestId !== this.#requestId) return 'next';
    if (at.number <= this.#received) return 'seen';
    if (at.number > this.#received + 1) return { missing: this.#received + 1, got: at.number };
    this.#received = at.number;
    return 'next';
  }

  /** The socket was lost; false when too many have brought nothing. */
  lose(): boolean {
    this.#fruitless = this.#received > this.#receivedBefore ? 0 : this.#fruitless + 1;
    this.#receivedBefore = this.#received;
    return this.#fruitless <= mostFruitless;
  }
}
