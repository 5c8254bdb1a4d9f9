import type { Socket } from 'node:net';

import type { Clock } from '../../clock.js';
import { FacewireError, type ErrorCode } from '../../errors.js';
import { tagType, type FlvTag } from '../flv.js';
import { decodeAmf, encodeAmf, type AmfValue } from './amf.js';
import { messageType, type RtmpMessage } from './chunk.js';
import { Delivery } from './delivery.js';
import { dial, type DialOptions } from './dial.js';
import { unconfirmedBytes } from './kernel-queue.js';
import { MessageStream, userEvent } from './message-stream.js';
import { readRefusal, wordsOf, type Refusal } from './refusal.js';
import { StallWatch } from './stall-watch.js';
import { redactKey, type RtmpTarget } from './url.js';

export interface RtmpPublisherSettings extends DialOptions {
  /** Most time to be connected, in ms. */
  readonly connectTimeoutMs: number;
  /** Most time to be accepted after that, in ms. */
  readonly acceptTimeoutMs: number;
  /** An ingest that takes nothing for so long is lost, in ms. */
  readonly stallMs: number;
  /** What the stream takes, sound and pictures together. */
  readonly bytesPerSecond: number;
  readonly clock: Clock;
}

/** Moments of the clock, performance.now() unless a test has another; undefined until reached. */
export interface RtmpMarks {
  connected: number | undefined;
  published: number | undefined;
  firstMedia: number | undefined;
}

/** The transaction of a question that is asked only to be answered. */
const questionId = 100;

/**
 * One connection of a minimal RTMP publisher, with one stream. It sends tags as
 * they are given, while hasRoom; encoding, time and what happens after a loss
 * are others' business. Errors never hold the stream name.
 */
