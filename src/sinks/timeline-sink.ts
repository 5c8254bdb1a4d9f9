import type { FacewireError } from '../errors.js';
import { arkitNames } from '../frame.js';
import { checkWritable, OutputFile } from './output-file.js';
import type { OutputFormat, Sink, SinkReport, Span } from './sink.js';

/** What closes the lists of a timeline, wherever it breaks off. */
const tail = '\n]}\n';
const digits = 10_000;

/**
 * Writes what the face did, and what happened meanwhile, to a JSON file, for
 * other animation programs and for study:
 *
 *     { "sampleRate": 48000, "frameRate": [25, 1], "channels": ["eyeBlinkLeft", …, "yaw", "pitch", "roll"],
 *       "timeline": [ { "frame": 0, "sample": 0, "weights": [0, …] }, { "sample": 960, "event": "word", "detail": … } ] }
 *
 * Weights are rounded to 0.0001, head angles are radians. The file is whole
 * JSON once a second, so that a crash or a full disk costs a second.
 */
export class TimelineSink implements Sink {
  readonly name = 'timeline';
  readonly wantsPictures = false;
  readonly isRecording = true;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #path: string;
  readonly #file: OutputFile;
  /** Where the next entry is written, over the tail. */
  #end = 0;
  #waiting: string[] = [];
  #isFirst = true;
  #framesPerSecond = 25;
  #videoFrames = 0;
  #audioFrames = 0;
  #failed = false;
  #state: 'new' | 'open' | 'closed' = 'new';

  constructor(options: { readonly path: string }) {
    this.#path = options.path;
    this.#file = new OutputFile(options.path, 4 << 20);
    this.#file.onError = (error) => {
      this.#failed = true;
      this.onError?.(error);
    };
  }

  async open(format: OutputFormat): Promise<void> {
    await checkWritable(this.#path);
    await this.#file.open();
    const { sampleRate, frameRateNumerator, frameRateDenominator } = format;
    this.#framesPerSecond = Math.max(1, Math.round(frameRateNumerator / frameRateDenominator));
    this.#state = 'open';
    const head = {
      sampleRate,
      frameRate: [frameRateNumerator, frameRateDenominator],
      channels: [...arkitNames, 'yaw', 'pitch', 'roll'],
    };
    this.#put(`${JSON.stringify(head).slice(0, -1)},"timeline":[`);
  }

  write({ frameIndex, sampleIndex, weights, audio }: Span): void {
    if (this.#state !== 'open' || this.#failed) return;
    const rounded = Array.from(weights, (weight) => Math.round(weight * digits) / digits);
    this.#add({ frame: frameIndex, sample: sampleIndex, weights: rounded });
    this.#videoFrames += 1;
    this.#audioFrames += audio.length;
    if (this.#videoFrames % this.#framesPerSecond === 0) this.#flush();
  }

  /**
   * Notes something that happened, for example a word from `perform(…, { onEvent })`.
   *
   * @param sample output sample at which it did.
   * @param detail anything that JSON can hold.
   */
  note(sample: number, event: string, detail?: unknown): void {
    if (this.#state !== 'open' || this.#failed) return;
    this.#add({ sample, event, ...(detail !== undefined && { detail }) });
  }

  async close(): Promise<SinkReport> {
    if (this.#state === 'open') {
      this.#flush();
      this.#state = 'closed';
      // A failure was reported by onError already.
      await this.#file.close().catch(() => undefined);
    }
    return {
      name: this.name,
      videoFrames: this.#videoFrames,
      audioFrames: this.#audioFrames,
      repeatedFrames: 0,
      bytes: this.#end + tail.length,
    };
  }

  #add(entry: object): void {
    this.#waiting.push(`${this.#isFirst ? '' : ','}\n${JSON.stringify(entry)}`);
    this.#isFirst = false;
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#put(text);
  }

  /** In one write with the tail, which the next one replaces. */
  #put(text: string): void {
    const bytes = Buffer.from(text + tail);
    this.#file.write(bytes, this.#end, this.#end > 0 ? Buffer.from(tail) : undefined);
    this.#end += bytes.length - tail.length;
  }
}
