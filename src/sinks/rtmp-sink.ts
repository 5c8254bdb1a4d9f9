import { backgroundClock, type Clock } from '../clock.js';
import type { FacewireError } from '../errors.js';
import { EncodedSink, type EncodedFormat, type TagOutput } from './encoded-sink.js';
import type { EncoderOptions } from './encoder-options.js';
import type { FlvTag } from './flv.js';
import type { PushAddress } from './rtmp/connector.js';
import { Push } from './rtmp/push.js';
import type { PushCounts, PushEvent, PushState } from './rtmp/push-events.js';
import { PushHosts, type Resolve } from './rtmp/push-hosts.js';
import type { RtmpMarks } from './rtmp/publisher.js';
import { inRange } from '../option-values.js';

export interface PushOptions {
  /** Most time to be connected, and again to be accepted, in ms, 100 to 60 000. Default 8000. */
  readonly connectTimeoutMs?: number;
  /** An ingest that takes nothing for so long is lost, in ms, 500 to 60 000. Default 3000. */
  readonly stallMs?: number;
  /** Most bytes that may wait to be sent, 65 536 to 67 108 864. Default 8 MiB. */
  readonly maxQueuedBytes?: number;
  /** For how long open() goes on trying, in ms. Default 0: the first attempt decides. */
  readonly openPatienceMs?: number;
  /** A push that is off the air for so long fails, in ms. Default never; attempts go on until close(). */
  readonly giveUpMs?: number;
  /**
   * Longest wait between two attempts, in ms, 250 to 60 000; each wait is drawn at random below a
   * ceiling that grows to this. Default 2500: back on the air within 3 s. After a refusal 2 s are added.
   */
  readonly maxWaitMs?: number;
  /** Hosts that the address may lead to, see PushHosts; for addresses that strangers give. Default any. */
  readonly allowedHosts?: PushHosts | readonly string[];
  /** Certificates, PEM, that an rtmps ingest is checked against. Default those of Node. */
  readonly ca?: string;
  /** Told what happens to the push, when it does. A listener that throws causes an uncaught exception. */
  readonly onEvent?: (event: PushEvent) => void;
  /** For tests: time, chance in [0, 1) for the waits, and names. */
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly resolve?: Resolve;
}

/** Sends tags to an RTMP ingest, and to the same again when it was lost. */
export class RtmpOutput implements TagOutput {
  readonly name = 'rtmp';
  onError: ((error: FacewireError) => void) | undefined;
  readonly #push: Push;

  constructor(url: PushAddress, options: PushOptions = {}) {
    const { allowedHosts } = options;
    this.#push = new Push({
      url,
      hosts:
        allowedHosts === undefined || allowedHosts instanceof PushHosts
          ? allowedHosts
          : new PushHosts(allowedHosts, 'allowedHosts', options.resolve),
      clock: options.clock ?? backgroundClock,
      random: options.random ?? Math.random,
      ca: options.ca,
      connectTimeoutMs: inRange('connectTimeoutMs', options.connectTimeoutMs ?? 8000, 100, 60_000),
      stallMs: inRange('stallMs', options.stallMs ?? 3000, 500, 60_000),
      maxQueuedBytes: inRange('maxQueuedBytes', options.maxQueuedBytes ?? 8 << 20, 65_536, 64 << 20),
      openPatienceMs: inRange('openPatienceMs', options.openPatienceMs ?? 0, 0, Infinity),
      giveUpMs: inRange('giveUpMs', options.giveUpMs ?? Infinity, 0, Infinity),
      maxWaitMs: inRange('maxWaitMs', options.maxWaitMs ?? 2500, 250, 60_000),
      onEvent: options.onEvent ?? (() => undefined),
    });
    this.#push.onFailed = (error) => this.onError?.(error);
  }

  get state(): PushState {
    return this.#push.state;
  }

  get counts(): PushCounts {
    return this.#push.counts;
  }

  get marks(): Readonly<RtmpMarks> {
    return this.#push.marks;
  }

  async open(format: EncodedFormat): Promise<void> {
    const metadata = {
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
    };
    await this.#push.open(metadata, (1000 * (format.videoKbps + format.audioKbps)) / 8);
  }

  write(tag: FlvTag): void {
    this.#push.write(tag);
  }

  async close(): Promise<void> {
    await this.#push.close();
  }
}

export interface RtmpSinkOptions extends EncoderOptions, PushOptions {
  /**
   * rtmp[s]://host[:port]/app/stream, or a function that returns one and is asked before each
   * attempt, so that a signed address is always fresh. It may hold a key, which is never shown.
   */
  readonly url: PushAddress;
}

/** Pushes to an RTMP ingest, and stays on the air when that restarts, stalls or refuses for a while. */
export class RtmpSink extends EncodedSink {
  readonly #output: RtmpOutput;

  constructor(options: RtmpSinkOptions) {
    const output = new RtmpOutput(options.url, options);
    super({ ...options, outputs: [output] });
    this.#output = output;
  }

  get state(): PushState {
    return this.#output.state;
  }

  /** What was sent, given up, refused and lost so far. */
  get counts(): PushCounts {
    return this.#output.counts;
  }

  /** When the ingest was first reached, had accepted, and got the first media; performance.now(). */
  get marks(): Readonly<RtmpMarks> {
    return this.#output.marks;
  }
}
