import { WebSocket, type ClientOptions } from 'ws';
import { FacewireError } from '../errors.js';
import type { Recorder } from '../record/recorder.js';
import { idempotentHeader, maxFrameBytes, maxSkewSeconds, newRequestId, signedQuery } from '../wire/index.js';
import { Backoff } from '../backoff.js';
import {
  fromHttpAnswer,
  fromSocketError,
  readBody,
  skewError,
  type ConnectFailure,
} from './connect-failure.js';
import { scrub } from './secrets.js';

/** Times of the connection, all in ms. */
export interface ConnectionTimes {
  readonly handshakeMs: number;
  /** For all attempts of one open() together. */
  readonly connectMs: number;
  readonly pingMs: number;
  /** Service after which the waits between attempts start small again. */
  readonly serviceMs: number;
}

export const defaultConnectionTimes: ConnectionTimes = {
  handshakeMs: 10_000,
  connectMs: 10_000,
  // A dead peer is found after two to three of them: 34.5 s at most.
  pingMs: 11_500,
  serviceMs: 30_000,
};

/** What a test replaces: the wall clock in ms and the dice. */
export interface Environment {
  readonly now: () => number;
  readonly random: () => number;
}

export interface ConnectionOptions {
  readonly url: URL;
  readonly appkey: string;
  readonly accessToken: string;
  readonly language: string | undefined;
  readonly correctClock: boolean;
  readonly times: ConnectionTimes;
  readonly environment: Environment;
  readonly recorder: Recorder | undefined;
  /** A connection is there; comes before open() resolves. */
  readonly onOpen: () => void;
  readonly onMessage: (bytes: Buffer) => void;
  /** An open connection ended, other than by close(). */
  readonly onLost: (error: FacewireError) => void;
  readonly onWarning: (code: 'clock-corrected', message: string) => void;
}

const missedPings = 2;

