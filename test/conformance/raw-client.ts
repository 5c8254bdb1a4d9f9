import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameInput {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  /** Default true. */
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number;
  /** Default true, as a client must. */
  readonly masked?: boolean;
  /** A length that is stated instead of the real one, as 64 bits. */
  readonly statedLength?: bigint;
}

export interface RawFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The bytes of one frame, right or wrong. */
export function frameBytes(input: FrameInput): Buffer {
  const payload = Buffer.from(input.payload ?? '');
  const masked = input.masked ?? true;
  const first = ((input.fin ?? true) ? 0x80 : 0) | ((input.reserved ?? 0) << 4) | input.opcode;
  const mask = masked ? 0x80 : 0;
  let head: Buffer;
  if (input.statedLength !== undefined || payload.length > 0xffff) {
    head = Buffer.alloc(10);
    head[1] = mask | 127;
    head.writeBigUInt64BE(input.statedLength ?? BigInt(payload.length), 2);
  } else if (payload.length > 125) {
    head = Buffer.alloc(4);
    head[1] = mask | 126;
    head.writeUInt16BE(payload.length, 2);
  } else head = Buffer.from([0, mask | payload.length]);
  head[0] = first;
  if (!masked) return Buffer.concat([head, payload]);
  const key = randomBytes(4);
  return Buffer.concat([head, key, payload.map((byte, i) => byte ^ key[i & 3])]);
}

/** What a close frame holds. */
export function closePayload(code: number, reason: Buffer | string = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

/** A WebSocket client made of a bare socket, so that it can break every rule. */
export class RawClient {
  readonly #socket: Socket;
  readonly #frames: RawFrame[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #isOver = false;
  #wake: () => void = () => undefined;
  /** Status line and headers of the answer to the upgrade. */
  head = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, data]);
      this.#parse();
      this.#wake();
    });
    socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
    // A server that closes must see that we do too.
    socket.on('end', () => socket.end());
  }

  /** Asks for an upgrade of `url` (ws://…) and resolves with the head of the answer. */
  static async open(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    method = 'GET',
  ): Promise<RawClient> {
    const { hostname, port, host, pathname, search } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const client = new RawClient(socket);
    const key = randomBytes(16).toString('base64');
    const lines = Object.entries({
      Host: host,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      ...headers,
    })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`);
    await client.#until(() => client.head !== '');
    if (client.status === 101 && headers['Sec-WebSocket-Key'] === undefined) {
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      if (!client.head.includes(`Sec-WebSocket-Accept: ${accept}`))
        throw new Error('the accept key is wrong');
    }
    return client;
  }

  get status(): number {
    return Number(this.head.split(' ')[1] ?? 0);
  }

  write(...parts: readonly (Buffer | FrameInput)[]): void {
    this.#socket.write(Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : frameBytes(part)))));
  }

  /** Writes byte by byte, each in a packet of its own as far as the system does that. */
  async drip(bytes: Buffer, step = 1): Promise<void> {
    this.#socket.setNoDelay(true);
    for (let at = 0; at < bytes.length; at += step) {
      this.#socket.write(bytes.subarray(at, at + step));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The next frame; undefined when the connection ended without one. */
  async next(): Promise<RawFrame | undefined> {
    await this.#until(() => this.#frames.length > 0);
    return this.#frames.shift();
  }

  /** The code of the server's close frame; 1005 when it had none, 1006 when none came. Resolves when the connection is gone. */
  async closed(): Promise<number> {
    let code = 1006;
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) {
      if (frame.opcode !== opcode.close) continue;
      code = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
      this.#socket.end();
    }
    return code;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until(test: () => boolean): Promise<void> {
    while (!test() && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #parse(): void {
    if (this.head === '') {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.#buffer.toString('latin1', 0, end);
      this.#buffer = this.#buffer.subarray(end + 4);
    }
    for (;;) {
      const bytes = this.#buffer;
      if (bytes.length < 2) return;
      if ((bytes[1] & 0x80) !== 0) throw new Error('the server masked a frame');
      const short = bytes[1] & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < head) return;
      const length =
        short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < head + length) return;
      this.#frames.push({
        fin: (bytes[0] & 0x80) !== 0,
        opcode: bytes[0] & 0x0f,
        payload: bytes.subarray(head, head + length),
      });
      this.#buffer = bytes.subarray(head + length);
    }
  }
}
