import { FacewireError, toFacewireError } from '../errors.js';
import type { OutputFormat, Picture, Sink, SinkReport, SoundClock, Span } from '../sinks/sink.js';
import { within } from '../clock.js';
import { checkDelay, DelayLine, type HeldSpan } from './delay-line.js';
import { RoomWatch } from './room-watch.js';

export interface SinkGroupOptions {
  /** By how much a sink gets its spans later than they are due, in ms, 0 to 1000. Default 0. */
  readonly delaysMs?: ReadonlyMap<Sink, number>;
  /** How long sinks that are open wait for those that are not, in ms. Default 10 000. */
  readonly openMs?: number;
  /** How long a sink may take to close, in ms. Default 20 000. */
  readonly closeMs?: number;
  /** How long a sink that others wait for may have no room, in ms. Default 15 000. */
  readonly fullMs?: number;
}

/** A sink that is closed while it opens gets so long to finish that, in ms. */
const openGraceMs = 1000;

/**
 * The sinks of one player. None holds up another: one that breaks, throws,
 * takes nothing, or does not open or close in time leaves the group.
 */
export class SinkGroup {
  readonly #all: readonly Sink[];
  readonly #onFailure: (sink: Sink, error: FacewireError) => void;
  readonly #delaysMs: ReadonlyMap<Sink, number>;
  readonly #openMs: number;
  readonly #closeMs: number;
  readonly #rooms: RoomWatch;
  readonly #opening = new Map<Sink, Promise<void>>();
  readonly #reports = new Map<Sink, SinkReport>();
  readonly #broken = new Map<Sink, FacewireError>();
  /** Sinks that are being closed, or are closed. */
  readonly #leaving = new Map<Sink, Promise<void>>();
  /** What takes spans now. */
  #sinks: readonly Sink[] = [];
  #line: DelayLine | undefined;
  /** Output sample just past the last one written. */
  #written = 0;
  #hasBegun = false;
  #isClosed = false;

