/** AAC frames hold this many samples, and the encoder puts as many before the first one. */
export const aacFrame = 1024;

/** Knows to which of the things written each tag of one ffmpeg belongs: they come in the same order. */
export interface TagPlaces {
  /** How many of `count` at `place` must be left out, because tags cannot begin there. */
  begin(place: number, count: number): number;
  wrote(place: number, count: number): void;
  /** Place of the next tag; undefined when none is expected. */
  next(): number | undefined;
  /** What was written and has not come. */
  readonly pending: number;
  /** So much may be inside while all is well. */
  readonly slack: number;
  /** What should have come when the input has ended. */
  readonly missing: number;
}

/** One tag for each picture, whose number is its place. */
export class PicturePlaces implements TagPlaces {
  readonly slack = 2;
  readonly #inside: number[] = [];

  begin(): number {
    return 0;
  }

  wrote(place: number): void {
    this.#inside.push(place);
  }

  next(): number | undefined {
    return this.#inside.shift();
  }

  get pending(): number {
    return this.#inside.length;
  }

  get missing(): number {
    return this.#inside.length;
  }
}

/** One tag for each 1024 samples, the first of which is padding. Begins at a multiple of 1024, so that all share one grid. */
export class SoundPlaces implements TagPlaces {
  readonly slack = 4 * aacFrame;
  readonly missing = 0;
  #start: number | undefined;
  #written = 0;
  #tags = 0;

  begin(place: number, count: number): number {
    if (this.#start !== undefined) return 0;
    return Math.min(count, (aacFrame - (place % aacFrame)) % aacFrame);
  }

  wrote(place: number, count: number): void {
    this.#start ??= place;
    this.#written += count;
  }

  /** Of its first sample; the padding stands one frame before. Counted from the padding of the very first. */
  next(): number | undefined {
    return (this.#start ?? 0) + aacFrame * this.#tags++;
  }

  get pending(): number {
    return Math.max(0, this.#written - aacFrame * this.#tags);
  }
}
