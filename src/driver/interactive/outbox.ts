import { FacewireError } from '../../errors.js';
import { utf8Length } from '../../wire/index.js';
import type { Clock } from '../../clock.js';
import type { InteractiveDrive } from './drive.js';
import type { Packet } from './unconfirmed.js';

/** Bytes of frames that may wait for the channel. */
export const maxWaitingBytes = 64 * 1024;

interface Waiting extends Packet {
  /** Undefined for a frame that must go out even when its drive is over: the one that stops it. */
  readonly drive: InteractiveDrive | undefined;
  readonly since: number;
}

export interface OutboxOptions {
  readonly clock: Clock;
  /** Longest time that a frame may wait, in ms. */
  readonly gapMs: number;
  /** Hands a frame to the channel; false when it cannot take one now. `onFlushed`: it may take more. */
  readonly send: (frame: string, onFlushed: () => void) => boolean;
  /** A frame of the drive has waited for too long. */
  readonly onExpired: (drive: InteractiveDrive) => void;
}

/** Frames of drives on their way to the channel, in order; bounded by bytes and by time. */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #refused = 0;
  #resent = 0;
  #cancelExpiry: () => void = () => undefined;
  #whenClear: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Frames that found no room. */
  get refused(): number {
    return this.#refused;
  }

  /** Frames that were sent again. */
  get resent(): number {
    return this.#resent;
  }

  /** Sends a frame, or keeps it until the channel takes it. Throws ERR_BUFFER_FULL, taking nothing. */
  post(drive: InteractiveDrive | undefined, sequence: number, frame: string): void {
    const item = { drive, sequence, frame, bytes: utf8Length(frame), since: this.#options.clock.now() };
    if (this.#waiting.length === 0 && this.#hand(item)) return;
    // What stops a drive is small, and at most one for each.
    if (drive !== undefined && this.#bytes + item.bytes > maxWaitingBytes) {
      this.#refused++;
      throw new FacewireError('ERR_BUFFER_FULL', 'more is waiting to be sent than is kept', {
        expected: `at most ${maxWaitingBytes} bytes`,
        received: `${this.#bytes + item.bytes} bytes`,
        remedy: 'Send more slowly, or wait until the channel is open again.',
      });
    }
    this.#set([...this.#waiting, item]);
  }

  /** Sends packets again, before all that waits. */
  resend(drive: InteractiveDrive, packets: readonly Packet[]): void {
    const since = this.#options.clock.now();
    this.#resent += packets.length;
    this.#set([...packets.map((packet) => ({ ...packet, drive, since })), ...this.#waiting]);
  }

  /** Resolves when nothing waits. */
  clear(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenClear.push(resolve));
  }

  /** The channel may take more now. */
  flush(): void {
    let taken = 0;
    while (taken < this.#waiting.length && this.#hand(this.#waiting[taken])) taken++;
    this.#set(this.#waiting.slice(taken));
  }

  /** Forgets what waits of a drive that is over or stopped. */
  drop(drive: InteractiveDrive): void {
    this.#set(this.#waiting.filter((item) => item.drive !== drive));
  }

  /** Forgets everything. */
  close(): void {
    this.#set([]);
  }

  #set(waiting: Waiting[]): void {
    this.#waiting = waiting;
    this.#bytes = waiting.reduce((sum, item) => sum + item.bytes, 0);
    const { clock, gapMs } = this.#options;
    this.#cancelExpiry();
    if (waiting.length === 0) for (const resolve of this.#whenClear.splice(0)) resolve();
    else
      this.#cancelExpiry = clock.after(Math.max(0, waiting[0].since + gapMs - clock.now()), () =>
        this.#expire(),
      );
  }

  #expire(): void {
    const { clock, gapMs, onExpired } = this.#options;
    const old = this.#waiting.filter((item) => clock.now() >= item.since + gapMs);
    this.#set(this.#waiting.filter((item) => !old.includes(item)));
    for (const drive of new Set(old.map((item) => item.drive))) if (drive !== undefined) onExpired(drive);
  }

  #hand({ drive, sequence, frame, bytes }: Waiting): boolean {
    if (!this.#options.send(frame, () => this.flush())) return false;
    drive?.sent({ sequence, frame, bytes });
    return true;
  }
}

/** The error of a frame that waited for too long while the channel was open. */
export function notTaken(gapMs: number): FacewireError {
  return new FacewireError('ERR_CONNECTION_LOST', `the cloud took no command for ${gapMs} ms`, {
    expected: 'a peer that reads',
    received: 'none',
  });
}
