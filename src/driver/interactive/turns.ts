import { toFacewireError } from '../../errors.js';
import { pause, type Clock } from '../../clock.js';
import type { InteractiveDrive } from './drive.js';

export interface Turn {
  readonly drive: InteractiveDrive;
  /** Waits until what runs is over, instead of taking its place. */
  readonly queued: boolean;
  /** Everything that waits is void. */
  readonly voids: boolean;
  /** Wait before it, in ms. */
  readonly delayMs: number;
  readonly send: () => void;
}

export interface TurnsOptions {
  readonly clock: Clock;
  readonly textGapMs: number;
  /** Stops a drive and resolves when it is over. */
  readonly stop: (drive: InteractiveDrive) => Promise<void>;
}

/**
 * Which utterance is next. Texts keep their distance; a text takes the place of
 * a text that runs, but between sound and anything else the first must be over.
 */
export class Turns {
  readonly #options: TurnsOptions;
  #chain: Promise<void> = Promise.resolve();
  #waiting: InteractiveDrive[] = [];
  #begun: InteractiveDrive[] = [];
  #lastText = -Infinity;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** The drive that runs, if any: of several the latest. */
  get current(): InteractiveDrive | undefined {
    this.#begun = this.#begun.filter((drive) => !drive.isOver && !drive.isWaiting);
    return this.#begun.at(-1);
  }

  get waiting(): readonly InteractiveDrive[] {
    return this.#waiting;
  }

  add(turn: Turn): void {
    if (turn.voids) this.cancelWaiting('another utterance took its place');
    this.#waiting.push(turn.drive);
    this.#chain = this.#chain.then(() => this.#take(turn)).catch(() => undefined);
  }

  cancelWaiting(why: string): void {
    for (const drive of this.#waiting.splice(0)) drive.cancel(why);
  }

  async #take(turn: Turn): Promise<void> {
    const { drive } = turn;
    try {
      await this.#makeRoom(turn);
    } finally {
      this.#waiting = this.#waiting.filter((other) => other !== drive);
    }
    if (drive.isOver) return;
    const { current } = this;
    this.#begun.push(drive);
    if (drive.kind !== 'audio') this.#lastText = this.#options.clock.now();
    // A text that could not be sent has interrupted nothing; two streams must not mix.
    if (current?.kind === 'stream') current.supersede(drive);
    else if (current !== undefined) drive.onceSent(() => current.supersede(drive));
    drive.begin();
    try {
      turn.send();
    } catch (thrown) {
      drive.fail(toFacewireError(thrown));
    }
  }

  async #makeRoom({ drive, queued, delayMs }: Turn): Promise<void> {
    const { clock, textGapMs, stop } = this.#options;
    const over = drive.overSignal;
    await pause(clock, delayMs, over);
    while (queued && this.current !== undefined && !drive.isOver) {
      await Promise.race([this.current.whenOver(), drive.whenOver()]);
    }
    const { current } = this;
    if (current !== undefined && !drive.isOver && (drive.kind === 'audio' || current.kind === 'audio')) {
      await stop(current);
    }
    if (drive.kind !== 'audio') await pause(clock, this.#lastText + textGapMs - clock.now(), over);
  }
}
