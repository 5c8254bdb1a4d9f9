import { toFacewireError, type FacewireError } from '../errors.js';
import type { OutputFormat, Sink, SinkReport, SoundClock, Span } from '../sinks/sink.js';

/** The sinks of one player. One that breaks leaves the group and does not hurt the others. */
export class SinkGroup {
  readonly #onFailure: (sink: Sink, error: FacewireError) => void;
  readonly #reports: SinkReport[] = [];
  readonly #broken = new Set<string>();
  /** Sinks that broke and are still closing. */
  readonly #leaving: Promise<void>[] = [];
  #sinks: Sink[];

  /** @param onFailure told once for each sink that breaks, also while it closes. */
  constructor(sinks: readonly Sink[], onFailure: (sink: Sink, error: FacewireError) => void) {
    this.#sinks = [...sinks];
    this.#onFailure = onFailure;
  }

  get wantsPictures(): boolean {
    return this.#sinks.some((sink) => sink.wantsPictures);
  }

  /** Of the first that consumes at a pace of its own. */
  get clock(): SoundClock | undefined {
    return this.#sinks.find((sink) => sink.clock !== undefined)?.clock;
  }

  async open(format: OutputFormat): Promise<void> {
    for (const sink of this.#sinks) {
      sink.onError = (error) => this.drop(sink, error);
      await sink.open(format);
    }
  }

  /** To all but the one whose clock is followed, which gets its sound ahead of time. */
  write(span: Span): void {
    const { clock } = this;
    for (const sink of this.#sinks) if (clock === undefined || sink.clock !== clock) sink.write(span);
  }

  /** Whether all sinks can take `samples` more. */
  hasRoom(samples: number): boolean {
    return this.#sinks.every(({ room }) => room === undefined || room >= samples);
  }

  /** Leaves a sink out and lets it finish what it has. */
  drop(sink: Sink, error: FacewireError): void {
    if (!this.#sinks.includes(sink)) return;
    this.#sinks = this.#sinks.filter((other) => other !== sink);
    this.#tell(sink, error);
    this.#leaving.push(this.#finish(sink));
  }

  /** Leaves out every sink that needs what cannot be drawn. */
  dropPictures(error: FacewireError): void {
    for (const sink of this.#sinks.filter((other) => other.wantsPictures)) this.drop(sink, error);
  }

  /** Finishes all sinks, those that broke included. */
  async close(): Promise<SinkReport[]> {
    const sinks = this.#sinks;
    this.#sinks = [];
    for (const sink of sinks) sink.onError = (error) => this.#tell(sink, error);
    await Promise.all([...this.#leaving, ...sinks.map((sink) => this.#finish(sink))]);
    return this.#reports.map((report) => ({
      ...report,
      failed: report.failed === true || this.#broken.has(report.name),
    }));
  }

  async #finish(sink: Sink): Promise<void> {
    try {
      this.#reports.push(await sink.close());
    } catch (thrown) {
      this.#tell(sink, toFacewireError(thrown));
    }
  }

  #tell(sink: Sink, error: FacewireError): void {
    this.#broken.add(sink.name);
    this.#onFailure(sink, error);
  }
}
