import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { InteractiveSession, type InteractiveSessionOptions } from '../../src/driver/interactive/index.js';
import type { FacewireError } from '../../src/errors.js';
import {
  channelPath,
  idempotentHeader,
  readCommand,
  readRestRequest,
  restCallOf,
  verifyQuery,
  writeRestError,
  writeRestResponse,
  writeStatus,
  type Command,
  type CreateByAsset,
  type RestCall,
  type RestResponses,
  type SpeakStatus,
} from '../../src/wire/index.js';
import { until } from './virtual-clock.js';

export const appkey = 'test_app';
export const accessToken = 'canary-4f1d9c77-token';
export const sessionId = 'm789';

/** What the server does to one call or upgrade instead of serving it. */
export type Mischief =
  | { readonly code: number; readonly message?: string; readonly status?: number }
  | { readonly status: number; readonly body?: string; readonly location?: string }
  | 'destroy'
  | 'hang';

export interface CloudScript {
  /** Answers to stat; the last one stays. Default: ready at once. */
  readonly states?: readonly Partial<RestResponses['stat']>[];
  /** What creation answers. Default ready with a play address. */
  readonly created?: Partial<RestResponses['createByAsset']>;
  readonly rest?: (call: RestCall, attempt: number) => Mischief | undefined;
  readonly upgrade?: (attempt: number) => Mischief | undefined;
  /** Answers a call only then. */
  readonly hold?: (call: RestCall) => Promise<void> | undefined;
  readonly idempotent?: boolean;
  /** Answers a command; default: a text is spoken at once. */
  readonly command?: (command: Command, channel: Channel) => void;
  /** The server's wall clock in ms. */
  readonly nowMs?: () => number;
}

export interface Channel {
  readonly socket: WebSocket;
  readonly status: (requestId: string, status: SpeakStatus, more?: Parameters<typeof writeStatus>[2]) => void;
}

export const speakAtOnce = (command: Command, { status }: Channel): void => {
  if (command.kind === 'heartbeat') return;
  const last = command.kind === 'text' || command.final;
  const kind = command.kind === 'audio' ? 'audio' : 'text';
  if (command.kind === 'text' || command.sequence === 1) status(command.requestId, `${kind}-start`);
  if (last) status(command.requestId, `${kind}-over`, kind === 'audio' ? { audioEnd: 'client' } : {});
};

/** A real HTTP and WebSocket server on a free port that checks signatures and follows a script. */
export class InteractiveCloud {
  readonly calls: {
    readonly call: RestCall;
    readonly request: unknown;
    readonly query: string;
    readonly language: string | undefined;
  }[] = [];
  readonly commands: Command[] = [];
  /** The query of every upgrade that was asked for. */
  readonly upgrades: string[] = [];
  readonly channels = new Set<Channel>();
  script: CloudScript;
  #stats = 0;
  readonly #http = createServer((request, response) => void this.#serve(request, response));
  readonly #ws = new WebSocketServer({ noServer: true });
  readonly #sockets = new Set<Duplex>();

