import { FacewireError } from '../errors.js';

export interface EventQueueOptions<T> {
  /** Events that are kept. */
  readonly max: number;
  /** Bytes that they may hold; one event may hold more. Default 12 MiB, two minutes of sound. */
  readonly maxBytes?: number;
  /** Bytes that an event holds, about; default 0. */
  readonly sizeOf?: (item: T) => number;
  /** Asks the source of the events to pause or go on. */
  readonly onPressure?: (full: boolean) => void;
}

/**
 * Events on their way to one reader. Beyond `max` or `maxBytes` the oldest are
 * dropped and counted, but not while there is a reader and the source can be
 * asked to pause: then nothing is lost.
 */
export class EventQueue<T> {
  readonly #max: number;
  readonly #maxBytes: number;
  readonly #sizeOf: (item: T) => number;
  readonly #onPressure: ((full: boolean) => void) | undefined;
  #items: T[] = [];
  #bytes = 0;
  #waiting: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void } | undefined;
  #reader: 'none' | 'reading' | 'left' = 'none';
  #pressed = false;
  #end: { readonly error: FacewireError | undefined } | undefined;
  #dropped = 0;

  constructor({ max, maxBytes = 12 * 1024 * 1024, sizeOf = () => 0, onPressure }: EventQueueOptions<T>) {
    this.#max = max;
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
    this.#onPressure = onPressure;
  }

  get dropped(): number {
    return this.#dropped;
  }

  push(item: T): void {
    if (this.#end !== undefined || this.#reader === 'left') return;
    if (this.#waiting !== undefined) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve({ value: item, done: false });
      return;
    }
    this.#items.push(item);
    this.#bytes += this.#sizeOf(item);
    if (this.#reader === 'reading' && this.#onPressure !== undefined) {
      this.#press(this.#items.length >= this.#max || this.#bytes >= this.#maxBytes);
      return;
    }
    while (this.#items.length > this.#max || (this.#bytes > this.#maxBytes && this.#items.length > 1)) {
      this.#shift();
      this.#dropped++;
    }
  }

  /** Ends the iteration after what is still queued: normally, or by throwing `error`. */
  finish(error?: FacewireError): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ value: undefined, done: true });
    else waiting.reject(error);
  }

  /** Drops what is queued; used when it has become void. */
  clear(): void {
    this.#items = [];
    this.#bytes = 0;
    this.#press(false);
  }

  /** The events, once. */
  iterate(): AsyncIterator<T, undefined> {
    if (this.#reader !== 'none') {
      throw new FacewireError('ERR_STATE', 'the events of a drive can be read once', {
        expected: 'one reader',
        received: 'a second one',
      });
    }
    this.#reader = 'reading';
    let thrown = false;
    return {
      next: () => {
        if (this.#items.length > 0) {
          const value = this.#shift();
          if (this.#items.length <= this.#max / 2 && this.#bytes <= this.#maxBytes / 2) this.#press(false);
          return Promise.resolve({ value, done: false });
        }
        if (this.#reader === 'left') return Promise.resolve({ value: undefined, done: true });
        if (this.#end !== undefined) {
          const { error } = this.#end;
          if (error === undefined || thrown) return Promise.resolve({ value: undefined, done: true });
          thrown = true;
          return Promise.reject(error);
        }
        if (this.#waiting !== undefined) {
          return Promise.reject(
            new FacewireError('ERR_STATE', 'next() was called before the one before had settled', {
              expected: 'one next() at a time',
              received: 'two',
            }),
          );
        }
        return new Promise<IteratorResult<T>>((resolve, reject) => {
          this.#waiting = { resolve, reject };
        });
      },
      return: () => {
        this.#reader = 'left';
        this.clear();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  #shift(): T {
    const item = this.#items.shift()!;
    this.#bytes -= this.#sizeOf(item);
    return item;
  }

  #press(full: boolean): void {
    if (full === this.#pressed) return;
    this.#pressed = full;
    this.#onPressure?.(full);
  }
}
