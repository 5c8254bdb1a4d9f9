import { Backoff } from '../backoff.js';
import type { ChildExit } from '../child.js';
import type { Clock } from '../clock.js';
import { isOutOfDescriptors } from '../descriptors.js';
import type { EncoderDrops, EncoderEvent, EncoderKind } from './encoder-events.js';
import { EncoderRun } from './encoder-run.js';
import type { FlvTag } from './flv.js';
import type { TagPlaces } from './tag-places.js';

export interface EncoderLineSettings {
  readonly kind: EncoderKind;
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** One that gets something and gives nothing for so long is replaced, in ms. */
  readonly stallMs: number;
  /** Most writes that may wait for ffmpeg. */
  readonly maxQueued: number;
  /** How ffmpeg is started; asked each time, with how many have failed in a row. */
  readonly command: (failures: number) => { readonly path: string; readonly arguments: readonly string[] };
  readonly newPlaces: () => TagPlaces;
  /** @param place of a tag that is not set-up, in what was written. */
  readonly onTag: (tag: FlvTag, place: number) => void;
  readonly onEvent: (event: EncoderEvent) => void;
  /** Called at most once, when there will be no other ffmpeg. */
  readonly onFailed: (what: string) => void;
}

const checkMs = 250;
/** A check this late means that our own process or machine stood still. */
const ownStandstillMs = 1000;
/** One that served for so long was in order. */
const stableMs = 5000;
const mostFailures = 8;
/** Of one line at a time; whoever wants a new one oftener than they end waits for one to end. */
const mostRuns = 3;

/**
 * Sound or pictures through one ffmpeg after the other: one that dies, hangs or
 * writes nonsense is replaced, and what it had inside is lost and counted. Each
 * tag keeps the place of what it was made from, so times go on over the gap.
 */
export class EncoderLine {
  readonly #settings: EncoderLineSettings;
  readonly #backoff: Backoff;
  readonly #lost = { failure: 0, full: 0 };
  /** Oldest first. Only the oldest delivers. */
  #runs: EncoderRun[] = [];
  #current: EncoderRun | undefined;
  #state: 'open' | 'finishing' | 'closed' = 'open';
  #hasServed = false;
  #failures = 0;
  #restarts = 0;
  #mustReplace = false;
  #downSince: number | undefined;
  #lastWords = '';
  #checkedAt = 0;
  #cancelCheck: () => void = () => undefined;
  #cancelRestart: () => void = () => undefined;

  constructor(settings: EncoderLineSettings) {
    this.#settings = settings;
    this.#backoff = new Backoff(settings.random, 250, 1.7, 2500);
    this.#checkedAt = settings.clock.now();
    this.#current = this.#spawn();
    this.#arm();
  }

