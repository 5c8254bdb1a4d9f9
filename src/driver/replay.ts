import { errorTable, FacewireError, type ErrorCode } from '../errors.js';
import type { Entry } from '../record/format.js';
import type { Recording } from '../record/recording.js';
import { frameNumber, interruptSequence, readRequest, readResumeAnswer } from '../wire/index.js';
import type { DriveMedia } from './drive-media.js';
import type { DriveLink } from './drive-setup.js';
import { longestTimerMs } from './drive-waits.js';
import { Drive } from './drive.js';
import { defaultTimes, invalid } from './options.js';
import { ReplayClock } from './replay-clock.js';
import { withoutTags } from './transcript.js';

export interface ReplayOptions {
  /** 1 is the speed of then, 2 twice as fast; Infinity (default) as fast as it is taken. */
  readonly speed?: number;
  /** Takes sound and mouth, as in a drive; without it the events carry them. */
  readonly media?: DriveMedia;
}

/** A drive out of a recording waits for nothing: the recording says how it ended. */
const noTimes = Object.fromEntries(
  Object.keys(defaultTimes).map((name) => [name, longestTimerMs]),
) as unknown as typeof defaultTimes;

/**
 * Gives the drives of a recording again, one after the other, with the bytes
 * that came then: samples, weights and events are the same at any speed. What
 * is damaged is left out (`Recording.damages`); a drive whose end is missing fails.
 */
export class Replay {
  readonly #recording: Recording;
  readonly #speed: number;
  readonly #media: DriveMedia | undefined;

  constructor(recording: Recording, options: ReplayOptions = {}) {
    this.#recording = recording;
    this.#speed = options.speed ?? Number.POSITIVE_INFINITY;
    this.#media = options.media;
    if (!(this.#speed > 0)) throw invalid('speed', 'a number above 0', String(options.speed));
  }

  #refuseSession(): void {
    if (this.#recording.header?.session !== 'interactive') return;
    throw new FacewireError('ERR_STATE', 'the recording is that of an interactive session', {
      expected: 'a recording of drives',
      received: 'calls and commands, of which none brings sound or mouth',
      remedy: 'Read it with SessionReplay.',
    });
  }

  /** Each drive must be over before the next one is asked for; leaving the loop ends the replay. */
  async *drives(): AsyncGenerator<Drive, void, undefined> {
    const entries = this.#recording.entries();
    const clock = new ReplayClock(this.#speed);
    let next: IteratorResult<Entry, void> = await entries.next();
    let feeding: Feeding | undefined;
    try {
      while (next.done !== true) {
        const entry = next.value;
        if (entry.what === 'begin') {
          feeding = new Feeding(entry.id, entry.media ? this.#media : undefined, clock);
          clock.start(entry.at);
          const fed = feeding.run(entries);
          yield feeding.drive;
          next = await fed;
          feeding = undefined;
        } else {
          this.#refuseSession();
          next = await entries.next();
        }
      }
    } finally {
      feeding?.stop();
      await entries.return();
    }
  }
}

/** One drive and what of the recording belongs to it. */
class Feeding {
  readonly drive: Drive;
  readonly #clock: ReplayClock;
  #text: string | undefined;
  #lastNumber = 0;
  #isPaused = false;
  #isStopped = false;
  #wake: (() => void) | undefined;

  constructor(requestId: string, media: DriveMedia | undefined, clock: ReplayClock) {
    this.#clock = clock;
    const link: DriveLink = {
      send: () => undefined,
      pause: () => (this.#isPaused = true),
      resume: () => {
        this.#isPaused = false;
        this.#wake?.();
      },
      abandon: () => undefined,
      recover: () => false,
      acknowledge: () => undefined,
      note: () => undefined,
      isPast: () => false,
      released: () => this.#wake?.(),
      secrets: [],
    };
    this.drive = new Drive({
      requestId,
      expectation: 'speak',
      media,
      signal: undefined,
      times: noTimes,
      timeReference: undefined,
      maxQueuedEvents: 1024,
      link,
      farewell: () => undefined,
      source: () => this.#text,
    });
    this.drive.begin();
  }

  /** Feeds the drive to its end. Returns the entry that follows. Never rejects for what the drive does. */
  async run(entries: AsyncGenerator<Entry, void, undefined>): Promise<IteratorResult<Entry, void>> {
    for (;;) {
      const next = await entries.next().catch((thrown: unknown) => {
        this.drive.fail(ended(thrown));
        throw thrown;
      });
      if (next.done === true || next.value.what === 'begin' || next.value.what === 'full') {
        await this.#room();
        this.drive.fail(ended(undefined));
        return next;
      }
      if (this.#isStopped) return next;
      await this.#clock.until(next.value.at);
      await this.#room();
      if (this.#take(next.value)) return entries.next();
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.drive.interrupt({ force: true });
    this.#wake?.();
  }

  /** True for the entry that ends the drive. */
  #take(entry: Entry): boolean {
    if (entry.what === 'received')
      this.#receive(
        Buffer.from(entry.text ?? entry.bytes ?? '', entry.text === undefined ? 'base64' : 'utf8'),
      );
    else if (entry.what === 'sent') this.#send(entry.text);
    else if (entry.what === 'over' && entry.id === this.drive.requestId) {
      this.#end(entry);
      return true;
    }
    return false;
  }

  #receive(bytes: Buffer): void {
    if (readResumeAnswer(bytes) !== undefined) return;
    const at = frameNumber(bytes);
    if (at?.requestId === this.drive.requestId) {
      if (at.number <= this.#lastNumber) return;
      this.#lastNumber = at.number;
    }
    this.drive.take(bytes, true);
  }

  /** What was asked to be spoken, so that words find their place in it. */
  #send(text: string): void {
    const reading = readRequest(text);
    if (!reading.ok || reading.request.requestId !== this.drive.requestId) return;
    const { request } = reading;
    if (request.kind === 'text')
      this.#text = request.markup === 'ssml' ? withoutTags(request.text) : request.text;
    else if (request.kind === 'stream' && request.sequence !== interruptSequence)
      this.#text = (this.#text ?? '') + request.text;
  }

  #end(entry: Entry & { readonly what: 'over' }): void {
    if (entry.end === 'interrupted') this.drive.interrupt({ force: true });
    else if (entry.end === 'failed') {
      const code = Object.hasOwn(errorTable, entry.code ?? '')
        ? (entry.code as ErrorCode)
        : 'ERR_DRIVE_FAILED';
      this.drive.fail(new FacewireError(code, entry.why ?? 'the drive failed when it was recorded'));
    } else this.drive.conclude(entry.end);
  }

  /** Resolves when the drive can take more; it may wait for room in the media session, or for its reader. */
  async #room(): Promise<void> {
    while (this.#isPaused && !this.drive.isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

function ended(cause: unknown): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', 'the recording ends in the middle of a drive', {
    expected: 'the end of the drive',
    received: 'the end of the recording',
    remedy: 'What was recorded has been played; the rest is not in the file.',
    ...(cause !== undefined && { cause }),
  });
}
