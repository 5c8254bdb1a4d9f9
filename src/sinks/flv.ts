import { FacewireError } from '../errors.js';

/** FLV tag types; RTMP message types have the same numbers. */
export const tagType = { audio: 8, video: 9, script: 18 } as const;

/** One encoded unit: an AAC frame, a picture, a codec's set-up or metadata. */
export interface FlvTag {
  readonly type: number;
  /** Decoding time in milliseconds, 0 to 2^32 - 1. */
  readonly timestampMs: number;
  readonly payload: Buffer;
  /** True for the AVC or AAC set-up that decoders need first. */
  readonly isConfig: boolean;
  /** True for a picture that can be decoded by itself. */
  readonly isKeyframe: boolean;
}

const headerLength = 9;
const tagHeaderLength = 11;
const sizeLength = 4;

/** Makes a tag and recognises AVC and AAC set-up and keyframes from the payload. */
export function makeTag(type: number, timestampMs: number, payload: Buffer): FlvTag {
  const first = payload[0] ?? 0;
  const isAac = type === tagType.audio && first >> 4 === 10;
  const isAvc = type === tagType.video && (first & 0x0f) === 7;
  const isConfig = (isAac || isAvc) && payload[1] === 0;
  return {
    type,
    timestampMs,
    payload,
    isConfig,
    isKeyframe: type === tagType.video && !isConfig && (first >> 4) % 8 === 1,
  };
}

/** True for a tag that carries sound or a picture, not set-up, an end mark or metadata. */
export function isMedia(tag: FlvTag): boolean {
  return tag.type !== tagType.script && tag.payload[1] === 1;
}

/** The file header, announcing audio and video. */
export function flvHeader(): Buffer {
  return Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, headerLength, 0, 0, 0, 0]);
}

/** A tag as it stands in a file, with the size that follows it. */
export function serialiseTag(tag: FlvTag): Buffer {
  const length = tag.payload.length;
  const out = Buffer.allocUnsafe(tagHeaderLength + length + sizeLength);
  const time = tag.timestampMs >>> 0;
  out.writeUInt8(tag.type, 0);
  out.writeUIntBE(length, 1, 3);
  out.writeUIntBE(time & 0xffffff, 4, 3);
  out.writeUInt8(time >>> 24, 7);
  out.writeUIntBE(0, 8, 3);
  tag.payload.copy(out, tagHeaderLength);
  out.writeUInt32BE(tagHeaderLength + length, tagHeaderLength + length);
  return out;
}

/**
 * Cuts a byte stream into FLV tags, however the bytes are split. Anything that
 * is not FLV throws ERR_INPUT_UNREADABLE; memory is capped by the largest tag.
 */
export class FlvParser {
  readonly #onTag: (tag: FlvTag) => void;
  readonly #maxTagBytes: number;
  #pending: Buffer[] = [];
  #pendingLength = 0;
  #needed = headerLength;
  #state: 'header' | 'size' | 'tag' | 'payload' = 'header';
  #type = 0;
  #time = 0;
  #position = 0;
  #previousLength = 0;

  /** @param maxTagBytes largest payload accepted. Default 8 MiB. */
  constructor(onTag: (tag: FlvTag) => void, maxTagBytes = 8 << 20) {
    this.#onTag = onTag;
    this.#maxTagBytes = maxTagBytes;
  }

  /** Takes the next bytes; calls onTag for every tag completed. Payloads are copies of their own. */
  push(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingLength += bytes.length;
    if (this.#pendingLength < this.#needed) return;
    let data = this.#pending.length === 1 ? bytes : Buffer.concat(this.#pending, this.#pendingLength);
    let offset = 0;
    while (data.length - offset >= this.#needed) {
      const part = data.subarray(offset, offset + this.#needed);
      offset += this.#needed;
      this.#position += this.#needed;
      this.#take(part);
    }
    data = data.subarray(offset);
    this.#pending = data.length === 0 ? [] : [data];
    this.#pendingLength = data.length;
  }

  /** True when the stream may end here: between two tags. */
  get isBetweenTags(): boolean {
    return this.#pendingLength === 0 && (this.#state === 'tag' || this.#state === 'size');
  }

  #take(part: Buffer): void {
    switch (this.#state) {
      case 'header':
        if (part.toString('latin1', 0, 3) !== 'FLV') this.#fail('the FLV signature', part.subarray(0, 3));
        this.#skipTo(part.readUInt32BE(5));
        return;
      case 'size':
        if (part.readUInt32BE(0) !== this.#previousLength)
          this.#fail(`the size ${this.#previousLength} of the tag before`, part);
        this.#state = 'tag';
        this.#needed = tagHeaderLength;
        return;
      case 'tag': {
        this.#type = part.readUInt8(0) & 0x1f;
        const length = part.readUIntBE(1, 3);
        if (part.readUInt8(0) > 0x1f || ![8, 9, 18].includes(this.#type))
          this.#fail('tag type 8, 9 or 18', part.subarray(0, 1));
        if (length > this.#maxTagBytes)
          this.#fail(`at most ${this.#maxTagBytes} bytes a tag`, part.subarray(1, 4));
        this.#time = part.readUIntBE(4, 3) + part.readUInt8(7) * 0x1000000;
        this.#state = 'payload';
        this.#needed = length;
        return;
      }
      case 'payload':
        this.#previousLength = tagHeaderLength + part.length;
        this.#state = 'size';
        this.#needed = sizeLength;
        this.#onTag(makeTag(this.#type, this.#time, Buffer.from(part)));
    }
  }

  #skipTo(dataOffset: number): void {
    if (dataOffset !== headerLength)
      this.#fail(`data offset ${headerLength}`, Buffer.from(String(dataOffset)));
    this.#previousLength = 0;
    this.#state = 'size';
    this.#needed = sizeLength;
  }

  #fail(expected: string, received: Buffer): never {
    throw new FacewireError('ERR_INPUT_UNREADABLE', `not an FLV stream: expected ${expected}`, {
      expected,
      received: received.toString('hex'),
      position: this.#position,
    });
  }
}
