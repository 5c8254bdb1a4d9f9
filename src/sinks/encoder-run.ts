import { MediaChild } from '../child.js';
import type { Clock } from '../clock.js';
import { FlvParser, isMedia, type FlvTag } from './flv.js';
import type { TagPlaces } from './tag-places.js';

export interface EncoderRunSettings {
  readonly command: { readonly path: string; readonly arguments: readonly string[] };
  readonly places: TagPlaces;
  readonly clock: Clock;
  /** One that gets something and gives nothing for so long hangs, in ms. */
  readonly stallMs: number;
  /** @param place of a tag that is not set-up, in what was written. */
  readonly onTag: (tag: FlvTag, place: number) => void;
  /** Told when it writes something else than FLV, and what. */
  readonly onNonsense: (what: string) => void;
}

/** A program needs this long to start where everybody wants the processor. */
const startMs = 8000;

/** One ffmpeg, from its start to its end: what it was given, what it owes, and what came of it. */
export class EncoderRun {
  readonly child: MediaChild;
  readonly places: TagPlaces;
  /** What it has given while the one before it was not done. */
  readonly held: [tag: FlvTag, place: number][] = [];
  /** Nothing more comes from it. */
  done = false;
  readonly #settings: EncoderRunSettings;
  #queued = 0;
  #servedSince: number | undefined;
  #owedSince: number | undefined;
  #used = false;
  #retired = false;

  constructor(settings: EncoderRunSettings) {
    this.#settings = settings;
    this.places = settings.places;
    const { path, arguments: args } = settings.command;
    this.child = new MediaChild(path, args, { stdio: ['pipe', 'pipe', 'pipe'], clock: settings.clock });
    const parser = new FlvParser((tag) => this.#take(tag));
    this.child.process.stdout?.on('data', (bytes: Buffer) => {
      if (this.done) return;
      try {
        parser.push(bytes);
      } catch (thrown) {
        settings.onNonsense(`ffmpeg wrote something else than FLV: ${String(thrown)}`);
      }
    });
  }

  /** Writes that it has not taken. */
  get queued(): number {
    return this.#queued;
  }

  /** Since when it gives something, of the clock. */
  get servedSince(): number | undefined {
    return this.#servedSince;
  }

  /** Something was written to it. */
  get used(): boolean {
    return this.#used;
  }

  /** Its input was ended by us. */
  get retired(): boolean {
    return this.#retired;
  }

  /** Takes what belongs at `place`; returns how much of it, from its beginning, it has no use for. */
  write(place: number, count: number, bytes: Uint8Array, done?: () => void): number {
    const skipped = this.places.begin(place, count);
    const { stdin } = this.child.process;
    // There is none when the program could not be started, which is told in a moment.
    if (skipped === count || !stdin) {
      done?.();
      return skipped;
    }
    const part = skipped === 0 ? bytes : bytes.subarray((bytes.length / count) * skipped);
    this.places.wrote(place + skipped, count - skipped);
    this.#used = true;
    this.#queued += 1;
    stdin.write(part, () => {
      this.#queued -= 1;
      done?.();
    });
    return skipped;
  }

  /** Ends its input. */
  retire(): void {
    this.#retired = true;
    this.#owedSince = undefined;
    this.child.process.stdin?.end();
  }

  /**
   * For how long it has given nothing though it should have, once that is too long.
   *
   * @param isExcused our own process stood still since the last look.
   */
  hungMs(now: number, isExcused: boolean): number | undefined {
    const isOwed = this.#retired || this.places.pending > this.places.slack;
    if (!isOwed || isExcused) this.#owedSince = undefined;
    else this.#owedSince ??= now;
    const { stallMs } = this.#settings;
    const patience = this.#servedSince === undefined ? Math.max(startMs, stallMs) : stallMs;
    const owedMs = now - (this.#owedSince ?? now);
    return owedMs > patience ? owedMs : undefined;
  }

  #take(tag: FlvTag): void {
    if (!tag.isConfig && !isMedia(tag)) return;
    const place = tag.isConfig ? 0 : this.places.next();
    if (place === undefined) return;
    if (!tag.isConfig) {
      this.#owedSince = undefined;
      this.#servedSince ??= this.#settings.clock.now();
    }
    this.#settings.onTag(tag, place);
  }
}
