import {
  chineseNumber,
  englishNumber,
  englishOrdinal,
  englishYear,
  spellDigits,
  spellNumber,
  type SpellingLanguage,
} from './number-words.js';

/** Ways to read a text that `say-as` knows. */
export const interpretations = [
  'cardinal', 'digits', 'telephone', 'address', 'id', 'date', 'time', 'punctuation', 'characters', 'measure', 'currency',
] as const; // prettier-ignore
export type Interpretation = (typeof interpretations)[number];

const months = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
]; // prettier-ignore

const marks: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  ',': ['comma', '逗号'], '，': ['comma', '逗号'], '.': ['period', '句号'], '。': ['period', '句号'], '、': ['comma', '顿号'],
  '!': ['exclamation mark', '感叹号'], '！': ['exclamation mark', '感叹号'], '?': ['question mark', '问号'], '？': ['question mark', '问号'],
  ';': ['semicolon', '分号'], '；': ['semicolon', '分号'], ':': ['colon', '冒号'], '：': ['colon', '冒号'],
  '-': ['dash', '横线'], '—': ['dash', '破折号'], '_': ['underscore', '下划线'], '/': ['slash', '斜杠'], '\\': ['backslash', '反斜杠'],
  '(': ['left parenthesis', '左括号'], ')': ['right parenthesis', '右括号'], '（': ['left parenthesis', '左括号'], '）': ['right parenthesis', '右括号'],
  '"': ['quote', '引号'], '“': ['open quote', '引号'], '”': ['close quote', '引号'], "'": ['apostrophe', '单引号'], '《': ['open quote', '书名号'], '》': ['close quote', '书名号'],
  '@': ['at', '艾特'], '#': ['hash', '井号'], '%': ['percent', '百分号'], '&': ['and', '和号'], '*': ['star', '星号'], '+': ['plus', '加号'], '=': ['equals', '等于号'],
  '…': ['ellipsis', '省略号'],
}; // prettier-ignore

const units: Readonly<Record<string, readonly [one: string, more: string, zh: string]>> = {
  mm: ['millimeter', 'millimeters', '毫米'], cm: ['centimeter', 'centimeters', '厘米'], m: ['meter', 'meters', '米'], km: ['kilometer', 'kilometers', '公里'],
  mg: ['milligram', 'milligrams', '毫克'], g: ['gram', 'grams', '克'], kg: ['kilogram', 'kilograms', '千克'], t: ['ton', 'tons', '吨'],
  ml: ['milliliter', 'milliliters', '毫升'], l: ['liter', 'liters', '升'], 'm²': ['square meter', 'square meters', '平方米'], 'm³': ['cubic meter', 'cubic meters', '立方米'],
  s: ['second', 'seconds', '秒'], ms: ['millisecond', 'milliseconds', '毫秒'], min: ['minute', 'minutes', '分钟'], h: ['hour', 'hours', '小时'],
  'km/h': ['kilometer per hour', 'kilometers per hour', '公里每小时'], 'm/s': ['meter per second', 'meters per second', '米每秒'],
  '℃': ['degree Celsius', 'degrees Celsius', '摄氏度'], '°c': ['degree Celsius', 'degrees Celsius', '摄氏度'], '℉': ['degree Fahrenheit', 'degrees Fahrenheit', '华氏度'], '°f': ['degree Fahrenheit', 'degrees Fahrenheit', '华氏度'], '°': ['degree', 'degrees', '度'],
  hz: ['hertz', 'hertz', '赫兹'], khz: ['kilohertz', 'kilohertz', '千赫'], w: ['watt', 'watts', '瓦'], kw: ['kilowatt', 'kilowatts', '千瓦'], v: ['volt', 'volts', '伏'],
  kb: ['kilobyte', 'kilobytes', 'KB'], mb: ['megabyte', 'megabytes', 'MB'], gb: ['gigabyte', 'gigabytes', 'GB'], tb: ['terabyte', 'terabytes', 'TB'],
}; // prettier-ignore

