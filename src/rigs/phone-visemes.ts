import type { PhoneAlphabet } from '../voice/voice.js';
import type { VisemeClass } from './visemes.js';

/** A part of a phone: its mouth shape and its share of the phone's time. */
export interface VisemePart {
  readonly viseme: VisemeClass;
  /** In (0, 1]; the parts of one phone sum to 1. */
  readonly share: number;
}

// prettier-ignore
const arpabet: Readonly<Record<string, readonly VisemeClass[]>> = {
  sil: ['sil'], pau: ['sil'], sp: ['sil'], h: ['HH'],
  p: ['PP'], b: ['PP'], m: ['PP'], em: ['ax', 'PP'], f: ['FF'], v: ['FF'], th: ['TH'], dh: ['TH'],
  t: ['DD'], d: ['DD'], n: ['DD'], dx: ['DD'], nx: ['DD'], en: ['ax', 'DD'], l: ['LL'], el: ['ax', 'LL'],
  s: ['SS'], z: ['SS'], sh: ['SH'], zh: ['SH'], ch: ['SH'], jh: ['SH'],
  k: ['KK'], g: ['KK'], ng: ['KK'], hh: ['HH'], hv: ['HH'], r: ['RR'], y: ['YY'], w: ['WW'],
  iy: ['iy'], ih: ['ih'], ix: ['ih'], ey: ['eh', 'ih'], eh: ['eh'], ae: ['ae'], aa: ['aa'], ao: ['ao'], ah: ['ah'],
  ax: ['ax'], axr: ['er'], er: ['er'], uh: ['uh'], uw: ['uw'], ux: ['uw'], ow: ['oh', 'uw'],
  ay: ['aa', 'ih'], aw: ['aa', 'uw'], oy: ['ao', 'ih'],
};

// prettier-ignore
const ipa: Readonly<Record<string, VisemeClass>> = {
  p: 'PP', b: 'PP', m: 'PP', ɓ: 'PP', ɸ: 'PP', β: 'PP', f: 'FF', v: 'FF', ɱ: 'FF', ʋ: 'FF', θ: 'TH', ð: 'TH',
  t: 'DD', d: 'DD', n: 'DD', ɾ: 'DD', ʈ: 'DD', ɖ: 'DD', ɳ: 'DD', ɗ: 'DD', r: 'DD', ʙ: 'PP', l: 'LL', ɫ: 'LL', ɭ: 'LL', ʎ: 'LL', ɬ: 'LL',
  s: 'SS', z: 'SS', ʃ: 'SH', ʒ: 'SH', ʂ: 'SH', ʐ: 'SH', ɕ: 'SH', ʑ: 'SH',
  k: 'KK', g: 'KK', ɡ: 'KK', ŋ: 'KK', q: 'KK', x: 'KK', ɣ: 'KK', χ: 'KK', ʁ: 'KK', ɲ: 'KK', c: 'KK', ɟ: 'KK', ç: 'KK', ɴ: 'KK', ɢ: 'KK',
  h: 'HH', ɦ: 'HH', ʔ: 'HH', ħ: 'HH', ʕ: 'HH', ɹ: 'RR', ɻ: 'RR', ɽ: 'RR', ʀ: 'RR', j: 'YY', ʝ: 'YY', w: 'WW', ɥ: 'WW', ʍ: 'WW', ɰ: 'KK',
  i: 'iy', ɪ: 'ih', ᵻ: 'ih', ɨ: 'ih', e: 'eh', ɛ: 'eh', æ: 'ae', a: 'aa', ɑ: 'aa', ɐ: 'ah', ä: 'aa', ʌ: 'ah', ə: 'ax', ɘ: 'ax', ɤ: 'ax', ɵ: 'ax',
  ɜ: 'er', ɝ: 'er', ɚ: 'er', ɔ: 'ao', ɒ: 'ao', o: 'oh', ʊ: 'uh', u: 'uw', ɯ: 'uh', y: 'yu', ʏ: 'yu', ø: 'yu', œ: 'yu', ɿ: 'narrow', ʅ: 'narrow',
};

// prettier-ignore
const initials: Readonly<Record<string, VisemeClass>> = {
  b: 'PP', p: 'PP', m: 'PP', f: 'FF', d: 'DD', t: 'DD', n: 'DD', l: 'LL', g: 'KK', k: 'KK', h: 'KK', j: 'SH', q: 'SH', x: 'SH',
  zh: 'SH', ch: 'SH', sh: 'SH', r: 'RR', z: 'SS', c: 'SS', s: 'SS', y: 'YY', w: 'WW',
};

