import { FacewireError } from '../errors.js';
import { createVoice } from '../voice/create-voice.js';
import type { Voice } from '../voice/voice.js';

/** Most voices that are open at once; each has a process. */
const mostVoices = 8;

/** The voices of one server, opened when they are first asked for. */
export class Voices {
  readonly #voices = new Map<string, Voice>();
  readonly #default: Voice;

  /** @param preset a voice name, or a voice of the caller's own, which the caller closes. */
  constructor(preset: string | Voice) {
    if (typeof preset === 'string') {
      this.#default = createVoice(preset);
      this.#voices.set(preset, this.#default);
    } else this.#default = preset;
  }

  /** The voice for a timbre; an empty name or `default` is the server's own. */
  get(timbre: string | undefined): Voice {
    if (timbre === undefined || timbre === '' || timbre === 'default') return this.#default;
    const open = this.#voices.get(timbre);
    if (open !== undefined) return open;
    if (this.#voices.size >= mostVoices) {
      throw new FacewireError('ERR_OPTION_INVALID', `more than ${mostVoices} timbres are in use`, {
        received: JSON.stringify(timbre.slice(0, 40)),
        remedy: 'Use one that was used before.',
      });
    }
    const voice = createVoice(timbre);
    this.#voices.set(timbre, voice);
    return voice;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#voices.values()].map((voice) => voice.close()));
  }
}