  /** @param onFailure told once for each sink that breaks, also while it closes. Throws ERR_OPTION_INVALID. */
  constructor(
    sinks: readonly Sink[],
    onFailure: (sink: Sink, error: FacewireError) => void,
    options: SinkGroupOptions = {},
  ) {
    this.#all = [...sinks];
    this.#onFailure = onFailure;
    this.#delaysMs = options.delaysMs ?? new Map();
    this.#openMs = options.openMs ?? 10_000;
    this.#closeMs = options.closeMs ?? 20_000;
    this.#rooms = new RoomWatch(options.fullMs ?? 15_000);
    for (const [sink, delayMs] of this.#delaysMs) checkDelay(sink, delayMs, sinks);
  }

  get wantsPictures(): boolean {
    return this.#sinks.some((sink) => sink.wantsPictures);
  }

  /** Of the first that consumes at a pace of its own. */
  get clock(): SoundClock | undefined {
    return this.#sinks.find((sink) => sink.clock !== undefined)?.clock;
  }

  /** By how much later than spans are due the sink is heard whose clock is followed, in ms. */
  get clockDelayMs(): number {
    const sink = this.#sinks.find(({ clock }) => clock !== undefined);
    return (sink && this.#delaysMs.get(sink)) ?? 0;
  }

  /** Whether spans are held for a sink. */
  get holds(): boolean {
    return this.#line?.isEmpty === false;
  }

  /** Output sample just past the last one that a sink has, and cannot give back. */
  get given(): number {
    const { clock } = this;
    const line = this.#line;
    if (line === undefined || line.isEmpty) return this.#written;
    const isHeld = (sink: Sink): boolean => line.has(sink) || (clock !== undefined && sink.clock === clock);
    return this.#sinks.every(isHeld) ? line.handed : this.#written;
  }

  /**
   * Opens all sinks at once, and rejects when one cannot be opened, unless that is a recording and another sink is
   * not: the recording is told as a failure then. Those that are open wait for the others, but not for ever: who
   * opens later joins then, and who fails later is told as a failure.
   */
  async open(format: OutputFormat): Promise<void> {
    const longestMs = Math.max(0, ...this.#delaysMs.values());
    if (longestMs > 0) this.#line = new DelayLine(format, longestMs, (sink, span) => this.#give(sink, span));
    const opened = this.#all.map((sink) => this.#open(sink, format));
    const all = Promise.all(opened);
    if (await within(this.#openMs, all)) await all;
    else await Promise.race([all, Promise.any(this.#all.map((sink, i) => this.#joined(sink, opened[i])))]);
    this.#hasBegun = true;
  }

  /** To all but the one whose clock is followed, which gets its sound ahead of time. `dueMs`: performance.now(). */
  write(span: Span, dueMs: number): void {
    const { clock } = this;
    for (const sink of this.#sinks) {
      if (clock !== undefined && sink.clock === clock) continue;
      if (this.#line?.has(sink) !== true) this.#give(sink, span);
    }
    this.#written = span.sampleIndex + span.audio.length;
    this.#line?.push(span, dueMs);
  }

  /** Whether all sinks can take `samples` more. One that could not for long is left out. */
  hasRoom(samples: number): boolean {
    const stuck = this.#rooms.look(this.#sinks, samples);
    if (stuck !== undefined) this.drop(stuck, tooLate(stuck, 'takes nothing any more'));
    return this.#rooms.isFree;
  }

  /** Calls `change` with the spans that nobody has been given, of those that end behind output sample `sample`. */
  renew(sample: number, change: (span: HeldSpan) => void): void {
    this.#line?.renew(sample, change);
  }

  /** Another picture for a frame that is held. It is released when nobody needs it. */
  replacePicture(frameIndex: number, picture: Picture): void {
    if (this.#line === undefined) picture.release();
    else this.#line.replacePicture(frameIndex, picture);
  }

  /** Leaves a sink out and lets it finish what it has. */
  drop(sink: Sink, error: FacewireError): void {
    if (!this.#sinks.includes(sink)) return;
    this.#sinks = this.#sinks.filter((other) => other !== sink);
    this.#line?.remove(sink);
    this.#tell(sink, error);
    void this.#finish(sink);
  }

  /** Leaves out every sink that needs what cannot be drawn. */
  dropPictures(error: FacewireError): void {
    for (const sink of this.#sinks.filter((other) => other.wantsPictures)) this.drop(sink, error);
  }

  /**
   * Finishes all sinks, those that broke included. What is held for one is handed to it in its time before.
   * The reports are in the order in which the sinks were given, whichever ended first.
   */
  async close(): Promise<SinkReport[]> {
    this.#isClosed = true;
    await Promise.all(
      this.#all.map(async (sink) => {
        await this.#line?.drain(sink);
        this.#sinks = this.#sinks.filter((other) => other !== sink);
        this.#line?.remove(sink);
        await this.#finish(sink);
      }),
    );
    return this.#all.map((sink) => {
      const report = this.#reports.get(sink) ?? { ...nothing, name: sink.name };
      return { ...report, failed: report.failed === true || this.#broken.has(sink) };
    });
  }

  async #open(sink: Sink, format: OutputFormat): Promise<void> {
    sink.onError = (error) => {
      if (this.#sinks.includes(sink)) this.drop(sink, error);
      else this.#tell(sink, error);
    };
    const opening = sink.open(format);
    this.#opening.set(sink, opening);
    try {
      await opening;
    } catch (thrown) {
      if (!this.#hasBegun && !this.#canMiss(sink)) throw thrown;
      if (!this.#isClosed) this.#tell(sink, toFacewireError(thrown));
      // Nobody waits for its end.
      void this.#finish(sink);
      return;
    } finally {
      this.#opening.delete(sink);
    }
    // Closed meanwhile; close() may be called twice.
    if (this.#isClosed || this.#leaving.has(sink)) return void (await sink.close());
    this.#join(sink);
  }

  /** Whether the others begin without it: whoever wants files alone wants to know at once. */
  #canMiss(sink: Sink): boolean {
    return sink.isRecording === true && this.#all.some((other) => other.isRecording !== true);
  }

  /** Rejects when the sink was left out. */
  async #joined(sink: Sink, opened: Promise<void> | undefined): Promise<void> {
    await opened;
    if (!this.#sinks.includes(sink)) throw this.#broken.get(sink) ?? tooLate(sink, 'was closed');
  }

  #join(sink: Sink): void {
    // In the order in which they were given, whichever was first.
    this.#sinks = this.#all.filter((other) => other === sink || this.#sinks.includes(other));
    const early = this.#broken.get(sink);
    if (early !== undefined) return this.drop(sink, early);
    // Its samples would not be those of the others.
    if (this.#hasBegun && sink.clock !== undefined)
      return this.drop(sink, tooLate(sink, 'was not open in time to be the clock'));
    const delayMs = this.#delaysMs.get(sink) ?? 0;
    if (delayMs > 0 && sink.clock === undefined) this.#line?.add(sink, delayMs);
  }

  #give(sink: Sink, span: Span): void {
    try {
      sink.write(span);
    } catch (thrown) {
      this.drop(sink, toFacewireError(thrown));
    }
  }

  #finish(sink: Sink): Promise<void> {
    let leaving = this.#leaving.get(sink);
    if (leaving === undefined) this.#leaving.set(sink, (leaving = this.#close(sink)));
    return leaving;
  }

  async #close(sink: Sink): Promise<void> {
    const opening = this.#opening.get(sink);
    if (opening !== undefined && !(await within(openGraceMs, opening)) && this.#hasBegun)
      this.#tell(sink, tooLate(sink, 'was never open'));
    let report: SinkReport | undefined;
    const closing = sink.close().then(
      (made) => (report = made),
      (thrown: unknown) => this.#tell(sink, toFacewireError(thrown)),
    );
    if (!(await within(this.#closeMs, closing))) this.#tell(sink, tooLate(sink, 'does not close'));
    this.#reports.set(sink, report ?? { ...nothing, name: sink.name });
  }

  #tell(sink: Sink, error: FacewireError): void {
    if (this.#broken.has(sink)) return;
    this.#broken.set(sink, error);
    this.#onFailure(sink, error);
  }
}

const nothing = { videoFrames: 0, audioFrames: 0, repeatedFrames: 0, bytes: 0, failed: true } as const;

function tooLate(sink: Sink, what: string): FacewireError {
  return new FacewireError('ERR_TIMEOUT', `sink ${sink.name} ${what}; the others go on without it`, {
    expected: 'a sink that answers in time',
    received: 'nothing',
  });
}
