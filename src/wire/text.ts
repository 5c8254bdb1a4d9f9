/** Bytes of `text` in UTF-8, the unit of the wire's length limits. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** True when no surrogate stands alone. JSON would carry one, UTF-8 cannot. */
export function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

/** Unicode code points in `text`, the unit of the wire's positions. */
export function codePointLength(text: string): number {
  return utf16ToCodePoint(text, text.length);
}

/** JavaScript index of code point number `position`; positions past the end give `text.length`. */
export function codePointToUtf16(text: string, position: number): number {
  let index = 0;
  for (let count = 0; count < position && index < text.length; count++) {
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  }
  return index;
}

/** Code points before JavaScript index `index`; an index inside a pair counts the pair as not yet passed. */
export function utf16ToCodePoint(text: string, index: number): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    if (at > index) return count;
  }
  return count;
}
