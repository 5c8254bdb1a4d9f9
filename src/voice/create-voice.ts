import { FacewireError } from '../errors.js';
import { EspeakVoice, espeakInstalled } from './espeak-voice.js';
import { FliteVoice, fliteVoices, type FliteVoiceName } from './flite-voice.js';
import { hasSpeech } from './scripts.js';
import type { SpeakOptions, SpokenClause, Voice } from './voice.js';

export interface VoiceOptions {
  /** False refuses what an English voice cannot spell even when espeak is installed. Default true. */
  readonly otherLanguages?: boolean;
}

/**
 * Opens a voice by name: slt (default), rms, awb, kal, kal16, `espeak` or
 * `espeak:LANGUAGE`. The English voices hand text in other scripts to espeak
 * when that package is installed. No process is started before the first use.
 */
export function createVoice(name = 'slt', options: VoiceOptions = {}): Voice {
  if (name === 'espeak' || name.startsWith('espeak:')) {
    if (!espeakInstalled()) {
      throw new FacewireError(
        'ERR_VOICE_UNAVAILABLE',
        `the voice ${name} needs @echogarden/espeak-ng-emscripten`,
        {
          remedy: 'Run: npm install @echogarden/espeak-ng-emscripten (its licence is GPL-3.0)',
        },
      );
    }
    const language = name.slice('espeak:'.length);
    return new EspeakVoice(language === '' ? undefined : language);
  }
  if (!isFliteVoice(name)) {
    throw new FacewireError('ERR_OPTION_INVALID', 'there is no voice of that name', {
      expected: `${fliteVoices.join(', ')}, espeak or espeak:LANGUAGE`,
      received: JSON.stringify(name.slice(0, 40)),
    });
  }
  return options.otherLanguages !== false && espeakInstalled()
    ? new EnglishFirstVoice(name)
    : new FliteVoice(name);
}

function isFliteVoice(name: string): name is FliteVoiceName {
  return (fliteVoices as readonly string[]).includes(name);
}

/** Flite for what it can spell, espeak for the rest. */
class EnglishFirstVoice implements Voice {
  readonly name: string;
  readonly languages: readonly string[];
  readonly #english: FliteVoice;
  readonly #others = new EspeakVoice();

  constructor(name: FliteVoiceName) {
    this.name = name;
    this.#english = new FliteVoice(name);
    this.languages = [...new Set([...this.#english.languages, ...this.#others.languages])];
  }

  canSpeak(text: string, language?: string): boolean {
    return this.#english.canSpeak(text, language) || this.#others.canSpeak(text, language);
  }

  synthesize(text: string, options: SpeakOptions = {}): Promise<SpokenClause> {
    // What neither can speak fails with the words of the one that is closer to it.
    const others = !this.#english.canSpeak(text, options.language) && hasSpeech(text);
    return (others ? this.#others : this.#english).synthesize(text, options);
  }

  async close(): Promise<void> {
    await Promise.all([this.#english.close(), this.#others.close()]);
  }
}
