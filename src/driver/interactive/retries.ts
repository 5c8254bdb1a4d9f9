import { toFacewireError } from '../../errors.js';
import type { Reaction } from '../../wire/index.js';
import { Backoff } from '../../backoff.js';
import type { InteractiveDrive } from './drive.js';

const maxRetries = 3;

/** @param afterOthers waits until what runs is over. */
type Resend = (delayMs: number, afterOthers: boolean, message: string) => void;

/** Texts that the cloud did not take, sent again as the code asks for; never one that has begun to be heard. */
export class Retries {
  readonly #random: () => number;
  readonly #startSession: () => Promise<void>;
  readonly #watched = new WeakMap<
    InteractiveDrive,
    { readonly resend: Resend; count: number; readonly backoff: Backoff }
  >();

  /** @param random gives numbers in [0, 1). */
  constructor(random: () => number, startSession: () => Promise<void>) {
    this.#random = random;
    this.#startSession = startSession;
  }

  watch(drive: InteractiveDrive, resend: Resend): void {
    this.#watched.set(drive, { resend, count: 0, backoff: new Backoff(this.#random) });
  }

  /** False when the drive is not to be sent again. */
  again(drive: InteractiveDrive, reaction: Reaction): boolean {
    const entry = this.#watched.get(drive);
    if (entry === undefined || drive.isStarted || drive.isStopping || drive.isOver) return false;
    const limit = reaction === 'retry-once' ? 1 : maxRetries;
    if (entry.count >= limit) return false;
    const delayMs = delayOf(reaction, entry.backoff);
    if (delayMs === undefined) return false;
    entry.count++;
    const message = `the cloud did not take the text (${reaction}); attempt ${entry.count + 1}`;
    if (reaction === 'start') {
      this.#startSession().then(
        () => entry.resend(0, false, message),
        (thrown: unknown) => drive.fail(toFacewireError(thrown)),
      );
    } else entry.resend(delayMs, reaction === 'wait-until-over', message);
    return true;
  }
}

/** Wait in ms, undefined when the code asks for no other attempt. */
function delayOf(reaction: Reaction, backoff: Backoff): number | undefined {
  switch (reaction) {
    case 'retry':
    case 'retry-once':
      return backoff.next();
    case 'retry-later':
      return 2000 + backoff.next();
    case 'slow-down':
      return 1000 + backoff.next();
    case 'wait-until-over':
    case 'start':
      return 0;
    default:
      return undefined;
  }
}
