import type { WebSocket } from 'ws';
import { cutCode } from './cut-reason.js';
import type { OutboxLimits } from './outbox-limits.js';

const terminateAfterMs = 2000;

/**
 * The way out to one peer, with a cap: a drive waits while more than the soft
 * limit is unsent, and a peer that does not read is cut off.
 */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #limits: OutboxLimits;
  readonly #onCut: (() => void) | undefined;
  #slow: NodeJS.Timeout | undefined;
  #waiters: (() => void)[] = [];
  #largest = 0;

  /** @param onCut told when the peer is cut off. */
  constructor(socket: WebSocket, limits: OutboxLimits, onCut?: () => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onCut = onCut;
    socket.once('close', () => {
      clearTimeout(this.#slow);
      this.#wake();
    });
  }

  /** Most bytes that ever waited. */
  get largestBuffered(): number {
    return this.#largest;
  }

  /** Sends a text frame; resolves when the next one may be sent. A closed socket swallows it. */
  send(frame: string | Buffer): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    socket.send(frame, { binary: false }, () => this.#drained());
    this.#largest = Math.max(this.#largest, socket.bufferedAmount);
    if (socket.bufferedAmount > this.#limits.hardBytes) this.#cut();
    if (socket.bufferedAmount <= this.#limits.softBytes) return Promise.resolve();
    this.#slow ??= setTimeout(() => this.#cut(), this.#limits.softMs);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #drained(): void {
    if (this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount > this.#limits.softBytes)
      return;
    clearTimeout(this.#slow);
    this.#slow = undefined;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #cut(): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    this.#onCut?.();
    socket.close(cutCode['not-reading'], 'the peer does not read');
    // The close frame is stuck behind everything else.
    setTimeout(() => socket.terminate(), terminateAfterMs).unref();
  }
}

/** Bytes that wait for all these peers to read them. */
export function bufferedBytes(peers: Iterable<WebSocket>): number {
  let sum = 0;
  for (const peer of peers) sum += peer.bufferedAmount;
  return sum;
}
