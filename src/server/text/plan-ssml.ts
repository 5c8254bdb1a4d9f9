import { cutClauses } from '../../voice/clauses.js';
import { hasSpeech } from '../../voice/scripts.js';
import type { ClausePlan } from '../clause-plan.js';
import { partOf } from './plain-text.js';
import { readSsml, type SsmlText } from './ssml-reader.js';

interface Range {
  readonly start: number;
  readonly end: number;
  readonly sentenceEnd: boolean;
}

/** Longest silence that breaks in a row add up to, in ms. */
const longestPauseMs = 30_000;

/**
 * The clauses of an SSML text. A `<break>` ends a clause; its silence is the
 * one between the words around it.
 *
 * @param language of the whole text; numbers and dates are read in it. Default judged by the letters.
 * @throws FacewireError ERR_TEXT_INVALID.
 */
export function planSsml(text: string, language?: string): ClausePlan[] {
  const chinese =
    language === undefined || language === ''
      ? /\p{Script=Han}/u.test(text)
      : /^(?:zh|cmn|yue)/i.test(language);
  const ssml = readSsml(text, chinese ? 'zh' : 'en');
  const characters = Array.from(ssml.display);
  const plans: ClausePlan[] = [];
  let begin = 0;
  let waitingMs: number | undefined;
  for (const { at, ms } of [...ssml.breaks, { at: characters.length, ms: undefined }]) {
    const ranges = wholePieces(rangesOf(characters, begin, at), ssml);
    ranges.forEach((range, index) => {
      const first = index === 0 ? waitingMs : undefined;
      const cutByBreak = index === ranges.length - 1 && at < characters.length && ms !== undefined;
      plans.push(planOf(range, characters, ssml, first, cutByBreak));
    });
    if (ranges.length > 0) waitingMs = undefined;
    if (ms !== undefined) {
      const last = plans.at(-1);
      if (last === undefined) waitingMs = Math.min(longestPauseMs, (waitingMs ?? 0) + ms);
      else
        plans[plans.length - 1] = {
          ...last,
          pauseAfterMs: Math.min(longestPauseMs, (last.pauseAfterMs ?? 0) + ms),
        };
    }
    begin = at;
  }
  // Without words, pauses and actions are all there is.
  if (plans.length === 0 && (waitingMs !== undefined || ssml.actions.length > 0)) {
    const nothing = planOf({ start: 0, end: 0, sentenceEnd: true }, [], ssml, undefined, false);
    plans.push({ ...nothing, ...(waitingMs === undefined ? {} : { pauseAfterMs: waitingMs }) });
  }
  return withActions(plans, ssml);
}

function rangesOf(characters: readonly string[], begin: number, end: number): Range[] {
  return cutClauses(characters.slice(begin, end).join('')).map((clause) => ({
    start: begin + clause.start,
    end: begin + clause.start + Array.from(clause.text).length,
    sentenceEnd: clause.sentenceEnd,
  }));
}

/** Joins clauses whose cut lies inside a piece. */
function wholePieces(ranges: readonly Range[], { pieces }: SsmlText): Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    const inside = pieces.some(
      (piece) => piece.start < range.start && piece.end > (last?.end ?? 0) && piece.start < (last?.end ?? 0),
    );
    if (last !== undefined && inside) joined[joined.length - 1] = { ...range, start: last.start };
    else joined.push(range);
  }
  return joined;
}

function planOf(
  { start, end, sentenceEnd }: Range,
  characters: readonly string[],
  ssml: SsmlText,
  pauseBeforeMs: number | undefined,
  cutByBreak: boolean,
): ClausePlan {
  const own = ssml.pieces.filter((piece) => piece.word && piece.start >= start && piece.end <= end);
  return {
    display: characters.slice(start, end).join(''),
    start,
    spoken: partOf(ssml.spoken, start, end),
    contentType: ssml.marked ? 'ssml' : 'text',
    sentenceEnd: sentenceEnd && !cutByBreak,
    actions: [],
    words: own.map((piece) => ({ start: piece.start - start, end: piece.end - start })),
    ...(pauseBeforeMs === undefined ? {} : { pauseBeforeMs }),
    ...(ssml.pinyin.some((at) => at >= start && at < end) ? { language: 'zh' } : {}),
  };
}

/** Every action goes to the clause that has the next word, the ones after the last word to the last clause. */
function withActions(plans: readonly ClausePlan[], ssml: SsmlText): ClausePlan[] {
  const characters = Array.from(ssml.display);
  const given = plans.map((plan) => ({ ...plan, actions: [...plan.actions] }));
  for (const { at, name } of ssml.actions) {
    const target =
      given.find((plan) => hasSpeech(characters.slice(Math.max(at, plan.start), endOf(plan)).join(''))) ??
      given.at(-1);
    if (target === undefined) continue;
    const place = Math.max(0, Math.min(Array.from(target.display).length, at - target.start));
    target.actions.push({ at: place, name });
  }
  return given;
}

function endOf(plan: ClausePlan): number {
  return plan.start + Array.from(plan.display).length;
}
