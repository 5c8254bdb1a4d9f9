/** A form of a text in which case, width, accents, marks and blanks do not matter; words are set apart by one blank. */
export function normalText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** True when `text` holds `part`, both in their normal form: whole words, or anywhere for scripts without blanks. */
export function holds(text: string, part: string): boolean {
  if (part === '') return false;
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(part)) {
    return text.replaceAll(' ', '').includes(part.replaceAll(' ', ''));
  }
  return ` ${text} `.includes(` ${part} `);
}
