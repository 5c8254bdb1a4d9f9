import type { FacewireError } from '../errors.js';
import { EncodedSink, type EncodedFormat, type TagOutput } from './encoded-sink.js';
import type { EncoderOptions } from './encoder.js';
import type { FlvTag } from './flv.js';
import { RtmpPublisher, type RtmpMarks, type RtmpPublisherOptions } from './rtmp/publisher.js';

/** Sends tags to an RTMP ingest. */
export class RtmpOutput implements TagOutput {
  readonly name = 'rtmp';
  onError: ((error: FacewireError) => void) | undefined;
  readonly #publisher: RtmpPublisher;

  constructor(url: string, options: RtmpPublisherOptions = {}) {
    this.#publisher = new RtmpPublisher(url, options);
    this.#publisher.onLost = (error) => this.onError?.(error);
  }

  get marks(): Readonly<RtmpMarks> {
    return this.#publisher.marks;
  }

  async open(format: EncodedFormat): Promise<void> {
    await this.#publisher.open({
      width: format.width,
      height: format.height,
      framerate: format.frameRateNumerator / format.frameRateDenominator,
      videocodecid: 7,
      videodatarate: format.videoKbps,
      audiocodecid: 10,
      audiodatarate: format.audioKbps,
      audiosamplerate: format.sampleRate,
      audiosamplesize: 16,
      stereo: false,
    });
  }

  write(tag: FlvTag): void {
    this.#publisher.send(tag);
  }

  async close(): Promise<void> {
    await this.#publisher.close();
  }
}

export interface RtmpSinkOptions extends EncoderOptions, RtmpPublisherOptions {
  /** rtmp://host[:port]/app/stream; it may hold a key, which is never shown. */
  readonly url: string;
}

/** Pushes to an RTMP ingest. */
export class RtmpSink extends EncodedSink {
  readonly #output: RtmpOutput;

  constructor(options: RtmpSinkOptions) {
    const output = new RtmpOutput(options.url, options);
    super({ ...options, outputs: [output] });
    this.#output = output;
  }

  /** When the ingest was reached, had accepted, and got the first media; performance.now(). */
  get marks(): Readonly<RtmpMarks> {
    return this.#output.marks;
  }
}
