import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { EndpointDriver, type EndpointDriverOptions } from '../../src/driver/index.js';
import {
  readRequest,
  verifyQuery,
  writeReplyFrame,
  writeSpeechFrame,
  type DriveRequest,
  type SpeechInput,
} from '../../src/wire/index.js';

export const appkey = 'test_app';
export const accessToken = 'canary-4f1d9c77-token';
export const projectId = 'project';

export interface Client {
  readonly socket: WebSocket;
  readonly reply: (request: DriveRequest, clause: number, more?: object) => void;
  readonly speech: (request: DriveRequest, input: SpeechInput) => void;
}

/** What the scripted cloud does with one request. */
export type Script = (request: DriveRequest, client: Client) => void | Promise<void>;

export interface Cloud {
  readonly url: string;
  /** Every request that came, in order. */
  readonly requests: DriveRequest[];
  /** The query of every upgrade that was asked for. */
  readonly queries: string[];
  readonly sockets: Set<Duplex>;
  /** Resolves when `count` requests have come. */
  waitForRequests(count: number): Promise<void>;
  close(): Promise<void>;
}

const open: { close(): Promise<void> }[] = [];

/** Closes every driver and server that a test opened; call in afterEach. */
export async function closeAll(): Promise<void> {
  for (const item of open.splice(0).reverse()) await item.close();
}

/** Has closeAll() close it, too. */
export function keep<T extends { close(): Promise<void> }>(item: T): T {
  open.push(item);
  return item;
}

/** A real WebSocket server on a free port that checks signatures and follows a script. */
export async function startCloud(
  script: Script,
  gate: { nowMs?: () => number; date?: boolean; refuse?: (attempt: number) => number | undefined } = {},
): Promise<Cloud> {
  const http = createHttpServer();
  const server = new WebSocketServer({ noServer: true });
  const requests: DriveRequest[] = [];
  const queries: string[] = [];
  const sockets = new Set<Duplex>();
  const waiting: { count: number; resolve: () => void }[] = [];
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    const query = request.url!.split('?')[1] ?? '';
    queries.push(query);
    const nowMs = gate.nowMs?.() ?? Date.now();
    const forced = gate.refuse?.(queries.length);
    const verdict = verifyQuery(
      query,
      (key) => (key === appkey ? accessToken : undefined),
      Math.floor(nowMs / 1000),
    );
    if (forced !== undefined || !verdict.ok) {
      const body = JSON.stringify({ Header: { Code: 100005, Message: `refused ${accessToken}` } });
      const date = gate.date === false ? '' : `Date: ${new Date(nowMs).toUTCString()}\r\n`;
      socket.end(
        `HTTP/1.1 ${forced ?? 401} No\r\n${date}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return;
    }
    server.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => undefined);
      ws.on('message', (data: Buffer) => {
        const reading = readRequest(data);
        if (!reading.ok) throw new Error(reading.refusal.message);
        requests.push(reading.request);
        for (const waiter of waiting) if (requests.length >= waiter.count) waiter.resolve();
        void script(reading.request, client(ws));
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const cloud: Cloud = {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    queries,
    sockets,
    waitForRequests: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: async () => {
      for (const ws of server.clients) ws.terminate();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return keep(cloud);
}

function client(socket: WebSocket): Client {
  return {
    socket,
    reply: (request, clause, more = {}) =>
      socket.send(
        writeReplyFrame(request, { replyType: 'input', displayText: 'text', clause, spoken: true, ...more }),
      ),
    speech: (request, input) => socket.send(writeSpeechFrame(request, input)),
  };
}

/** A server that answers the handshake properly and then does what it likes with the socket. */
export async function startRawCloud(afterHandshake: (socket: Socket) => void): Promise<{ url: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const key = /sec-websocket-key: (\S+)/i.exec(data.toString('latin1'))![1];
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      // The first frame of the client is its request.
      socket.once('data', () => afterHandshake(socket));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export function newDriver(url: string, options: Partial<EndpointDriverOptions> = {}): EndpointDriver {
  return keep(new EndpointDriver({ url, appkey, accessToken, projectId, ...options }));
}

/** `seconds` of a quiet ramp at 24 kHz. */
export function ramp(seconds: number): Int16Array {
  return Int16Array.from({ length: Math.round(seconds * 24_000) }, (_, i) => i % 100);
}

/** A reply, one chunk of 0.5 s and an empty final. */
export const sayOnce = (request: DriveRequest, { reply, speech }: Client): void => {
  reply(request, 1, { last: true });
  speech(request, {
    clause: 1,
    clauseStart: true,
    pcm: ramp(0.5),
    sampleRate: 24_000,
    featureDimension: 2,
    features: [0, 1],
  });
  speech(request, { clause: 1, final: true });
};
