import { WebSocket } from 'ws';
import { FacewireError } from '../errors.js';
import type { Recorder } from '../record/recorder.js';
import { maxFrameBytes, maxSkewSeconds, newRequestId, signedQuery } from '../wire/index.js';
import { Backoff } from '../backoff.js';
import { pause, type Clock } from '../clock.js';
import { fromHttpAnswer, fromSocketError, skewError, type ConnectFailure } from './connect-failure.js';
import { afterAttempts, brokenSocket, closedSocket, dial, hangUp, missedPings } from './dial.js';

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

/** What a test replaces: the wall clock in ms, the dice, and the clock of the connection's waits. */
export interface Environment {
  readonly now: () => number;
  readonly random: () => number;
  readonly clock: Clock;
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

/** One socket to the cloud, opened when needed and again after it was lost; knows nothing of drives. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #where: string;
  readonly #backoff: Backoff;
  #socket: WebSocket | undefined;
  #opening: Promise<void> | undefined;
  #attempt: WebSocket | undefined;
  readonly #closing = new AbortController();
  #resumable = false;
  #clockOffsetMs = 0;
  /** Time of the clock before which no attempt is made. */
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
    this.#closing.abort();
    this.#attempt?.terminate();
    const socket = this.#socket;
    this.#socket = undefined;
    await hangUp(socket);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #openWithRetries(): Promise<void> {
    await this.#settleOld();
    const { clock } = this.#options.environment;
    const deadline = clock.now() + this.#options.times.connectMs;
    let resigned = false;
    let corrected = false;
    for (let attempts = 1; ; attempts++) {
      await pause(clock, this.#notBefore - clock.now(), this.#closing.signal);
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
      this.#notBefore = clock.now() + this.#backoff.next();
      if (this.#notBefore > deadline) throw afterAttempts(failure.error, attempts);
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
    return dial({
      url: signed,
      handshakeMs: times.handshakeMs,
      // 16 Ki chunks let a frame of the full size arrive in single Ethernet packets.
      limits: { maxPayload: maxFrameBytes, maxFragments: 2048, maxBufferedChunks: 16_384 },
      onAttempt: (socket) => {
        this.#attempt = socket;
      },
      onMessage: (bytes) => {
        this.#options.recorder?.received(bytes);
        this.#options.onMessage(bytes);
      },
      onOpen: (socket, idempotent) => {
        this.#resumable = idempotent;
        this.#serve(socket);
        this.#options.onOpen();
      },
      refused: (answer) => fromHttpAnswer(answer, this.#where, nowMs, [accessToken]),
      failed: (error) => fromSocketError(error, this.#where),
    });
  }

  #serve(socket: WebSocket): void {
    this.#socket = socket;
    this.#options.recorder?.note({ what: 'open' });
    const { clock } = this.#options.environment;
    const { pingMs, serviceMs } = this.#options.times;
    const openedAt = clock.now();
    let missed = 0;
    const alive = (): void => {
      missed = 0;
    };
    socket.on('pong', alive);
    socket.on('message', alive);
    const ping = (): void => {
      // A paused socket cannot hear the answer.
      if (socket.isPaused) missed = 0;
      else if (missed++ >= missedPings) return socket.terminate();
      else socket.ping();
      cancelPing = clock.after(pingMs, ping);
    };
    let cancelPing = clock.after(pingMs, ping);
    let fault: FacewireError | undefined;
    socket.on('error', (error) => {
      fault ??= brokenSocket(this.#where, error, maxFrameBytes);
      socket.terminate();
    });
    socket.on('close', (code, reason) => {
      cancelPing();
      if (clock.now() - openedAt >= serviceMs) this.#backoff.reset();
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#notBefore = clock.now() + this.#backoff.next();
      const silent = missed > missedPings;
      const error = fault ?? closedSocket(this.#where, { code, reason, silent }, [this.#options.accessToken]);
      this.#options.recorder?.note({ what: 'lost', code: error.code, why: error.message });
      this.#options.onLost(error);
    });
  }
}

function closedError(): FacewireError {
  return new FacewireError('ERR_STATE', 'the driver is closed', {
    expected: 'a driver in use',
    received: 'a call after close()',
  });
}
