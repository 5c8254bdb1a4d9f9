/**
 * Plain text taken out of marked-up text. Code point i of `text` came from the
 * code points [sourceStart[i], sourceEnd[i]) of the marked-up text.
 */
export interface PlainText {
  readonly text: string;
  readonly sourceStart: readonly number[];
  readonly sourceEnd: readonly number[];
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The character an entity stands for, or undefined for an unknown one. */
export function decodeEntity(name: string): string | undefined {
  if (!name.startsWith('#')) return entities[name.toLowerCase()];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  const valid = Number.isInteger(code) && code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return valid ? String.fromCodePoint(code) : undefined;
}

/** Collects plain text while keeping where every code point came from. */
class Builder {
  #text = '';
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #codePoints: Int32Array;

  constructor(readonly input: string) {
    this.#codePoints = new Int32Array(input.length + 1);
    let count = 0;
    for (let i = 0; i < input.length; i++) {
      this.#codePoints[i] = count;
      const unit = input.charCodeAt(i);
      const firstOfPair = unit >= 0xd800 && unit < 0xdc00 && i + 1 < input.length;
      if (!firstOfPair) count++;
    }
    this.#codePoints[input.length] = count;
  }

  /** Appends input[begin, end) as it is. */
  keep(begin: number, end: number): void {
    for (let i = begin; i < end;) {
      const character = String.fromCodePoint(this.input.codePointAt(i) ?? 0x20);
      this.#push(character, i, i + character.length);
      i += character.length;
    }
  }

  /** Appends text that stands for input[begin, end). */
  put(text: string, begin: number, end: number): void {
    for (const character of text) this.#push(character, begin, end);
  }

  get length(): number {
    return this.#starts.length;
  }

  get endsWithBlank(): boolean {
    return this.#text === '' || /\s$/.test(this.#text);
  }

  #push(character: string, begin: number, end: number): void {
    this.#text += character;
    this.#starts.push(this.#codePoints[begin] ?? 0);
    this.#ends.push(this.#codePoints[end] ?? 0);
  }

