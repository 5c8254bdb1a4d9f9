import { numberFrame } from '../wire/resume.js';
import type { Outbox } from './outbox.js';

/** What may be on its way to a client without an acknowledgement. */
export const journalBytes = 2 * 1024 * 1024;

interface Kept {
  readonly number: number;
  readonly data: Buffer;
}

/**
 * The frames of one drive, numbered and kept until the client has them, so that
 * they can be sent again on another socket. The memory is shared with what
 * waits in the socket. A drive waits while more than `journalBytes` are kept.
 */
export class FrameJournal {
  readonly #requestId: string;
  readonly #limit: number;
  #outbox: Outbox | undefined;
  #kept: Kept[] = [];
  #bytes = 0;
  #sent = 0;
  #acknowledged = 0;
  #closed = false;
  #waiters: (() => void)[] = [];

  constructor(requestId: string, outbox: Outbox, limit = journalBytes) {
    this.#requestId = requestId;
    this.#outbox = outbox;
    this.#limit = limit;
  }

  /** Bytes that the client has not acknowledged. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** Keeps a frame and sends it, if there is a socket; resolves when the next one may be sent. */
  async send(frame: string): Promise<void> {
    if (this.#closed) return;
    const data = Buffer.from(numberFrame(frame, this.#requestId, ++this.#sent));
    this.#kept.push({ number: this.#sent, data });
    this.#bytes += data.length;
    await this.#outbox?.send(data);
    while (this.#bytes > this.#limit && !this.#closed)
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** The client has everything up to frame `number`. */
  acknowledge(number: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(number, this.#sent));
    while (this.#kept.length > 0 && this.#kept[0].number <= this.#acknowledged)
      this.#bytes -= this.#kept.shift()!.data.length;
    this.#wake();
  }

  /** The socket is gone. */
  detach(): void {
    this.#outbox = undefined;
  }

  /** Whether everything after frame `received` is still here. */
  has(received: number): boolean {
    return !this.#closed && received >= this.#acknowledged && received <= this.#sent;
  }

  /** Goes on with another socket, after frame `received`. */
  attach(outbox: Outbox, received: number): void {
    this.#outbox = outbox;
    this.acknowledge(received);
    for (const { data } of this.#kept) void outbox.send(data);
  }

  /** Forgets everything; whoever waits goes on, into nothing. */
  close(): void {
    this.#closed = true;
    this.#kept = [];
    this.#bytes = 0;
    this.#outbox = undefined;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