export class RtmpPublisher {
  readonly target: RtmpTarget;
  readonly marks: RtmpMarks = { connected: undefined, published: undefined, firstMedia: undefined };
  readonly delivery: Delivery;
  /** Called once when the ingest goes away after it had accepted the stream. */
  onLost: ((error: FacewireError) => void) | undefined;
  /** Called when bytes have left, so that there may be room again. */
  onRoom: (() => void) | undefined;
  readonly #settings: RtmpPublisherSettings;
  readonly #watch: StallWatch;
  readonly #messages: MessageStream;
  #tcp: Socket | undefined;
  #socket: Socket | undefined;
  #streamId = 0;
  #state: 'new' | 'connecting' | 'publishing' | 'closing' | 'closed' = 'new';
  #askedToPublish = false;
  #refusal: Refusal | undefined;
  #isStalled = false;
  #settle: { resolve: () => void; reject: (error: FacewireError) => void } | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(target: RtmpTarget, settings: RtmpPublisherSettings) {
    this.target = target;
    this.#settings = settings;
    const { clock, stallMs, bytesPerSecond } = settings;
    // Kernel buffers hide a stalled ingest for many seconds, so we ask for receipts: after a fortieth of a second,
    // so that a thin stream is watched as well.
    const receiptBytes = Math.round(Math.min(16_384, Math.max(2048, bytesPerSecond / 40)));
    this.delivery = new Delivery(bytesPerSecond, receiptBytes);
    this.#messages = new MessageStream(receiptBytes, {
      write: (bytes) => this.#write(bytes),
      onReady: () => this.#connect(),
      onMessage: (message) => this.#handle(message),
    });
    this.#watch = new StallWatch(
      clock,
      stallMs,
      this.delivery,
      (kind, value) => {
        if (kind === 'ping') this.#messages.userControl(userEvent.ping, value);
        else this.#messages.command(3, 0, 'createStream', questionId, null);
      },
      // With TLS more is on the line than we wrote, so the two cannot be compared.
      async () => (this.#tcp === undefined || target.tls ? undefined : unconfirmedBytes(this.#tcp)),
      (stuckMs) => this.stall(`the ingest has taken nothing for ${stuckMs} ms`),
    );
  }

  /** How the ingest refused, when it did. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** True when it was lost because it did not take the stream any more. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  get hasRoom(): boolean {
    return this.#state === 'publishing' && this.delivery.hasRoom;
  }

  /** Resolves when the ingest has accepted the stream. */
  async open(): Promise<void> {
    if (this.#state !== 'new') throw new FacewireError('ERR_STATE', 'the publisher was opened before');
    this.#state = 'connecting';
    const { clock, connectTimeoutMs, acceptTimeoutMs } = this.#settings;
    const { tcp, socket, ready } = dial(this.target, this.#settings);
    this.#tcp = tcp;
    this.#socket = socket;
    const broke = (error: NodeJS.ErrnoException): void =>
      this.#gone(`the connection broke (${error.code ?? error.name})`);
    if (socket !== tcp) tcp.on('error', broke);
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#patience(connectTimeoutMs, 'ERR_RTMP_CONNECT', 'did not answer');
      socket.once(ready, () => {
        this.marks.connected = clock.now();
        this.#patience(acceptTimeoutMs, 'ERR_RTMP_REFUSED', 'did not accept the stream in time');
        this.#messages.begin();
      });
      socket.on('data', (bytes: Buffer) => this.#receive(bytes));
      socket.on('error', broke);
      socket.on('close', () => this.#gone('the connection was closed by the ingest'));
    });
    this.#watch.start();
  }

  /** Tells players what is coming. */
  describe(metadata: { [key: string]: AmfValue }): void {
    const payload = encodeAmf('@setDataFrame', 'onMetaData', { encoder: 'facewire', ...metadata });
    this.#messages.send({ type: messageType.data, timestampMs: 0, streamId: this.#streamId, payload }, 4);
  }

  /** Sends one tag. @param at since when it has been waiting, of the clock. */
  send(tag: FlvTag, at: number): void {
    if (this.#state !== 'publishing') return;
    this.marks.firstMedia ??= this.#settings.clock.now();
    const type = tag.type === tagType.script ? messageType.data : tag.type;
    const message = { type, timestampMs: tag.timestampMs, streamId: this.#streamId, payload: tag.payload };
    this.#messages.send(message, tag.type === tagType.video ? 6 : 4);
    this.delivery.endTag(at);
  }

  /** Gives up an ingest that is there and does not take enough. */
  stall(why: string): void {
    this.#isStalled = true;
    this.#gone(why);
  }

  /** Says goodbye, sends what it has (at most 3 s), and closes the connection. Idempotent. */
  async close(): Promise<void> {
    const before = this.#state;
    this.#watch.stop();
    if (before === 'publishing') {
      this.#state = 'closing';
      this.#messages.command(3, 0, 'FCUnpublish', 6, null, this.target.stream);
      this.#messages.command(3, 0, 'deleteStream', 7, null, this.#streamId);
      const socket = this.#socket as Socket;
      await new Promise<void>((resolve) => {
        const cancel = this.#settings.clock.after(3000, resolve);
        socket.once('close', () => {
          cancel();
          resolve();
        });
        socket.end();
      });
    }
    this.#state = 'closed';
    this.#destroy();
    if (before === 'connecting')
      this.#settle?.reject(new FacewireError('ERR_STATE', 'the push was closed while it connected'));
  }

  #receive(bytes: Buffer): void {
    try {
      this.#messages.receive(bytes);
    } catch (thrown) {
      this.#gone(`the ingest does not speak RTMP: ${thrown instanceof Error ? thrown.message : ''}`);
    }
  }

  #connect(): void {
    this.#messages.command(3, 0, 'connect', 1, {
      app: this.target.app,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; facewire)',
      tcUrl: this.target.tcUrl,
    });
  }

  #handle({ type, payload }: RtmpMessage): void {
    if (type === messageType.command) this.#answer(decodeAmf(payload));
    else if (type === messageType.acknowledgement && payload.length >= 4) {
      this.delivery.receipt(payload.readUInt32BE(0));
      this.#watch.receipted();
      this.onRoom?.();
    } else if (type === messageType.userControl && payload.length >= 6) {
      if (payload.readUInt16BE(0) === userEvent.pong) this.#watch.answered('ping');
    }
  }

  #answer([name, transaction, , info]: AmfValue[]): void {
    const status = typeof info === 'object' && info !== null && !Array.isArray(info) ? info : {};
    if (name === '_result' && transaction === 1) {
      const { stream } = this.target;
      this.#messages.command(3, 0, 'releaseStream', 2, null, stream);
      this.#messages.command(3, 0, 'FCPublish', 3, null, stream);
      this.#messages.command(3, 0, 'createStream', 4, null);
    } else if (name === '_result' && transaction === 4) {
      this.#streamId = typeof info === 'number' ? info >>> 0 : 1;
      this.#askedToPublish = true;
      this.#messages.command(8, this.#streamId, 'publish', 5, null, this.target.stream, 'live');
    } else if (name === '_result' && transaction === questionId) {
      this.#watch.answered('command');
      const extra = typeof info === 'number' ? info >>> 0 : this.#streamId;
      // Whatever stream it made for the question is not needed.
      if (extra !== this.#streamId) this.#messages.command(3, 0, 'deleteStream', 0, null, extra);
    } else if (name === '_error' && (transaction === 1 || transaction === 4)) {
      this.#refused(status);
    } else if (name === 'onStatus') {
      if (status['level'] === 'error') this.#refused(status);
      else if (status['code'] === 'NetStream.Publish.Start' && this.#state === 'connecting') {
        const { clock } = this.#settings;
        this.marks.published = clock.now();
        // nginx and node-media-server say yes first and then close the door, so give a no time to arrive.
        const greetingMs = this.marks.published - (this.marks.connected ?? 0);
        // One to shake hands, then connect, createStream and publish.
        this.delivery.roundTripMs = greetingMs / 4;
        this.#cancelTimer();
        // setImmediate: what has arrived while we were busy is read before the verdict.
        const settled = (): void => void setImmediate(() => this.#accepted());
        this.#cancelTimer = clock.after(Math.min(500, 100 + greetingMs), settled);
      }
    } else if (name === 'close') this.#gone('the ingest asked to close');
  }

  #accepted(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'publishing';
    this.#settle?.resolve();
  }

  #refused(status: { [key: string]: AmfValue }): void {
    const text = wordsOf(status);
    this.#refusal = readRefusal(text);
    const said = redactKey(text, this.target);
    this.#gone(`it answered ${said === '' ? 'with an error' : said}`, 'ERR_RTMP_REFUSED');
  }

  /** Ends everything once, with the code that fits how far we had come. */
  #gone(why: string, wanted?: ErrorCode): void {
    const before = this.#state;
    if (before === 'closed' || before === 'closing') return;
    this.#state = 'closed';
    if (before === 'connecting' && this.#askedToPublish) this.#refusal ??= 'unclear';
    this.#destroy();
    const code =
      before === 'publishing'
        ? 'ERR_RTMP_LOST'
        : (wanted ?? (this.marks.connected === undefined ? 'ERR_RTMP_CONNECT' : 'ERR_RTMP_REFUSED'));
    const error = new FacewireError(code, redactKey(`${this.target.shown}: ${why}`, this.target), {
      expected: before === 'publishing' ? 'an ingest that keeps reading' : 'an ingest that takes the stream',
      received: redactKey(why, this.target),
    });
    if (before === 'publishing') this.onLost?.(error);
    else this.#settle?.reject(error);
  }

  #patience(ms: number, code: ErrorCode, why: string): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#settings.clock.after(ms, () =>
      this.#gone(`the ingest ${why} (${ms} ms)`, code),
    );
  }

  #write(bytes: Buffer): void {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    this.delivery.wrote(bytes.length);
    socket.write(bytes, () => {
      this.delivery.taken(bytes.length);
      this.#watch.moved();
      this.onRoom?.();
    });
  }

  /** With a reset, so that an ingest which comes back to life does not first read what is old. */
  #destroy(): void {
    this.#cancelTimer();
    this.#watch.stop();
    if (this.#tcp?.connecting === false && !this.#tcp.destroyed) this.#tcp.resetAndDestroy();
    this.#tcp?.destroy();
    this.#socket?.destroy();
  }
}
