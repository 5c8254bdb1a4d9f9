import { resample } from '../media/stream-resampler.js';
import { clauseGridMs, setPauses } from '../voice/trim.js';
import { silence, ticksPerSecond, type SpokenClause, type Voice } from '../voice/voice.js';
import { defaultSampleRate } from '../wire/endpoint.js';
import type { SpeechSettings } from '../wire/request.js';
import type { ExpressionPart, SpeechTiming } from '../wire/response.js';
import { hasWords, type ClausePlan } from './clause-plan.js';
import { timingOf } from './clause-timing.js';
import { addMood, moodOf } from './emotions.js';
import { mouthFeatures } from './mouth-features.js';

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
  /** What the voice gave, with its pauses set. */
  readonly clause: SpokenClause;
}

/** Where a clause stands in its drive. */
export interface ClausePlace {
  /** Part of the drive's expression that the clause is, when the settings name an emotion; default `whole`. */
  readonly part?: ExpressionPart;
  /** The clause that is heard right before it. */
  readonly before?: RenderedClause;
  /** Whether another clause is heard right after it. Default false. */
  readonly goesOn?: boolean;
}

/** Speaks one clause and makes its mouth shapes. */
export async function renderClause(
  voice: Voice,
  plan: ClausePlan,
  settings: SpeechSettings,
  signal: AbortSignal,
  { part = 'whole', before, goesOn = false }: ClausePlace = {},
): Promise<RenderedClause> {
  const mood = moodOf(settings.emotion, settings.emotionIntensity);
  const clause = hasWords(plan) ? await speak(voice, plan, settings, signal) : silentClause(plan);
  const features = mouthFeatures(clause, {
    ...(before === undefined ? {} : { before: before.clause }),
    ...(goesOn ? { afterMs: pauses.lead } : {}),
  });
  if (mood !== undefined) addMood(features, mood, part);
  const durationTicks = clause.phones.at(-1)?.endTicks ?? 0;
  return {
    pcm: resample(clause.pcm, clause.sampleRate, defaultSampleRate),
    features,
    timing: timingOf(clause, plan, settings, mood === undefined ? undefined : { name: mood.name, part }),
    durationTicks,
    clause,
  };
}

async function speak(
  voice: Voice,
  plan: ClausePlan,
  settings: SpeechSettings,
  signal: AbortSignal,
): Promise<SpokenClause> {
  const language = plan.language ?? settings.language;
  const spoken = await voice.synthesize(plan.spoken.text, {
    ...(settings.speed === undefined ? {} : { speed: settings.speed }),
    ...(settings.volume === undefined ? {} : { volume: settings.volume }),
    ...(language === undefined || language === '' ? {} : { language }),
    signal,
  });
  const usualTail = plan.sentenceEnd ? pauses.sentenceTail : pauses.tail;
  // The next clause brings its own lead.
  const tail = plan.pauseAfterMs === undefined ? usualTail : Math.max(0, plan.pauseAfterMs - pauses.lead);
  return setPauses(spoken, plan.pauseBeforeMs ?? pauses.lead, tail);
}

/** A clause without words: silence as long as the text asks for, and a moment for its actions. */
function silentClause(plan: ClausePlan): SpokenClause {
  const wanted = Math.max(2 * pauses.lead, plan.pauseAfterMs ?? 0);
  const ms = Math.ceil(wanted / clauseGridMs) * clauseGridMs;
  return {
    pcm: new Int16Array((ms * defaultSampleRate) / 1000),
    sampleRate: defaultSampleRate,
    alphabet: 'arpabet',
    phones: [{ symbol: silence, startTicks: 0, endTicks: (ms * ticksPerSecond) / 1000 }],
    words: [],
  };
}