  get pids(): number[] {
    return this.#runs.flatMap(({ child: { process }, done }) =>
      process.pid === undefined || done ? [] : [process.pid],
    );
  }

  /** What was given up: pictures, or samples of sound. */
  get lost(): EncoderDrops {
    return { ...this.#lost };
  }

  /** Times that an ffmpeg which had failed was replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Writes that ffmpeg has not taken; Infinity while there is none. */
  get queued(): number {
    return this.#current?.queued ?? Infinity;
  }

  /** The last lines that an ffmpeg of this line wrote to say what is wrong. */
  get tail(): string {
    const tail = this.#runs.map(({ child }) => child.tail).join('\n');
    return tail.trim() === '' ? this.#lastWords : tail;
  }

  /**
   * Takes what belongs at `place`, `count` pictures or samples; returns at once.
   *
   * @param done called when `bytes` are not needed any more.
   */
  write(place: number, count: number, bytes: Uint8Array, done?: () => void): void {
    const current = this.#state === 'open' ? this.#current : undefined;
    const isFull = current !== undefined && current.queued >= this.#settings.maxQueued;
    if (current === undefined || isFull) {
      this.#lost[isFull ? 'full' : 'failure'] += count;
      done?.();
      return;
    }
    this.#lost.failure += current.write(place, count, bytes, done);
  }

  /** Goes on with a new ffmpeg, started as `command` says now. Nothing is lost, and a keyframe comes first. */
  replace(): void {
    if (this.#state !== 'open' || this.#current === undefined) return;
    this.#mustReplace = this.#runs.length >= mostRuns;
    if (this.#mustReplace) return;
    this.#current.retire();
    this.#current = this.#spawn();
  }

  /** Ends the input and waits until all that was inside has come. Returns what went wrong, if anything did. */
  async finish(): Promise<string | undefined> {
    if (this.#state !== 'open') return undefined;
    this.#state = 'finishing';
    this.#cancelRestart();
    const last = this.#current;
    last?.retire();
    const left = [...this.#runs];
    const exits = await Promise.all(left.map(({ child }) => child.stop(10_000)));
    this.#end();
    // ffmpeg calls it a failure to get nothing at all.
    const bad = exits.find(({ code }, i) => code !== 0 && (left[i]?.used === true || !this.#hasServed));
    if (bad !== undefined) return describeExit(bad);
    if (last === undefined) return 'ffmpeg was not there at the end';
    const missing = left.reduce((sum, { places }) => sum + places.missing, 0);
    return missing > 0 ? `ffmpeg kept ${missing} pictures` : undefined;
  }

  /** Drops everything at once. */
  async kill(): Promise<void> {
    const children = this.#runs.map(({ child }) => child);
    this.#end();
    for (const child of children) child.kill();
    await Promise.all(children.map(({ exited }) => exited));
  }

  #end(): void {
    this.#state = 'closed';
    this.#cancelCheck();
    this.#cancelRestart();
    this.#current = undefined;
  }

  #spawn(): EncoderRun {
    const { clock, command, newPlaces, stallMs } = this.#settings;
    const run: EncoderRun = new EncoderRun({
      clock,
      stallMs,
      command: command(this.#failures),
      places: newPlaces(),
      onTag: (tag, place) => this.#take(run, tag, place),
      onNonsense: (what) => this.#lose(run, what),
    });
    this.#runs.push(run);
    void run.child.exited.then((exit) => this.#exited(run, exit));
    return run;
  }

  #take(run: EncoderRun, tag: FlvTag, place: number): void {
    if (!tag.isConfig) this.#served(run);
    if (run === this.#runs[0]) this.#settings.onTag(tag, place);
    else run.held.push([tag, place]);
  }

  #served(run: EncoderRun): void {
    const { clock, kind, onEvent } = this.#settings;
    this.#hasServed = true;
    if (this.#downSince === undefined || run !== this.#current) return;
    onEvent({ type: 'encoderBack', kind, downMs: clock.now() - this.#downSince });
    this.#downSince = undefined;
  }

  #exited(run: EncoderRun, exit: ChildExit): void {
    if (this.#state === 'closed') run.done = true;
    if (run.done) return;
    if (!run.retired && this.#state === 'open') {
      const neverWorks = exit.error !== undefined || (!this.#hasServed && exit.signal === null);
      return this.#lose(run, describeExit(exit), neverWorks && !isOutOfDescriptors(exit.error));
    }
    // While we finish, finish() tells.
    if (exit.code !== 0) this.#lost.failure += run.places.pending;
    this.#leave(run);
  }

  /** Takes leave of one that is of no use any more, and starts another. */
  #lose(run: EncoderRun, what: string, isFinal = false): void {
    const { clock, kind, onEvent, onFailed } = this.#settings;
    const now = clock.now();
    this.#lost.failure += run.places.pending;
    this.#lastWords = run.child.tail;
    run.child.kill();
    this.#leave(run);
    if (run !== this.#current) return;
    this.#current = undefined;
    if (now - (run.servedSince ?? now) > stableMs) {
      this.#failures = 0;
      this.#backoff.reset();
    }
    this.#failures += 1;
    if (isFinal || this.#failures > mostFailures) {
      this.#end();
      return onFailed(what);
    }
    if (this.#downSince === undefined) {
      this.#downSince = now;
      onEvent({ type: 'encoderDown', kind, reason: what });
    }
    const waitMs = this.#failures === 1 ? 0 : this.#backoff.next();
    this.#cancelRestart = clock.after(waitMs, () => {
      if (this.#state !== 'open') return;
      this.#restarts += 1;
      this.#current = this.#spawn();
    });
  }

  /** The next one may deliver what it holds. */
  #leave(run: EncoderRun): void {
    run.done = true;
    for (let [head] = this.#runs; head !== undefined; [head] = this.#runs) {
      for (const [tag, place] of head.held.splice(0)) this.#settings.onTag(tag, place);
      if (!head.done) break;
      this.#runs.shift();
    }
    if (this.#mustReplace) this.replace();
  }

  #arm(): void {
    this.#cancelCheck = this.#settings.clock.after(checkMs, () => this.#check());
  }

  #check(): void {
    const now = this.#settings.clock.now();
    const stoodStill = now - this.#checkedAt - checkMs > ownStandstillMs;
    this.#checkedAt = now;
    for (const run of this.#runs.filter(({ done }) => !done)) {
      const hungMs = run.hungMs(now, stoodStill);
      if (hungMs !== undefined) this.#lose(run, `ffmpeg gave nothing for ${Math.round(hungMs)} ms`);
    }
    if (this.#state === 'open') this.#arm();
  }
}

function describeExit({ code, signal, error }: ChildExit): string {
  return error === undefined
    ? `ffmpeg ended with ${signal ?? `code ${code}`}`
    : `ffmpeg could not be started: ${error.message}`;
}
