import { NullSink } from '../sinks/null-sink.js';
import type { Span } from '../sinks/sink.js';

const longestMs = 2000;

/** Sees whether frames still come. */
export class StepWatch extends NullSink {
  override readonly name = 'steps';
  readonly #now: () => number;
  #frames = 0;
  #lastMs: number | undefined;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    super();
    this.#now = now;
  }

  get frames(): number {
    return this.#frames;
  }

  /** No frame has come for 2 s. */
  get isStopped(): boolean {
    return this.#lastMs === undefined || this.#now() - this.#lastMs > longestMs;
  }

  override write(span: Span): void {
    super.write(span);
    this.#frames += 1;
    this.#lastMs = this.#now();
  }
}
