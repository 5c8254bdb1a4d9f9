import { codePointToUtf16, type Ticks } from '../wire/index.js';
import type { ReplyEvent, SpeechEvent } from './events.js';

/** Half-open range of UTF-16 units, as `slice` takes it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What is read of a ReplyEvent. */
export interface ShownReply {
  readonly reply: Pick<ReplyEvent['reply'], 'displayText' | 'clause' | 'spoken'>;
}

/** A clause as it is shown. */
export interface ShownClause extends TextRange {
  readonly number: number;
  readonly text: string;
  readonly spoken: boolean;
}

interface Spoken {
  readonly endTicks: Ticks;
  readonly range: TextRange;
}

/** Bounds what a hostile or endless drive can make us keep. */
const maxCharacters = 400_000;
const maxWords = 50_000;

/**
 * Joins the clauses that a drive shows into one text and finds every word in
 * it. As long as the cloud shows the text that was sent, the joined text is the
 * beginning of that, so that ranges are places in the caller's own text.
 */
export class Transcript {
  readonly #source: () => string | undefined;
  readonly #clauses = new Map<number, ShownClause[]>();
  readonly #words: Spoken[] = [];
  #text = '';
  /** What is shown is still what was sent. */
  #isVerbatim = true;
  /** End of the word found last. */
  #cursor = 0;
  #lastSpoken: number | undefined;
  /** End of the last clause all of whose speech has come. */
  #wholeEnd = 0;

  /** @param source the text that was sent, as far as it is known; undefined for an answer that nobody knows ahead. */
  constructor(source: () => string | undefined) {
    this.#source = source;
  }

  /** Everything shown so far. */
  get text(): string {
    return this.#text;
  }

  /** Takes a clause; undefined when it has no text, or when more text came than is kept. */
  reply({ reply }: ShownReply): ShownClause | undefined {
    const { displayText, clause, spoken } = reply;
    if (displayText === '' || this.#text.length + displayText.length > maxCharacters) return undefined;
    this.#text += this.#gapBefore(displayText);
    const start = this.#text.length;
    this.#text += displayText;
    const shown = { number: clause, text: displayText, start, end: this.#text.length, spoken };
    const known = this.#clauses.get(clause);
    if (known === undefined) this.#clauses.set(clause, [shown]);
    else known.push(shown);
    return shown;
  }

  /** Takes a message of speech, so that unspoken() knows of it. */
  speech(event: SpeechEvent): void {
    if (event.clauseStart && this.#lastSpoken !== undefined) this.#finish(this.#lastSpoken);
    this.#lastSpoken = event.clause;
    for (const word of event.subtitles) {
      const range = this.find(word, event.clause);
      if (range !== undefined && this.#words.length < maxWords)
        this.#words.push({ endTicks: word.end, range });
    }
    if (event.clauseEnd || event.final) this.#finish(event.clause);
  }

  /**
   * Where a word stands in the text: by its position in the clause or in the
   * whole, if the text there is the word, else the next place where it occurs.
   */
  find(
    word: { readonly text: string; readonly positionStart: number; readonly positionEnd: number },
    clauseNumber: number,
  ): TextRange | undefined {
    if (word.text === '') return undefined;
    const { text, positionStart, positionEnd } = word;
    for (const clause of this.#clauses.get(clauseNumber) ?? []) {
      const start = clause.start + codePointToUtf16(clause.text, positionStart);
      const end = clause.start + codePointToUtf16(clause.text, positionEnd);
      if (this.#text.slice(start, end) === text) return this.#found(start, end);
    }
    const start = codePointToUtf16(this.#text, positionStart);
    if (this.#text.startsWith(text, start)) return this.#found(start, start + text.length);
    const next = this.#text.indexOf(text, this.#cursor);
    return next < 0 ? undefined : this.#found(next, next + text.length);
  }

  /** What was asked to be spoken (or, when that is not known, was shown) and is not in the first `audioEnd` of sound. */
  unspoken(audioEnd: Ticks): string {
    let end = this.#wholeEnd;
    for (const word of this.#words) if (word.endTicks <= audioEnd) end = Math.max(end, word.range.end);
    const source = this.#source();
    const rest = this.#isVerbatim && source !== undefined ? source.slice(end) : this.#text.slice(end);
    return rest.trimStart();
  }

  #found(start: number, end: number): TextRange {
    this.#cursor = end;
    return { start, end };
  }

  #finish(clause: number): void {
    const last = this.#clauses.get(clause)?.at(-1);
    if (last !== undefined) this.#wholeEnd = Math.max(this.#wholeEnd, last.end);
  }

  /** The blanks between the clauses, which the cloud leaves out. */
  #gapBefore(display: string): string {
    const source = this.#source();
    if (this.#isVerbatim && source !== undefined) {
      const at = source.indexOf(display, this.#text.length);
      const gap = at < 0 ? undefined : source.slice(this.#text.length, at);
      if (gap?.trim() === '') return gap;
    }
    this.#isVerbatim = false;
    const joins = this.#text === '' || /\s$/.test(this.#text) || /^[\s\p{Script=Han}]/u.test(display);
    return joins ? '' : ' ';
  }
}

/** SSML as it is shown: tags and the usual entities taken out. */
export function withoutTags(ssml: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return ssml
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '');
}
