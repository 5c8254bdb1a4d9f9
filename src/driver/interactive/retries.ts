import { toFacewireError, type FacewireError } from '../../errors.js';
import type { Reaction } from '../../wire/index.js';
import { Backoff } from '../../backoff.js';
import { pause, type Clock } from '../../clock.js';
import type { InteractiveDrive } from './drive.js';
import type { Again } from './refused-packets.js';
import { extraWaitMs } from './session-error.js';

const maxRetries = 3;

export interface RetriesOptions {
  readonly clock: Clock;
  /** Gives numbers in [0, 1). */
  readonly random: () => number;
  readonly startSession: () => Promise<void>;
  /** Longest wait for another drive to be over, in ms. */
  readonly overMs: number;
  /** How long a text is sent again while the cloud says that too much is open at the same time, in ms. */
  readonly quotaWaitMs: number;
}

interface Watched {
  readonly resend: Resend;
  readonly backoff: Backoff;
  count: number;
  /** When the cloud was full for the first time. */
  fullSince: number | undefined;
}

/** @param afterOthers waits until what runs is over. */
type Resend = (delayMs: number, afterOthers: boolean, message: string) => void;

/**
 * What the cloud did not take, sent again as the code asks for: a text as a
 * whole and never once it has begun to be heard, of streams and sounds the packet.
 */
export class Retries {
  readonly #options: RetriesOptions;
  readonly #texts = new WeakMap<InteractiveDrive, Watched>();
  readonly #waits = new Map<InteractiveDrive, () => void>();
  #starting: Promise<void> | undefined;

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  watch(drive: InteractiveDrive, resend: Resend): void {
    const backoff = new Backoff(this.#options.random);
    this.#texts.set(drive, { resend, backoff, count: 0, fullSince: undefined });
  }

  /**
   * False when it is not to be sent again.
   * @param sequence number of the packet; 0 when the cloud does not say.
   */
  again(drive: InteractiveDrive, reaction: Reaction, sequence: number, error: FacewireError): boolean {
    if (drive.isStopping || drive.isOver) return false;
    return drive.kind === 'text'
      ? this.#text(drive, reaction)
      : this.#packet(drive, reaction, sequence, error);
  }

  /** A drive is over at the cloud; what waited for that goes out. */
  over(requestId: string): void {
    for (const [drive, go] of this.#waits) if (drive.requestId !== requestId) go();
  }

  #text(drive: InteractiveDrive, reaction: Reaction): boolean {
    const entry = this.#texts.get(drive);
    if (entry === undefined || drive.isStarted) return false;
    if (reaction === 'wait') return this.#whileFull(entry);
    if (entry.count >= limitOf(reaction)) return false;
    const delayMs = delayOf(reaction, entry.backoff);
    if (delayMs === undefined) return false;
    entry.count++;
    const message = `the cloud did not take the text (${reaction}); attempt ${entry.count + 1}`;
    if (reaction === 'start') {
      this.#start(drive)
        .then(() => entry.resend(0, false, message))
        .catch(() => undefined);
    } else entry.resend(delayMs, reaction === 'wait-until-over', message);
    return true;
  }

  #whileFull(entry: Watched): boolean {
    const { clock, quotaWaitMs } = this.#options;
    entry.fullSince ??= clock.now();
    const waitMs = extraWaitMs('wait') + entry.backoff.next();
    if (clock.now() + waitMs > entry.fullSince + quotaWaitMs) return false;
    entry.resend(waitMs, false, 'the cloud did not take the text: too much is open; it is sent again');
    return true;
  }

  #packet(drive: InteractiveDrive, reaction: Reaction, sequence: number, error: FacewireError): boolean {
    const waitMs = delayOf(reaction, new Backoff(this.#options.random));
    if (waitMs === undefined) return false;
    // Of a drive that has begun, nothing but its own end could be waited for.
    if (reaction === 'wait-until-over' && drive.isConfirmed) return false;
    const again: Again = { limit: limitOf(reaction), waitMs };
    const gate =
      reaction === 'start'
        ? this.#start(drive).catch(() => undefined)
        : reaction === 'wait-until-over'
          ? this.#othersOver(drive, error)
          : undefined;
    return drive.resendLater(sequence, { ...again, ...(gate !== undefined && { gate }) }, reaction);
  }

  /** Starts the session; the drive fails when that does. Calls at the same time share the work. */
  #start(drive: InteractiveDrive): Promise<void> {
    this.#starting ??= this.#options.startSession().finally(() => (this.#starting = undefined));
    return this.#starting.catch((thrown: unknown) => {
      drive.fail(toFacewireError(thrown));
      throw thrown;
    });
  }

  async #othersOver(drive: InteractiveDrive, error: FacewireError): Promise<void> {
    const { clock, overMs } = this.#options;
    const done = new AbortController();
    const go = (): void => done.abort();
    this.#waits.set(drive, go);
    drive.overSignal.addEventListener('abort', go, { once: true });
    await pause(clock, overMs, done.signal);
    this.#waits.delete(drive);
    if (!done.signal.aborted) drive.fail(error);
  }
}

function limitOf(reaction: Reaction): number {
  return reaction === 'retry-once' ? 1 : maxRetries;
}

/** Wait in ms, undefined when the code asks for no other attempt. */
function delayOf(reaction: Reaction, backoff: Backoff): number | undefined {
  switch (reaction) {
    case 'retry':
    case 'retry-once':
    case 'retry-later':
    case 'slow-down':
      return extraWaitMs(reaction) + backoff.next();
    case 'wait-until-over':
    case 'start':
      return 0;
    default:
      return undefined;
  }
}
