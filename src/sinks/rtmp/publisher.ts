import { randomBytes } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { FacewireError, type ErrorCode } from '../../errors.js';
import { tagType, type FlvTag } from '../flv.js';
import { decodeAmf, encodeAmf, type AmfValue } from './amf.js';
import { ChunkReader, messageType, writeChunks, type RtmpMessage } from './chunk.js';
import { parseRtmpUrl, redactKey, type RtmpTarget } from './url.js';

export interface RtmpPublisherOptions {
  /** Most time to be connected, and again to be accepted, in ms. Default 8000. */
  readonly connectTimeoutMs?: number;
  /** An ingest that takes nothing for so long is lost, in ms. Default 3500. */
  readonly stallMs?: number;
  /** Most bytes that may wait to be sent. Default 8 MiB. */
  readonly maxQueuedBytes?: number;
}

/** Moments of performance.now(); undefined until reached. */
export interface RtmpMarks {
  connected: number | undefined;
  published: number | undefined;
  firstMedia: number | undefined;
}

const chunkSize = 4096;
/** We ask for a receipt after this many bytes: kernel buffers hide a stalled ingest for many seconds. */
const receiptBytes = 16_384;
const handshakeLength = 1536;

/**
 * A minimal RTMP publisher: one connection, one stream. It sends tags as they
 * are given; encoding and time are others' business. Bytes wait in one queue
 * with a cap. Errors never hold the stream name.
 */
export class RtmpPublisher {
  readonly target: RtmpTarget;
  readonly marks: RtmpMarks = { connected: undefined, published: undefined, firstMedia: undefined };
  /** Called once when the ingest goes away after it had accepted the stream. */
  onLost: ((error: FacewireError) => void) | undefined;
  readonly #options: Required<RtmpPublisherOptions>;
  #socket: Socket | undefined;
  #reader: ChunkReader | undefined;
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #streamId = 0;
  #state: 'new' | 'connecting' | 'publishing' | 'closing' | 'closed' = 'new';
  #settle: { resolve: () => void; reject: (error: FacewireError) => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #bytesIn = 0;
  #receiptSent = 0;
  #peerWindow = 2_500_000;
  #bytesOut = 0;
  #bytesReceipted = 0;
  #sawReceipt = false;
  #waiting = 0;
  /** When the ping was sent that has no answer yet, and when the last answer came; performance.now(). */
  #pingAt: number | undefined;
  #pongAt: number | undefined;
  /** Since when a receipt is owed, and when the socket last took bytes; performance.now(). */
  #owedSince: number | undefined;
  #movedAt = 0;