// prettier-ignore
const finals: Readonly<Record<string, readonly VisemeClass[]>> = {
  a: ['aa'], ai: ['aa', 'ih'], an: ['aa', 'DD'], ang: ['aa', 'KK'], ao: ['aa', 'uw'], o: ['oh'], ou: ['oh', 'uw'], ong: ['uh', 'KK'],
  e: ['ax'], ei: ['eh', 'ih'], en: ['ax', 'DD'], eng: ['ax', 'KK'], er: ['er'], ii: ['narrow'], iii: ['narrow'],
  i: ['iy'], ia: ['YY', 'aa'], ian: ['YY', 'eh', 'DD'], iang: ['YY', 'aa', 'KK'], iao: ['YY', 'aa', 'uw'], ie: ['YY', 'eh'],
  in: ['iy', 'DD'], ing: ['iy', 'KK'], iong: ['yu', 'KK'], iou: ['YY', 'oh', 'uw'], iu: ['YY', 'oh', 'uw'],
  u: ['uw'], ua: ['WW', 'aa'], uai: ['WW', 'aa', 'ih'], uan: ['WW', 'aa', 'DD'], uang: ['WW', 'aa', 'KK'],
  uei: ['WW', 'eh', 'ih'], ui: ['WW', 'eh', 'ih'], uen: ['WW', 'ax', 'DD'], un: ['WW', 'ax', 'DD'], ueng: ['WW', 'ax', 'KK'], uo: ['WW', 'oh'],
  v: ['yu'], van: ['yu', 'eh', 'DD'], ve: ['yu', 'eh'], vn: ['yu', 'DD'],
};

/**
 * Mouth shapes of a phone. Never fails: an unknown symbol is a small neutral
 * opening that gives way to its neighbours.
 *
 * @param alphabet of the symbol; `auto` takes capitals and lower case without a tone digit
 *   as ARPAbet, lower case with a digit as pinyin, and everything else as IPA.
 */
export function visemesOf(symbol: string, alphabet: PhoneAlphabet | 'auto' = 'auto'): VisemePart[] {
  return share(classesOf(symbol, alphabet));
}

function classesOf(symbol: string, alphabet: PhoneAlphabet | 'auto'): readonly VisemeClass[] {
  const bare = symbol.toLowerCase().replace(/[0-9]+$/, '');
  if (bare === '' || bare === '_' || bare === 'sil' || bare === '[sil]') return ['sil'];
  const hasTone = /^[a-zü]+[1-5]$/.test(symbol);
  const pinyin =
    own(finals, bare.replace('ü', 'v')) ?? (own(initials, bare) === undefined ? undefined : [initials[bare]]);
  if (alphabet === 'ipa') return ipaClasses(symbol);
  if (alphabet === 'auto' && hasTone && pinyin !== undefined) return pinyin;
  return own(arpabet, bare) ?? pinyin ?? ipaClasses(symbol);
}

/** What a table says itself; symbols come from outside, and one may be called `constructor`. */
function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Reads an IPA string, espeak's spelling included: `ts.h`, `onɡ`, `ɔːɹ`. */
function ipaClasses(symbol: string): readonly VisemeClass[] {
  const letters = Array.from(
    symbol
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .replace(/n(?=[gɡ])/gu, ''),
  );
  const classes: VisemeClass[] = [];
  letters.forEach((letter, index) => {
    const last = classes.at(-1);
    // A dot is espeak's mark of a retroflex sound; an h after it is aspiration.
    if (letter === '.') {
      if (last === 'SS') classes[classes.length - 1] = 'SH';
      if (last === 'iy') classes[classes.length - 1] = 'narrow';
      return;
    }
    if (letter === 'h' && index > 0) return;
    const next = ipa[letter];
    if (next === undefined) return;
    // The stop of an affricate does not move the lips.
    if (last === 'DD' && (next === 'SS' || next === 'SH')) classes.pop();
    if (classes.at(-1) !== next) classes.push(next);
  });
  return classes.length > 0 ? classes : ['HH'];
}

const glides: readonly VisemeClass[] = ['YY', 'WW'];
const codas: readonly VisemeClass[] = ['DD', 'KK', 'RR', 'LL', 'PP'];

function share(classes: readonly VisemeClass[]): VisemePart[] {
  const raw = classes.map((viseme, index) => {
    if (classes.length === 1) return 1;
    if (index === 0) return glides.includes(viseme) ? 0.25 : 0.6;
    if (index === classes.length - 1) return codas.includes(viseme) ? 0.3 : 0.4;
    return 0.45;
  });
  const sum = raw.reduce((total, value) => total + value, 0);
  return classes.map((viseme, index) => ({ viseme, share: (raw[index] ?? 0) / sum }));
}
