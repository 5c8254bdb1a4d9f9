import { SaxesParser, type SaxesTag } from 'saxes';
import type { FacewireError } from '../../errors.js';
import { isPinyin } from '../../voice/pinyin.js';
import { markupError } from './markup-error.js';
import type { SpellingLanguage } from './number-words.js';
import { PlainTextBuilder, type PlainText } from './plain-text.js';
import { interpretations, sayAs, type Interpretation } from './say-as.js';

/** SSML taken apart. All places are code points of `display`. */
export interface SsmlText {
  /** The text without its tags. */
  readonly display: string;
  readonly spoken: PlainText;
  /** Silence before the code point `at`, in ms; absent where only a clause ends (`</p>`, `</s>`). */
  readonly breaks: readonly { readonly at: number; readonly ms?: number }[];
  /** Actions that start with the word at the code point `at`. */
  readonly actions: readonly { readonly at: number; readonly name: string }[];
  /** Ranges that are one piece: substituted text and words. */
  readonly pieces: readonly { readonly start: number; readonly end: number; readonly word: boolean }[];
  /** Where pinyin stands, which only a Mandarin voice reads. */
  readonly pinyin: readonly number[];
  /** True when there was any tag. */
  readonly marked: boolean;
}

const strengths: Readonly<Record<string, number>> = {
  'x-weak': 100,
  weak: 250,
  medium: 500,
  strong: 1000,
  'x-strong': 2000,
};
/** Deepest nesting and most tags of one text. */
const deepest = 16;
const mostTags = 2000;
const longestAction = 64;

/** Tags that are read, with what may stand inside. */
const known: Readonly<Record<string, { readonly inside: readonly string[]; readonly attributes: readonly string[] }>> = {
  speak: { inside: ['p', 's', 'break', 'phoneme', 'word', 'sub', 'say-as', 'insert-action'], attributes: [] },
  p: { inside: ['s', 'break', 'phoneme', 'word', 'sub', 'say-as', 'insert-action'], attributes: [] },
  s: { inside: ['break', 'phoneme', 'word', 'sub', 'say-as', 'insert-action'], attributes: [] },
  word: { inside: ['insert-action'], attributes: [] },
  sub: { inside: ['insert-action'], attributes: ['alias'] },
  'say-as': { inside: [], attributes: ['interpret-as'] },
  phoneme: { inside: [], attributes: ['alphabet', 'ph'] },
  break: { inside: [], attributes: ['time', 'strength'] },
  'insert-action': { inside: [], attributes: ['type'] },
}; // prettier-ignore
const empty = ['break', 'insert-action'];

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where the tag stands in the text. */
  readonly index: number;
  /** Code point of `display` where its content begins. */
  readonly from: number;
  readonly spokenFrom: number;
  text: string;
}

/**
 * Reads the documented part of SSML. A missing `<speak>` is supplied; text
 * without any tag is taken as it is, with bare `<` and `&`. Everything that is
 * not documented is refused by name.
 *
 * @throws FacewireError ERR_TEXT_INVALID with the tag and its place.
 */
export function readSsml(text: string, language: SpellingLanguage): SsmlText {
  return new SsmlReader(text, language).read();
}