  constructor(script: CloudScript) {
    this.script = script;
    this.#http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#http.on('upgrade', (request, socket: Duplex, head) => this.#upgrade(request, socket, head));
    this.#ws.on('headers', (headers) => {
      if (this.script.idempotent === true) headers.push(`${idempotentHeader}: 1`);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get channel(): Channel {
    return [...this.channels].at(-1)!;
  }

  async listen(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  count(call: RestCall): number {
    return this.calls.filter((other) => other.call === call).length;
  }

  /** Commands of one kind, heartbeats left out by default. */
  sent<K extends Command['kind']>(kind: K): (Command & { readonly kind: K })[] {
    return this.commands.filter(
      (command): command is Command & { readonly kind: K } => command.kind === kind,
    );
  }

  waitForCommands(count: number): Promise<void> {
    return until(() => this.commands.length >= count);
  }

  /** Cuts every channel without a word. */
  cut(): void {
    for (const { socket } of this.channels) socket.terminate();
  }

  async close(): Promise<void> {
    for (const ws of this.#ws.clients) ws.terminate();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #verdict(query: string): ReturnType<typeof verifyQuery> {
    const nowMs = this.script.nowMs?.() ?? Date.now();
    return verifyQuery(query, (key) => (key === appkey ? accessToken : undefined), Math.floor(nowMs / 1000));
  }

  #date(): string {
    return new Date(this.script.nowMs?.() ?? Date.now()).toUTCString();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query = ''] = request.url!.split('?');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = restCallOf(path);
    const answer = (status: number, body: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { date: this.#date(), 'content-type': 'application/json', ...headers });
      response.end(body);
    };
    if (call === undefined) return answer(404, writeRestError(100009, 'no such call', 'g'));
    const reading = readRestRequest(call, Buffer.concat(chunks));
    this.calls.push({
      call,
      request: reading.ok ? reading.request : reading.refusal,
      query,
      language: request.headers['language'] as string | undefined,
    });
    const mischief = this.script.rest?.(call, this.count(call));
    await this.script.hold?.(call);
    if (mischief === 'destroy') return void request.socket.destroy();
    if (mischief === 'hang') return;
    if (mischief !== undefined) {
      const body =
        'code' in mischief
          ? writeRestError(mischief.code, mischief.message ?? '', 'g')
          : (mischief.body ?? '');
      const headers: Record<string, string> = 'location' in mischief ? { location: mischief.location! } : {};
      return answer(mischief.status ?? 200, body, headers);
    }
    if (!this.#verdict(query).ok)
      return answer(401, writeRestError(100005, `refused ${query} ${accessToken}`, 'g'));
    if (!reading.ok) return answer(200, writeRestError(reading.refusal.code, reading.refusal.message, 'g'));
    answer(200, this.#respond(call, reading.request));
  }

  #respond(call: RestCall, request: unknown): string {
    const { requestId } = request as { requestId: string };
    const states = this.script.states ?? [{}];
    switch (call) {
      case 'createByAsset':
      case 'createByProject': {
        const pushed = (request as CreateByAsset).output?.pushUrl !== undefined;
        const playAddress = pushed ? {} : { playAddress: 'rtmp://127.0.0.1/live/m789' };
        const created = {
          requestId,
          sessionId,
          status: 'ready' as const,
          ...playAddress,
          ...this.script.created,
        };
        return writeRestResponse('createByAsset', created, 'g');
      }
      case 'stat': {
        const state = states[Math.min(this.#stats++, states.length - 1)];
        const whole = { requestId, status: 'ready' as const, started: true, errorCode: 0, ...state };
        return writeRestResponse('stat', whole, 'g');
      }
      case 'listByAccount':
      case 'listByProject':
      case 'listByAsset':
      case 'listByAvatar':
        return writeRestResponse(
          call,
          { requestId, sessions: [{ userId: 'u', sessionId, status: 'ready', started: true }] },
          'g',
        );
      case 'timbres':
        return writeRestResponse(call, { total: 0, timbres: [] }, 'g');
      case 'actions':
        return writeRestResponse(call, { actions: [{ name: 'wave', code: 'w', sample: '' }] }, 'g');
      default:
        return writeRestResponse(call, { requestId }, 'g');
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined);
    const [path, query = ''] = request.url!.split('?');
    this.upgrades.push(query);
    const mischief = this.script.upgrade?.(this.upgrades.length);
    if (mischief === 'destroy') return void socket.destroy();
    if (mischief === 'hang') return;
    const verdict = this.#verdict(query);
    const fits = verdict.ok && path === channelPath && verdict.requestId === sessionId;
    if (mischief !== undefined || !fits) {
      const failure = mischief ?? { status: 401, code: 100005, message: `refused ${query} ${accessToken}` };
      const body = 'code' in failure ? writeRestError(failure.code, failure.message ?? '', 'g') : '';
      socket.end(
        `HTTP/1.1 ${failure.status ?? 403} No\r\nDate: ${this.#date()}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
      return;
    }
    this.#ws.handleUpgrade(request, socket, head, (ws) => this.#accept(ws));
  }

  #accept(socket: WebSocket): void {
    const channel: Channel = {
      socket,
      status: (requestId, status, more) => socket.send(writeStatus({ requestId, sessionId }, status, more)),
    };
    this.channels.add(channel);
    socket.on('error', () => undefined);
    socket.on('close', () => this.channels.delete(channel));
    socket.on('message', (data: Buffer) => {
      const reading = readCommand(data);
      if (!reading.ok) throw new Error(reading.refusal.message);
      this.commands.push(reading.command);
      (this.script.command ?? speakAtOnce)(reading.command, channel);
    });
  }
}

const open: { close(): Promise<unknown> }[] = [];

/** Closes everything that a test opened; call in afterEach. */
export async function closeAll(): Promise<void> {
  for (const item of open.splice(0).reverse()) await item.close().catch(() => undefined);
}

export async function startCloud(script: CloudScript = {}): Promise<InteractiveCloud> {
  const cloud = new InteractiveCloud(script);
  await cloud.listen();
  open.push(cloud);
  return cloud;
}

export function optionsFor(cloud: { readonly url: string }): InteractiveSessionOptions {
  return { url: cloud.url, appkey, accessToken, assetKey: 'asset', userId: 'henry' };
}

export async function openSession(
  cloud: InteractiveCloud,
  more: Partial<InteractiveSessionOptions> = {},
): Promise<InteractiveSession> {
  const session = await InteractiveSession.open({ ...optionsFor(cloud), ...more });
  open.push(session);
  return session;
}

/** The error that a promise rejects with. */
export function failureOf(promise: Promise<unknown>): Promise<FacewireError> {
  return promise.then(
    () => {
      throw new Error('should have failed');
    },
    (error: FacewireError) => error,
  );
}