interface Money {
  readonly en: readonly [one: string, more: string, centOne?: string, centMore?: string];
  readonly zh: string;
}
const yuan: Money = { en: ['yuan', 'yuan'], zh: '元' };
const dollar: Money = { en: ['dollar', 'dollars', 'cent', 'cents'], zh: '美元' };
const euro: Money = { en: ['euro', 'euros', 'cent', 'cents'], zh: '欧元' };
const pound: Money = { en: ['pound', 'pounds', 'penny', 'pence'], zh: '英镑' };
const yen: Money = { en: ['yen', 'yen'], zh: '日元' };
const monies: Readonly<Record<string, Money>> = {
  '¥': yuan, '￥': yuan, cny: yuan, rmb: yuan, 元: yuan, 人民币: yuan, $: dollar, usd: dollar, 美元: dollar,
  '€': euro, eur: euro, 欧元: euro, '£': pound, gbp: pound, 英镑: pound, jpy: yen, 日元: yen,
  hkd: { en: ['Hong Kong dollar', 'Hong Kong dollars', 'cent', 'cents'], zh: '港元' },
}; // prettier-ignore

/** How `text` is said; undefined when it is not of that kind. */
export function sayAs(text: string, kind: Interpretation, language: SpellingLanguage): string | undefined {
  return readers[kind](text.trim(), language);
}

const readers: Readonly<
  Record<Interpretation, (text: string, language: SpellingLanguage) => string | undefined>
> = {
  cardinal: spellNumber,
  digits: (text, language) => (/\d/.test(text) ? spellDigits(text, language) : undefined),
  telephone,
  address,
  id: (text, language) => (/[\p{L}\p{N}]/u.test(text) ? spellCharacters(text, language, false) : undefined),
  date,
  time,
  punctuation: (text, language) => replaceMarks(text, language),
  characters: (text, language) => (text === '' ? undefined : spellCharacters(text, language, true)),
  measure,
  currency,
};

function telephone(text: string, language: SpellingLanguage): string | undefined {
  if (!/^[+\d][\d\s().-]*$/.test(text) || !/\d{2}/.test(text)) return undefined;
  const groups = text.split(/[\s().-]+/).filter((group) => group !== '');
  const zh = language === 'zh';
  return groups
    .map((group) => {
      const digits = spellDigits(group, language);
      const plus = group.startsWith('+') ? (zh ? '加' : 'plus ') : '';
      // On the telephone one is yao.
      return plus + (zh ? digits.replaceAll('一', '幺') : digits);
    })
    .join(zh ? '，' : ', ');
}

const streets: Readonly<Record<string, string>> = {
  st: 'Street', rd: 'Road', ave: 'Avenue', blvd: 'Boulevard', dr: 'Drive', ln: 'Lane', apt: 'Apartment', no: 'number', fl: 'floor',
}; // prettier-ignore

/** Numbers of three digits and more are read digit by digit, as house and room numbers are. */
function address(text: string, language: SpellingLanguage): string | undefined {
  if (text === '') return undefined;
  const numbered = text.replace(/\d{3,}/g, (digits) => spellDigits(digits, language));
  if (language === 'zh') return numbered;
  return numbered.replace(/\b(st|rd|ave|blvd|dr|ln|apt|no|fl)\b\.?/gi, (word) => {
    return streets[word.toLowerCase().replace('.', '')] ?? word;
  });
}

function spellCharacters(text: string, language: SpellingLanguage, withMarks: boolean): string {
  const spelled = Array.from(text).flatMap((character) => {
    if (/[0-9]/.test(character)) return [spellDigits(character, language)];
    if (/\p{L}|\p{N}/u.test(character)) return [character.toUpperCase()];
    const mark = marks[character];
    return withMarks && mark !== undefined ? [mark[language === 'zh' ? 1 : 0]] : [];
  });
  return spelled.join(' ');
}

function replaceMarks(text: string, language: SpellingLanguage): string | undefined {
  if (text === '') return undefined;
  const spelled = Array.from(text, (character) => {
    const mark = marks[character];
    return mark === undefined ? character : ` ${mark[language === 'zh' ? 1 : 0]} `;
  });
  return spelled.join('').replace(/\s+/g, ' ').trim();
}