  finish(): PlainText {
    return { text: this.#text, sourceStart: this.#starts, sourceEnd: this.#ends };
  }
}

const markdown = new RegExp(
  [
    '(?<fence>^[ \\t]*(?:```|~~~)[^\\n]*$)',
    '(?<rule>^[ \\t]*(?:(?:-[ \\t]*){3,}|(?:\\*[ \\t]*){3,}|(?:_[ \\t]*){3,}|\\|?[ \\t]*:?-{2,}[-|: \\t]*)$)',
    '(?<lead>^[ \\t]*(?:#{1,6}[ \\t]+|>[ \\t]?|[-*+][ \\t]+(?:\\[[ xX]\\][ \\t]+)?)+)',
    '(?<image>!?\\[(?<label>[^\\]\\n]*)\\]\\((?:[^()\\n]|\\([^()\\n]*\\))*\\))',
    '(?<autolink><(?<address>(?:https?://|mailto:)[^>\\s]+)>)',
    '(?<tag></?[a-zA-Z][^<>\\n]*>|<!--[^]*?-->)',
    '(?<entity>&(?<name>#?\\w+);)',
    '(?<escape>\\\\(?<escaped>[\\\\`*_{}\\[\\]()#+.!|<>~-]))',
    '(?<strong>\\*+|~~|`+|(?<![\\p{L}\\p{N}])_+(?=\\S)|(?<=\\S)_+(?![\\p{L}\\p{N}]))',
    '(?<cell>\\|)',
  ].join('|'),
  'gmu',
);

/** What is said of Markdown (plain text included): marks, addresses of links and tags are left out. */
export function markdownToPlain(display: string): PlainText {
  const out = new Builder(display);
  let at = 0;
  for (const match of display.matchAll(markdown)) {
    const begin = match.index;
    const groups = match.groups ?? {};
    if (begin < at) continue;
    out.keep(at, begin);
    at = begin + match[0].length;
    if (groups['image'] !== undefined) {
      const label = groups['label'] ?? '';
      const inside = begin + match[0].indexOf('[') + 1;
      const inner = markdownToPlain(label);
      // Offsets of the label's code points in UTF-16.
      const offsets = [0];
      for (const character of label) offsets.push((offsets.at(-1) ?? 0) + character.length);
      Array.from(inner.text).forEach((character, index) => {
        const from = offsets[inner.sourceStart[index] ?? 0] ?? 0;
        out.put(character, inside + from, inside + (offsets[inner.sourceEnd[index] ?? 0] ?? from));
      });
    } else if (groups['autolink'] !== undefined) out.keep(begin + 1, at - 1);
    else if (groups['entity'] !== undefined) {
      const character = decodeEntity(groups['name'] ?? '');
      if (character === undefined) out.keep(begin, at);
      else out.put(character, begin, at);
    } else if (groups['escape'] !== undefined) out.keep(begin + 1, at);
    else if (groups['strong'] !== undefined && keepsStar(display, begin, at)) out.keep(begin, at);
    else if ((groups['cell'] !== undefined || groups['tag'] !== undefined) && !out.endsWithBlank)
      out.put(' ', begin, at);
  }
  out.keep(at, display.length);
  return out.finish();
}

/** A star or tilde between blanks or digits is a sign of arithmetic, not a mark. */
function keepsStar(text: string, begin: number, end: number): boolean {
  if (text[begin] !== '*' || end - begin !== 1) return false;
  const before = text[begin - 1] ?? ' ';
  const after = text[end] ?? ' ';
  return (/\s/.test(before) && /\s/.test(after)) || (/\d/.test(before) && /\d/.test(after));
}

/** SSML taken apart: the text, and what happens between its characters. */
export interface SsmlText {
  readonly text: string;
  /** Pauses before the code point `at` of `text`, in ms; 0 only ends a clause (`</p>`, `</s>`). */
  readonly breaks: readonly { readonly at: number; readonly ms: number }[];
  /** Actions that start with the code point `at`. */
  readonly actions: readonly { readonly at: number; readonly name: string }[];
}

const ssml =
  /<!--[^]*?-->|<\?[^>]*\?>|<(?<close>\/)?(?<name>[a-zA-Z][\w:-]*)(?<attributes>(?:"[^"]*"|'[^']*'|[^<>"'])*)>|&(?<entity>#?\w+);/gu;
const strengths: Readonly<Record<string, number>> = {
  none: 0,
  'x-weak': 100,
  weak: 250,
  medium: 500,
  strong: 1000,
  'x-strong': 2000,
};

/** Reads SSML: `<break>` and `<insert-action>` count, other tags are dropped and their content kept. */
export function parseSsml(input: string): SsmlText {
  const out = new Builder(input);
  const breaks: { at: number; ms: number }[] = [];
  const actions: { at: number; name: string }[] = [];
  let at = 0;
  for (const match of input.matchAll(ssml)) {
    out.keep(at, match.index);
    at = match.index + match[0].length;
    const { close, name, attributes, entity } = match.groups ?? {};
    if (entity !== undefined) {
      const character = decodeEntity(entity);
      if (character === undefined) out.keep(match.index, at);
      else out.put(character, match.index, at);
    } else if (name === 'break' && close === undefined) {
      breaks.push({ at: out.length, ms: breakLength(attributes ?? '') });
      if (!out.endsWithBlank) out.put(' ', match.index, at);
    } else if ((name === 'p' || name === 's') && close !== undefined) breaks.push({ at: out.length, ms: 0 });
    else if (name === 'insert-action') {
      const action = attribute(attributes ?? '', 'type');
      if (action !== undefined) actions.push({ at: out.length, name: action });
    }
  }
  out.keep(at, input.length);
  return { text: out.finish().text, breaks, actions };
}

function attribute(attributes: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return match?.[1] ?? match?.[2];
}

/** Length of a `<break>` in ms, at most ten seconds. */
function breakLength(attributes: string): number {
  const time = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(attribute(attributes, 'time')?.trim() ?? '');
  if (time !== null) return Math.min(10_000, Number(time[1]) * (time[2] === 's' ? 1000 : 1));
  return strengths[attribute(attributes, 'strength') ?? 'medium'] ?? 500;
}
