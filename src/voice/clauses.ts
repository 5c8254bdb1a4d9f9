import { hasSpeech } from './scripts.js';

/** A piece of text that is spoken in one go. */
export interface Clause {
  readonly text: string;
  /** First code point of `text` in everything that was pushed. */
  readonly start: number;
  /** True when a sentence ends here, false at a comma or a forced cut. */
  readonly sentenceEnd: boolean;
}

export interface ClauseOptions {
  /** From this many characters on a comma ends a clause; half of it for Chinese. Default 80. */
  readonly commaAfter?: number;
  /** No clause is longer, in code points. Default 240. */
  readonly longest?: number;
}

// A dot after these does not end a sentence …
const titles =
  /(?:^|[\s(["'])(?:mr|mrs|ms|dr|prof|st|sr|jr|gen|col|sgt|capt|lt|rev|hon|pres|gov|sen|rep|vol|fig|eq|sec|ch|pp|p|vs|cf|approx|dept|est|e\.g|i\.e|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|[a-z])$/i;
// … and after these only when a capital follows.
const shorts =
  /(?:^|[\s(["'])(?:etc|inc|ltd|co|corp|bros|ave|blvd|rd|a\.m|p\.m|u\.s|u\.k|u\.s\.a|ph\.d|al)$/i;
const initials = /(?:^|[\s(["'])(?:\p{Lu}\.)*\p{Lu}$/u;
const closers = /[\p{Pe}\p{Pf}"'*_~`]/u;
const wideEnders = /[。！？；｡]/u;
const narrowEnders = /[.!?;]/;
const listMark = /^(?:[-*+>|]|#{1,6}[ \t]|\d{1,3}[.)][ \t])/;

/**
 * Cuts text into clauses as it arrives. A cut is made only when what follows
 * is known, so `3.` waits for a `14`; end() gives out the rest.
 */
export class ClauseCutter {
  readonly #commaAfter: number;
  readonly #longest: number;
  #buffer: string[] = [];
  #start = 0;

  constructor(options: ClauseOptions = {}) {
    this.#commaAfter = options.commaAfter ?? 80;
    this.#longest = options.longest ?? 240;
  }

  /** Takes a fragment and returns the clauses that are complete now. */
  push(fragment: string): Clause[] {
    // A surrogate pair may be split between fragments.
    const tail = this.#buffer.at(-1) ?? '';
    if (/^[\ud800-\udbff]$/.test(tail)) {
      this.#buffer.pop();
      this.#buffer.push(...Array.from(tail + fragment));
    } else this.#buffer.push(...Array.from(fragment));
    return this.#take(false);
  }

  /** No more text comes: returns what is left. */
  end(): Clause[] {
    const clauses = this.#take(true);
    const last = clauses.at(-1);
    const before = clauses.at(-2);
    if (last === undefined || before === undefined || hasSpeech(last.text)) return clauses;
    // Trailing signs, an emoji say, are shown with the words before them.
    return [...clauses.slice(0, -2), { ...before, text: `${before.text} ${last.text}` }];
  }

  #take(ended: boolean): Clause[] {
    const clauses: Clause[] = [];
    for (;;) {
      const cut = this.#findCut(ended);
      if (cut === undefined) return clauses;
      const taken = this.#buffer.splice(0, cut.length);
      const text = taken.join('');
      const blanks = Array.from(/^\s*/u.exec(text)?.[0] ?? '').length;
      if (text.trim() !== '')
        clauses.push({ text: text.trim(), start: this.#start + blanks, sentenceEnd: cut.sentenceEnd });
      this.#start += taken.length;
    }
  }

  #findCut(ended: boolean): { length: number; sentenceEnd: boolean } | undefined {
    const text = this.#buffer;
    let speech = false;
    let first = 0;
    while (first < text.length && /\s/u.test(text[first] ?? '')) first++;
    let lastBlank = -1;
    for (let i = first; i < text.length; i++) {
      const character = text[i] ?? '';
      if (!speech && hasSpeech(character)) speech = true;
      if (/\s/u.test(character)) lastBlank = i;
      if (speech) {
        const length = this.#endAt(i, first, ended);
        if (length === 'unknown') return undefined;
        if (length !== undefined) return length;
      }
      if (i - first + 1 >= this.#longest) {
        return { length: lastBlank > first + this.#longest / 2 ? lastBlank + 1 : i + 1, sentenceEnd: false };
      }
    }
    return ended && text.length > 0 ? { length: text.length, sentenceEnd: true } : undefined;
  }

  /** Does a clause end at `index`? Unknown when that depends on text that has not come. */
  #endAt(
    index: number,
    first: number,
    ended: boolean,
  ): { length: number; sentenceEnd: boolean } | 'unknown' | undefined {
    const text = this.#buffer;
    const character = text[index] ?? '';
    if (character === '\n') return this.#endAtLine(index, first, ended);
    const wide = wideEnders.test(character);
    const comma = /[,，、:：]/u.test(character);
    if (!wide && !comma && !narrowEnders.test(character)) return undefined;
    if (comma) {
      const enough = /[，、：]/u.test(character) ? this.#commaAfter / 2 : this.#commaAfter;
      if (index - first + 1 < Math.min(enough, this.#longest)) return undefined;
    }
    let end = index + 1;
    while (
      end < text.length &&
      (closers.test(text[end] ?? '') ||
        narrowEnders.test(text[end] ?? '') ||
        wideEnders.test(text[end] ?? ''))
    )
      end++;
    const next = text[end];
    if (next === undefined) return ended ? undefined : 'unknown';
    const blank = /\s/u.test(next);
    if (/[,.;:!?]/.test(character) && !blank) return undefined;
    // The semicolon of an entity.
    if (character === ';' && /&#?\w{1,10}$/.test(text.slice(Math.max(first, index - 12), index).join('')))
      return undefined;
    if (character === '.' && end === index + 1) {
      const before = text.slice(Math.max(first, index - 24), index).join('');
      if (listMark.test(`${text.slice(first, index + 1).join('')} `)) return undefined;
      const numbered = /(?:^|\s)nos?$/i.test(before);
      if (numbered || shorts.test(before)) {
        const following = text.slice(end).find((c) => !/\s/u.test(c));
        if (following === undefined) return ended ? undefined : 'unknown';
        if (numbered ? /\d/.test(following) : !/\p{Lu}/u.test(following)) return undefined;
      } else if (
        titles.test(before) &&
        !/(?:^|\s)i$/i.test(before) &&
        !(initials.test(before) && before.length === 1)
      )
        return undefined;
    }
    return { length: end, sentenceEnd: !comma };
  }

  /** A line ends a clause when a blank line, a list, a heading or a table is beside it; otherwise the text is merely wrapped. */
  #endAtLine(
    index: number,
    first: number,
    ended: boolean,
  ): { length: number; sentenceEnd: boolean } | 'unknown' | undefined {
    const text = this.#buffer;
    const cut = { length: index + 1, sentenceEnd: true };
    const lineStart = text.lastIndexOf('\n', index - 1) + 1;
    if (listMark.test(text.slice(Math.max(lineStart, first), index).join('').trimStart())) return cut;
    const rest = text.slice(index + 1).join('');
    if (/^[ \t\r]*\n/.test(rest)) return cut;
    const next = rest.trimStart();
    if (next.length < 5 && !/^[\p{L}]/u.test(next)) {
      if (!ended) return 'unknown';
      return next === '' ? cut : undefined;
    }
    return listMark.test(next) ? cut : undefined;
  }
}

/** Cuts a whole text. */
export function cutClauses(text: string, options: ClauseOptions = {}): Clause[] {
  const cutter = new ClauseCutter(options);
  const clauses = [...cutter.push(text), ...cutter.end()];
  const last = clauses.at(-1);
  const before = clauses.at(-2);
  if (last === undefined || before === undefined || hasSpeech(last.text)) return clauses;
  return [...clauses.slice(0, -2), { ...before, text: `${before.text} ${last.text}` }];
}
