import { createVoice } from '../voice/create-voice.js';
import { espeakInstalled } from '../voice/espeak-voice.js';
import type { SpeakOptions, SpokenClause, Voice } from '../voice/voice.js';
import { planMarkdown } from '../server/text/markdown-cutter.js';
import { renderClause, type RenderedClause } from '../server/render-clause.js';
import { ticksPerSecond } from '../voice/voice.js';
import { defaultSampleRate } from '../wire/endpoint.js';
import { levelOf } from './lag.js';
import { judged, type JudgedSound } from './motion.js';
import { sentences, type Language } from './sentences.js';

/** A passage as a local voice reads it: what the server would send for it. */
export interface Take {
  readonly language: Language;
  readonly voice: string;
  readonly speed: number;
  readonly text: string;
  readonly clauses: readonly RenderedClause[];
  /** Mono, at `defaultSampleRate`. */
  readonly pcm: Int16Array;
  /** Contiguous, in samples of `pcm`. */
  readonly phones: readonly { readonly symbol: string; readonly start: number; readonly end: number }[];
  /** The same in seconds, with what each asks of the lips. */
  readonly sounds: readonly JudgedSound[];
  readonly level: Float64Array;
}

export interface CorpusOptions {
  /** `short` is for the tests: a few sentences, one voice and speed. */
  readonly size: 'full' | 'short';
  readonly languages: readonly Language[];
}

/** Why a language cannot be spoken here; undefined when it can. */
export function missingFor(language: Language): string | undefined {
  return language === 'zh' && !espeakInstalled()
    ? 'Mandarin needs @echogarden/espeak-ng-emscripten'
    : undefined;
}

interface Reading {
  readonly voice: string;
  readonly speed: number;
  /** Mandarin as IPA instead of pinyin. */
  readonly ipa?: boolean;
}

// Every sentence is read by every one of them.
const readings: Readonly<Record<Language, readonly Reading[]>> = {
  en: [
    { voice: 'slt', speed: 1 },
    { voice: 'slt', speed: 0.7 },
    { voice: 'slt', speed: 1.5 },
    { voice: 'rms', speed: 1.2 },
    { voice: 'kal16', speed: 0.85 },
    { voice: 'espeak:en-us', speed: 1 },
  ],
  zh: [
    { voice: 'espeak:cmn', speed: 1 },
    { voice: 'espeak:cmn', speed: 0.7 },
    { voice: 'espeak:cmn', speed: 1.5 },
    { voice: 'espeak:cmn', speed: 1, ipa: true },
    { voice: 'espeak:cmn', speed: 1.25 },
  ],
};

/** Silence between the sentences of a passage, in ms, in turn: a breath, a pause, hardly any, a long one, the usual. */
const pausesMs = [420, 700, 90, 1300, 320] as const;
const sentencesPerTake = 5;

/** Has the sentences read. Takes come one after the other, so that no more than one waits in memory. */
export async function* speakCorpus({ size, languages }: CorpusOptions): AsyncGenerator<Take> {
  for (const language of languages) {
    if (missingFor(language) !== undefined) continue;
    const [first] = readings[language];
    const chosen = size === 'short' && first !== undefined ? [first] : readings[language];
    const texts = size === 'short' ? sentences[language].slice(0, sentencesPerTake) : sentences[language];
    for (const reading of chosen) {
      if (reading.voice.startsWith('espeak') && !espeakInstalled()) continue;
      const voice = readerOf(reading);
      try {
        for (let at = 0; at < texts.length; at += sentencesPerTake)
          yield await readPassage(voice, reading, language, texts.slice(at, at + sentencesPerTake));
      } finally {
        await voice.close();
      }
    }
  }
}

async function readPassage(
  voice: Voice,
  { voice: name, speed, ipa }: Reading,
  language: Language,
  texts: readonly string[],
): Promise<Take> {
  const clauses: RenderedClause[] = [];
  for (const [index, text] of texts.entries()) {
    const plans = planMarkdown(text);
    for (const [at, plan] of plans.entries()) {
      const last = at === plans.length - 1;
      const pause = last ? { pauseAfterMs: pausesMs[index % pausesMs.length] ?? 0 } : {};
      const before = clauses.at(-1);
      const place = {
        goesOn: !last || index < texts.length - 1,
        ...(before === undefined ? {} : { before }),
      };
      clauses.push(
        await renderClause(voice, { ...plan, ...pause }, { speed }, new AbortController().signal, place),
      );
    }
  }
  return takeOf(clauses, {
    language,
    voice: ipa === true ? `${name} in IPA` : name,
    speed,
    text: texts.join(' '),
  });
}

/** Puts clauses together as they are heard. */
export function takeOf(
  clauses: readonly RenderedClause[],
  about: Pick<Take, 'language' | 'voice' | 'speed' | 'text'>,
): Take {
  const pcm = new Int16Array(clauses.reduce((sum, clause) => sum + clause.pcm.length, 0));
  const phones: { symbol: string; start: number; end: number }[] = [];
  let at = 0;
  for (const clause of clauses) {
    pcm.set(clause.pcm, at);
    const sampleOf = (ticks: number): number => at + Math.round((ticks * defaultSampleRate) / ticksPerSecond);
    for (const { phone, start, end } of clause.timing.phones) {
      const last = phones.at(-1);
      // The silences of two clauses that meet are one.
      if (last !== undefined && isSilence(last.symbol) && isSilence(phone)) last.end = sampleOf(end);
      else phones.push({ symbol: phone, start: sampleOf(start), end: sampleOf(end) });
    }
    at += clause.pcm.length;
  }
  const sounds = judged(
    phones.map(({ symbol, start, end }) => ({
      symbol,
      start: start / defaultSampleRate,
      end: end / defaultSampleRate,
    })),
  );
  return { ...about, clauses, pcm, phones, sounds, level: levelOf(pcm, defaultSampleRate) };
}

function isSilence(symbol: string): boolean {
  return symbol === 'sil0' || symbol === 'sil';
}

function readerOf({ voice: name, ipa }: Reading): Voice {
  const voice = createVoice(name);
  return ipa === true ? new WithoutSyllables(voice) : voice;
}

/** A voice whose Mandarin goes out as the sounds themselves. */
class WithoutSyllables implements Voice {
  readonly name: string;
  readonly languages: readonly string[];
  readonly #voice: Voice;

  constructor(voice: Voice) {
    this.#voice = voice;
    this.name = voice.name;
    this.languages = voice.languages;
  }

  canSpeak(text: string, language?: string): boolean {
    return this.#voice.canSpeak(text, language);
  }

  async synthesize(text: string, options?: SpeakOptions): Promise<SpokenClause> {
    const { pcm, sampleRate, alphabet, phones, words } = await this.#voice.synthesize(text, options);
    return { pcm, sampleRate, alphabet, phones, words };
  }

  close(): Promise<void> {
    return this.#voice.close();
  }
}