function date(text: string, language: SpellingLanguage): string | undefined {
  const match =
    /^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?$/.exec(text) ??
    /^()(\d{1,2})[-/.月](\d{1,2})日?$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [match[1], match[2], match[3]].map((part) =>
    part === undefined || part === '' ? undefined : Number(part),
  );
  if (month === undefined || month < 1 || month > 12) return undefined;
  if (day !== undefined && (day < 1 || day > new Date(Date.UTC(year ?? 2000, month, 0)).getUTCDate()))
    return undefined;
  if (language === 'zh') {
    const years = year === undefined ? '' : `${spellDigits(match[1] ?? '', 'zh')}年`;
    return `${years}${chineseNumber(month)}月${day === undefined ? '' : `${chineseNumber(day)}日`}`;
  }
  const days = day === undefined ? '' : ` ${englishOrdinal(day)}`;
  return `${months[month - 1]}${days}${year === undefined ? '' : `${day === undefined ? ' ' : ', '}${englishYear(year)}`}`;
}

function time(text: string, language: SpellingLanguage): string | undefined {
  const match = /^(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?\s*([ap])?\.?m?\.?$/i.exec(text);
  if (match === null) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  const second = match[3] === undefined ? undefined : Number(match[3]);
  if (hour > 24 || minute > 59 || (second ?? 0) > 59) return undefined;
  const half = match[4]?.toLowerCase();
  if (language === 'zh') {
    const two = (value: number): string => (value < 10 ? `零${chineseNumber(value)}` : chineseNumber(value));
    const minutes = minute === 0 && second === undefined ? '整' : `${two(minute)}分`;
    const seconds = second === undefined ? '' : `${two(second)}秒`;
    const part = half === 'p' ? '下午' : half === 'a' ? '上午' : '';
    return `${part}${hour === 2 ? '两' : chineseNumber(hour)}点${minutes}${seconds}`;
  }
  const minutes =
    minute === 0
      ? half === undefined
        ? " o'clock"
        : ''
      : minute < 10
        ? ` oh ${englishNumber(minute)}`
        : ` ${englishNumber(minute)}`;
  const seconds =
    second === undefined ? '' : ` and ${englishNumber(second)} ${second === 1 ? 'second' : 'seconds'}`;
  return `${englishNumber(hour)}${minutes}${seconds}${half === undefined ? '' : ` ${half.toUpperCase()} M`}`;
}

function measure(text: string, language: SpellingLanguage): string | undefined {
  const match = /^([-−+]?[\d,]+(?:\.\d+)?)\s*(\D*)$/u.exec(text);
  const number = match?.[1] ?? '';
  const spelled = spellNumber(number, language);
  if (match === null || spelled === undefined) return undefined;
  const unit = (match[2] ?? '').trim();
  if (unit === '%' || unit === '％') return language === 'zh' ? `百分之${spelled}` : `${spelled} percent`;
  const known = units[unit] ?? units[unit.toLowerCase()];
  if (known === undefined) return `${spelled}${language === 'zh' ? '' : ' '}${unit}`.trim();
  if (language === 'zh') return spelled + known[2];
  return `${spelled} ${number === '1' ? known[0] : known[1]}`;
}

function currency(text: string, language: SpellingLanguage): string | undefined {
  const match = /^([^\d.,\s+-]*)\s*([\d,]+(?:\.\d+)?)\s*(\D*)$/u.exec(text);
  const money = monies[(match?.[1] ?? '').toLowerCase()] ?? monies[(match?.[3] ?? '').trim().toLowerCase()];
  const amount = match?.[2] ?? '';
  const spelled = spellNumber(amount, language);
  if (money === undefined || spelled === undefined) return undefined;
  if (language === 'zh') return spelled + money.zh;
  const [one, more, centOne, centMore] = money.en;
  const [whole = '', fraction] = amount.split('.');
  if (fraction?.length === 2 && centOne !== undefined && centMore !== undefined) {
    const cents = Number(fraction);
    const head = `${spellNumber(whole, 'en')} ${whole === '1' ? one : more}`;
    return cents === 0 ? head : `${head} and ${englishNumber(cents)} ${cents === 1 ? centOne : centMore}`;
  }
  return `${spelled} ${amount === '1' ? one : more}`;
}
