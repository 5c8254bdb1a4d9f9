import { FacewireError } from '../../errors.js';
import { tagType, type FlvTag } from '../flv.js';
import type { AmfValue } from './amf.js';
import { closedWhileConnecting, Connector, type ConnectorSettings } from './connector.js';
import { LatenessWatch } from './lateness-watch.js';
import type { PushCounts, PushEvent, PushState } from './push-events.js';
import type { RtmpMarks, RtmpPublisher } from './publisher.js';
import { SendQueue } from './send-queue.js';

export interface PushSettings extends ConnectorSettings {
  readonly maxQueuedBytes: number;
  readonly openPatienceMs: number;
  readonly giveUpMs: number;
}

/** Service for so long makes the waits short again. */
const stableMs = 30_000;
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
  readonly #connector: Connector;
  readonly #ended = new AbortController();
  readonly #sent = { audio: 0, video: 0 };
  #metadata: { [key: string]: AmfValue } = {};
  #bytesPerSecond = 0;
  #state: PushState | 'new' = 'new';
  #publisher: RtmpPublisher | undefined;
  #marks: RtmpMarks = { connected: undefined, published: undefined, firstMedia: undefined };
  /** The set-up of the codecs was sent on this connection. */
  #isSetUp = false;
  #breaks = 0;
  #stalls = 0;
  #bytesBefore = { sent: 0, confirmed: 0 };
  #offAirMs = 0;
  #downSince: number | undefined;
  /** Why the last connection was lost. */
  #lossError: FacewireError | undefined;
  #cancelStable: () => void = () => undefined;
  #cancelGiveUp: () => void = () => undefined;
  #drained: () => void = () => undefined;

  constructor(settings: PushSettings) {
    this.#settings = settings;
    this.#connector = new Connector(settings, this.#ended.signal);
    this.#queue = new SendQueue(settings.maxQueuedBytes);
    this.#lateness = new LatenessWatch(settings.clock, settings.onEvent);
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
      attempts: this.#connector.attempts,
      connections: this.#connector.successes,
      refusals: this.#connector.refusals,
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
    const mayRetry = (waitMs: number): boolean => clock.now() + waitMs < until;
    const publisher = await this.#connector.connect(bytesPerSecond, mayRetry);
    if (publisher === undefined)
      throw this.#ended.signal.aborted
        ? closedWhileConnecting()
        : (this.#connector.lastError ?? closedWhileConnecting());
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

  #goLive(publisher: RtmpPublisher): void {
    const { clock } = this.#settings;
    this.#publisher = publisher;
    this.#isSetUp = false;
    this.#state = 'live';
    publisher.onLost = (error) => this.#lose(publisher, error);
    publisher.onRoom = () => this.#pump();
    publisher.describe(this.#metadata);
    this.#cancelStable = clock.after(stableMs, () => this.#connector.resetWaits());
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
    const { oldestAt = Infinity } = publisher.delivery;
    const waitingAt = this.#queue.head?.at ?? Infinity;
    const verdict = this.#lateness.judge(Math.min(oldestAt, waitingAt));
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
    this.#lossError = error;
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
    const { clock } = this.#settings;
    const connector = this.#connector;
    const before = connector.attempts;
    await connector.pause();
    if (this.#ended.signal.aborted) return;
    const publisher = await connector.connect(this.#bytesPerSecond, () => true);
    if (publisher === undefined) {
      if (!this.#ended.signal.aborted) this.#fail();
      return;
    }
    this.#cancelGiveUp();
    const offAirMs = clock.now() - (this.#downSince ?? clock.now());
    this.#offAirMs += offAirMs;
    this.#downSince = undefined;
    this.#goLive(publisher);
    this.#tell({ type: 'back', offAirMs, attempts: connector.attempts - before });
  }

  #fail(): void {
    if (this.#state !== 'down') return;
    this.#state = 'failed';
    this.#cancelGiveUp();
    const { clock } = this.#settings;
    const seconds = ((clock.now() - (this.#downSince ?? clock.now())) / 1000).toFixed(1);
    const { isFinal, lastError } = this.#connector;
    const error =
      isFinal && lastError !== undefined ? lastError : this.#loss(`given up after ${seconds} s off the air`);
    this.#ended.abort();
    this.#tell({ type: 'failed', error });
    this.onFailed?.(error);
  }

  #loss(what: string): FacewireError {
    // The latest attempt tells more than the loss, if there was one since.
    const tried = this.#connector.lastError;
    const { message, expected, received } = tried ?? this.#lossError ?? closedWhileConnecting();
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

  #tell(event: PushEvent): void {
    this.#settings.onEvent(event);
  }
}
