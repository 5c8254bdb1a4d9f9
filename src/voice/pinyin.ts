/** Spelled finals of pinyin, with v for ü. */
const spelledFinals =
  'a|ai|an|ang|ao|e|ei|en|eng|er|i|ia|ian|iang|iao|ie|in|ing|iong|iu|o|ong|ou|u|ua|uai|uan|uang|ue|ui|un|uo|v|ve';
const syllable = new RegExp(`^(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:${spelledFinals})[1-5]$`);

/** True for one pinyin syllable with its tone, `chuan2`; ü may be written v. */
export function isPinyin(text: string): boolean {
  return syllable.test(text.replaceAll('ü', 'v'));
}

/** Espeak's initials in the documents' spelling. Zero initials (j, w) are part of the final. */
const initials: Readonly<Record<string, string>> = {
  p: 'b', ph: 'p', m: 'm', f: 'f', t: 'd', th: 't', n: 'n', l: 'l', k: 'g', kh: 'k', X: 'h', 'tS;': 'j', 'tS;h': 'q',
  'S;': 'x', 'ts.': 'zh', 'ts.h': 'ch', 's.': 'sh', 'z.': 'r', ts: 'z', tsh: 'c', s: 's',
}; // prettier-ignore

/** Espeak's vowels in letters; `i[` is the vowel of zi, `i.` that of zhi. */
const vowels: Readonly<Record<string, string>> = {
  A: 'a', a: 'a', ai: 'ai', Au: 'ao', 'o-': 'e', '@': 'e', E: 'e', ei: 'ei', o: 'o', ou: 'ou', ong: 'ong', '@r': 'er',
  'i[': 'ii', 'i.': 'iii', i: 'i', iA: 'ia', iE: 'ie', iou: 'iou', u: 'u', uA: 'ua', ua: 'ua', uo: 'uo', uai: 'uai',
  uei: 'uei', 'u@': 'ue', y: 'v', yi: 'v', yE: 've', 'y@': 've', 'y&': 'va', ya: 'va',
}; // prettier-ignore

const finals = new Set(
  (
    'a ai an ang ao e ei en eng er i ii iii ia ian iang iao ie in ing iong iou o ong ou u ua uai uan uang uei uen ueng uo ' +
    'v van ve vn'
  ).split(' '),
);

const tones: Readonly<Record<string, number>> = {
  '55': 1,
  '35': 2,
  '214': 3,
  '21': 3,
  '51': 4,
  '11': 5,
  '22': 5,
  '33': 5,
  '44': 5,
};

/** One sound as espeak spells it: `ts.`, `'i.51`. */
interface Mnemonic {
  readonly name: string;
  /** Tone digits of a syllable's vowel, or empty. */
  readonly tone: string;
}

/** A Mandarin syllable: its sounds are [first, first + count) of the list given. */
export interface PinyinSyllable {
  readonly first: number;
  readonly count: number;
  /** `zh`, or empty for a syllable without one. */
  readonly initial: string;
  /** `iii`, without the tone. */
  readonly final: string;
  /** 1 to 5. */
  readonly tone: number;
}

/** Takes apart what espeak prints for a text: `ts_'ai51__| z._'@35_n__|`. */
export function readMnemonics(printed: string): Mnemonic[] {
  return printed
    .replace(/\([a-z-]+\)/g, ' ')
    .split(/[_|\s]+/)
    .filter((part) => part !== ';')
    .map((part) => part.replace(/^[',%=:]+/, ''))
    .flatMap((part) => {
      const match = /^(.*?[^\d])(\d*)$/.exec(part);
      return match === null ? [] : [{ name: match[1] ?? '', tone: match[2] ?? '' }];
    });
}

/**
 * Finds the Mandarin syllables in a row of sounds. Sounds of other languages
 * (English words in a Chinese text) belong to none.
 */
export function findSyllables(sounds: readonly Mnemonic[]): PinyinSyllable[] {
  const found: PinyinSyllable[] = [];
  for (let first = 0; first < sounds.length;) {
    const syllableHere = syllableAt(sounds, first);
    if (syllableHere !== undefined) found.push(syllableHere);
    first += syllableHere?.count ?? 1;
  }
  return found;
}

function syllableAt(sounds: readonly Mnemonic[], first: number): PinyinSyllable | undefined {
  let at = first;
  const initial = initials[sounds[at]?.name ?? ''];
  if (initial !== undefined) at++;
  const glide = { j: 'i', w: 'u' }[sounds[at]?.name ?? ''] ?? '';
  if (glide !== '') at++;
  const nucleus = sounds[at];
  const vowel = vowels[nucleus?.name ?? ''];
  const tone = tones[nucleus?.tone ?? ''];
  if (vowel === undefined || tone === undefined) return undefined;
  at++;
  const coda = { n: 'n', N: 'ng' }[sounds[at]?.name ?? ''] ?? '';
  // An n before a vowel begins the next syllable.
  const next = sounds[at + 1];
  const belongs =
    coda === 'ng' ||
    (coda === 'n' && (next === undefined || next.tone === '' || !startsWithVowel(next.name)));
  if (coda !== '' && belongs) at++;
  const final = finalOf(glide, vowel, belongs ? coda : '');
  return finals.has(final) ? { first, count: at - first, initial: initial ?? '', final, tone } : undefined;
}

function startsWithVowel(name: string): boolean {
  return vowels[name] !== undefined;
}

/** Spellings that differ from the sounds put one after the other. */
const usual: Readonly<Record<string, string>> = { ien: 'ian', ven: 'vn', vng: 'iong' };

function finalOf(glide: string, vowel: string, coda: string): string {
  const doubled = (glide === 'i' && /^[iv]/.test(vowel)) || (glide === 'u' && vowel.startsWith('u'));
  const joined = (doubled ? '' : glide) + vowel + coda;
  return usual[joined] ?? joined;
}

const initialsWritten = new Set(Object.values(initials));

/** True for the label of an initial, `zh4`. */
export function isPinyinInitial(label: string): boolean {
  return /[1-5]$/.test(label) && initialsWritten.has(label.slice(0, -1));
}
