import { Backoff } from '../../backoff.js';
import type { Clock } from '../../clock.js';
import { FacewireError, toFacewireError } from '../../errors.js';
import { tagType, type FlvTag } from '../flv.js';
import type { AmfValue } from './amf.js';
import { LatenessWatch } from './lateness-watch.js';
import type { PushCounts, PushEvent, PushState } from './push-events.js';
import type { PushHosts } from './push-hosts.js';
import { RtmpPublisher, type RtmpMarks } from './publisher.js';
import type { Refusal } from './refusal.js';
import { SendQueue } from './send-queue.js';
import { parseRtmpUrl } from './url.js';

/** A push address, or what is asked for one before each attempt, since signed addresses expire. */
export type PushAddress = string | (() => string | Promise<string>);

export interface PushSettings {
  readonly url: PushAddress;
  readonly hosts: PushHosts | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly ca: string | undefined;
  readonly connectTimeoutMs: number;
  readonly stallMs: number;
  readonly maxQueuedBytes: number;
  readonly openPatienceMs: number;
  readonly giveUpMs: number;
  readonly maxWaitMs: number;
  readonly onEvent: (event: PushEvent) => void;
}

/** A no is not asked about again before this many ms; the ingest may need them to forget our lost connection. */
const refusedWaitMs = 2000;
/** Service for so long makes the waits short again. */
const stableMs = 30_000;
/** After a loss an attempt gets this long to be connected; what was sent into a dead network does not arrive later. */
const reconnectMs = 3000;
/** And this long to be accepted; twice as long after each attempt that got no answer. */
const acceptMs = 2000;
const drainMs = 3000;

/**
 * A push that stays on the air: one connection after the other, as the ingest
 * comes and goes, while tags keep coming. Their times are the encoder's, so
 * they go on over a break as if nothing had been.
 */
export class Push {
  /** Called once, when there will be no further attempt. */
  onFailed: ((error: FacewireError) => void) | undefined;
  readonly #settings: PushSettings;
  readonly #queue: SendQueue;
  readonly #lateness: LatenessWatch;
  readonly #backoff: Backoff;
  readonly #ended = new AbortController();
  readonly #sent = { audio: 0, video: 0 };
  #metadata: { [key: string]: AmfValue } = {};
  #bytesPerSecond = 0;
  #state: PushState | 'new' = 'new';
  #publisher: RtmpPublisher | undefined;
  #marks: RtmpMarks = { connected: undefined, published: undefined, firstMedia: undefined };
  /** The set-up of the codecs was sent on this connection. */
  #isSetUp = false;
  #attempts = 0;
  #timeouts = 0;
  #denials = 0;
  #connections = 0;
  #refusals = 0;
  #breaks = 0;
  #stalls = 0;
  #bytesBefore = { sent: 0, confirmed: 0 };
  #offAirMs = 0;
  #downSince: number | undefined;
  #lastError: FacewireError | undefined;
  #cancelStable: () => void = () => undefined;
  #cancelGiveUp: () => void = () => undefined;
  #drained: () => void = () => undefined;

  constructor(settings: PushSettings) {
    this.#settings = settings;
    // What can be known to be wrong is said at once.
    if (typeof settings.url === 'string') settings.hosts?.check(parseRtmpUrl(settings.url));
    this.#queue = new SendQueue(settings.maxQueuedBytes);
    this.#lateness = new LatenessWatch(settings.clock, settings.onEvent);
    this.#backoff = new Backoff(settings.random, 250, 1.7, settings.maxWaitMs);
  }

  get state(): PushState {
    return this.#state === 'new' ? 'connecting' : this.#state;
  }

  /** Of the first connection. */
  get marks(): Readonly<RtmpMarks> {
    return this.#marks;
  }

