import { FacewireError } from '../../errors.js';
import type { Entry } from '../../record/format.js';
import type { Recording } from '../../record/recording.js';
import { readChannelMessage, readCommand, type ChannelMessage, type Command } from '../../wire/index.js';
import { invalid } from '../options.js';
import { ReplayClock } from '../replay-clock.js';

/** What passed between a session and its cloud; `at` is ms since the recording began. */
export type SessionMoment = { readonly at: number } & (
  | { readonly type: 'asked'; readonly call: string; readonly body: string }
  /** `status` is that of HTTP; 0 when no answer came. */
  | { readonly type: 'answered'; readonly call: string; readonly status: number; readonly body: string }
  | { readonly type: 'open' }
  | { readonly type: 'lost'; readonly code: string; readonly why: string }
  /** We sent it. Of a sound `pcm` holds the samples, as they were. */
  | { readonly type: 'command'; readonly command: Command }
  /** The cloud sent it. */
  | { readonly type: 'message'; readonly message: ChannelMessage }
  /** A frame of ours that cannot be read any more. */
  | { readonly type: 'unreadable'; readonly why: string }
  /** The file reached its limit here. */
  | { readonly type: 'full' }
);

/**
 * Reads the recording of an interactive session: every call, command and
 * message in its order, at the speed that is asked for. What is damaged is left out (`Recording.damages`).
 */
export class SessionReplay {
  readonly #recording: Recording;
  readonly #speed: number;

  /** @param options.speed 1 is that of then; default Infinity, as fast as it is taken. Throws ERR_OPTION_INVALID. */
  constructor(recording: Recording, options: { readonly speed?: number } = {}) {
    this.#recording = recording;
    this.#speed = options.speed ?? Number.POSITIVE_INFINITY;
    if (!(this.#speed > 0)) throw invalid('speed', 'a number above 0', String(options.speed));
  }

  /** Throws ERR_STATE for a recording of drives, ERR_INPUT_UNREADABLE for what is no recording. */
  async *moments(): AsyncGenerator<SessionMoment, void, undefined> {
    const clock = new ReplayClock(this.#speed);
    let began = false;
    for await (const entry of this.#recording.entries()) {
      const { header } = this.#recording;
      if (header !== undefined && header.session !== 'interactive') {
        throw new FacewireError('ERR_STATE', 'the recording is not that of an interactive session', {
          expected: 'a recording of an interactive session',
          received: 'a recording of drives',
          remedy: 'Read it with Replay.',
        });
      }
      if (!began) clock.start(entry.at);
      began = true;
      await clock.until(entry.at);
      const moment = momentOf(entry);
      if (moment !== undefined) yield moment;
    }
  }
}

function momentOf(entry: Entry): SessionMoment | undefined {
  const { at } = entry;
  switch (entry.what) {
    case 'asked':
      return { at, type: 'asked', call: entry.call, body: entry.text };
    case 'answered':
      return { at, type: 'answered', call: entry.call, status: entry.status, body: entry.text };
    case 'lost':
      return { at, type: 'lost', code: entry.code, why: entry.why };
    case 'open':
    case 'full':
      return { at, type: entry.what };
    case 'sent': {
      const reading = readCommand(entry.text);
      return reading.ok
        ? { at, type: 'command', command: reading.command }
        : { at, type: 'unreadable', why: reading.refusal.message };
    }
    case 'received': {
      const bytes = entry.text ?? Buffer.from(entry.bytes ?? '', 'base64');
      return { at, type: 'message', message: readChannelMessage(bytes) };
    }
    default:
      return undefined;
  }
}
