import { phoneFeatures } from '../voice/phone-features.js';
import { setPauses } from '../voice/trim.js';
import { silence, type SpokenClause, type Voice, type WordTime } from '../voice/voice.js';
import { defaultSampleRate } from '../wire/endpoint.js';
import type { SpeechSettings } from '../wire/request.js';
import type { SpeechTiming, SubtitleSpan } from '../wire/response.js';
import { toTicks } from '../wire/ticks.js';
import type { ClausePlan } from './clause-plan.js';
import { resample } from './resample.js';

/** Pauses around a clause, in ms. */
export const pauses = { lead: 60, tail: 120, sentenceTail: 260 } as const;

/** Sound, mouth and times of one clause, as the wire wants them. */
export interface RenderedClause {
  /** Mono 24 kHz. */
  readonly pcm: Int16Array;
  /** Rows of 52 in wire order, 25 a second. */
  readonly features: Float32Array;
  /** Relative to the clause. */
  readonly timing: SpeechTiming;
  readonly durationTicks: number;
}

/** Speaks one clause and makes its mouth shapes. */
export async function renderClause(
  voice: Voice,
  plan: ClausePlan,
  settings: SpeechSettings,
  signal: AbortSignal,
): Promise<RenderedClause> {
  const spoken = await voice.synthesize(plan.spoken.text, {
    ...(settings.speed === undefined ? {} : { speed: settings.speed }),
    ...(settings.volume === undefined ? {} : { volume: settings.volume }),
    signal,
  });
  const tail = plan.sentenceEnd ? pauses.sentenceTail : pauses.tail;
  const clause = setPauses(spoken, pauses.lead + plan.pauseBeforeMs, tail + plan.pauseAfterMs);
  return {
    pcm: resample(clause.pcm, clause.sampleRate, defaultSampleRate),
    features: phoneFeatures(clause.phones, { alphabet: clause.alphabet }),
    timing: timingOf(clause, plan, settings),
    durationTicks: clause.phones.at(-1)?.endTicks ?? 0,
  };
}

function timingOf(clause: SpokenClause, plan: ClausePlan, settings: SpeechSettings): SpeechTiming {
  const words = clause.words.filter((word) => word.phones.length > 0);
  const spans = words.map((word) => subtitleOf(word, plan));
  return {
    phones: clause.phones.map((phone) => ({
      phone: phone.symbol === silence ? 'sil0' : phone.symbol,
      start: toTicks(phone.startTicks),
      end: toTicks(phone.endTicks),
    })),
    words: words.map((word) => ({
      word: word.text,
      phones: word.phones.map((phone) => phone.symbol).join('-'),
    })),
    subtitles: settings.subtitles === 'word' ? joinHanWords(spans, plan.display) : spans,
    actions: plan.actions.map((action) => {
      const next = spans.find((span) => span.positionEnd > action.at) ?? spans.at(-1);
      return { name: action.name, start: next?.start ?? toTicks(0) };
    }),
    expressions: [],
  };
}

/** Where a word stands in what is shown. */
function subtitleOf(word: WordTime, { display, spoken }: ClausePlan): SubtitleSpan {
  const positionStart = spoken.sourceStart[word.codePointStart] ?? 0;
  const positionEnd = spoken.sourceEnd[word.codePointEnd - 1] ?? positionStart;
  return {
    text: Array.from(display).slice(positionStart, positionEnd).join(''),
    start: toTicks(word.startTicks),
    end: toTicks(word.endTicks),
    positionStart,
    positionEnd,
  };
}

const han = /\p{Script=Han}/u;

/** Chinese is timed by character; by word, the characters of one word are joined. */
function joinHanWords(spans: readonly SubtitleSpan[], display: string): SubtitleSpan[] {
  if (!han.test(display)) return [...spans];
  const wordOf: number[] = [];
  const segments = [...new Intl.Segmenter('zh', { granularity: 'word' }).segment(display)];
  segments.forEach(({ segment }, index) => wordOf.push(...Array.from(segment, () => index)));
  const joined: SubtitleSpan[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    const same = last !== undefined && wordOf[last.positionStart] === wordOf[span.positionStart];
    if (last !== undefined && same && han.test(last.text) && han.test(span.text)) {
      joined[joined.length - 1] = {
        ...last,
        text: last.text + span.text,
        end: span.end,
        positionEnd: span.positionEnd,
      };
    } else joined.push(span);
  }
  return joined;
}
