import type { Clock } from '../../clock.js';
import type { PushEvent } from './push-events.js';

/** From here on pictures are given up; what is on its way by then comes later still. */
const lateMs = 600;
/** A stream so late is of no use to anybody. */
const hopelessMs = 5000;
const inTimeMs = 5000;
/** When nothing was asked for so long, our own process or machine stood still, and the ingest is given as long to catch up. */
const standstillMs = 1000;

/** Judges how late a stream is, tells once that the line is too slow, and once that it is fast enough again. */
export class LatenessWatch {
  readonly #clock: Clock;
  readonly #tell: (event: PushEvent) => void;
  #isLate = false;
  #cancel: () => void = () => undefined;
  #askedAt = 0;
  #excusedUntil = 0;

  constructor(clock: Clock, tell: (event: PushEvent) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** A new connection. */
  restart(): void {
    this.#isLate = false;
    this.#askedAt = this.#clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  /** @param oldestAt since when the oldest tag has been waiting that has not arrived; Infinity when none is. */
  judge(oldestAt: number): 'fine' | 'late' | 'hopeless' {
    const now = this.#clock.now();
    if (now - this.#askedAt > standstillMs) this.#excusedUntil = now + standstillMs;
    this.#askedAt = now;
    const waitedMs = now - oldestAt;
    if (waitedMs <= lateMs || now < this.#excusedUntil) return 'fine';
    if (!this.#isLate) this.#tell({ type: 'late', lateMs: Math.round(waitedMs) });
    this.#isLate = true;
    this.#cancel();
    this.#cancel = this.#clock.after(inTimeMs, () => {
      this.#isLate = false;
      this.#tell({ type: 'inTime' });
    });
    return waitedMs > hopelessMs ? 'hopeless' : 'late';
  }
}
