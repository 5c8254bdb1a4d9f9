import type { Drive } from '../driver/drive.js';
import type { EndpointDriver } from '../driver/endpoint-driver.js';
import { FacewireError, toFacewireError } from '../errors.js';
import type { MediaSession } from '../media/session.js';
import { perform } from '../player/perform.js';
import type { Player } from '../player/player.js';
import type { SpokenEvent } from '../player/spoken-events.js';
import type { Subtitles } from '../player/subtitles.js';
import type { SpeechSettings } from '../wire/index.js';
import type { CloudWatch } from './cloud-watch.js';
import { sentencesOf } from './sentences.js';

export type VoiceSource = 'cloud' | 'local';

/** What became of one request. */
export interface Said {
  /** lost: the cloud went away in the middle; what had arrived was said. */
  readonly outcome: 'finished' | 'interrupted' | 'lost' | 'failed';
  /** Who spoke, in order, each change once. */
  readonly sources: readonly VoiceSource[];
  readonly seconds: number;
  /** What was shown; of an answer, its text. */
  readonly text: string;
  /** Of the request, when the cloud was lost in the middle of it. */
  readonly unspoken?: string;
  readonly error?: FacewireError;
}

export interface SpeakerOptions {
  readonly player: Player;
  readonly session: MediaSession;
  readonly local: EndpointDriver;
  readonly cloud?: {
    readonly driver: EndpointDriver;
    readonly watch: CloudWatch;
    readonly speech: SpeechSettings;
  };
  /** Filled with what is said. */
  readonly subtitles?: readonly Subtitles[];
  /** Requests that may wait; default 16. */
  readonly queue?: number;
}

interface Part {
  readonly source: VoiceSource;
  readonly heard: boolean;
  readonly seconds: number;
  readonly text: string;
  readonly outcome: 'finished' | 'interrupted' | 'failed';
  readonly error?: FacewireError;
}

/**
 * Says one request after the other into the same session, by the cloud while it
 * is there, else by the local voice, sentence by sentence, so that the cloud
 * goes on with the next sentence after it is back.
 */
export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #most: number;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  /** Raised by interrupt(); requests of an older generation are void. */
  #generation = 0;
  #drive: Drive | undefined;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#most = options.queue ?? 16;
  }

  /** Who would speak now. */
  get source(): VoiceSource {
    return this.#options.cloud?.watch.isUp === true ? 'cloud' : 'local';
  }

  /** Requests that wait or are being said. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Says a text. Never rejects for what a voice does; throws ERR_RATE_LIMITED when too many requests wait. */
  say(text: string): Promise<Said> {
    return this.#enqueue((generation) => this.#say(text, generation));
  }

  /** Puts a question to the dialogue and says its answer. */
  ask(text: string): Promise<Said> {
    return this.#enqueue(async (generation) => {
      const part = await this.#part(this.source, 'ask', text, generation);
      if (part.error === undefined || part.source === 'local' || !this.#isLost(part)) return said([part]);
      if (part.heard) return { ...said([part]), outcome: 'lost' };
      return said([await this.#part('local', 'ask', text, generation)]);
    });
  }

  /** Silences what is said, and drops what waits. Returns the output sample at which it stops. */
  interrupt(): number {
    this.#generation += 1;
    this.#drive?.interrupt({ force: true });
    return this.#options.player.interrupt();
  }

  /** Resolves when nothing is said any more. */
  async close(): Promise<void> {
    if (this.#waiting > 0) this.interrupt();
    await this.#last;
  }

  #enqueue(work: (generation: number) => Promise<Said>): Promise<Said> {
    if (this.#waiting >= this.#most) {
      throw new FacewireError('ERR_RATE_LIMITED', `${this.#most} requests wait already`, {
        remedy: 'Wait for them, or interrupt.',
      });
    }
    this.#waiting += 1;
    const generation = this.#generation;
    const result = this.#last.then(async () => {
      try {
        return await work(generation);
      } finally {
        this.#waiting -= 1;
      }
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #say(text: string, generation: number): Promise<Said> {
    const parts: Part[] = [];
    let rest = sentencesOf(text);
    while (rest.length > 0) {
      const { source } = this;
      const piece = source === 'cloud' ? rest.join('') : rest[0];
      const part = await this.#part(source, 'say', piece, generation);
      const isLost = this.#isLost(part);
      // Nothing of it was heard: the local voice says it.
      if (isLost && !part.heard) continue;
      parts.push(part);
      if (isLost) return { ...said(parts), outcome: 'lost', unspoken: part.error?.unspoken ?? '' };
      if (part.outcome !== 'finished') break;
      rest = source === 'cloud' ? [] : rest.slice(1);
    }
    return said(parts);
  }

  #isLost({ source, error }: Part): boolean {
    return source === 'cloud' && error !== undefined && this.#options.cloud?.watch.failed(error) === true;
  }

  async #part(source: VoiceSource, kind: 'say' | 'ask', text: string, generation: number): Promise<Part> {
    const { player, session, local, cloud, subtitles = [] } = this.#options;
    const empty = { source, heard: false, seconds: 0, text: '' };
    if (generation !== this.#generation) return { ...empty, outcome: 'interrupted' };
    let heard = false;
    try {
      const driver = source === 'cloud' && cloud !== undefined ? cloud.driver : local;
      const speech = source === 'cloud' && cloud !== undefined ? { speech: cloud.speech } : {};
      const settings = { media: session, ...speech };
      const drive = kind === 'ask' ? driver.chat(text, settings) : driver.text(text, settings);
      this.#drive = drive;
      const onEvent = ({ type }: SpokenEvent): void => {
        heard ||= type === 'started';
      };
      const {
        seconds,
        outcome,
        text: shown,
      } = await perform(drive, player, session, {
        onEvent,
        subtitles,
      });
      return { source, heard, seconds, text: shown, outcome };
    } catch (thrown) {
      const error = toFacewireError(thrown);
      if (error.code === 'ERR_INTERRUPTED') return { ...empty, heard, outcome: 'interrupted' };
      return { ...empty, heard, outcome: 'failed', error };
    } finally {
      this.#drive = undefined;
    }
  }
}

function said(parts: readonly Part[]): Said {
  const last = parts.at(-1);
  return {
    outcome: last?.outcome ?? 'finished',
    sources: parts.map(({ source }) => source).filter((source, i, all) => source !== all[i - 1]),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    text: parts.map(({ text }) => text).join(''),
    ...(last?.error !== undefined && { error: last.error }),
  };
}
