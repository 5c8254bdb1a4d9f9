import { Backoff } from '../backoff.js';
import { backgroundClock, pause } from '../clock.js';
import { toFacewireError, type ErrorCode, type FacewireError } from '../errors.js';

/** What is needed of a driver. */
export interface Connectable {
  connect(): Promise<void>;
}

/** With these the cloud is not there for us; anything else is about one request. */
const lossCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_CONNECT_FAILED',
  'ERR_CONNECTION_LOST',
  'ERR_TIMEOUT',
  'ERR_AUTH_REJECTED',
  'ERR_CLOCK_SKEW',
  'ERR_CLOUD_UNAVAILABLE',
  'ERR_QUOTA_EXCEEDED',
  'ERR_RATE_LIMITED',
]);

/** The key is wrong, or nothing is left of the quota: nobody gains by asking often. */
const slowCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['ERR_AUTH_REJECTED', 'ERR_QUOTA_EXCEEDED']);
const slowMs = 60_000;

/** Knows whether the cloud is there, and looks for it while it is not. */
export class CloudWatch {
  readonly #cloud: Connectable;
  readonly #onChange: (isUp: boolean, why: FacewireError | undefined) => void;
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  #isUp = false;
  #looking: Promise<void> | undefined;

  /** @param random gives numbers in [0, 1), for the time between two attempts. */
  constructor(
    cloud: Connectable,
    onChange: (isUp: boolean, why: FacewireError | undefined) => void,
    random: () => number = Math.random,
  ) {
    this.#cloud = cloud;
    this.#onChange = onChange;
    this.#backoff = new Backoff(random);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Looks for the cloud until it is there. Resolves after the first attempt. */
  async start(): Promise<void> {
    try {
      await this.#cloud.connect();
      this.#up();
    } catch (thrown) {
      this.#onChange(false, toFacewireError(thrown));
      this.#look(toFacewireError(thrown));
    }
  }

  /** A request failed. True when that is because the cloud is gone. */
  failed(error: FacewireError): boolean {
    if (!lossCodes.has(error.code)) return false;
    if (this.#isUp) this.#onChange(false, error);
    this.#isUp = false;
    this.#look(error);
    return true;
  }

  close(): void {
    this.#stop.abort();
  }

  #up(): void {
    this.#backoff.reset();
    this.#isUp = true;
    this.#onChange(true, undefined);
  }

  #look(because: FacewireError): void {
    this.#looking ??= this.#lookOn(because).finally(() => (this.#looking = undefined));
  }

  async #lookOn(because: FacewireError): Promise<void> {
    const { signal } = this.#stop;
    let last = because;
    for (;;) {
      const waitMs = slowCodes.has(last.code) ? slowMs : this.#backoff.next();
      await pause(backgroundClock, waitMs, signal);
      if (signal.aborted) return;
      try {
        await this.#cloud.connect();
        if (!signal.aborted) this.#up();
        return;
      } catch (thrown) {
        last = toFacewireError(thrown);
      }
    }
  }
}
