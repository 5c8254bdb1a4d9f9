import type { Script } from './scripts.js';

/** Voice of espeak-ng for each script; Latin is read as English. */
const languageOf: Partial<Record<Script, string>> = {
  Han: 'cmn', Kana: 'ja', Hangul: 'ko', Cyrillic: 'ru', Greek: 'el', Arabic: 'ar', Hebrew: 'he', Devanagari: 'hi',
  Bengali: 'bn', Tamil: 'ta', Telugu: 'te', Georgian: 'ka', Armenian: 'hy', Latin: 'en-us',
}; // prettier-ignore

/**
 * The language to read a text in, judged by its letters. Undefined when there
 * is none: two foreign scripts at once, or kanji, which the Japanese voice
 * would read as "Chinese letter".
 */
export function languageFor(scripts: readonly Script[]): string | undefined {
  const foreign = scripts.filter((script) => script !== 'Latin');
  const [only, second] = foreign;
  if (only === undefined) return 'en-us';
  return second === undefined ? languageOf[only] : undefined;
}

export const espeakLanguages = [
  'en',
  'zh',
  'ja',
  'ko',
  'ru',
  'el',
  'ar',
  'he',
  'hi',
  'bn',
  'ta',
  'te',
  'ka',
  'hy',
];

/** Voices of espeak-ng whose names differ from the language's code. */
const voiceOf: Readonly<Record<string, string>> = {
  zh: 'cmn', 'zh-cn': 'cmn', 'zh-tw': 'cmn', 'zh-hans': 'cmn', 'zh-hant': 'cmn', 'zh-hk': 'yue', en: 'en-us', 'en-us': 'en-us', 'en-gb': 'en-gb',
}; // prettier-ignore

/** The voice of espeak-ng for a BCP 47 code: `zh-CN` is read by cmn. */
export function espeakVoiceFor(language: string): string {
  const code = language.trim().toLowerCase().replaceAll('_', '-');
  return voiceOf[code] ?? (code.startsWith('zh-') ? 'cmn' : (code.split('-')[0] ?? code));
}

/** True for English and for no language at all. */
export function isEnglish(language: string | undefined): boolean {
  return language === undefined || language === '' || /^en(?:[-_]|$)/i.test(language.trim());
}