  constructor(url: string, options: RtmpPublisherOptions = {}) {
    this.target = parseRtmpUrl(url);
    this.#options = {
      connectTimeoutMs: options.connectTimeoutMs ?? 8000,
      stallMs: options.stallMs ?? 3500,
      maxQueuedBytes: options.maxQueuedBytes ?? 8 << 20,
    };
  }

  /** Bytes given to the socket so far. */
  get bytesOut(): number {
    return this.#bytesOut;
  }

  /** Resolves when the ingest has accepted the stream. `metadata` is what players are told first. */
  async open(metadata: { [key: string]: AmfValue } = {}): Promise<void> {
    if (this.#state !== 'new') throw new FacewireError('ERR_STATE', 'the publisher was opened before');
    this.#state = 'connecting';
    const { host, port, tls } = this.target;
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectTcp({ host, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#patience('ERR_RTMP_CONNECT', 'did not answer');
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        this.marks.connected = performance.now();
        this.#patience('ERR_RTMP_REFUSED', 'did not accept the stream in time');
        const c1 = Buffer.concat([Buffer.alloc(8), randomBytes(handshakeLength - 8)]);
        this.#write(Buffer.concat([Buffer.from([3]), c1]));
      });
      socket.on('data', (bytes: Buffer) => this.#receive(bytes));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        this.#gone(`the connection broke (${error.code ?? error.name})`);
      });
      socket.on('close', () => this.#gone('the connection was closed by the ingest'));
    });
    this.#data(encodeAmf('@setDataFrame', 'onMetaData', { encoder: 'facewire', ...metadata }));
    this.#watch = setInterval(() => this.#checkStall(), 250);
    this.#watch.unref();
  }

  /** Sends one tag. Returns at once; a queue over its cap or a stalled ingest ends in onLost. */
  send(tag: FlvTag): void {
    if (this.#state !== 'publishing') return;
    this.marks.firstMedia ??= performance.now();
    const type = tag.type === tagType.script ? messageType.data : tag.type;
    const message = { type, timestampMs: tag.timestampMs, streamId: this.#streamId, payload: tag.payload };
    this.#write(writeChunks(message, tag.type === tagType.video ? 6 : 4, chunkSize));
    if (this.#waiting > this.#options.maxQueuedBytes) this.#gone('the ingest reads too slowly');
  }

  /** Says goodbye, sends what waits (at most 3 s), and closes the connection. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'publishing') {
      this.#state = 'closing';
      clearInterval(this.#watch);
      this.#command(3, 0, 'FCUnpublish', 6, null, this.target.stream);
      this.#command(3, 0, 'deleteStream', 7, null, this.#streamId);
      const socket = this.#socket as Socket;
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, 3000);
        socket.once('close', () => {
          clearTimeout(late);
          resolve();
        });
        socket.end();
      });
    }
    this.#state = 'closed';
    this.#destroy();
  }

  #receive(bytes: Buffer): void {
    this.#bytesIn += bytes.length;
    try {
      const rest = this.#handshake === undefined ? bytes : this.#shake(bytes);
      if (rest !== undefined && rest.length > 0) this.#reader?.push(rest);
    } catch (thrown) {
      this.#gone(`the ingest does not speak RTMP: ${thrown instanceof Error ? thrown.message : ''}`);
      return;
    }
    if (this.#bytesIn - this.#receiptSent >= this.#peerWindow / 2 && this.#reader !== undefined) {
      this.#receiptSent = this.#bytesIn;
      this.#control(messageType.acknowledgement, this.#bytesIn >>> 0);
    }
  }

  /** The simple handshake: S0 and S1 come, C2 repeats S1, S2 is skipped. */
  #shake(bytes: Buffer): Buffer | undefined {
    const all = Buffer.concat([this.#handshake ?? Buffer.alloc(0), bytes]);
    this.#handshake = all;
    if (all[0] !== 3) throw new Error('the first byte is not 3');
    if (all.length < 1 + 2 * handshakeLength) return undefined;
    this.#handshake = undefined;
    this.#write(all.subarray(1, 1 + handshakeLength));
    this.#reader = new ChunkReader((message) => this.#handle(message));
    this.#control(messageType.setChunkSize, chunkSize);
    this.#control(messageType.windowSize, receiptBytes);
    this.#command(3, 0, 'connect', 1, {
      app: this.target.app,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; facewire)',
      tcUrl: this.target.tcUrl,
    });
    return all.subarray(1 + 2 * handshakeLength);
  }

  #handle(message: RtmpMessage): void {
    const { type, payload } = message;
    if (type === messageType.command) this.#answer(decodeAmf(payload));
    else if (type === messageType.acknowledgement && payload.length >= 4) {
      this.#sawReceipt = true;
      // The count is 32 bits wide and may wrap.
      this.#bytesReceipted += (payload.readUInt32BE(0) - this.#bytesReceipted) >>> 0;
      this.#owedSince = undefined;
    } else if (type === messageType.windowSize && payload.length >= 4) {
      this.#peerWindow = Math.max(1024, payload.readUInt32BE(0));
    } else if (type === messageType.userControl && payload.length >= 6) {
      const event = payload.readUInt16BE(0);
      // Ping wants its own four bytes back.
      if (event === 6) this.#userControl(7, payload.readUInt32BE(2));
      if (event === 7) {
        this.#pongAt = performance.now();
        this.#pingAt = undefined;
      }
    }
  }

  #answer([name, transaction, , info]: AmfValue[]): void {
    const status = typeof info === 'object' && info !== null && !Array.isArray(info) ? info : {};
    if (name === '_result' && transaction === 1) {
      const { stream } = this.target;
      this.#command(3, 0, 'releaseStream', 2, null, stream);
      this.#command(3, 0, 'FCPublish', 3, null, stream);
      this.#command(3, 0, 'createStream', 4, null);
    } else if (name === '_result' && transaction === 4) {
      this.#streamId = typeof info === 'number' ? info >>> 0 : 1;
      this.#command(8, this.#streamId, 'publish', 5, null, this.target.stream, 'live');
    } else if (name === '_error' && (transaction === 1 || transaction === 4)) {
      this.#refused(status);
    } else if (name === 'onStatus') {
      if (status['level'] === 'error') this.#refused(status);
      else if (status['code'] === 'NetStream.Publish.Start' && this.#state === 'connecting') {
        this.marks.published = performance.now();
        // nginx and node-media-server say yes first and then close the door, so give a no time to arrive.
        const roundTripMs = this.marks.published - (this.marks.connected ?? 0);
        clearTimeout(this.#timer);
        // setImmediate: what has arrived while we were busy is read before the verdict.
        const settled = (): void => void setImmediate(() => this.#accepted());
        this.#timer = setTimeout(settled, Math.min(500, 100 + roundTripMs));
      }
    } else if (name === 'close') this.#gone('the ingest asked to close');
  }

  #accepted(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'publishing';
    this.#settle?.resolve();
  }

  #refused(status: { [key: string]: AmfValue }): void {
    const words = [status['code'], status['description']].filter((word) => typeof word === 'string');
    const said = redactKey(words.join(': ').slice(0, 300), this.target);
    this.#gone(`it answered ${said === '' ? 'with an error' : said}`, 'ERR_RTMP_REFUSED');
  }

  /** Ends everything once, with the code that fits how far we had come. */
  #gone(why: string, wanted?: ErrorCode): void {
    const before = this.#state;
    if (before === 'closed' || before === 'closing') return;
    this.#state = 'closed';
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

  #checkStall(): void {
    const now = performance.now();
    if (!this.#sawReceipt || this.#bytesOut - this.#bytesReceipted <= 2 * receiptBytes)
      this.#owedSince = undefined;
    else this.#owedSince ??= now;
    // An ingest that sends receipts or answers pings must go on doing so; for others only a full
    // socket tells, and kernel buffers make that late.
    const since = [
      this.#owedSince,
      this.#pongAt === undefined ? undefined : this.#pingAt,
      this.#waiting > 0 ? this.#movedAt : undefined,
    ];
    const stuckMs = Math.max(...since.map((at) => (at === undefined ? 0 : now - at)));
    if (stuckMs > this.#options.stallMs) {
      this.#gone(`the ingest has taken nothing for ${Math.round(stuckMs)} ms`);
      return;
    }
    // One that left the first ping alone gets no other.
    if (this.#pingAt === undefined && now - (this.#pongAt ?? 0) > 1000) {
      this.#pingAt = now;
      this.#userControl(6, Math.floor(now) >>> 0);
    }
  }

  #patience(code: ErrorCode, why: string): void {
    clearTimeout(this.#timer);
    const ms = this.#options.connectTimeoutMs;
    this.#timer = setTimeout(() => this.#gone(`the ingest ${why} (${ms} ms)`, code), ms);
  }

  #command(chunkStream: number, streamId: number, ...values: AmfValue[]): void {
    const payload = encodeAmf(...values);
    this.#message({ type: messageType.command, timestampMs: 0, streamId, payload }, chunkStream);
  }

  #data(payload: Buffer): void {
    this.#message({ type: messageType.data, timestampMs: 0, streamId: this.#streamId, payload }, 4);
  }

  #userControl(event: number, value: number): void {
    const payload = Buffer.alloc(6);
    payload.writeUInt16BE(event, 0);
    payload.writeUInt32BE(value, 2);
    this.#message({ type: messageType.userControl, timestampMs: 0, streamId: 0, payload }, 2);
  }

  #control(type: number, value: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(value, 0);
    this.#message({ type, timestampMs: 0, streamId: 0, payload }, 2);
  }

  #message(message: RtmpMessage, chunkStream: number): void {
    // Our chunk size counts from the message after the one that announces it; control messages are tiny.
    this.#write(writeChunks(message, chunkStream, this.#reader === undefined ? 128 : chunkSize));
  }

  #write(bytes: Buffer): void {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    this.#bytesOut += bytes.length;
    if (this.#waiting === 0) this.#movedAt = performance.now();
    this.#waiting += bytes.length;
    socket.write(bytes, () => {
      this.#waiting -= bytes.length;
      this.#movedAt = performance.now();
    });
  }

  #destroy(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#socket?.destroy();
  }
}
