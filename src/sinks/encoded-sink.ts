import { FacewireError, toFacewireError } from '../errors.js';
import { Encoder } from './encoder.js';
import type { EncoderOptions } from './encoder-options.js';
import type { EncoderCounts } from './encoder-events.js';
import { isMedia, tagType, type FlvTag } from './flv.js';
import type { OutputFormat, Sink, SinkReport, Span } from './sink.js';

/** What an output is told about the stream before the first tag. */
export interface EncodedFormat extends OutputFormat {
  readonly videoKbps: number;
  readonly audioKbps: number;
}

/** Takes encoded tags to one place: an ingest or a file. */
export interface TagOutput {
  readonly name: string;
  /** As of Sink: one that cannot be opened beside an output that is no recording is left out. Default false. */
  readonly isRecording?: boolean;
  /** Resolves when tags can be written; throws a coded error when they never will. */
  open(format: EncodedFormat): Promise<void>;
  /** Must not block or throw. */
  write(tag: FlvTag): void;
  /** Finishes; throws when the result is not complete. Idempotent. */
  close(): Promise<void>;
  /** Called at most once, when the output breaks while tags come. */
  onError: ((error: FacewireError) => void) | undefined;
}

export interface EncodedSinkOptions extends EncoderOptions {
  readonly outputs: readonly TagOutput[];
  /** Called for each output that breaks, and each recording that cannot be opened, while others go on. */
  readonly onOutputError?: (name: string, error: FacewireError) => void;
}

/** Encodes once and hands the tags to several outputs; one that breaks does not hurt the others. */
export class EncodedSink implements Sink {
  readonly name: string;
  readonly wantsPictures = true;
  readonly isRecording: boolean;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #options: EncodedSinkOptions;
  readonly #all: readonly TagOutput[];
  #active: TagOutput[] = [];
  /** Those that broke. */
  readonly #lost = new Set<TagOutput>();
  #encoder: Encoder | undefined;
  #format: OutputFormat | undefined;
  #audioFrames = 0;
  #videoFrames = 0;
  #tags = { audio: 0, video: 0 };
  #bytes = 0;
  #failed = false;
  #closing: Promise<SinkReport> | undefined;

  constructor(options: EncodedSinkOptions) {
    if (options.outputs.length === 0)
      throw new FacewireError('ERR_OPTION_INVALID', 'an encoded sink needs at least one output');
    this.#options = options;
    this.#all = options.outputs;
    this.name = options.outputs.map((output) => output.name).join('+');
    this.isRecording = options.outputs.every((output) => output.isRecording === true);
  }

  /** Process ids of the encoders; empty before open(). */
  get encoderPids(): number[] {
    return this.#encoder?.pids ?? [];
  }

  /** Encoder of the pictures, as ffmpeg calls it: hardware when there is some that works. */
  get videoEncoder(): string | undefined {
    return this.#encoder?.videoEncoder;
  }

  /**
   * Another bit rate, in kbit/s, from the next picture on, which becomes a keyframe. Nothing is lost.
   *
   * @param maxVideoKbps never passed for longer than a second; default the same.
   */
  setVideoKbps(videoKbps: number, maxVideoKbps?: number): void {
    if (this.#encoder === undefined) throw new FacewireError('ERR_STATE', `${this.name} is not open`);
    this.#encoder.setVideoKbps(videoKbps, maxVideoKbps);
  }

  /** What the encoders lost, and how often one was replaced. */
  get encoderCounts(): EncoderCounts | undefined {
    return this.#encoder?.counts;
  }

  /** Tags handed to the outputs so far. */
  get encoded(): { readonly audio: number; readonly video: number } {
    return this.#tags;
  }

  /** Audio frames that fit before the encoder is well behind; heeded by a player that runs as fast as it can. */
  get room(): number {
    if (this.#format === undefined) return 0;
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format;
    const free = Math.max(0, 8 - (this.#encoder?.queuedFrames ?? 0));
    return Math.ceil((free * sampleRate * frameRateDenominator) / frameRateNumerator);
  }

  async open(format: OutputFormat): Promise<void> {
    if (this.#format !== undefined) throw new FacewireError('ERR_STATE', `${this.name} was opened before`);
    this.#format = format;
    this.#encoder = new Encoder(format, this.#options, {
      onTag: (tag) => this.#deliver(tag),
      onError: (error) => this.#fail(error),
    });
    const { videoKbps = 2500, audioKbps = 128 } = this.#options;
    // An ingest is asked while ffmpeg starts; both must be there in the end.
    const opened = await Promise.allSettled([
      this.#encoder.open(),
      ...this.#all.map(async (output) => {
        output.onError = (error) => this.#drop(output, error);
        try {
          await output.open({ ...format, videoKbps, audioKbps });
        } catch (thrown) {
          if (this.isRecording || output.isRecording !== true) throw thrown;
          this.#drop(output, toFacewireError(thrown));
        }
        if (!this.#lost.has(output)) this.#active.push(output);
      }),
    ]);
    const failure = opened.find((outcome) => outcome.status === 'rejected');
    if (failure === undefined) return;
    this.#failed = true;
    await this.close();
    throw toFacewireError(failure.reason);
  }

  write(span: Span): void {
    if (this.#failed || this.#closing !== undefined) return;
    this.#videoFrames += 1;
    this.#audioFrames += span.audio.length;
    this.#encoder?.write(span);
  }

  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<SinkReport> {
    if (this.#failed) await this.#encoder?.kill();
    else await this.#encoder?.finish();
    // Outputs are finished even after a failure: what was good is kept.
    await Promise.all(
      // Whoever broke before has said so.
      this.#all.map((output) =>
        output.close().catch((thrown) => this.#drop(output, toFacewireError(thrown))),
      ),
    );
    return {
      name: this.name,
      videoFrames: this.#videoFrames,
      audioFrames: this.#audioFrames,
      repeatedFrames: 0,
      bytes: this.#bytes,
    };
  }

  #deliver(tag: FlvTag): void {
    this.#bytes += tag.payload.length;
    if (isMedia(tag)) this.#tags[tag.type === tagType.video ? 'video' : 'audio'] += 1;
    for (const output of this.#active) output.write(tag);
  }

  #drop(output: TagOutput, error: FacewireError): void {
    if (this.#lost.has(output)) return;
    this.#lost.add(output);
    this.#active = this.#active.filter((other) => other !== output);
    if (this.#lost.size === this.#all.length) this.#fail(error);
    else this.#options.onOutputError?.(output.name, error);
  }

  #fail(error: FacewireError): void {
    if (this.#failed) return;
    this.#failed = true;
    void this.#encoder?.kill();
    this.onError?.(error);
  }
}