  get counts(): PushCounts {
    const now = this.#settings.clock.now();
    const { written = 0, waiting = 0, confirmed = 0 } = this.#publisher?.delivery ?? {};
    return {
      attempts: this.#attempts,
      connections: this.#connections,
      refusals: this.#refusals,
      breaks: this.#breaks,
      stalls: this.#stalls,
      offAirMs: this.#offAirMs + (this.#downSince === undefined ? 0 : now - this.#downSince),
      sent: { ...this.#sent },
      dropped: this.#queue.drops,
      bytesSent: this.#bytesBefore.sent + written - waiting,
      bytesConfirmed: this.#bytesBefore.confirmed + confirmed,
      bytesWaiting: this.#queue.bytes + waiting,
      mostBytesWaiting: this.#queue.mostBytes,
    };
  }

  /** Resolves when the ingest has accepted the stream; rejects when it has not within `openPatienceMs`. */
  async open(metadata: { [key: string]: AmfValue }, bytesPerSecond: number): Promise<void> {
    if (this.#state !== 'new') throw new FacewireError('ERR_STATE', 'the push was opened before');
    this.#state = 'connecting';
    this.#metadata = metadata;
    this.#bytesPerSecond = bytesPerSecond;
    const { clock, openPatienceMs } = this.#settings;
    const until = clock.now() + openPatienceMs;
    const publisher = await this.#connect((waitMs) => clock.now() + waitMs < until);
    if (publisher === undefined) throw this.#lastError ?? this.#closedWhileOpening();
    this.#marks = publisher.marks;
    this.#goLive(publisher);
    this.#tell({ type: 'live' });
  }

  /** Takes one tag; never blocks. */
  write(tag: FlvTag): void {
    if (this.#state !== 'live' && this.#state !== 'down') return;
    this.#queue.push(tag, this.#settings.clock.now());
    this.#pump();
  }

  /** Sends what waits (at most 3 s) and says goodbye. Throws the loss when the end was not on the air. Idempotent. */
  async close(): Promise<void> {
    const before = this.#state;
    if (before === 'closed') return;
    this.#state = before === 'failed' ? 'failed' : 'closed';
    this.#cancelGiveUp();
    this.#cancelStable();
    this.#lateness.stop();
    if (before === 'live' && this.#queue.isReady) await this.#drain();
    this.#ended.abort();
    const publisher = this.#publisher;
    await publisher?.close();
    if (before === 'down' || (before === 'live' && this.#publisher === undefined))
      throw this.#loss('the end was not on the air');
  }

  /** Tries until it succeeds; undefined when it was ended, or `lastError` is for good. */
  async #connect(mayRetry: (waitMs: number) => boolean): Promise<RtmpPublisher | undefined> {
    for (let attempt = 1; ; attempt++) {
      let refusal: Refusal | undefined;
      try {
        const publisher = await this.#attempt((said) => (refusal = said));
        if (this.#ended.signal.aborted) {
          await publisher.close();
          return undefined;
        }
        return publisher;
      } catch (thrown) {
        if (this.#ended.signal.aborted) return undefined;
        this.#lastError = toFacewireError(thrown);
      }
      const error = this.#lastError;
      if (refusal !== undefined) this.#refusals += 1;
      this.#denials = refusal === 'denied' ? this.#denials + 1 : 0;
      const jitterMs = this.#backoff.next();
      const waitMs = refusal === undefined ? jitterMs : refusedWaitMs + jitterMs / 4;
      if (this.#isFinal(error) || !mayRetry(waitMs)) return undefined;
      this.#tell({ type: refusal === undefined ? 'unreachable' : 'refused', error, attempt, waitMs });
      await this.#pause(waitMs);
      if (this.#ended.signal.aborted) return undefined;
    }
  }

  async #attempt(onRefusal: (refusal: Refusal | undefined) => void): Promise<RtmpPublisher> {
    const { clock, connectTimeoutMs, stallMs, hosts, ca } = this.#settings;
    const isFirst = this.#connections === 0;
    this.#attempts += 1;
    const connectMs = isFirst ? connectTimeoutMs : Math.min(connectTimeoutMs, reconnectMs);
    const acceptTimeoutMs = isFirst
      ? connectTimeoutMs
      : Math.min(connectTimeoutMs, acceptMs * 2 ** this.#timeouts);
    const startedAt = clock.now();
    try {
      const target = parseRtmpUrl(await this.#within(connectTimeoutMs, this.#address()));
      const address = await this.#within(connectTimeoutMs, hosts?.pick(target) ?? Promise.resolve(undefined));
      if (this.#ended.signal.aborted) throw this.#closedWhileOpening();
      const publisher = new RtmpPublisher(target, {
        connectTimeoutMs: connectMs,
        acceptTimeoutMs,
        stallMs,
        bytesPerSecond: this.#bytesPerSecond,
        clock,
        ...(address !== undefined && { address }),
        ...(ca !== undefined && { ca }),
      });
      const abort = (): void => void publisher.close();
      this.#ended.signal.addEventListener('abort', abort);
      try {
        await publisher.open();
      } finally {
        this.#ended.signal.removeEventListener('abort', abort);
        onRefusal(publisher.refusal);
      }
      this.#timeouts = 0;
      this.#denials = 0;
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
      const { signal } = this.#ended;
      const settle = (then: () => void): void => {
        cancel();
        signal.removeEventListener('abort', stop);
        then();
      };
      const stop = (): void => settle(() => reject(this.#closedWhileOpening()));
      const cancel = this.#settings.clock.after(ms, () =>
        settle(() =>
          reject(new FacewireError('ERR_RTMP_CONNECT', `the push address could not be had within ${ms} ms`)),
        ),
      );
      signal.addEventListener('abort', stop);
      work.then(
        (value) => settle(() => resolve(value)),
        (thrown: unknown) => settle(() => reject(toFacewireError(thrown))),
      );
    });
  }

  #goLive(publisher: RtmpPublisher): void {
    const { clock } = this.#settings;
    this.#connections += 1;
    this.#publisher = publisher;
    this.#isSetUp = false;
    this.#state = 'live';
    publisher.onLost = (error) => this.#lose(publisher, error);
    publisher.onRoom = () => this.#pump();
    publisher.describe(this.#metadata);
    this.#cancelStable = clock.after(stableMs, () => this.#backoff.reset());
    this.#queue.start(clock.now());
    this.#lateness.restart();
    this.#pump();
  }

  /** Sends as much as the connection has room for, and gives up what would be too late. */
  #pump(): void {
    const publisher = this.#publisher;
    if (publisher === undefined) return;
    while (publisher.hasRoom) {
      if (!this.#isSetUp) this.#sendSetUp(publisher);
      const next = this.#queue.take();
      if (next === undefined) break;
      publisher.send(next.tag, next.at);
      if (next.tag.isConfig) continue;
      if (next.tag.type === tagType.video) this.#sent.video += 1;
      else if (next.tag.type === tagType.audio) this.#sent.audio += 1;
    }
    if (!this.#queue.isReady) this.#drained();
    const oldestAt = publisher.delivery.oldestAt ?? this.#queue.head?.at;
    const verdict = this.#lateness.judge(oldestAt);
    if (verdict !== 'fine') this.#queue.shed();
    if (verdict === 'hopeless') publisher.stall('the ingest takes less than the sound alone needs');
  }

  /** A decoder that joins here needs the set-up of the codecs, at the time of what comes first. */
  #sendSetUp(publisher: RtmpPublisher): void {
    const { setUp, head } = this.#queue;
    if (head === undefined) return;
    this.#isSetUp = true;
    for (const tag of setUp) publisher.send({ ...tag, timestampMs: head.tag.timestampMs }, head.at);
  }

  #lose(publisher: RtmpPublisher, error: FacewireError): void {
    const { clock, giveUpMs } = this.#settings;
    const { written, waiting, confirmed } = publisher.delivery;
    this.#bytesBefore.sent += written - waiting;
    this.#bytesBefore.confirmed += confirmed;
    this.#publisher = undefined;
    this.#lastError = error;
    this.#breaks += 1;
    if (publisher.isStalled) this.#stalls += 1;
    this.#cancelStable();
    this.#lateness.stop();
    this.#queue.stop();
    this.#drained();
    // It was closing anyway; close() sees that nobody is there.
    if (this.#state !== 'live') return;
    this.#state = 'down';
    this.#downSince = clock.now();
    this.#tell({ type: 'down', error });
    if (Number.isFinite(giveUpMs)) this.#cancelGiveUp = clock.after(giveUpMs, () => this.#fail());
    void this.#recover();
  }

  async #recover(): Promise<void> {
    const before = this.#attempts;
    const { clock } = this.#settings;
    await this.#pause(this.#backoff.next());
    if (this.#ended.signal.aborted) return;
    const publisher = await this.#connect(() => true);
    if (publisher === undefined) {
      if (!this.#ended.signal.aborted) this.#fail();
      return;
    }
    this.#cancelGiveUp();
    const offAirMs = clock.now() - (this.#downSince ?? clock.now());
    this.#offAirMs += offAirMs;
    this.#downSince = undefined;
    this.#goLive(publisher);
    this.#tell({ type: 'back', offAirMs, attempts: this.#attempts - before });
  }

  #fail(): void {
    if (this.#state !== 'down') return;
    this.#state = 'failed';
    this.#cancelGiveUp();
    const { clock } = this.#settings;
    const seconds = ((clock.now() - (this.#downSince ?? clock.now())) / 1000).toFixed(1);
    const last = this.#lastError as FacewireError;
    const error = this.#isFinal(last) ? last : this.#loss(`given up after ${seconds} s off the air`);
    this.#ended.abort();
    this.#tell({ type: 'failed', error });
    this.onFailed?.(error);
  }

  /** A second signature is refused like the first, and a forbidden place stays one. */
  #isFinal({ code }: FacewireError): boolean {
    return this.#denials >= 2 || code === 'ERR_RTMP_FORBIDDEN' || code === 'ERR_RTMP_URL';
  }

  #loss(what: string): FacewireError {
    const { message, expected, received } = this.#lastError as FacewireError;
    return new FacewireError('ERR_RTMP_LOST', `${what}; the last: ${message}`, {
      ...(expected !== undefined && { expected }),
      ...(received !== undefined && { received }),
    });
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#settings.clock.after(drainMs, resolve);
      this.#drained = () => {
        cancel();
        resolve();
      };
      this.#pump();
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#ended;
      if (signal.aborted) return resolve();
      const finish = (): void => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.#settings.clock.after(ms, finish);
      signal.addEventListener('abort', finish);
    });
  }

  #tell(event: PushEvent): void {
    this.#settings.onEvent(event);
  }

  #closedWhileOpening(): FacewireError {
    return new FacewireError('ERR_STATE', 'the push was closed while it connected');
  }
}
