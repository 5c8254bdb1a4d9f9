import { FacewireError } from '../errors.js';
import { applyVolume, isSilent } from './level.js';
import { isEnglish } from './espeak-languages.js';
import { checkSpeakOptions } from './speak-options.js';
import { hasSpeech, scriptsOf, unspellable } from './scripts.js';
import { silence, type SpeakOptions, type SpokenClause, type Voice } from './voice.js';
import { VoiceProcess } from './voice-process.js';

export const fliteVoices = ['slt', 'rms', 'awb', 'kal', 'kal16'] as const;
export type FliteVoiceName = (typeof fliteVoices)[number];

/** Package that speaks what flite cannot. */
export const otherLanguagesPackage = '@echogarden/espeak-ng-emscripten';

/** English speech by flite (ARPAbet phones, 16 kHz, `kal` 8 kHz). */
export class FliteVoice implements Voice {
  readonly name: FliteVoiceName;
  readonly languages = ['en'];
  readonly #process = new VoiceProcess('voice/flite-child');

  constructor(name: FliteVoiceName = 'slt') {
    this.name = name;
  }

  /** Process id of the engine, when it runs. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  canSpeak(text: string, language?: string): boolean {
    return isEnglish(language) && hasSpeech(text) && unspellable(text) === '';
  }

  async synthesize(text: string, options: SpeakOptions = {}): Promise<SpokenClause> {
    const { speed, volume } = checkSpeakOptions(options);
    this.#check(text, options.language);
    const clause = await this.#process.speak(text, this.name, speed, options.signal);
    // Flite reports success for text it has no sounds for.
    if (isSilent(clause.pcm) || clause.phones.every((phone) => phone.symbol === silence)) {
      throw unspeakable(`the voice ${this.name} was silent for this text`, text);
    }
    return { ...clause, pcm: applyVolume(clause.pcm, volume) };
  }

  close(): Promise<void> {
    return this.#process.close();
  }

  #check(text: string, language: string | undefined): void {
    if (!isEnglish(language)) throw unspeakable(`the voice ${this.name} speaks English only`, text);
    if (!hasSpeech(text)) throw unspeakable('the text has no letters or digits that could be spoken', text);
    const bad = unspellable(text);
    if (bad !== '') {
      const scripts = scriptsOf(bad).join(', ') || 'other';
      throw unspeakable(
        `the voice ${this.name} speaks English only, but the text holds ${scripts} characters`,
        bad,
      );
    }
  }
}

function unspeakable(message: string, text: string): FacewireError {
  const shown = Array.from(text).slice(0, 24).join('');
  return new FacewireError(
    'ERR_VOICE_UNSPEAKABLE',
    `${message}; for other languages install ${otherLanguagesPackage}`,
    {
      expected: 'text in Latin letters or digits',
      received: JSON.stringify(shown),
      remedy: `Use English text, or for other languages run: npm install ${otherLanguagesPackage}`,
    },
  );
}