/** One socket to the cloud, opened when needed and again after it was lost; knows nothing of drives. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #where: string;
  readonly #backoff: Backoff;
  #socket: WebSocket | undefined;
  #opening: Promise<void> | undefined;
  #attempt: WebSocket | undefined;
  #wake: (() => void) | undefined;
  #closed = false;
  #resumable = false;
  #clockOffsetMs = 0;
  /** performance.now() before which no attempt is made. */
  #notBefore = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#where = `${options.url.protocol}//${options.url.host}`;
    this.#backoff = new Backoff(options.environment.random);
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** True when the server of the last connection can go on with a drive on another one. */
  get isResumable(): boolean {
    return this.#resumable;
  }

  /** Bytes handed to send() that are still in this process. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Resolves when frames can be sent. Calls at the same time share the attempts. */
  open(): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.isOpen) return Promise.resolve();
    this.#opening ??= this.#openWithRetries().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Without a connection the frame is lost. */
  send(frame: string): void {
    if (!this.isOpen) return;
    this.#options.recorder?.note({ what: 'sent', text: frame });
    this.#socket?.send(frame);
  }

  /** Stops and starts reading; a few frames that were already here may still come. */
  pause(): void {
    if (this.isOpen) this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Drops a socket that cannot be trusted any more; the next open() makes a new one. */
  abandon(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }

  /** Closes for good. Resolves when the socket is gone, at most 2 s later. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    this.#attempt?.terminate();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.terminate(), 2000);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.resume();
      socket.close(1000);
    });
  }

  async #openWithRetries(): Promise<void> {
    await this.#settleOld();
    const deadline = performance.now() + this.#options.times.connectMs;
    let resigned = false;
    let corrected = false;
    for (let attempts = 1; ; attempts++) {
      await this.#waitUntil(this.#notBefore);
      if (this.#closed) throw closedError();
      const failure = await this.#tryOnce();
      if (failure === undefined) return;
      if (this.#closed) throw closedError();
      if (failure.retry === 'never') throw failure.error;
      if (failure.retry === 'resign') {
        const offset = failure.clockOffsetMs ?? 0;
        const skewed = Math.abs(offset - this.#clockOffsetMs) > maxSkewSeconds * 1000;
        if (skewed && (corrected || !this.#options.correctClock)) throw skewError(offset, this.#where);
        if (!skewed && resigned) throw failure.error;
        if (skewed) {
          this.#clockOffsetMs = offset;
          corrected = true;
          this.#options.onWarning(
            'clock-corrected',
            `${skewError(offset, this.#where).message}; it is allowed for`,
          );
        }
        resigned = true;
        continue;
      }
      this.#notBefore = performance.now() + this.#backoff.next();
      if (this.#notBefore > deadline) {
        const { code, message, expected, received, cause } = failure.error;
        throw new FacewireError(code, `${message} (${attempts} attempts)`, {
          ...(expected !== undefined && { expected }),
          ...(received !== undefined && { received }),
          ...(cause !== undefined && { cause }),
        });
      }
    }
  }

  /** A socket that is on its way out reports its loss before another takes its place. */
  async #settleOld(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.terminate();
    });
  }

  #waitUntil(instant: number): Promise<void> {
    const waitMs = instant - performance.now();
    if (waitMs <= 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(finish, waitMs);
      this.#wake = finish;
    });
  }

  #tryOnce(): Promise<ConnectFailure | undefined> {
    const { url, appkey, accessToken, language, times, environment } = this.#options;
    const nowMs = environment.now();
    const signed = new URL(url);
    signed.search = signedQuery({
      appkey,
      accessToken,
      timestampSeconds: Math.floor((nowMs + this.#clockOffsetMs) / 1000),
      requestId: newRequestId(),
      ...(language !== undefined && { language }),
    });
    // 16 Ki chunks let a frame of the full size arrive in single Ethernet packets;
    // ws counts both to bound what tiny fragments can make it keep.
    const limits = {
      maxPayload: maxFrameBytes,
      maxFragments: 2048,
      maxBufferedChunks: 16_384,
      closeTimeout: 2000,
    };
    const options: ClientOptions = {
      perMessageDeflate: false,
      handshakeTimeout: times.handshakeMs,
      ...limits,
    };
    return new Promise((resolve) => {
      const socket = new WebSocket(signed, options);
      this.#attempt = socket;
      let answered = false;
      const failed = (failure: ConnectFailure): void => {
        this.#attempt = undefined;
        socket.removeAllListeners();
        // terminate() of a socket that is still connecting reports once more.
        socket.on('error', () => undefined);
        socket.terminate();
        resolve(failure);
      };
      socket.on('unexpected-response', (_request, response) => {
        answered = true;
        void readBody(response).then((body) => {
          const answer = { status: response.statusCode ?? 0, date: response.headers.date, body };
          failed(fromHttpAnswer(answer, this.#where, nowMs, [accessToken]));
        });
      });
      socket.on('error', (error) => {
        if (!answered) failed(fromSocketError(error, this.#where));
      });
      let resumable = false;
      socket.on('upgrade', ({ headers }) => {
        resumable = headers[idempotentHeader] === '1';
      });
      // Before 'open', because the first frame may come in the same packet as the handshake.
      socket.on('message', (data) => {
        this.#options.recorder?.received(data as Buffer);
        this.#options.onMessage(data as Buffer);
      });
      socket.on('open', () => {
        this.#resumable = resumable;
        this.#attempt = undefined;
        socket.removeAllListeners('error');
        socket.removeAllListeners('unexpected-response');
        this.#serve(socket);
        this.#options.onOpen();
        resolve(undefined);
      });
    });
  }

  #serve(socket: WebSocket): void {
    this.#socket = socket;
    this.#options.recorder?.note({ what: 'open' });
    const openedAt = performance.now();
    let missed = 0;
    const alive = (): void => {
      missed = 0;
    };
    socket.on('pong', alive);
    socket.on('message', alive);
    const pings = setInterval(() => {
      // A paused socket cannot hear the answer.
      if (socket.isPaused) missed = 0;
      else if (missed++ >= missedPings) socket.terminate();
      else socket.ping();
    }, this.#options.times.pingMs);
    pings.unref();
    let fault: FacewireError | undefined;
    socket.on('error', (error) => {
      fault ??= protocolError(error);
      socket.terminate();
    });
    socket.on('close', (code, reason) => {
      clearInterval(pings);
      const served = performance.now() - openedAt;
      if (served >= this.#options.times.serviceMs) this.#backoff.reset();
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#notBefore = performance.now() + this.#backoff.next();
      const error = fault ?? this.#lost(code, reason, missed > missedPings);
      this.#options.recorder?.note({ what: 'lost', code: error.code, why: error.message });
      this.#options.onLost(error);
    });
  }

  #lost(code: number, reason: Buffer, silent: boolean): FacewireError {
    const text = scrub(reason.toString('utf8'), [this.#options.accessToken]);
    const received = silent
      ? `no answer to ${missedPings} pings`
      : `close ${code}${text === '' ? '' : ` (${text})`}`;
    return new FacewireError('ERR_CONNECTION_LOST', `the connection to ${this.#where} ended: ${received}`, {
      expected: 'the connection to stay until the drive is over',
      received,
      remoteCode: code,
    });
  }
}

function closedError(): FacewireError {
  return new FacewireError('ERR_STATE', 'the driver is closed', {
    expected: 'a driver in use',
    received: 'a call after close()',
  });
}

/** A breach of the WebSocket protocol by the peer, or a socket error. */
function protocolError(error: Error): FacewireError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return new FacewireError('ERR_MESSAGE_TOO_LARGE', 'the server sent a frame over the limit', {
      expected: `at most ${maxFrameBytes} bytes`,
      received: 'a longer frame',
      cause: error,
    });
  }
  if (code.startsWith('WS_ERR_')) {
    return new FacewireError(
      'ERR_WIRE_MALFORMED',
      `the server broke the WebSocket protocol: ${error.message}`,
      {
        expected: 'a valid WebSocket frame',
        received: code,
        cause: error,
      },
    );
  }
  return new FacewireError(
    'ERR_CONNECTION_LOST',
    `the connection failed: ${code === '' ? error.message : code}`,
    {
      expected: 'the connection to stay until the drive is over',
      received: code === '' ? error.message : code,
      cause: error,
    },
  );
}
