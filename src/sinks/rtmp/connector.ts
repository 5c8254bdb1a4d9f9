import { Backoff } from '../../backoff.js';
import type { Clock } from '../../clock.js';
import { FacewireError, toFacewireError } from '../../errors.js';
import type { PushEvent } from './push-events.js';
import type { PushHosts } from './push-hosts.js';
import { RtmpPublisher } from './publisher.js';
import type { Refusal } from './refusal.js';
import { parseRtmpUrl } from './url.js';

/** A push address, or what is asked for one before each attempt, since signed addresses expire. */
export type PushAddress = string | (() => string | Promise<string>);

export interface ConnectorSettings {
  readonly url: PushAddress;
  readonly hosts: PushHosts | undefined;
  readonly clock: Clock;
  /** Gives numbers in [0, 1). */
  readonly random: () => number;
  readonly ca: string | undefined;
  readonly connectTimeoutMs: number;
  readonly stallMs: number;
  readonly maxWaitMs: number;
  readonly onEvent: (event: PushEvent) => void;
}

/** A no is not asked about again before this many ms; the ingest may need them to forget our lost connection. */
const refusedWaitMs = 2000;
/** After a loss an attempt gets this long to be connected; what was sent into a dead network does not arrive later. */
const reconnectMs = 3000;
/** And this long to be accepted; twice as long after each attempt that got no answer. */
const acceptMs = 2000;

/** Makes connections to one ingest: asks for the address, judges it, waits between attempts, knows when it is of no use. */
export class Connector {
  readonly #settings: ConnectorSettings;
  readonly #ended: AbortSignal;
  readonly #backoff: Backoff;
  #attempts = 0;
  #refusals = 0;
  #successes = 0;
  #timeouts = 0;
  /** Denials in a row. */
  #denials = 0;
  #lastError: FacewireError | undefined;

  /** @param ended aborts an attempt, or the wait for the next. */
  constructor(settings: ConnectorSettings, ended: AbortSignal) {
    this.#settings = settings;
    this.#ended = ended;
    this.#backoff = new Backoff(settings.random, 250, 1.7, settings.maxWaitMs);
    // What can be known to be wrong is said at once.
    if (typeof settings.url === 'string') {
      const target = parseRtmpUrl(settings.url);
      settings.hosts?.check(target);
    }
  }

  get attempts(): number {
    return this.#attempts;
  }

  get successes(): number {
    return this.#successes;
  }

  /** Attempts that an ingest answered with a no. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Why the last attempt failed. */
  get lastError(): FacewireError | undefined {
    return this.#lastError;
  }

  /** True when further attempts are of no use: a second signature is refused like the first, a forbidden place stays one. */
  get isFinal(): boolean {
    const code = this.#lastError?.code;
    return this.#denials >= 2 || code === 'ERR_RTMP_FORBIDDEN' || code === 'ERR_RTMP_URL';
  }

  /** Waits are short again. */
  resetWaits(): void {
    this.#backoff.reset();
  }

  /** As long as a lost connection is waited for before the first attempt to replace it. */
  pause(): Promise<void> {
    this.#lastError = undefined;
    return this.#pause(this.#backoff.next());
  }

  /**
   * Tries until it succeeds. Undefined when it was ended, when it is of no use,
   * or when `mayRetry`, which is told the next wait, says no.
   */
  async connect(
    bytesPerSecond: number,
    mayRetry: (waitMs: number) => boolean,
  ): Promise<RtmpPublisher | undefined> {
    for (let attempt = 1; ; attempt++) {
      let refusal: Refusal | undefined;
      try {
        const publisher = await this.#attempt(bytesPerSecond, (said) => (refusal = said));
        this.#denials = 0;
        this.#timeouts = 0;
        if (!this.#ended.aborted) {
          this.#successes += 1;
          return publisher;
        }
        await publisher.close();
        return undefined;
      } catch (thrown) {
        if (this.#ended.aborted) return undefined;
        this.#lastError = toFacewireError(thrown);
      }
      if (refusal !== undefined) this.#refusals += 1;
      this.#denials = refusal === 'denied' ? this.#denials + 1 : 0;
      const jitterMs = this.#backoff.next();
      const waitMs = refusal === undefined ? jitterMs : refusedWaitMs + jitterMs / 4;
      if (this.isFinal || !mayRetry(waitMs)) return undefined;
      const type = refusal === undefined ? 'unreachable' : 'refused';
      this.#settings.onEvent({ type, error: this.#lastError, attempt, waitMs });
      await this.#pause(waitMs);
      if (this.#ended.aborted) return undefined;
    }
  }

  async #attempt(
    bytesPerSecond: number,
    onRefusal: (refusal: Refusal | undefined) => void,
  ): Promise<RtmpPublisher> {
    const { clock, connectTimeoutMs, stallMs, hosts, ca } = this.#settings;
    const isFirst = this.#successes === 0;
    this.#attempts += 1;
    const acceptTimeoutMs = isFirst
      ? connectTimeoutMs
      : Math.min(connectTimeoutMs, acceptMs * 2 ** this.#timeouts);
    const startedAt = clock.now();
    try {
      const target = parseRtmpUrl(await this.#within(connectTimeoutMs, this.#address()));
      const address =
        hosts === undefined ? undefined : await this.#within(connectTimeoutMs, hosts.pick(target));
      const publisher = new RtmpPublisher(target, {
        connectTimeoutMs: isFirst ? connectTimeoutMs : Math.min(connectTimeoutMs, reconnectMs),
        acceptTimeoutMs,
        stallMs,
        bytesPerSecond,
        clock,
        ...(address !== undefined && { address }),
        ...(ca !== undefined && { ca }),
      });
      const abort = (): void => void publisher.close();
      this.#ended.addEventListener('abort', abort);
      try {
        await publisher.open();
      } finally {
        this.#ended.removeEventListener('abort', abort);
        onRefusal(publisher.refusal);
      }
      return publisher;
    } catch (thrown) {
      if (clock.now() - startedAt >= acceptTimeoutMs) this.#timeouts = Math.min(8, this.#timeouts + 1);
      throw thrown;
    }
  }

  async #address(): Promise<string> {
    const { url } = this.#settings;
    if (typeof url === 'string') return url;
    try {
      return await url();
    } catch (thrown) {
      // Whatever it says may hold the address, so only its kind is told.
      const kind = thrown instanceof Error ? thrown.name : typeof thrown;
      throw new FacewireError('ERR_RTMP_CONNECT', `the push address could not be had (${kind})`, {
        expected: 'a url function that returns a push address',
        received: kind,
        remedy: 'See why the function given as url fails.',
      });
    }
  }

  /** Waits for `work`, at most `ms` and not beyond the end of the push. */
  #within<T>(ms: number, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        cancel();
        this.#ended.removeEventListener('abort', stop);
        then();
      };
      const stop = (): void => settle(() => reject(closedWhileConnecting()));
      const late = new FacewireError('ERR_RTMP_CONNECT', `the push address could not be had within ${ms} ms`);
      const cancel = this.#settings.clock.after(ms, () => settle(() => reject(late)));
      this.#ended.addEventListener('abort', stop);
      work.then(
        (value) => settle(() => resolve(value)),
        (thrown: unknown) => settle(() => reject(toFacewireError(thrown))),
      );
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended.aborted) return resolve();
      const finish = (): void => {
        cancel();
        this.#ended.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.#settings.clock.after(ms, finish);
      this.#ended.addEventListener('abort', finish);
    });
  }
}

export function closedWhileConnecting(): FacewireError {
  return new FacewireError('ERR_STATE', 'the push was closed while it connected');
}
