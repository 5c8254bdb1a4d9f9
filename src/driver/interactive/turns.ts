import { toFacewireError } from '../../errors.js';
import { pause, type Clock } from '../../clock.js';
import type { InteractiveDrive } from './drive.js';
import { TurnQueue, type QueueLimits, type Turn } from './turn-queue.js';

export interface TurnsOptions {
  readonly clock: Clock;
  readonly textGapMs: number;
  readonly limits: QueueLimits;
  /** Stops a drive and resolves when it is over. */
  readonly stop: (drive: InteractiveDrive) => Promise<void>;
}

/**
 * Which utterance is next. Texts keep their distance; a text takes the place of
 * a text that runs, but between sound and anything else the first must be over.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #queue: TurnQueue;
  #begun: InteractiveDrive[] = [];
  #isTaking = false;
  /** Aborted when another turn has come before the one that is being made room for. */
  #another = new AbortController();
  #lastText = -Infinity;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#queue = new TurnQueue(options.limits);
  }

  /** The drive that runs, if any: of several the latest. */
  get current(): InteractiveDrive | undefined {
    this.#begun = this.#begun.filter((drive) => !drive.isOver && !drive.isWaiting);
    return this.#begun.at(-1);
  }

  /** What waits for its turn. */
  get waiting(): Pick<TurnQueue, 'count' | 'bytes' | 'freeBytes' | 'refused'> {
    return this.#queue;
  }

  /** A turn that does not queue voids everything that waits; one that does may be refused with ERR_BUFFER_FULL. */
  add(turn: Turn): void {
    if (turn.queued) this.#queue.addIfRoom(turn);
    else {
      this.cancelWaiting('another utterance took its place');
      this.#queue.add(turn);
    }
    void this.#takeAll();
  }

  /** A turn of a drive that had one: never refused, and before what came after it. */
  addAgain(turn: Turn): void {
    this.#queue.addFirst(turn);
    this.#another.abort();
    void this.#takeAll();
  }

  /** The drive is over and does not wait any more. */
  drop(drive: InteractiveDrive): void {
    this.#queue.remove(drive);
  }

  cancelWaiting(why: string): void {
    for (const drive of this.#queue.takeAll()) drive.cancel(why);
  }

  async #takeAll(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    for (let turn = this.#queue.first; turn !== undefined; turn = this.#queue.first) {
      this.#another = new AbortController();
      try {
        await this.#makeRoom(turn, AbortSignal.any([turn.drive.overSignal, this.#another.signal]));
        if (turn === this.#queue.first) this.#begin(turn);
      } catch (thrown) {
        turn.drive.fail(toFacewireError(thrown));
      }
    }
    this.#isTaking = false;
  }

  #begin({ drive, send }: Turn): void {
    this.#queue.remove(drive);
    const { current } = this;
    this.#begun.push(drive);
    if (drive.kind !== 'audio') this.#lastText = this.#options.clock.now();
    // A text that could not be sent has interrupted nothing; two streams must not mix.
    if (current?.kind === 'stream') current.supersede(drive);
    else if (current !== undefined) drive.onceSent(() => current.supersede(drive));
    drive.begin();
    send();
  }

  /** @param enough the drive is over, or another one is next. */
  async #makeRoom({ drive, queued, notBefore }: Turn, enough: AbortSignal): Promise<void> {
    const { clock, textGapMs, stop } = this.#options;
    await pause(clock, notBefore - clock.now(), enough);
    while (queued && this.current !== undefined && !enough.aborted) {
      await Promise.race([this.current.whenOver(), whenAborted(enough)]);
    }
    const { current } = this;
    if (current !== undefined && !enough.aborted && (drive.kind === 'audio' || current.kind === 'audio')) {
      await stop(current);
    }
    if (drive.kind !== 'audio') await pause(clock, this.#lastText + textGapMs - clock.now(), enough);
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
