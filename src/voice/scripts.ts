/** Letters that have no decomposition but a usual ASCII spelling. */
const spelled: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', Æ: 'Ae', œ: 'oe', Œ: 'Oe', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D',
  ð: 'th', Ð: 'Th', þ: 'th', Þ: 'Th', ı: 'i', ĸ: 'k', ŋ: 'ng', Ŋ: 'Ng', ħ: 'h', Ħ: 'H', ſ: 's',
}; // prettier-ignore

/** Signs that an English reader says as a word, and typographic forms of ASCII signs. */
const signs: Readonly<Record<string, string>> = {
  '‘': "'", '’': "'", 'ʼ': "'", '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '–': ', ', '—': ', ', '―': ', ',
  '…': '...', '‐': '-', '‑': '-', '‒': '-', '−': '-', '、': ', ', '，': ', ', '。': '. ', '！': '! ', '？': '? ',
  '；': '; ', '：': ': ', '（': '(', '）': ')', '&': ' and ', '+': ' plus ', '=': ' equals ', '@': ' at ', '°': ' degrees ',
  '×': ' times ', '÷': ' divided by ', '€': ' euros ', '£': ' pounds ', '¥': ' yen ', '₹': ' rupees ', '_': ' ', '/': ' ',
  '\\': ' ', '|': ' ', '~': ' ', '^': ' ', '<': ' ', '>': ' ', '*': ' ', '#': ' ', '`': ' ', '{': ' ', '}': ' ', '[': ' ', ']': ' ',
}; // prettier-ignore

const letterOrDigit = /[\p{L}\p{N}]/u;
const ascii = /^[ -~]*$/;

/** True when there is anything in the text that a voice could say. */
export function hasSpeech(text: string): boolean {
  return letterOrDigit.test(text);
}

/**
 * Spells one character in ASCII for an English voice. Undefined for a letter
 * or digit that has no such spelling; '' for signs without a sound.
 */
export function foldToAscii(character: string): string | undefined {
  const sign = signs[character];
  if (sign !== undefined) return sign;
  if (character.length === 1 && character >= ' ' && character <= '~') return character;
  if (/\s/u.test(character)) return ' ';
  const word = spelled[character];
  if (word !== undefined) return word;
  const plain = character
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/\u2044/g, '/');
  if (plain !== '' && ascii.test(plain)) return plain;
  return letterOrDigit.test(character) ? undefined : '';
}

const scriptTests = [
  ['Han', /\p{Script=Han}/u],
  ['Kana', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Hangul', /\p{Script=Hangul}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['Bengali', /\p{Script=Bengali}/u],
  ['Tamil', /\p{Script=Tamil}/u],
  ['Telugu', /\p{Script=Telugu}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['Georgian', /\p{Script=Georgian}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Latin', /\p{Script=Latin}/u],
] as const;

export type Script = (typeof scriptTests)[number][0] | 'unknown';

/** The writing systems of the letters in a text, in the order of their first letter. */
export function scriptsOf(text: string): Script[] {
  const found = new Set<Script>();
  for (const character of text) {
    if (!/\p{L}/u.test(character)) continue;
    found.add(scriptTests.find(([, test]) => test.test(character))?.[0] ?? 'unknown');
  }
  return [...found];
}

/** The letters and digits of `text` that an English voice cannot spell, at most `limit` of them. */
export function unspellable(text: string, limit = 8): string {
  let bad = '';
  let count = 0;
  for (const character of text) {
    if (foldToAscii(character) !== undefined) continue;
    bad += character;
    if (++count === limit) break;
  }
  return bad;
}
