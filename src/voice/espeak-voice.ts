import { createRequire } from 'node:module';
import { FacewireError } from '../errors.js';
import { applyVolume, isSilent } from './level.js';
import { espeakLanguages, espeakVoiceFor, languageFor } from './espeak-languages.js';
import { otherLanguagesPackage } from './flite-voice.js';
import { hasSpeech, scriptsOf } from './scripts.js';
import { checkSpeakOptions } from './speak-options.js';
import { silence, type SpeakOptions, type SpokenClause, type Voice } from './voice.js';
import { VoiceProcess } from './voice-process.js';

/** True when the optional package is installed. */
export function espeakInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(otherLanguagesPackage);
    return true;
  } catch {
    return false;
  }
}

/** Many languages by espeak-ng (IPA phones, 22.05 kHz). The package is optional and GPL. */
export class EspeakVoice implements Voice {
  readonly name: string;
  readonly languages = espeakLanguages;
  readonly #language: string | undefined;
  readonly #process = new VoiceProcess('voice/espeak-child');

  /** @param language voice of espeak-ng such as `cmn`; by default chosen by the letters of each text. */
  constructor(language?: string) {
    this.#language = language;
    this.name = language === undefined ? 'espeak' : `espeak:${language}`;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  canSpeak(text: string, language?: string): boolean {
    return espeakInstalled() && hasSpeech(text) && this.#languageFor(text, language) !== undefined;
  }

  async synthesize(text: string, options: SpeakOptions = {}): Promise<SpokenClause> {
    const { speed, volume } = checkSpeakOptions(options);
    const language = this.#languageFor(text, options.language);
    if (!hasSpeech(text) || language === undefined) throw this.#unspeakable(text);
    const clause = await this.#process.speak(readable(text), language, speed, options.signal);
    if (isSilent(clause.pcm) || clause.phones.every((phone) => phone.symbol === silence))
      throw this.#unspeakable(text);
    return { ...clause, words: restoreText(clause, text), pcm: applyVolume(clause.pcm, volume) };
  }

  close(): Promise<void> {
    return this.#process.close();
  }

  #languageFor(text: string, wanted?: string): string | undefined {
    if (wanted !== undefined && wanted !== '') return espeakVoiceFor(wanted);
    return this.#language ?? languageFor(scriptsOf(text));
  }

  #unspeakable(text: string): FacewireError {
    return new FacewireError('ERR_VOICE_UNSPEAKABLE', `the voice ${this.name} cannot speak this text`, {
      expected: 'letters of one language beside Latin',
      received: JSON.stringify(Array.from(text).slice(0, 24).join('')),
      remedy: 'Split the text by language, or name the language: espeak:cmn.',
    });
  }
}

/** Blanks out what espeak would spell or take for markup, one code point for one, so positions stay. */
function readable(text: string): string {
  return Array.from(text, (character) =>
    /[\p{So}\p{Cs}\p{Co}\p{Cn}\p{Cf}<>[\]{}|\\]/u.test(character) ? ' ' : character,
  ).join('');
}

function restoreText(clause: SpokenClause, text: string): SpokenClause['words'] {
  const characters = Array.from(text);
  return clause.words.map((word) => ({
    ...word,
    text: characters.slice(word.codePointStart, word.codePointEnd).join(''),
  }));
}
