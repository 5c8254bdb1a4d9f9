import { randomBytes } from 'node:crypto';

import { encodeAmf, type AmfValue } from './amf.js';
import { ChunkReader, messageType, writeChunks, type RtmpMessage } from './chunk.js';

export interface MessageStreamHandlers {
  readonly write: (bytes: Buffer) => void;
  /** The handshake is done; messages may be sent. */
  readonly onReady: () => void;
  /** A message that is not the stream's own business. */
  readonly onMessage: (message: RtmpMessage) => void;
}

const chunkSize = 4096;
/** What both sides begin with. */
const firstChunkSize = 128;
const handshakeLength = 1536;

/** User control events; a ping wants its own four bytes back. */
export const userEvent = { ping: 6, pong: 7 } as const;

/** Bytes to messages and back, for one connection of ours: handshake, chunks, receipts for what comes. */
export class MessageStream {
  readonly #handlers: MessageStreamHandlers;
  readonly #receiptBytes: number;
  #reader: ChunkReader | undefined;
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #bytesIn = 0;
  #receiptSent = 0;
  #peerWindow = 2_500_000;

  /** @param receiptBytes the other side is asked for a receipt after so many. */
  constructor(receiptBytes: number, handlers: MessageStreamHandlers) {
    this.#receiptBytes = receiptBytes;
    this.#handlers = handlers;
  }

  /** Begins the handshake. */
  begin(): void {
    const c1 = Buffer.concat([Buffer.alloc(8), randomBytes(handshakeLength - 8)]);
    this.#handlers.write(Buffer.concat([Buffer.from([3]), c1]));
  }

  /** Takes what came. Throws when it is no RTMP. */
  receive(bytes: Buffer): void {
    this.#bytesIn += bytes.length;
    const rest = this.#handshake === undefined ? bytes : this.#shake(bytes);
    if (rest !== undefined && rest.length > 0) this.#reader?.push(rest);
    if (this.#bytesIn - this.#receiptSent >= this.#peerWindow / 2 && this.#reader !== undefined) {
      this.#receiptSent = this.#bytesIn;
      this.#control(messageType.acknowledgement, this.#bytesIn >>> 0);
    }
  }

  send(message: RtmpMessage, chunkStream: number): void {
    // Our chunk size counts from the message after the one that announces it; control messages are tiny.
    const size = this.#reader === undefined ? firstChunkSize : chunkSize;
    this.#handlers.write(writeChunks(message, chunkStream, size));
  }

  command(chunkStream: number, streamId: number, ...values: AmfValue[]): void {
    const payload = encodeAmf(...values);
    this.send({ type: messageType.command, timestampMs: 0, streamId, payload }, chunkStream);
  }

  userControl(event: number, value: number): void {
    const payload = Buffer.alloc(6);
    payload.writeUInt16BE(event, 0);
    payload.writeUInt32BE(value, 2);
    this.send({ type: messageType.userControl, timestampMs: 0, streamId: 0, payload }, 2);
  }

  /** The simple handshake: S0 and S1 come, C2 repeats S1, S2 is skipped. */
  #shake(bytes: Buffer): Buffer | undefined {
    const all = Buffer.concat([this.#handshake ?? Buffer.alloc(0), bytes]);
    this.#handshake = all;
    if (all[0] !== 3) throw new Error('the first byte is not 3');
    if (all.length < 1 + 2 * handshakeLength) return undefined;
    this.#handshake = undefined;
    this.#handlers.write(all.subarray(1, 1 + handshakeLength));
    this.#reader = new ChunkReader((message) => this.#handle(message));
    this.#control(messageType.setChunkSize, chunkSize);
    this.#control(messageType.windowSize, this.#receiptBytes);
    this.#handlers.onReady();
    return all.subarray(1 + 2 * handshakeLength);
  }

  #handle(message: RtmpMessage): void {
    const { type, payload } = message;
    const isEvent = type === messageType.userControl && payload.length >= 6;
    if (type === messageType.windowSize && payload.length >= 4)
      this.#peerWindow = Math.max(1024, payload.readUInt32BE(0));
    else if (isEvent && payload.readUInt16BE(0) === userEvent.ping)
      this.userControl(userEvent.pong, payload.readUInt32BE(2));
    else this.#handlers.onMessage(message);
  }

  #control(type: number, value: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(value, 0);
    this.send({ type, timestampMs: 0, streamId: 0, payload }, 2);
  }
}
