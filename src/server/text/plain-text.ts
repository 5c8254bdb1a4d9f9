/**
 * What is said of a text. Code point i of `text` stands for the code points
 * [sourceStart[i], sourceEnd[i]) of what is shown.
 */
export interface PlainText {
  readonly text: string;
  readonly sourceStart: readonly number[];
  readonly sourceEnd: readonly number[];
}

/** Collects what is said, with the place of every code point in what is shown. */
export class PlainTextBuilder {
  #text = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Code points so far. */
  get length(): number {
    return this.#starts.length;
  }

  get endsWithBlank(): boolean {
    return this.#text === '' || /\s$/.test(this.#text);
  }

  /** Appends `text`, all of which stands for [begin, end). */
  put(text: string, begin: number, end: number): void {
    for (const character of text) {
      this.#text += character;
      this.#starts.push(begin);
      this.#ends.push(end);
    }
  }

  finish(): PlainText {
    return { text: this.#text, sourceStart: this.#starts, sourceEnd: this.#ends };
  }
}

/** The part that stands for the code points [begin, end) of what is shown, trimmed and counted from `begin`. */
export function partOf(plain: PlainText, begin: number, end: number): PlainText {
  const characters = Array.from(plain.text);
  const own = characters.flatMap((_, index) => {
    const start = plain.sourceStart[index] ?? 0;
    return start >= begin && start < end ? [index] : [];
  });
  const blank = (index: number | undefined): boolean => /^\s$/u.test(characters[index ?? -1] ?? '');
  while (own.length > 0 && blank(own[0])) own.shift();
  while (own.length > 0 && blank(own.at(-1))) own.pop();
  return {
    text: own.map((index) => characters[index]).join(''),
    sourceStart: own.map((index) => (plain.sourceStart[index] ?? 0) - begin),
    sourceEnd: own.map((index) => Math.min(end, plain.sourceEnd[index] ?? 0) - begin),
  };
}

/** Text that is said as it is shown. */
export function sameAsShown(text: string): PlainText {
  const places = Array.from(text, (_, index) => index);
  return { text, sourceStart: places, sourceEnd: places.map((place) => place + 1) };
}
