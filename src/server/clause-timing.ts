import { isPinyinInitial } from '../voice/pinyin.js';
import { hasSpeech } from '../voice/scripts.js';
import { silence, type PhoneTime, type SpokenClause, type WordTime } from '../voice/voice.js';
import type { SpeechSettings } from '../wire/request.js';
import type { ExpressionPart, SpeechTiming, SubtitleSpan, WordPhones } from '../wire/response.js';
import { toTicks } from '../wire/ticks.js';
import type { ClausePlan } from './clause-plan.js';

/** The timed texts of a spoken clause, counted from its beginning. */
export function timingOf(
  clause: SpokenClause,
  plan: ClausePlan,
  settings: SpeechSettings,
  expression: { readonly name: string; readonly part: ExpressionPart } | undefined,
): SpeechTiming {
  const words = clause.words.filter((word) => word.phones.length > 0);
  const spans = words.map((word) => subtitleOf(word, plan));
  const phones = clause.syllables ?? clause.phones;
  const shown = Array.from(plan.display);
  const end = toTicks(clause.phones.at(-1)?.endTicks ?? 0);
  return {
    phones: phones.map((phone) => ({
      phone: phone.symbol === silence ? 'sil0' : phone.symbol,
      start: toTicks(phone.startTicks),
      end: toTicks(phone.endTicks),
    })),
    words: wordsOf(words, spans, clause, plan),
    subtitles: settings.subtitles === 'word' ? joinWords(spans, plan) : joinSamePlace(spans),
    actions: plan.actions.map((action) => {
      // The word after it: signs that cling to the one before are none.
      const next = spans.find((span) =>
        hasSpeech(shown.slice(Math.max(action.at, span.positionStart), span.positionEnd).join('')),
      );
      return { name: action.name, start: next?.start ?? spans.at(-1)?.end ?? toTicks(0) };
    }),
    expressions: expression === undefined ? [] : [{ ...expression, start: toTicks(0), end, position: 0 }],
  };
}

/** The words with their sounds; the characters of a Chinese word are one. */
function wordsOf(
  words: readonly WordTime[],
  spans: readonly SubtitleSpan[],
  clause: SpokenClause,
  { display }: ClausePlan,
): WordPhones[] {
  const wordAt = chineseWords(display);
  const out: WordPhones[] = [];
  let before: number | undefined;
  words.forEach((word, index) => {
    const phones = phonesOf(word, clause);
    const own = han.test(word.text) ? wordAt[spans[index]?.positionStart ?? -1] : undefined;
    const text = own === undefined ? word.text : word.text.replace(/[^\p{L}\p{N}]/gu, '');
    const last = out.at(-1);
    if (own !== undefined && own === before && last !== undefined) {
      out[out.length - 1] = { word: last.word + text, phones: `${last.phones}|${phones}` };
    } else out.push({ word: text, phones });
    before = own;
  });
  return out;
}

/** For every code point the number of its word, when there is Chinese. */
function chineseWords(display: string): number[] {
  if (!han.test(display)) return [];
  const segments = [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(display)];
  return segments.flatMap(({ segment }, index) => Array.from(segment, () => index));
}

/** A word's sounds as the wire joins them: `-` inside a syllable, `|` between Mandarin ones, the tone once. */
function phonesOf(word: WordTime, { syllables }: SpokenClause): string {
  if (syllables === undefined) return word.phones.map((phone) => phone.symbol).join('-');
  const own = syllables.filter(
    (label) =>
      label.symbol !== silence && label.startTicks >= word.startTicks && label.startTicks < word.endTicks,
  );
  return own.map((label, index) => joined(label, own[index - 1])).join('');
}

function joined({ symbol }: PhoneTime, before: PhoneTime | undefined): string {
  const initial = isPinyinInitial(symbol);
  const afterInitial = before !== undefined && isPinyinInitial(before.symbol);
  const syllable = /[1-5]$/.test(symbol);
  const separator = before === undefined ? '' : afterInitial || !syllable ? '-' : '|';
  return separator + (initial ? symbol.replace(/[1-5]$/, '') : symbol);
}

/** Where a word stands in what is shown. */
function subtitleOf(word: WordTime, { display, spoken }: ClausePlan): SubtitleSpan {
  const positionStart = spoken.sourceStart[word.codePointStart] ?? 0;
  const own = Array.from(spoken.text).slice(word.codePointStart, word.codePointEnd);
  // Signs behind a closing mark are not shown with the word, or the mark would be: "*ten*."
  const behind = own.findIndex(
    (_, index) =>
      index > 0 &&
      (spoken.sourceStart[word.codePointStart + index] ?? 0) >
        (spoken.sourceEnd[word.codePointStart + index - 1] ?? 0) &&
      !hasSpeech(own.slice(index).join('')),
  );
  const positionEnd = Math.max(
    positionStart,
    ...spoken.sourceEnd.slice(
      word.codePointStart,
      behind < 0 ? word.codePointEnd : word.codePointStart + behind,
    ),
  );
  return {
    text: Array.from(display).slice(positionStart, positionEnd).join(''),
    start: toTicks(word.startTicks),
    end: toTicks(word.endTicks),
    positionStart,
    positionEnd,
  };
}

const han = /\p{Script=Han}/u;

function join(left: SubtitleSpan, right: SubtitleSpan, display: string): SubtitleSpan {
  const positionEnd = Math.max(left.positionEnd, right.positionEnd);
  const text = Array.from(display).slice(left.positionStart, positionEnd).join('');
  return { ...left, text, end: right.end, positionEnd };
}

/** Words that are said for the same shown text, such as the words of a number, are shown once. */
function joinSamePlace(spans: readonly SubtitleSpan[]): SubtitleSpan[] {
  const out: SubtitleSpan[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last !== undefined && span.positionStart < last.positionEnd) {
      const positionEnd = Math.max(last.positionEnd, span.positionEnd);
      out[out.length - 1] = {
        ...last,
        end: span.end,
        positionEnd,
        text: positionEnd === last.positionEnd ? last.text : last.text + span.text,
      };
    } else out.push(span);
  }
  return out;
}

/** Chinese is timed by character; by word, the characters of one word are joined, and what the text marks as one word. */
function joinWords(all: readonly SubtitleSpan[], { display, words = [] }: ClausePlan): SubtitleSpan[] {
  const spans = joinSamePlace(all);
  const wordOf = chineseWords(display);
  const out: SubtitleSpan[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    const marked = words.some(
      (word) =>
        last !== undefined &&
        last.positionStart >= word.start &&
        span.positionStart < word.end &&
        span.positionStart > word.start,
    );
    const same =
      last !== undefined &&
      wordOf.length > 0 &&
      wordOf[last.positionStart] === wordOf[span.positionStart] &&
      han.test(last.text) &&
      han.test(span.text) &&
      !words.some((word) => word.start === span.positionStart || word.end === span.positionStart);
    if (last !== undefined && (marked || same)) out[out.length - 1] = join(last, span, display);
    else out.push(span);
  }
  return out;
}
