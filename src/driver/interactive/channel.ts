import { WebSocket } from 'ws';
import { FacewireError } from '../../errors.js';
import { channelUrl, maxChannelFrameBytes } from '../../wire/index.js';
import { Backoff } from '../../backoff.js';
import type { Recorder } from '../../record/recorder.js';
import { fromSocketError } from '../connect-failure.js';
import { afterAttempts, brokenSocket, closedSocket, dial, hangUp, missedPings, reworded } from '../dial.js';
import { pause, type Clock } from '../../clock.js';
import { extraWaitMs, fromHttp, type HttpFailure } from './session-error.js';
import type { Signer } from './signer.js';

/** Times of the channel, all in ms. */
export interface ChannelTimes {
  readonly handshakeMs: number;
  /** For all attempts of the first opening together. */
  readonly connectMs: number;
  /** Pings go out this often; two without an answer end the connection. */
  readonly pingMs: number;
  /** Service after which the waits between attempts start small again. */
  readonly serviceMs: number;
  /** Longest wait between two attempts. */
  readonly reconnectCapMs: number;
  /** How long a lost channel is opened again before the session is given up. */
  readonly giveUpMs: number;
}

export interface ChannelOptions {
  readonly url: string;
  readonly sessionId: string;
  readonly signer: Signer;
  readonly times: ChannelTimes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly secrets: () => readonly string[];
  readonly recorder?: Recorder | undefined;
  /** Asks whether the session still lives; an error says that it does not. */
  readonly check: () => Promise<FacewireError | undefined>;
  /** The cloud says that the session must be started first. */
  readonly start: () => Promise<void>;
  readonly onOpen: (idempotent: boolean, again: boolean) => void;
  readonly onMessage: (bytes: Buffer) => void;
  /** The connection was lost and is going to be opened again. */
  readonly onDown: (error: FacewireError) => void;
  /** It will not be opened any more. */
  readonly onEnded: (error: FacewireError) => void;
}

/** Bytes that may wait in the socket; beyond them nothing more is handed over. */
export const maxSocketBytes = 256 * 1024;

/** The command channel of one session: one socket, opened again when it is lost, until it is closed or the session is over. */
export class CommandChannel {
  readonly #options: ChannelOptions;
  readonly #where: string;
  readonly #url: URL;
  readonly #backoff: Backoff;
  readonly #ending = new AbortController();
  #socket: WebSocket | undefined;
  #attempt: WebSocket | undefined;
  #reconnects = 0;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#url = channelUrl(options.url);
    this.#where = `${this.#url.protocol}//${this.#url.host}`;
    this.#backoff = new Backoff(options.random, 250, 1.7, options.times.reconnectCapMs);
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Openings after the first one. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** Opens it for the first time. From then on it opens itself again. */
  async open(): Promise<void> {
    const error = await this.#openUntil(this.#options.clock.now() + this.#options.times.connectMs);
    if (error !== undefined) throw error;
  }

