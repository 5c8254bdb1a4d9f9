/** Languages whose numbers and dates are spelled here; other languages are left to the voice. */
export type SpellingLanguage = 'en' | 'zh';

const ones = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve',
  'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen',
]; // prettier-ignore
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const thousands = ['', ' thousand', ' million', ' billion', ' trillion'];
const zhDigits = Array.from('零一二三四五六七八九');
const zhUnits = ['', '十', '百', '千'];
const zhGroups = ['', '万', '亿', '万亿'];

/** Most digits before the point that are read as one number; longer ones are read digit by digit. */
export const mostDigits = 15;

function belowThousand(value: number): string {
  const rest = value % 100;
  const hundred = Math.floor(value / 100);
  const small =
    rest < 20
      ? (ones[rest] ?? '')
      : `${tens[Math.floor(rest / 10)]}${rest % 10 ? `-${ones[rest % 10]}` : ''}`;
  if (hundred === 0) return small;
  return rest === 0 ? `${ones[hundred]} hundred` : `${ones[hundred]} hundred ${small}`;
}

/** A whole number of at most 15 digits in English words. */
export function englishNumber(value: number): string {
  if (value === 0) return 'zero';
  const parts: string[] = [];
  for (let group = 0, rest = value; rest > 0; group++, rest = Math.floor(rest / 1000)) {
    if (rest % 1000 > 0) parts.unshift(`${belowThousand(rest % 1000)}${thousands[group]}`);
  }
  return parts.join(' ');
}

/** A whole number of at most 15 digits in Chinese characters. */
export function chineseNumber(value: number): string {
  if (value === 0) return '零';
  let text = '';
  let gap = false;
  const groups: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 10_000)) groups.unshift(rest % 10_000);
  groups.forEach((group, index) => {
    if (group === 0) {
      gap = text !== '';
      return;
    }
    // A zero stands for every run of empty places inside the number.
    if (text !== '' && (gap || group < 1000)) text += '零';
    gap = false;
    text += fourPlaces(group) + (zhGroups[groups.length - 1 - index] ?? '');
  });
  return text.replace(/^一十/, '十');
}

function fourPlaces(group: number): string {
  let text = '';
  let gap = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(group / 10 ** place) % 10;
    if (digit === 0) {
      gap = text !== '';
      continue;
    }
    text += `${gap ? '零' : ''}${zhDigits[digit]}${zhUnits[place]}`;
    gap = false;
  }
  return text;
}

/** Digits one by one; every other character is left out. */
export function spellDigits(digits: string, language: SpellingLanguage): string {
  const names = language === 'zh' ? zhDigits : ones;
  return Array.from(digits)
    .flatMap((digit) => (/[0-9]/.test(digit) ? [names[Number(digit)] ?? ''] : []))
    .join(language === 'zh' ? '' : ' ');
}

/** A decimal number such as `-1,234.50`; undefined when it is none. */
export function spellNumber(text: string, language: SpellingLanguage): string | undefined {
  const match = /^([-−+]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction] = match;
  const digits = whole.replaceAll(',', '');
  const number = digits.replace(/^0+(?=\d)/, '');
  const zh = language === 'zh';
  const spelled =
    number.length > mostDigits
      ? spellDigits(number, language)
      : zh
        ? chineseNumber(Number(number))
        : englishNumber(Number(number));
  const minus = sign === '-' || sign === '−' ? (zh ? '负' : 'minus ') : '';
  const tail =
    fraction === undefined
      ? ''
      : zh
        ? `点${spellDigits(fraction, 'zh')}`
        : ` point ${spellDigits(fraction, 'en')}`;
  return minus + spelled + tail;
}

const ordinals: Readonly<Record<string, string>> = {
  one: 'first', two: 'second', three: 'third', five: 'fifth', eight: 'eighth', nine: 'ninth', twelve: 'twelfth',
}; // prettier-ignore

/** English ordinal of a whole number below a hundred. */
export function englishOrdinal(value: number): string {
  const words = englishNumber(value);
  const last = /[a-z]+$/.exec(words)?.[0] ?? '';
  const ordinal = ordinals[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return words.slice(0, words.length - last.length) + ordinal;
}

/** A year as English says it: twenty twenty-four, two thousand six. */
export function englishYear(year: number): string {
  const high = Math.floor(year / 100);
  const low = year % 100;
  if (year < 1000 || year > 9999 || (high % 10 === 0 && low < 10)) return englishNumber(year);
  if (low === 0) return `${englishNumber(high)} hundred`;
  return `${englishNumber(high)} ${low < 10 ? `oh ${ones[low]}` : englishNumber(low)}`;
}
