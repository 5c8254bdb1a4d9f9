import { backgroundClock, pause } from '../clock.js';
import { toFacewireError, type FacewireError } from '../errors.js';
import type { OutputFormat, Sink, SinkReport, Span } from './sink.js';

export interface RevivingSinkOptions {
  /** Shown in reports. */
  readonly name: string;
  readonly wantsPictures: boolean;
  /** See Sink. Default false. */
  readonly isRecording?: boolean;
  /** Makes a sink that was never opened, also for the second time. It must not be a clock. */
  readonly make: () => Sink;
  /** Wait before the first attempt to open it anew, in ms; each further one is twice as long. Default 500. */
  readonly firstMs?: number;
  /** Longest wait, in ms. Default 10 000. */
  readonly mostMs?: number;
  /** Told of each failure, at first and later. */
  readonly onBroken?: (error: FacewireError) => void;
  readonly onBack?: () => void;
}

/**
 * A sink that breaks is closed and made anew until it opens. Spans of the time
 * between are left out; the new one begins with the span of its moment.
 */
export class RevivingSink implements Sink {
  readonly name: string;
  readonly wantsPictures: boolean;
  readonly isRecording: boolean;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #options: RevivingSinkOptions;
  readonly #stop = new AbortController();
  #format: OutputFormat | undefined;
  #sink: Sink | undefined;
  #reviving: Promise<void> | undefined;
  #breaks = 0;
  #left = 0;
  #reports = { videoFrames: 0, audioFrames: 0, repeatedFrames: 0, bytes: 0 };
  #closing: Promise<SinkReport> | undefined;

  constructor(options: RevivingSinkOptions) {
    this.#options = options;
    this.name = options.name;
    this.wantsPictures = options.wantsPictures;
    this.isRecording = options.isRecording === true;
  }

  /** Whether the sink takes spans now. */
  get isUp(): boolean {
    return this.#sink !== undefined;
  }

  /** The sink in use, if there is one. */
  get inner(): Sink | undefined {
    return this.#sink;
  }

  /** Times that it broke or could not be opened. */
  get breaks(): number {
    return this.#breaks;
  }

  /** Spans that nobody took. */
  get leftOut(): number {
    return this.#left;
  }

  /** Resolves at once: a sink that is not there yet is opened later. */
  async open(format: OutputFormat): Promise<void> {
    this.#format = format;
    this.#revive(0);
  }

  write(span: Span): void {
    if (this.#sink === undefined) this.#left += 1;
    else this.#sink.write(span);
  }

  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<SinkReport> {
    this.#stop.abort();
    await this.#reviving;
    await this.#finish();
    return { name: this.name, ...this.#reports };
  }

  #revive(waitMs: number): void {
    this.#reviving ??= this.#tryUntilUp(waitMs).finally(() => (this.#reviving = undefined));
  }

  async #tryUntilUp(waitMs: number): Promise<void> {
    const { firstMs = 500, mostMs = 10_000, make, onBack } = this.#options;
    const { signal } = this.#stop;
    for (let wait = waitMs; ; wait = Math.min(mostMs, Math.max(firstMs, 2 * wait))) {
      await pause(backgroundClock, wait, signal);
      if (signal.aborted) return;
      const sink = make();
      let isBroken = false;
      sink.onError = (error) => {
        // While it opens, open() itself fails.
        if (isBroken || this.#sink !== sink) return;
        isBroken = true;
        void this.#broke(error);
      };
      try {
        await sink.open(this.#format!);
      } catch (thrown) {
        this.#note(toFacewireError(thrown));
        continue;
      }
      this.#sink = sink;
      onBack?.();
      return;
    }
  }

  async #broke(error: FacewireError): Promise<void> {
    this.#note(error);
    await this.#finish();
    if (!this.#stop.signal.aborted) this.#revive(this.#options.firstMs ?? 500);
  }

  #note(error: FacewireError): void {
    this.#breaks += 1;
    this.#options.onBroken?.(error);
  }

  /** Closes what is open, and keeps its counts. */
  async #finish(): Promise<void> {
    const sink = this.#sink;
    this.#sink = undefined;
    if (sink === undefined) return;
    try {
      const { videoFrames, audioFrames, repeatedFrames, bytes } = await sink.close();
      this.#reports.videoFrames += videoFrames;
      this.#reports.audioFrames += audioFrames;
      this.#reports.repeatedFrames += repeatedFrames;
      this.#reports.bytes += bytes;
    } catch {
      // It broke before; that was told.
    }
  }
}