const looksMarked = /<[/!?]?[a-zA-Z!?[]/;

class SsmlReader {
  readonly #spoken = new PlainTextBuilder();
  readonly #breaks: { at: number; ms?: number }[] = [];
  readonly #actions: { at: number; name: string }[] = [];
  readonly #pieces: { start: number; end: number; word: boolean }[] = [];
  readonly #pinyin: number[] = [];
  readonly #stack: Open[] = [];
  #display = '';
  #at = 0;
  #tags = 0;
  #root = false;
  #lastTag = 0;

  constructor(
    readonly text: string,
    readonly language: SpellingLanguage,
  ) {}

  read(): SsmlText {
    const marked = looksMarked.test(this.text);
    // Clients of the vendor's label plain text as SSML and do not escape it.
    if (marked)
      this.#parse(this.text.replace(/^\s*<\?xml\b[^>]*\?>/, (found) => found.replace(/[^\n]/g, ' ')));
    else
      this.#parse(
        this.text
          .replace(/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/g, '&amp;')
          .replaceAll('<', '&lt;'),
      );
    return {
      display: this.#display,
      spoken: this.#spoken.finish(),
      breaks: this.#breaks,
      actions: this.#actions,
      pieces: this.#pieces,
      pinyin: this.#pinyin,
      marked,
    };
  }

  #parse(source: string): void {
    const parser = new SaxesParser({ fragment: true, position: true });
    parser.on('error', (error) => {
      const told = error.message.replace(/^\d+:\d+: /, '').slice(0, 120);
      const reason = /doctype/i.test(told) ? 'a DOCTYPE is not read' : told;
      const open = this.#stack.at(-1);
      throw this.#error(parser.position - 1, `${reason}${open === undefined ? '' : ` (in <${open.name}>)`}`);
    });
    parser.on('doctype', () => {
      throw this.#error(parser.position - 1, 'a DOCTYPE is not read');
    });
    parser.on('processinginstruction', ({ target }) => {
      throw this.#error(parser.position - 1, `the instruction <?${target.slice(0, 20)}?> is not read`);
    });
    parser.on('opentagstart', (tag) => {
      this.#lastTag = Math.max(0, source.lastIndexOf('<', parser.position - 1));
      this.#checkName(tag.name);
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', (tag) => this.#close(tag.name));
    parser.on('text', (text) => this.#text(text, parser.position));
    parser.on('cdata', (text) => this.#text(text, parser.position));
    parser.write(source).close();
  }

  #checkName(name: string): void {
    const parent = this.#stack.at(-1);
    const shown = `<${name.slice(0, 40)}>`;
    if (!Object.hasOwn(known, name)) {
      throw this.#error(this.#lastTag, `the tag ${shown} is not known`, Object.keys(known).join(', '));
    }
    if (++this.#tags > mostTags)
      throw this.#error(this.#lastTag, `${shown} is one of more than ${mostTags} tags`);
    if (this.#stack.length >= deepest) {
      throw this.#error(this.#lastTag, `${shown} is nested deeper than ${deepest} tags`);
    }
    if (name === 'speak' && (parent !== undefined || this.#root)) {
      throw this.#error(this.#lastTag, '<speak> is allowed once, around everything');
    }
    if (parent !== undefined && !known[parent.name]?.inside.includes(name)) {
      throw this.#error(this.#lastTag, `${shown} is not allowed inside <${parent.name}>`);
    }
  }

  #open({ name, attributes: found }: SaxesTag): void {
    const attributes = found as Readonly<Record<string, string>>;
    const index = this.#lastTag;
    for (const attribute of Object.keys(attributes)) {
      const namespace = name === 'speak' && /^(?:xmlns|xml:|version$|xsi:)/.test(attribute);
      if (namespace || known[name]?.attributes.includes(attribute)) continue;
      throw this.#error(index, `<${name}> has no attribute ${JSON.stringify(attribute.slice(0, 40))}`);
    }
    if (name === 'speak') {
      if (this.#display.trim() !== '') throw this.#error(index, 'there is text before <speak>');
      this.#root = true;
    }
    if (name === 'break') this.#breaks.push({ at: this.#at, ms: this.#breakLength(attributes, index) });
    if (name === 'insert-action')
      this.#actions.push({ at: this.#at, name: this.#actionName(attributes, index) });
    if (name === 'phoneme') this.#checkPhoneme(attributes, index);
    if (name === 'sub' && (attributes['alias'] ?? '').trim() === '') {
      throw this.#error(index, '<sub> needs alias, the text to say');
    }
    if (
      name === 'say-as' &&
      !(interpretations as readonly string[]).includes(attributes['interpret-as'] ?? '')
    ) {
      throw this.#error(
        index,
        '<say-as> has no such interpret-as',
        interpretations.join(', '),
        attributes['interpret-as'] ?? '',
      );
    }
    this.#stack.push({ name, attributes, index, from: this.#at, spokenFrom: this.#spoken.length, text: '' });
  }

  #text(text: string, position: number): void {
    const open = this.#stack.at(-1);
    if (open === undefined && this.#root && text.trim() !== '') {
      throw this.#error(Math.max(0, position - 1), 'there is text after </speak>');
    }
    if (open !== undefined && empty.includes(open.name) && text.trim() !== '') {
      throw this.#error(open.index, `<${open.name}> must be empty`);
    }
    const begin = this.#at;
    this.#display += text;
    this.#at += Array.from(text).length;
    if (open !== undefined && ['sub', 'say-as', 'phoneme', 'word'].includes(open.name)) open.text += text;
    // What is said for these is known when they close.
    if (open !== undefined && ['sub', 'say-as', 'phoneme'].includes(open.name)) return;
    Array.from(text).forEach((character, offset) =>
      this.#spoken.put(character, begin + offset, begin + offset + 1),
    );
  }

  #close(name: string): void {
    const open = this.#stack.pop();
    if (open === undefined) return;
    const { from, index, attributes, text } = open;
    const range = { start: from, end: this.#at };
    if (name === 'p' || name === 's') this.#breaks.push({ at: this.#at });
    if (name === 'word') {
      const letters = text.replace(/[^\p{L}]/gu, '');
      const chinese = /\p{Script=Han}/u.test(letters);
      if (letters === '' || (chinese && /[^\p{Script=Han}]/u.test(letters))) {
        throw this.#error(index, '<word> holds one word, all Chinese or all English', undefined, text);
      }
      this.#pieces.push({ ...range, word: true });
    }
    if (name === 'phoneme') {
      if (!/^\p{Script=Han}$/u.test(text)) {
        throw this.#error(index, '<phoneme alphabet="py"> holds one Chinese character', undefined, text);
      }
      this.#pinyin.push(from);
      this.#put(` ${(attributes['ph'] ?? '').replaceAll('ü', 'v')} `, range);
    }
    if (name === 'sub') this.#put(attributes['alias'] ?? '', range);
    if (name === 'say-as') {
      const kind = attributes['interpret-as'] as Interpretation;
      const said = sayAs(text, kind, this.language);
      if (said === undefined) throw this.#error(index, `<say-as> holds no ${kind}`, undefined, text);
      this.#put(said, range);
    }
  }

  /** Says `text` in the place of what is shown at `range`. */
  #put(text: string, range: { readonly start: number; readonly end: number }): void {
    if (range.end === range.start) return;
    this.#spoken.put(text, range.start, range.end);
    this.#pieces.push({ ...range, word: false });
  }

  #breakLength(attributes: Readonly<Record<string, string>>, index: number): number {
    const { time, strength } = attributes;
    if (strength !== undefined && !Object.hasOwn(strengths, strength)) {
      throw this.#error(index, '<break> has no such strength', Object.keys(strengths).join(', '), strength);
    }
    if (time === undefined) return strengths[strength ?? 'medium'] ?? 500;
    const match = /^(\d{1,5})(ms|s)$/.exec(time.trim());
    const ms = Number(match?.[1]) * (match?.[2] === 's' ? 1000 : 1);
    const [low, high] = match?.[2] === 's' ? [1000, 9000] : [50, 9000];
    if (match === null || ms < low || ms > high) {
      throw this.#error(
        index,
        '<break> needs time="1s" to "9s" or "50ms" to "9000ms", whole, with its unit',
        undefined,
        time,
      );
    }
    return ms;
  }

  #actionName(attributes: Readonly<Record<string, string>>, index: number): string {
    const name = (attributes['type'] ?? '').trim();
    if (name === '' || name.length > longestAction) {
      throw this.#error(
        index,
        `<insert-action> needs type, the action's name of at most ${longestAction} characters`,
      );
    }
    return name;
  }

  #checkPhoneme(attributes: Readonly<Record<string, string>>, index: number): void {
    const { alphabet, ph = '' } = attributes;
    if (alphabet !== 'py')
      throw this.#error(index, '<phoneme> needs alphabet="py"', undefined, alphabet ?? '');
    if (!isPinyin(ph)) {
      throw this.#error(
        index,
        '<phoneme> needs ph, a pinyin syllable with its tone 1 to 5 such as chuan2',
        undefined,
        ph,
      );
    }
  }

  #error(index: number, what: string, expected?: string, received?: string): FacewireError {
    return markupError(this.text, Math.max(0, Math.min(this.text.length, index)), what, {
      ...(expected === undefined ? {} : { expected }),
      ...(received === undefined ? {} : { received }),
    });
  }
}
