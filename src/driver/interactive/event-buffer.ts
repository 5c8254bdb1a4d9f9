import { FacewireError } from '../../errors.js';

/** Bytes of events that one drive keeps, whatever their number. */
const maxBytes = 1024 * 1024;

/**
 * Events on their way to one reader. Beyond `max` of them or 1 MiB the oldest
 * are dropped and counted: a slow reader must not hold up the channel for the other drives.
 */
export class EventBuffer<T> {
  readonly #max: number;
  #items: { readonly event: T; readonly bytes: number }[] = [];
  #bytes = 0;
  #dropped = 0;
  #read = false;
  #left = false;
  #end: { readonly error: FacewireError | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @param bytes that the event holds, about. */
  push(event: T, bytes: number): void {
    if (this.#end !== undefined || this.#left) return;
    this.#items.push({ event, bytes });
    this.#bytes += bytes;
    while (this.#items.length > this.#max || (this.#bytes > maxBytes && this.#items.length > 1)) {
      this.#bytes -= this.#items.shift()!.bytes;
      this.#dropped++;
    }
    this.#wake?.();
  }

  /** Ends the iteration after what is still kept: normally, or by throwing `error`. */
  finish(error?: FacewireError): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The events, once. */
  iterate(): AsyncIterator<T, undefined> {
    if (this.#read) {
      throw new FacewireError('ERR_STATE', 'the events of a drive can be read once', {
        expected: 'one reader',
        received: 'a second one',
      });
    }
    this.#read = true;
    return this.#events();
  }

  async *#events(): AsyncGenerator<T, undefined, undefined> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#bytes -= item.bytes;
          yield item.event;
        } else if (this.#end === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else if (this.#end.error === undefined) return undefined;
        else throw this.#end.error;
      }
    } finally {
      this.#left = true;
      this.#items = [];
    }
  }
}
