import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

import { FacewireError, toFacewireError } from '../errors.js';
import { readBody } from '../server/interactive/http.js';
import type { PageSink } from '../sinks/page-sink.js';
import type { KioskHealth } from './health.js';
import { pageHtml } from './page.js';
import { readPageLogo, type PageLogo } from './page-logo.js';
import { readPageCode } from './page-code.js';
import type { Said, Speaker } from './speaker.js';

export interface KioskHttpOptions {
  readonly host: string;
  readonly port: number;
  readonly speaker: Pick<Speaker, 'say' | 'ask' | 'interrupt'>;
  readonly health: () => KioskHealth;
  readonly page?: {
    readonly sink: PageSink;
    readonly background: string;
    /** Told each second by the page that a browser of ours shows, with that browser's number. */
    readonly onScreen: (run: string) => void;
    readonly subtitles: boolean;
    /** A file. */
    readonly logo: string | undefined;
  };
}

const mostBytes = 16 * 1024;
const mostViewers = 8;

/**
 * Page, health and requests of a kiosk. Whoever reaches the port can make it
 * speak, so it listens on this machine only unless told otherwise, and web
 * pages of other origins are refused.
 */
export class KioskHttp {
  readonly #options: KioskHttpOptions;
  readonly #code: ReadonlyMap<string, string>;
  readonly #logo: PageLogo | undefined;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });

  private constructor(
    options: KioskHttpOptions,
    code: ReadonlyMap<string, string>,
    logo: PageLogo | undefined,
  ) {
    this.#options = options;
    this.#logo = logo;
    this.#code = code;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Throws ERR_PORT_UNAVAILABLE, and ERR_INPUT_UNREADABLE for the logo. */
  static async listen(options: KioskHttpOptions): Promise<KioskHttp> {
    const { host, port, page } = options;
    const logo = page?.logo === undefined ? undefined : await readPageLogo(page.logo);
    const http = new KioskHttp(options, page === undefined ? new Map() : await readPageCode(), logo);
    try {
      http.#server.listen(port, host);
      await once(http.#server, 'listening');
    } catch (cause) {
      throw new FacewireError('ERR_PORT_UNAVAILABLE', `cannot listen on ${host}:${port}`, {
        received: (cause as NodeJS.ErrnoException).code ?? 'an unknown failure',
        cause,
      });
    }
    return http;
  }

  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { pathname } = new URL(request.url ?? '/', 'http://kiosk');
      if (!isOwn(request)) throw new Refusal(403, 'another origin');
      if (request.method === 'GET') this.#get(pathname, response);
      else if (request.method === 'POST') await this.#post(pathname, request, response);
      else throw new Refusal(405, 'GET or POST');
    } catch (thrown) {
      if (response.headersSent) return;
      if (thrown instanceof Refusal)
        return send(response, thrown.status, { error: { message: thrown.message } });
      const { code, message } = toFacewireError(thrown);
      send(response, code === 'ERR_RATE_LIMITED' ? 429 : 500, { error: { code, message } });
    }
  }

  #get(pathname: string, response: ServerResponse): void {
    const { page, health } = this.#options;
    if (pathname === '/health') {
      const now = health();
      return send(response, now.status === 'stopped' ? 503 : 200, now);
    }
    if (page !== undefined && pathname === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      return void response.end(pageHtml({ ...page, logo: this.#logo !== undefined }));
    }
    if (pathname === '/logo' && this.#logo !== undefined) {
      response.setHeader('content-type', this.#logo.contentType);
      return void response.end(this.#logo.bytes);
    }
    const code = this.#code.get(pathname.replace(/^\/code\//, ''));
    if (!pathname.startsWith('/code/') || code === undefined) throw new Refusal(404, 'there is nothing here');
    response.setHeader('content-type', 'text/javascript; charset=utf-8');
    response.end(code);
  }

  async #post(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { speaker } = this.#options;
    if (pathname === '/interrupt') return send(response, 200, { stoppedAtSample: speaker.interrupt() });
    if (pathname !== '/say' && pathname !== '/ask') throw new Refusal(404, 'there is nothing here');
    const text = await readText(request);
    const said = await (pathname === '/say' ? speaker.say(text) : speaker.ask(text));
    send(response, 200, report(said));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { page } = this.#options;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kiosk');
    const run = searchParams.get('screen');
    const isFace = page !== undefined && pathname === '/face' && isOwn(request);
    // Other viewers must not keep our own screen dark.
    const most = run === null ? mostViewers : mostViewers + 1;
    if (!isFace || this.#sockets.clients.size >= most) {
      socket.end(
        `HTTP/1.1 ${isFace ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (viewer: WebSocket) => {
      page.sink.add(viewer);
      if (run !== null) viewer.on('message', () => page.onScreen(run));
      viewer.on('close', () => page.sink.remove(viewer));
      viewer.on('error', () => viewer.terminate());
    });
  }
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Not from a web page of somebody else: programs send no origin, our page sends ours. The host is an address or
 * localhost, or a page could reach us under a name of its own that leads here.
 */
function isOwn({ headers }: IncomingMessage): boolean {
  const { origin, host = '' } = headers;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (isIP(name) === 0 && name !== 'localhost' && name !== hostname()) return false;
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

async function readText(request: IncomingMessage): Promise<string> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'the body must be application/json');
  const body = await readBody(request, mostBytes);
  if (body === undefined) throw new Refusal(400, 'the client has left');
  if ('status' in body)
    throw new Refusal(
      body.status,
      body.status === 413 ? `more than ${mostBytes} bytes` : 'the body took too long',
    );
  let text: unknown;
  try {
    ({ text } = JSON.parse(body.toString('utf8')) as { text?: unknown });
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
  if (typeof text !== 'string' || text.trim() === '') throw new Refusal(400, 'text must be a text');
  return text;
}

function report({ error, ...said }: Said): Record<string, unknown> {
  return { ...said, ...(error !== undefined && { error: { code: error.code, message: error.message } }) };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(`${JSON.stringify(body)}\n`);
}