  /** False when there is no connection or the peer does not read; then nothing was sent. @param onFlushed the frame left this process. */
  send(frame: string, onFlushed: () => void): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > maxSocketBytes) return false;
    this.#options.recorder?.note({ what: 'sent', text: frame });
    socket.send(frame, onFlushed);
    return true;
  }

  /** Drops a connection that cannot be trusted; it opens itself again. */
  abandon(): void {
    this.#socket?.terminate();
  }

  /** Closes for good. Resolves when the socket is gone, at most 2 s later. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#attempt?.terminate();
    const socket = this.#socket;
    this.#socket = undefined;
    await hangUp(socket);
  }

  get #ended(): boolean {
    return this.#ending.signal.aborted;
  }

  /** What to give up with, or undefined when it is open (or was closed meanwhile). */
  async #openUntil(deadline: number): Promise<FacewireError | undefined> {
    const { clock, signer } = this.#options;
    const round = signer.round(this.#where);
    let started = false;
    for (let attempts = 1; !this.#ended; attempts++) {
      const failure = await this.#tryOnce();
      if (failure === undefined || this.#ended) return undefined;
      if (failure.reaction === 'start' && !started) {
        started = true;
        await this.#options.start();
        continue;
      }
      if (failure.retry === 'never') return failure.error;
      if (failure.retry === 'resign') {
        const refused = round.refused(failure);
        if (refused !== undefined) return refused;
        continue;
      }
      const waitMs = this.#backoff.next() + extraWaitMs(failure.reaction);
      if (clock.now() + waitMs > deadline) return afterAttempts(failure.error, attempts);
      await pause(clock, waitMs, this.#ending.signal);
    }
    return undefined;
  }

  #tryOnce(): Promise<HttpFailure | undefined> {
    const { signer, sessionId, times, secrets } = this.#options;
    const signed = new URL(this.#url);
    const nowMs = signer.wallNow;
    signed.search = signer.query({ requestId: sessionId, inQuery: true });
    return dial<HttpFailure>({
      url: signed,
      handshakeMs: times.handshakeMs,
      limits: { maxPayload: maxChannelFrameBytes, maxFragments: 64, maxBufferedChunks: 1024 },
      onAttempt: (socket) => {
        this.#attempt = socket;
      },
      onMessage: (bytes) => {
        if (this.#ended) return;
        this.#options.recorder?.received(bytes);
        this.#options.onMessage(bytes);
      },
      onOpen: (socket, idempotent) => this.#serve(socket, idempotent),
      refused: (answer) => fromHttp(answer, this.#where, nowMs, secrets()),
      failed: (error) => ({ ...fromSocketError(error, this.#where), reaction: undefined }),
    });
  }

  #serve(socket: WebSocket, idempotent: boolean): void {
    const { clock, times, recorder } = this.#options;
    this.#socket = socket;
    recorder?.note({ what: 'open' });
    const openedAt = clock.now();
    let missed = 0;
    const alive = (): void => {
      missed = 0;
    };
    socket.on('pong', alive);
    socket.on('message', alive);
    const ping = (): void => {
      if (missed++ >= missedPings) {
        socket.terminate();
        return;
      }
      socket.ping();
      cancelPing = clock.after(times.pingMs, ping);
    };
    let cancelPing = clock.after(times.pingMs, ping);
    let fault: FacewireError | undefined;
    socket.on('error', (error) => {
      fault ??= brokenSocket(this.#where, error, maxChannelFrameBytes);
      socket.terminate();
    });
    socket.on('close', (code, reason) => {
      cancelPing();
      if (clock.now() - openedAt >= times.serviceMs) this.#backoff.reset();
      if (this.#socket !== socket || this.#ended) return;
      this.#socket = undefined;
      const silent = missed > missedPings;
      void this.#reopen(
        fault ?? closedSocket(this.#where, { code, reason, silent }, this.#options.secrets()),
      );
    });
    this.#options.onOpen(idempotent, this.#reconnects > 0);
  }

  async #reopen(lost: FacewireError): Promise<void> {
    const { clock, times, recorder, check, onDown, onEnded } = this.#options;
    recorder?.note({ what: 'lost', code: lost.code, why: lost.message });
    onDown(lost);
    const deadline = clock.now() + times.giveUpMs;
    const [, over] = await Promise.all([
      pause(clock, this.#backoff.next(), this.#ending.signal),
      check().catch(() => undefined),
    ]);
    if (this.#ended) return;
    this.#reconnects++;
    // The reason of the session, with the close code of the socket behind it.
    let error = over && reworded(over, `${over.message} (${lost.received ?? lost.message})`, lost);
    try {
      error ??= await this.#openUntil(deadline);
    } catch (thrown) {
      error = thrown instanceof FacewireError ? thrown : lost;
    }
    if (error === undefined || this.#ended) return;
    this.#ending.abort();
    onEnded(error);
  }
}
