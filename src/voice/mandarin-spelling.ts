/** A text as espeak's Mandarin voice is given it, with the code point of the original for each of its own. */
export interface SpelledText {
  readonly text: string;
  readonly origin: readonly number[];
}

// The dictionary of espeak-ng 1.52 lacks these syllables and spells their characters in English.
const missing: Readonly<Record<string, string>> = {
  兄: 'S;jong55', 凶: 'S;jong55', 匈: 'S;jong55', 汹: 'S;jong55', 胸: 'S;jong55', 讻: 'S;jong55', 芎: 'S;jong55', 雄: 'S;jong35', 熊: 'S;jong35',
  穷: 'tS;hjong35', 琼: 'tS;hjong35', 穹: 'tS;hjong35', 茕: 'tS;hjong35', 邛: 'tS;hjong35', 蛩: 'tS;hjong35', 筇: 'tS;hjong35',
  扃: 'tS;jong55', 窘: 'tS;jong214', 炯: 'tS;jong214', 迥: 'tS;jong214',
}; // prettier-ignore
const missingInitials: Readonly<Record<string, string>> = { x: 'S;', q: 'tS;h', j: 'tS;' };
const contours = ['55', '35', '214', '51', '11'];

/** Writes out what the Mandarin voice cannot read, as espeak's own sounds; and 儿, which after some characters it reads as a letter r. */
export function spellMandarin(text: string): SpelledText {
  const characters = Array.from(text);
  let spelled = '';
  const origin: number[] = [];
  const put = (piece: string, at: number): void => {
    spelled += piece;
    origin.push(...Array.from(piece, () => at));
  };
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const syllable = /^([xqj])iong([1-5])/.exec(characters.slice(at, at + 6).join(''));
    const sounds = missing[character];
    if (sounds !== undefined) put(` [[${sounds}]] `, at);
    else if (syllable !== null && !/[a-z]/i.test(characters[at - 1] ?? '')) {
      put(` [[${missingInitials[syllable[1] ?? '']}jong${contours[Number(syllable[2]) - 1]}]] `, at);
      at += 5;
    } else if (character === '儿' && /\p{Script=Han}/u.test(characters[at - 1] ?? '')) put(' er2 ', at);
    else put(character, at);
  }
  return { text: spelled, origin };
}
