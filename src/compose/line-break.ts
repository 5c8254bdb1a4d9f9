/** Half-open range of UTF-16 units. */
export interface Line {
  readonly start: number;
  readonly end: number;
}

const words = new Intl.Segmenter('und', { granularity: 'word' });
const letters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Scripts that are written without blanks; a line may end between two of their words. */
const dense =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff00-\uffef]/u;
/** Marks that never begin a line, and those that never end one. */
const closing = /^[\p{Pe}\p{Pf}!%),.:;?\]}、。，．：；？！…ー々％]/u;
const opening = /[\p{Ps}\p{Pi}([{]$/u;

/**
 * Breaks a text into lines at most `width` wide: at blanks, between words of
 * scripts without blanks, and, where one word is too wide, between letters.
 *
 * @param measure the width of a piece of text.
 */
export function breakLines(text: string, width: number, measure: (text: string) => number): Line[] {
  const lines: Line[] = [];
  let start = 0;
  let end = 0;
  const fits = (to: number): boolean => measure(text.slice(start, to).trim()) <= width;
  const finish = (to: number): void => {
    if (text.slice(start, to).trim() !== '') lines.push(trimmed(text, start, to));
    start = to;
  };
  for (const [from, to] of pieces(text)) {
    if (!fits(to) && end > start) finish(end);
    if (!fits(to)) {
      let last = start;
      for (const { index, segment } of letters.segment(text.slice(from, to))) {
        const after = from + index + segment.length;
        if (!fits(after) && last > start) finish(last);
        last = after;
      }
    }
    end = to;
  }
  finish(end);
  return lines;
}

/** What stays together, blanks after it included. */
function pieces(text: string): [number, number][] {
  const found: [number, number][] = [];
  let from = 0;
  let before = '';
  for (const { index, segment } of words.segment(text)) {
    if (index > from && mayBreak(before, segment)) {
      found.push([from, index]);
      from = index;
    }
    before = segment;
  }
  found.push([from, text.length]);
  return found;
}

function mayBreak(before: string, after: string): boolean {
  if (/^\s/.test(after)) return false;
  if (/\s$/.test(before)) return true;
  if (closing.test(after) || opening.test(before)) return false;
  return dense.test(before) || dense.test(after);
}

function trimmed(text: string, start: number, end: number): Line {
  const piece = text.slice(start, end);
  return { start: start + piece.length - piece.trimStart().length, end: start + piece.trimEnd().length };
}
