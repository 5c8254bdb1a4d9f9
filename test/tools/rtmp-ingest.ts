import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { makeTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { decodeAmf, encodeAmf, type AmfValue } from '../../src/sinks/rtmp/amf.js';
import { ChunkReader, messageType, writeChunks, type RtmpMessage } from '../../src/sinks/rtmp/chunk.js';

/** How the ingest meets a publisher. */
export type Manner =
  /** Takes the stream. */
  | 'accept'
  /** Says that somebody else publishes it. */
  | 'busy'
  /** Says that the key is wrong. */
  | 'denied'
  /** Closes the door when asked to publish, without a word. */
  | 'close'
  /** Takes the connection and says nothing. */
  | 'mute';

export interface TestIngestOptions {
  /** Sends receipts as asked for. Default true. */
  readonly receipts?: boolean;
  /** Answers pings. Default true. */
  readonly pongs?: boolean;
  /** Makes another stream when one is asked for again; false: only the first is answered. Default true. */
  readonly streams?: boolean;
  /** Key and certificate, PEM: rtmps. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** One publisher that came. */
export interface Visit {
  /** Stream name with its query, when it has asked to publish. */
  stream: string | undefined;
  readonly commands: string[];
  metadata: AmfValue;
  /** Sound, pictures and set-up, as they came. */
  readonly tags: FlvTag[];
  bytes: number;
  /** Of these, those it has sent a receipt for. */
  confirmed: number;
  /** Bytes that have come, those that a slow line holds back included. */
  received: number;
  open: boolean;
  readonly socket: Socket;
}

/** An RTMP ingest that behaves as badly as it is told to. Emits `change` whenever something has happened. */
export class TestIngest extends EventEmitter<{ change: [] }> {
  readonly visits: Visit[] = [];
  readonly #options: TestIngestOptions;
  #server: Server | undefined;
  #port = 0;
  #frozen = false;
  /** What has come over a slow line and is not here yet. */
  #line: { held: Buffer; read: (bytes: Buffer) => void } | undefined;
  #slow = false;
  /** Asked at each publish; gets the stream name with its query. */
  manner: (stream: string, visit: number) => Manner = () => 'accept';

  constructor(options: TestIngestOptions = {}) {
    super();
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  url(stream: string): string {
    return `${this.#options.tls === undefined ? 'rtmp' : 'rtmps'}://127.0.0.1:${this.#port}/live/${stream}`;
  }

  /** Listens; again on the same port after stop(). */
  async listen(): Promise<this> {
    const { tls } = this.#options;
    const onSocket = (socket: Socket): void => this.#meet(socket);
    this.#server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket);
    this.#server.on('tlsClientError', () => undefined);
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Resets every connection and refuses new ones, as a process that was killed. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.reset();
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Resets every connection. */
  reset(): void {
    for (const { socket } of this.visits) {
      if (socket.destroyed) continue;
      if (this.#options.tls === undefined) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  /** Stops reading. New connections are read. */
  stall(): void {
    for (const { socket } of this.visits) socket.pause();
  }

  /** Stands still as a stopped process does: nobody is read, newcomers included. */
  freeze(): void {
    this.#frozen = true;
    this.stall();
  }

  thaw(): void {
    this.#frozen = false;
    for (const { socket } of this.visits) socket.resume();
  }

  /** From now on bytes come when letThrough() says so; one connection at a time. */
  slow(): void {
    this.#slow = true;
  }

  /** So many bytes arrive; Infinity: the line is well again. */
  letThrough(bytes: number): void {
    if (bytes === Infinity) this.#slow = false;
    const line = this.#line;
    if (line === undefined) return;
    const part = line.held.subarray(0, bytes === Infinity ? undefined : bytes);
    line.held = line.held.subarray(part.length);
    if (part.length > 0) line.read(part);
  }

  get last(): Visit {
    const visit = this.visits.at(-1);
    if (visit === undefined) throw new Error('nobody has come');
    return visit;
  }

  /** Waits until the condition holds; the test's own limit ends a vain wait. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this, 'change');
  }

  #meet(socket: Socket): void {
    const visit: Visit = {
      stream: undefined,
      commands: [],
      metadata: undefined,
      tags: [],
      bytes: 0,
      confirmed: 0,
      received: 0,
      open: true,
      socket,
    };
    const number = this.visits.push(visit) - 1;
    let shaken: Buffer | undefined = Buffer.alloc(0);
    let window = 0;
    const send = (type: number, payload: Buffer, streamId = 0): void => {
      if (socket.writable) socket.write(writeChunks({ type, timestampMs: 0, streamId, payload }, 3, 128));
    };
    const command = (...values: AmfValue[]): void => send(messageType.command, encodeAmf(...values));
    const take = ({ type, payload, timestampMs }: RtmpMessage): void => {
      if (type === messageType.windowSize) window = payload.readUInt32BE(0);
      if (type === messageType.userControl && payload.readUInt16BE(0) === 6 && this.#options.pongs !== false)
        send(messageType.userControl, Buffer.concat([Buffer.from([0, 7]), payload.subarray(2)]));
      if (type === messageType.data) visit.metadata = decodeAmf(payload)[2];
      if (type === tagType.audio || type === tagType.video)
        visit.tags.push(makeTag(type, timestampMs, payload));
      if (type !== messageType.command) return;
      const [name, id, , stream] = decodeAmf(payload);
      if (typeof name === 'string') visit.commands.push(name);
      if (name === 'connect') command('_result', id, null, { code: 'NetConnection.Connect.Success' });
      if (name === 'createStream' && (visit.stream === undefined || this.#options.streams !== false))
        command('_result', id, null, visit.stream === undefined ? 1 : 2);
      if (name !== 'publish' || typeof stream !== 'string') return;
      visit.stream = stream;
      this.#answer(this.manner(visit.stream, number), visit.stream, command, socket);
    };
    const reader = new ChunkReader(take, 8 << 20);
    const read = (bytes: Buffer): void => {
      visit.bytes += bytes.length;
      if (this.manner === mute) return;
      if (shaken !== undefined) {
        const before: number = shaken.length;
        shaken = Buffer.concat([shaken, bytes]);
        if (before < 1537 && shaken.length >= 1537)
          socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)]));
        if (shaken.length < 3073) return;
        const rest = shaken.subarray(3073);
        shaken = undefined;
        reader.push(rest);
      } else reader.push(bytes);
      if (window > 0 && visit.bytes - visit.confirmed >= window && this.#options.receipts !== false) {
        visit.confirmed = visit.bytes;
        const count = Buffer.alloc(4);
        count.writeUInt32BE(visit.confirmed >>> 0);
        send(messageType.acknowledgement, count);
      }
      this.emit('change');
    };
    socket.on('data', (bytes: Buffer) => {
      visit.received += bytes.length;
      if (!this.#slow) return read(bytes);
      if (this.#line?.read !== read) this.#line = { held: Buffer.alloc(0), read };
      this.#line.held = Buffer.concat([this.#line.held, bytes]);
    });
    if (this.#frozen) socket.pause();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      visit.open = false;
      this.emit('change');
    });
    this.emit('change');
  }

  #answer(manner: Manner, stream: string, command: (...values: AmfValue[]) => void, socket: Socket): void {
    const status = (level: string, code: string, description: string): void =>
      command('onStatus', 0, null, { level, code, description });
    if (manner === 'accept') status('status', 'NetStream.Publish.Start', 'go ahead');
    if (manner === 'busy') status('error', 'NetStream.Publish.BadName', `Already publishing ${stream}`);
    if (manner === 'denied') status('error', 'NetStream.Publish.Denied', `wrong key in ${stream}`);
    if (manner === 'busy' || manner === 'denied' || manner === 'close') socket.end();
  }
}

/** As `manner`: takes every connection and never says a word, not even to shake hands. */
export const mute = (): Manner => 'mute';
