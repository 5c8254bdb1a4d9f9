import type { Clock } from '../../clock.js';
import type { Delivery } from './delivery.js';

const checkMs = 250;
const pingEveryMs = 1000;
/** Who leaves a ping alone for so long, and sends no receipts, is asked something else. */
const pongMs = 1000;
/** A check this late means that our own process or machine stood still. */
const ownStandstillMs = 1000;

/** What an ingest is asked: a ping, or a command of the protocol that has to be answered. */
export type Question = 'ping' | 'command';

/**
 * Notices an ingest that has stopped reading. One that sends receipts or
 * answers pings must go on doing so. One that does neither (node-media-server)
 * is asked by a command instead. For those that say nothing at all the kernel
 * is asked what has arrived at the other one's, whose buffers have to fill
 * first; where it does not tell, only a socket that takes no more is left, and
 * its buffers hold megabytes.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #delivery: Delivery;
  readonly #put: (question: Question, value: number) => void;
  readonly #unconfirmed: () => Promise<number | undefined>;
  readonly #onStall: (stuckMs: number) => void;
  #cancel: (() => void) | undefined;
  #checkedAt = 0;
  #question: Question = 'ping';
  #askedAt: number | undefined;
  #answeredAt: number | undefined;
  #owedSince: number | undefined;
  #fullSince: number | undefined;
  /** Bytes that the far kernel has at least, and since when that has not grown although more is there. */
  #arrived = 0;
  #arrivedAt = 0;
  #unmovedSince: number | undefined;
  #isAsking = false;

  /**
   * @param unconfirmed bytes that the far kernel does not have yet, where that is known.
   * @param onStall called once, with how long nothing was taken.
   */
  constructor(
    clock: Clock,
    stallMs: number,
    delivery: Delivery,
    put: (question: Question, value: number) => void,
    unconfirmed: () => Promise<number | undefined>,
    onStall: (stuckMs: number) => void,
  ) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#delivery = delivery;
    this.#put = put;
    this.#unconfirmed = unconfirmed;
    this.#onStall = onStall;
  }

  start(): void {
    this.#checkedAt = this.#clock.now();
    this.#arrivedAt = this.#checkedAt;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The ingest has answered. */
  answered(question: Question): void {
    // Who answers both is asked by pings, which cost nobody anything.
    if (this.#answeredAt === undefined || question === 'ping') this.#question = question;
    this.#answeredAt = this.#clock.now();
    this.#askedAt = undefined;
  }

  /** A receipt came. */
  receipted(): void {
    this.#owedSince = undefined;
  }

  /** The kernel took bytes. */
  moved(): void {
    this.#fullSince = undefined;
  }

  #arm(): void {
    this.#cancel = this.#clock.after(checkMs, () => this.#check());
  }

  #check(): void {
    const now = this.#clock.now();
    const late = now - this.#checkedAt - checkMs;
    this.#checkedAt = now;
    if (late > ownStandstillMs) this.#forget();
    const delivery = this.#delivery;
    this.#owedSince = delivery.isOwed ? (this.#owedSince ?? now) : undefined;
    this.#fullSince = delivery.waiting > 0 ? (this.#fullSince ?? now) : undefined;
    const isSilent = !delivery.hasReceipts && this.#answeredAt === undefined;
    const since = [
      this.#owedSince,
      this.#answeredAt === undefined ? undefined : this.#askedAt,
      this.#fullSince,
      isSilent ? this.#unmovedSince : undefined,
    ];
    const stuckMs = Math.max(...since.map((at) => (at === undefined ? 0 : now - at)));
    if (stuckMs > this.#stallMs) {
      this.stop();
      return this.#onStall(Math.round(stuckMs));
    }
    if (isSilent && this.#question === 'ping' && now - (this.#askedAt ?? now) > pongMs) {
      this.#question = 'command';
      this.#askedAt = undefined;
    }
    // One that never answered gets no other of the same kind.
    if (this.#askedAt === undefined && now - (this.#answeredAt ?? -Infinity) > pingEveryMs) {
      this.#askedAt = now;
      this.#put(this.#question, Math.floor(now) >>> 0);
    }
    if (isSilent && !this.#isAsking) void this.#ask();
    this.#arm();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const askedAt = this.#clock.now();
    const taken = this.#delivery.written - this.#delivery.waiting;
    const unconfirmed = await this.#unconfirmed();
    this.#isAsking = false;
    if (unconfirmed === undefined) return;
    // More may have been taken since, so this is the least that has arrived.
    if (unconfirmed === 0 || taken - unconfirmed > this.#arrived) {
      this.#arrived = Math.max(this.#arrived, taken - unconfirmed);
      this.#arrivedAt = askedAt;
      this.#unmovedSince = undefined;
    } else this.#unmovedSince ??= this.#arrivedAt;
  }

  /** We stood still, so answers that are there already were not read: everybody starts afresh. */
  #forget(): void {
    this.#owedSince = undefined;
    this.#fullSince = undefined;
    this.#unmovedSince = undefined;
    this.#arrivedAt = this.#clock.now();
    if (this.#answeredAt !== undefined) this.#askedAt = undefined;
  }
}
