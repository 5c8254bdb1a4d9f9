import { heartbeatLimitsMs } from '../../wire/index.js';
import type { Clock } from '../../clock.js';

/** Sends heartbeats while the channel is open, never two within the documented 30 s, also over reconnects. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #send: () => void;
  #cancel: () => void = () => undefined;
  #last: number;
  #sent = 0;

  constructor(clock: Clock, intervalMs: number, send: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#send = send;
    this.#last = clock.now();
  }

  get sent(): number {
    return this.#sent;
  }

  /** The channel is open. */
  resume(): void {
    this.stop();
    const now = this.#clock.now();
    const due = Math.max(this.#last + this.#intervalMs, now);
    // Of a channel that was away for long the first one is late already, but never too early.
    const earliest = this.#last + heartbeatLimitsMs[0] + 1;
    this.#cancel = this.#clock.after(Math.max(due, earliest) - now, () => this.#beat());
  }

  stop(): void {
    this.#cancel();
  }

  #beat(): void {
    this.#last = this.#clock.now();
    this.#sent++;
    this.#cancel = this.#clock.after(this.#intervalMs, () => this.#beat());
    this.#send();
  }
}
