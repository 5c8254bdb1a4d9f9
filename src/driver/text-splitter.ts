import { FacewireError } from '../errors.js';
import { isWellFormed, maxFragmentBytes, utf8Length } from '../wire/index.js';

/**
 * Cuts a text that arrives in pieces into fragments of at most 1000 bytes of
 * UTF-8: never inside a character and, unless a single tag is longer than a
 * fragment, never inside a tag. What could be the beginning of either is held back.
 */
export class TextSplitter {
  readonly #maxBytes: number;
  #held = '';

  constructor(maxBytes = maxFragmentBytes) {
    this.#maxBytes = maxBytes;
  }

  /** Fragments that can go out now. Throws ERR_WIRE_LIMIT, taking nothing, for half a character inside `text`. */
  push(text: string): string[] {
    const all = this.#held + text;
    let cut = openTail(all);
    if (utf8Length(all.slice(cut)) > this.#maxBytes) cut = all.length - (endsInHalf(all) ? 1 : 0);
    const ready = all.slice(0, cut);
    if (!isWellFormed(ready)) {
      throw new FacewireError('ERR_WIRE_LIMIT', 'the text holds a surrogate that stands alone', {
        expected: 'whole characters',
        received: 'half a character',
      });
    }
    this.#held = all.slice(cut);
    return cutPieces(ready, this.#maxBytes);
  }

  /** What was held back, at the end of the text; half a character becomes U+FFFD. */
  finish(): string[] {
    const rest = endsInHalf(this.#held) ? this.#held.slice(0, -1) + '\uFFFD' : this.#held;
    this.#held = '';
    return cutPieces(rest, this.#maxBytes);
  }
}

function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

/** Index from which `text` may still change its meaning: an open tag or half a character. */
function openTail(text: string): number {
  const open = text.lastIndexOf('<');
  // '<' begins a tag only before a letter, '/', '!' or '?'; "a < b" is text.
  if (open >= 0 && /^<(?:$|[A-Za-z/!?][^>]*$)/.test(text.slice(open))) return open;
  return endsInHalf(text) ? text.length - 1 : text.length;
}

function cutPieces(text: string, maxBytes: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  let bytes = 0;
  let tag = -1;
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at)!;
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (tag < 0 && /^<[A-Za-z/!?]/.test(text.slice(at, at + 2)) && text.includes('>', at)) tag = at;
    if (bytes + size > maxBytes) {
      const cut = tag > start ? tag : at;
      pieces.push(text.slice(start, cut));
      start = cut;
      bytes = utf8Length(text.slice(start, at));
    }
    bytes += size;
    at += point > 0xffff ? 2 : 1;
    if (point === 0x3e) tag = -1;
  }
  if (start < text.length) pieces.push(text.slice(start));
  return pieces;
}
