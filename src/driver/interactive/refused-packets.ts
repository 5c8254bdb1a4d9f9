import { pause, type Clock } from '../../clock.js';
import type { Packet } from './unconfirmed.js';

export interface RefusedPacketsOptions {
  readonly clock: Clock;
  /** Aborted when the drive is over. */
  readonly over: AbortSignal;
  /** Distance of two packets, in ms. */
  readonly spacingMs: number;
  /** Resolves when nothing waits for the channel. */
  readonly clear: () => Promise<void>;
  readonly post: (packet: Packet) => void;
}

/** When a packet may come again. */
export interface Again {
  /** Attempts that a packet has beside its first. */
  readonly limit: number;
  /** Least wait from the refusal, in ms. */
  readonly waitMs: number;
  /** And not before this. */
  readonly gate?: Promise<void>;
}

/** Packets of one drive that the cloud did not take. They go out again, in their order, before anything new. */
export class RefusedPackets {
  readonly #options: RefusedPacketsOptions;
  readonly #counts = new Map<number, number>();
  #packets: Packet[] = [];
  #notBefore = 0;
  #gates: Promise<unknown> = Promise.resolve();
  #sending: Promise<void> | undefined;

  constructor(options: RefusedPacketsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#packets.length === 0 && this.#sending === undefined;
  }

  /** False when the packet has used up its attempts. */
  add(packet: Packet, { limit, waitMs, gate }: Again): boolean {
    const count = (this.#counts.get(packet.sequence) ?? 0) + 1;
    if (count > limit) return false;
    this.#counts.set(packet.sequence, count);
    this.#packets = [...this.#packets, packet].sort((a, b) => a.sequence - b.sequence);
    this.#notBefore = Math.max(this.#notBefore, this.#options.clock.now() + waitMs);
    if (gate !== undefined) this.#gates = Promise.all([this.#gates, gate]);
    void this.settle();
    return true;
  }

  /** Resolves when none waits any more. */
  settle(): Promise<void> {
    if (this.#packets.length > 0 && !this.#options.over.aborted) {
      this.#sending ??= this.#send().finally(() => {
        this.#sending = undefined;
        void this.settle();
      });
    }
    return this.#sending ?? Promise.resolve();
  }

  /** Forgets them. */
  clear(): void {
    this.#packets = [];
  }

  async #send(): Promise<void> {
    const { clock, over, spacingMs, clear, post } = this.#options;
    while (this.#packets.length > 0 && !over.aborted) {
      const gates = this.#gates;
      await gates;
      await pause(clock, this.#notBefore - clock.now(), over);
      await clear();
      // Another one may have been refused meanwhile.
      if (gates !== this.#gates || clock.now() < this.#notBefore) continue;
      const packet = this.#packets.shift();
      if (packet === undefined || over.aborted) return;
      post(packet);
      await pause(clock, spacingMs, over);
    }
  }
}
