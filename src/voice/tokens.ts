import { foldToAscii, hasSpeech } from './scripts.js';

/** A word of the text with the punctuation that clings to it. */
export interface Token {
  readonly text: string;
  /** Half-open range of code points. */
  readonly start: number;
  readonly end: number;
}

const han = /\p{Script=Han}/u;
const joiner = /[—–―…]/u;
const opening = /[\p{Ps}\p{Pi}"'¿¡]/u;

/**
 * Splits a text into words at blanks, dashes and around every Han character.
 * Signs that nobody says belong to the word before them (to the next one at
 * the front and after an opening bracket), so the tokens cover all that is shown.
 */
export function tokenize(text: string): Token[] {
  const characters = Array.from(text);
  const raw: { start: number; end: number }[] = [];
  let begin = -1;
  const flush = (end: number): void => {
    if (begin >= 0 && end > begin) raw.push({ start: begin, end });
    begin = -1;
  };
  characters.forEach((character, index) => {
    if (/\s/u.test(character)) return flush(index);
    if (han.test(character)) {
      flush(index);
      raw.push({ start: index, end: index + 1 });
      return;
    }
    const last = raw.at(-1);
    if (begin < 0 && last?.end === index && !hasSpeech(character) && !opening.test(character)) {
      last.end = index + 1;
      return;
    }
    if (begin < 0) begin = index;
    if (joiner.test(character)) flush(index + 1);
  });
  flush(characters.length);
  return joinSilent(characters, raw);
}

function joinSilent(characters: readonly string[], raw: readonly { start: number; end: number }[]): Token[] {
  const tokens: { start: number; end: number }[] = [];
  let pendingStart = -1;
  for (const { start, end } of raw) {
    const text = characters.slice(start, end).join('');
    if (hasSpeech(text)) {
      tokens.push({ start: pendingStart >= 0 ? pendingStart : start, end });
      pendingStart = -1;
      continue;
    }
    const last = tokens.at(-1);
    const opens =
      opening.test(characters[end - 1] ?? '') &&
      !(last !== undefined && last.end === start && end === start + 1 && /["']/.test(text));
    if (last === undefined || opens) pendingStart = pendingStart >= 0 ? pendingStart : start;
    else last.end = end;
  }
  return tokens.map(({ start, end }) => ({ start, end, text: characters.slice(start, end).join('') }));
}

const url = /^(?:https?:\/\/)?(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?$/i;

/** How an English voice is told to say a token: ASCII, signs as words, no markup. Only for text without unspellable letters. */
export function spellToken(token: string): string {
  let text = token.normalize('NFC');
  // Money is said after the number.
  text = text.replace(/([£€¥₹])\s*([\d.,]*\d)/gu, '$2$1');
  // A fraction; every other slash is a blank.
  text = text.replace(/(?<![\d/])(\d+)\/(\d+)(?![\d/])/g, '$1\u2044$2');
  const bare = text.replace(/[.,;:!?)\]'"]+$/u, '');
  if (url.test(bare)) {
    const tail = text.slice(bare.length);
    text =
      bare
        .replace(/^https?:\/\//i, '')
        .replace(/\/$/, '')
        .replace(/[./?&#=]/g, (sign) => (sign === '.' ? ' dot ' : ' ')) + tail;
  }
  let spelled = '';
  for (const character of text) spelled += foldToAscii(character) ?? ' ';
  return spelled.replace(/\s+/g, ' ').trim();
}
