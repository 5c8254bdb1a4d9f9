import { utf8Length } from '../wire/index.js';

/** All fragments of the longest stream that our server takes fit in. */
const maxKeptBytes = 1024 * 1024;

/**
 * The frames of one drive, kept until it is over, so that what a lost socket
 * took with it can be sent again. Beyond 1 MiB nothing more is kept, and the drive cannot be resumed.
 */
export class Outgoing {
  #frames: { readonly frame: string; readonly sequence: number }[] = [];
  #bytes = 0;
  #complete = true;

  /** False when frames are missing. */
  get isComplete(): boolean {
    return this.#complete;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param unsent the frame has not gone out; it is kept in any case. */
  add(frame: string, sequence: number, unsent: boolean): void {
    if (!this.#complete) return;
    this.#bytes += utf8Length(frame);
    if (unsent || this.#bytes <= maxKeptBytes) this.#frames.push({ frame, sequence });
    else {
      this.clear();
      this.#complete = false;
    }
  }

  /** Frames of `sequence` and later, in order. */
  from(sequence: number): string[] {
    return this.#frames.filter((kept) => kept.sequence >= sequence).map((kept) => kept.frame);
  }

  clear(): void {
    this.#frames = [];
  }
}
