import { FacewireError } from '../../errors.js';

/** RTMP message types that a publisher meets. */
export const messageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const;

export interface RtmpMessage {
  readonly type: number;
  readonly timestampMs: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

const extended = 0xffffff;
const headerLengths = [11, 7, 3, 0] as const;

/**
 * Writes one message as chunks, always with a full first header: four bytes
 * more than the short form, and no state that could get out of step.
 */
export function writeChunks(message: RtmpMessage, chunkStream: number, chunkSize: number): Buffer {
  const { payload, type, streamId } = message;
  const time = message.timestampMs >>> 0;
  const isExtended = time >= extended;
  const pieces = Math.max(1, Math.ceil(payload.length / chunkSize));
  const extra = isExtended ? 4 : 0;
  const out = Buffer.allocUnsafe(12 + extra + payload.length + (pieces - 1) * (1 + extra));
  out.writeUInt8(chunkStream, 0);
  out.writeUIntBE(isExtended ? extended : time, 1, 3);
  out.writeUIntBE(payload.length, 4, 3);
  out.writeUInt8(type, 7);
  out.writeUInt32LE(streamId, 8);
  let offset = 12;
  for (let piece = 0; piece < pieces; piece++) {
    if (piece > 0) offset = out.writeUInt8(0xc0 | chunkStream, offset);
    if (isExtended) offset = out.writeUInt32BE(time, offset);
    offset += payload.copy(out, offset, piece * chunkSize, (piece + 1) * chunkSize);
  }
  return out;
}

interface ChunkStream {
  time: number;
  delta: number;
  length: number;
  type: number;
  streamId: number;
  isExtended: boolean;
  parts: Buffer[];
  received: number;
}

/** Puts the chunks of a peer together again. Hostile input throws ERR_WIRE_MALFORMED. */
export class ChunkReader {
  readonly #onMessage: (message: RtmpMessage) => void;
  readonly #maxMessage: number;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = 128;
  #data: Buffer = Buffer.alloc(0);

  /** @param maxMessage largest message in bytes. Default 1 MiB, since a publisher gets commands only. */
  constructor(onMessage: (message: RtmpMessage) => void, maxMessage = 1 << 20) {
    this.#onMessage = onMessage;
    this.#maxMessage = maxMessage;
  }

  push(bytes: Buffer): void {
    this.#data = this.#data.length === 0 ? bytes : Buffer.concat([this.#data, bytes]);
    for (;;) {
      const used = this.#readChunk(this.#data);
      if (used === 0) return;
      this.#data = this.#data.subarray(used);
    }
  }

  /** Returns the bytes of one chunk, or 0 when it has not arrived whole. */
  #readChunk(data: Buffer): number {
    if (data.length < 1) return 0;
    const first = data.readUInt8(0);
    const basic = (first & 0x3f) === 0 ? 2 : (first & 0x3f) === 1 ? 3 : 1;
    const form = (first >> 6) as 0 | 1 | 2 | 3;
    let offset = basic + headerLengths[form];
    if (data.length < offset) return 0;
    const id =
      basic === 1
        ? first & 0x3f
        : basic === 2
          ? 64 + data.readUInt8(1)
          : 64 + data.readUInt8(1) + 256 * data.readUInt8(2);
    let stream = this.#streams.get(id);
    if (stream === undefined) {
      if (form !== 0) fail('a full header first on a chunk stream', `form ${form}`);
      if (this.#streams.size >= 64) fail('at most 64 chunk streams', 'more');
      stream = {
        time: 0,
        delta: 0,
        length: 0,
        type: 0,
        streamId: 0,
        isExtended: false,
        parts: [],
        received: 0,
      };
      this.#streams.set(id, stream);
    }
    const isNew = stream.received === 0;
    if (!isNew && form !== 3) fail('the rest of a message', `form ${form}`);
    let time = form === 3 ? 0 : data.readUIntBE(basic, 3);
    const isExtended = form === 3 ? stream.isExtended : time === extended;
    if (isExtended) {
      if (data.length < offset + 4) return 0;
      const long = data.readUInt32BE(offset);
      if (form !== 3) time = long;
      offset += 4;
    }
    const length = form <= 1 ? data.readUIntBE(basic + 3, 3) : stream.length;
    if (length > this.#maxMessage) fail(`messages of at most ${this.#maxMessage} bytes`, `${length}`);
    const piece = Math.min(this.#chunkSize, length - stream.received);
    if (data.length < offset + piece) return 0;
    if (isNew) {
      stream.isExtended = isExtended;
      stream.length = length;
      if (form <= 1) stream.type = data.readUInt8(basic + 6);
      if (form === 0) stream.streamId = data.readUInt32LE(basic + 7);
      if (form === 0) stream.time = time;
      else {
        if (form !== 3) stream.delta = time;
        stream.time = (stream.time + stream.delta) >>> 0;
      }
    }
    stream.parts.push(Buffer.from(data.subarray(offset, offset + piece)));
    stream.received += piece;
    if (stream.received === length) {
      const payload = Buffer.concat(stream.parts);
      stream.parts = [];
      stream.received = 0;
      this.#finish({ type: stream.type, timestampMs: stream.time, streamId: stream.streamId, payload }, id);
    }
    return offset + piece;
  }

  #finish(message: RtmpMessage, id: number): void {
    const { type, payload } = message;
    if (type === messageType.setChunkSize) {
      const size = payload.length >= 4 ? payload.readUInt32BE(0) : 0;
      if (size < 1 || size > 0xffffff) fail('a chunk size of 1 to 16777215', `${size}`);
      this.#chunkSize = size;
    } else if (type === messageType.abort && payload.length >= 4) {
      const aborted = this.#streams.get(payload.readUInt32BE(0));
      if (aborted !== undefined && payload.readUInt32BE(0) !== id) {
        aborted.parts = [];
        aborted.received = 0;
      }
    } else this.#onMessage(message);
  }
}

function fail(expected: string, received: string): never {
  throw new FacewireError('ERR_WIRE_MALFORMED', `bad RTMP chunk: expected ${expected}`, {
    expected,
    received,
  });
}
