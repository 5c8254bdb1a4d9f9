import { FacewireError } from '../../errors.js';

/** What AMF0 can say and RTMP uses. Objects read from the wire have no prototype. */
export type AmfValue =
  number | boolean | string | null | undefined | AmfValue[] | { [key: string]: AmfValue };

const maxDepth = 16;
const maxItems = 10_000;

/** Writes values one after the other, as RTMP commands and metadata want them. */
export function encodeAmf(...values: readonly AmfValue[]): Buffer {
  return Buffer.concat(values.map((value) => encodeValue(value)));
}

function encodeValue(value: AmfValue): Buffer {
  if (value === undefined) return Buffer.from([6]);
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === 'number') {
    const out = Buffer.alloc(9);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    if (text.length > 0xffff) {
      const head = Buffer.from([12, 0, 0, 0, 0]);
      head.writeUInt32BE(text.length, 1);
      return Buffer.concat([head, text]);
    }
    return Buffer.concat([Buffer.from([2, text.length >> 8, text.length & 0xff]), text]);
  }
  if (Array.isArray(value)) {
    const head = Buffer.from([10, 0, 0, 0, 0]);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encodeValue)]);
  }
  const parts: Buffer[] = [Buffer.from([3])];
  for (const [key, item] of Object.entries(value)) parts.push(encodeKey(key), encodeValue(item));
  return Buffer.concat([...parts, Buffer.from([0, 0, 9])]);
}

function encodeKey(key: string): Buffer {
  const text = Buffer.from(key);
  if (text.length > 0xffff)
    throw new FacewireError('ERR_OPTION_INVALID', 'an AMF key is longer than 65535 bytes');
  return Buffer.concat([Buffer.from([text.length >> 8, text.length & 0xff]), text]);
}

/** Reads all values of a message. Hostile input throws ERR_WIRE_MALFORMED; depth and count are capped. */
export function decodeAmf(bytes: Buffer): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  while (!reader.atEnd) values.push(reader.value(0));
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #offset = 0;
  #items = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > maxDepth) this.#fail(`at most ${maxDepth} levels`);
    if (++this.#items > maxItems) this.#fail(`at most ${maxItems} values`);
    const marker = this.#take(1).readUInt8(0);
    switch (marker) {
      case 0:
        return this.#take(8).readDoubleBE(0);
      case 1:
        return this.#take(1).readUInt8(0) !== 0;
      case 2:
        return this.#text(this.#take(2).readUInt16BE(0));
      case 3:
        return this.#properties(depth);
      case 5:
        return null;
      case 6:
        return undefined;
      case 8:
        // The count of an ECMA array is a hint only; the end mark decides.
        this.#take(4);
        return this.#properties(depth);
      case 10: {
        const count = this.#take(4).readUInt32BE(0);
        if (count > this.#bytes.length - this.#offset) this.#fail('an array no longer than the message');
        return Array.from({ length: count }, () => this.value(depth + 1));
      }
      case 11: {
        const time = this.#take(8).readDoubleBE(0);
        this.#take(2);
        return time;
      }
      case 12:
        return this.#text(this.#take(4).readUInt32BE(0));
      default:
        return this.#fail(`an AMF0 marker but found ${marker}`);
    }
  }

  #properties(depth: number): { [key: string]: AmfValue } {
    const out = Object.create(null) as { [key: string]: AmfValue };
    for (;;) {
      const length = this.#take(2).readUInt16BE(0);
      if (length === 0 && this.#bytes[this.#offset] === 9) {
        this.#offset += 1;
        return out;
      }
      const key = this.#text(length);
      out[key] = this.value(depth + 1);
    }
  }

  #text(length: number): string {
    return this.#take(length).toString('utf8');
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#offset) this.#fail(`${length} more bytes`);
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  #fail(expected: string): never {
    throw new FacewireError('ERR_WIRE_MALFORMED', `bad AMF0: expected ${expected}`, {
      expected,
      position: this.#offset,
    });
  }
}
