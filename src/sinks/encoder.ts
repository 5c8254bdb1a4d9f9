import type { Readable, Writable } from 'node:stream';

import { MediaChild, type ChildExit } from '../child.js';
import { FacewireError } from '../errors.js';
import { locateFfmpeg, type Ffmpeg } from './ffmpeg-locate.js';
import { FlvParser, isMedia, makeTag, tagType, type FlvTag } from './flv.js';
import { toPcm16 } from './pcm16.js';
import type { OutputFormat, Span } from './sink.js';

export interface EncoderOptions {
  /** Path of ffmpeg. Default: searched, see locateFfmpeg. */
  readonly ffmpeg?: string;
  /** Speed against quality of the picture. Default ultrafast. */
  readonly preset?: 'ultrafast' | 'superfast' | 'veryfast' | 'faster';
  /** Picture bit rate in kbit/s, 100 to 50000. Default 2500. */
  readonly videoKbps?: number;
  /** Sound bit rate in kbit/s, 32 to 320. Default 128. */
  readonly audioKbps?: number;
  /** Seconds between keyframes, 0.5 to 10. Default 2. */
  readonly keyframeSeconds?: number;
  /** Most pictures that may wait for ffmpeg before the encoder gives up, 4 to 250. Default 50. */
  readonly maxQueuedFrames?: number;
}

export interface EncoderHandlers {
  /** Set-up tags first, then sound and pictures as they are ready, each kind in order. */
  readonly onTag: (tag: FlvTag) => void;
  /** Called at most once. The child is gone or on its way. */
  readonly onError: (error: FacewireError) => void;
}

/** AAC frames hold this many samples, and the encoder puts as many before the first one. */
const aacFrame = 1024;

// Without the first two, ffmpeg waits about a second before it reads. `-fflags nobuffer` is
// missing because it loses the first frame.
const promptInput = [
  '-hide_banner',
  '-nostats',
  '-loglevel',
  'warning',
  '-probesize',
  '32',
  '-analyzeduration',
  '0',
];
const promptOutput = ['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'];

/**
 * Turns raw pictures into H.264 tags and sound into AAC tags, with one ffmpeg
 * for each. In one process either its muxer or its scheduler holds pictures
 * back until later sound has come (measured: 49 ms from write to tag with one
 * output, 13 ms with two but 53 ms for every eighth picture). Raw pipes carry
 * no times; the time of a tag follows from its number, so it cannot drift.
 */
export class Encoder {
  readonly #format: OutputFormat;
  readonly #options: Required<Omit<EncoderOptions, 'ffmpeg'>>;
  readonly #setting: string | undefined;
  readonly #handlers: EncoderHandlers;
  #children: MediaChild[] = [];
  #video: Writable | undefined;
  #audio: Writable | undefined;
  #queued = 0;
  #framesIn = 0;
  #videoOut = 0;
  #audioOut = 0;
  #held: FlvTag[] | undefined = [];
  #state: 'new' | 'open' | 'finishing' | 'closed' = 'new';
  #failed = false;

  constructor(format: OutputFormat, options: EncoderOptions, handlers: EncoderHandlers) {
    this.#format = format;
    this.#setting = options.ffmpeg;
    this.#options = {
      preset: options.preset ?? 'ultrafast',
      videoKbps: within('videoKbps', options.videoKbps ?? 2500, 100, 50_000),
      audioKbps: within('audioKbps', options.audioKbps ?? 128, 32, 320),
      keyframeSeconds: within('keyframeSeconds', options.keyframeSeconds ?? 2, 0.5, 10),
      maxQueuedFrames: within('maxQueuedFrames', options.maxQueuedFrames ?? 50, 4, 250),
    };
    const { preset } = this.#options;
    if (!['ultrafast', 'superfast', 'veryfast', 'faster'].includes(preset)) {
      throw new FacewireError('ERR_OPTION_INVALID', `unknown preset ${JSON.stringify(preset)}`);
    }
    this.#handlers = handlers;
  }

  /** Process ids of the ffmpeg for pictures and the one for sound. */
  get pids(): number[] {
    return this.#children.flatMap(({ process: { pid } }) => (pid === undefined ? [] : [pid]));
  }

  /** Pictures that ffmpeg has not taken yet. */
  get queuedFrames(): number {
    return this.#queued;
  }

  get framesIn(): number {
    return this.#framesIn;
  }

  /** Starts ffmpeg. */
  async open(): Promise<void> {
    if (this.#state !== 'new') throw new FacewireError('ERR_STATE', 'the encoder was opened before');
    const { width, height } = this.#format;
    if (width < 2 || height < 2 || width % 2 !== 0 || height % 2 !== 0) {
      throw new FacewireError('ERR_OPTION_INVALID', 'H.264 needs a picture of even width and height', {
        expected: 'even numbers of pixels',
        received: `${width}x${height}`,
      });
    }
    const ffmpeg = await locateFfmpeg(this.#setting);
    if (this.#isOver()) throw new FacewireError('ERR_STATE', 'the encoder was closed while it was opening');
    this.#state = 'open';
    this.#video = this.#start(ffmpeg.path, this.#videoArguments(ffmpeg));
    this.#audio = this.#start(ffmpeg.path, this.#audioArguments());
  }

  /** A method, because another call may have changed the state during an await. */
  #isOver(): boolean {
    return this.#state === 'closed' || this.#failed;
  }

  /** Takes one picture and the sound under it; returns at once. */
  write(span: Span): void {
    if (this.#state !== 'open' || this.#failed) return;
    const { picture, audio } = span;
    if (picture === undefined) {
      this.#fail('a span came without a picture', 'ERR_STATE');
      return;
    }
    if (picture.width !== this.#format.width || picture.height !== this.#format.height) {
      this.#fail('a picture has another size than the format', 'ERR_STATE');
      return;
    }
    if (this.#queued >= this.#options.maxQueuedFrames) {
      this.#fail(`ffmpeg is too slow: ${this.#queued} pictures wait`);
      return;
    }
    this.#framesIn += 1;
    this.#queued += 1;
    this.#audio?.write(toPcm16(audio));
    picture.retain();
    this.#video?.write(picture.pixels, () => {
      this.#queued -= 1;
      picture.release();
    });
  }

  /** Ends the input, delivers the tags still inside, and waits until ffmpeg has gone. */
  async finish(): Promise<void> {
    if (this.#state !== 'open') return this.kill();
    this.#state = 'finishing';
    this.#video?.end();
    this.#audio?.end();
    const exits = await Promise.all(this.#children.map((child) => child.stop(10_000)));
    const bad = exits.find((exit) => exit.code !== 0);
    if (bad !== undefined) this.#fail(describeExit(bad));
    else if (this.#framesIn > 0 && this.#videoOut !== this.#framesIn)
      this.#fail(`ffmpeg returned ${this.#videoOut} of ${this.#framesIn} pictures`);
    this.#state = 'closed';
  }

  /** Drops everything at once. */
  async kill(): Promise<void> {
    this.#state = 'closed';
    for (const child of this.#children) child.kill();
    await Promise.all(this.#children.map((child) => child.exited));
  }

  /** Starts one ffmpeg and returns its input. */
  #start(path: string, args: readonly string[]): Writable {
    const child = new MediaChild(path, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#children.push(child);
    this.#listen(child.process.stdout as Readable);
    void child.exited.then((exit) => {
      if (this.#state === 'open') this.#fail(describeExit(exit));
    });
    return child.process.stdin as Writable;
  }

  #videoArguments(ffmpeg: Ffmpeg): string[] {
    const { width, height, frameRateNumerator, frameRateDenominator } = this.#format;
    const { preset, videoKbps, keyframeSeconds } = this.#options;
    const gop = Math.max(1, Math.round((keyframeSeconds * frameRateNumerator) / frameRateDenominator));
    const bt709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
    return [
      ...[...promptInput, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-video_size', `${width}x${height}`],
      ...['-framerate', `${frameRateNumerator}/${frameRateDenominator}`, '-i', 'pipe:0'],
      ...['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p'],
      ...['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', ...bt709, '-color_range', 'tv'],
      ...['-g', `${gop}`, '-sc_threshold', '0', '-bf', '0', '-b:v', `${videoKbps}k`],
      ...['-maxrate', `${videoKbps}k`, '-bufsize', `${videoKbps}k`],
      ...[...ffmpeg.passthrough, ...promptOutput],
    ];
  }

  #audioArguments(): string[] {
    const { sampleRate } = this.#format;
    return [
      ...[...promptInput, '-f', 's16le', '-ar', `${sampleRate}`, '-ac', '1', '-i', 'pipe:0'],
      ...['-c:a', 'aac', '-b:a', `${this.#options.audioKbps}k`, ...promptOutput],
    ];
  }

  #listen(pipe: Readable): void {
    const parser = new FlvParser((tag) => this.#take(tag));
    pipe.on('data', (bytes: Buffer) => {
      if (this.#failed) return;
      try {
        parser.push(bytes);
      } catch (thrown) {
        this.#fail(`ffmpeg wrote something else than FLV: ${String(thrown)}`);
      }
    });
  }

  #take(tag: FlvTag): void {
    if (tag.isConfig) return this.#emit(makeTag(tag.type, 0, tag.payload));
    if (!isMedia(tag)) return;
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format;
    let timeMs: number;
    if (tag.type === tagType.video) {
      // The sound starts with one frame of padding, so pictures start that much later.
      const seconds = (this.#videoOut * frameRateDenominator) / frameRateNumerator + aacFrame / sampleRate;
      timeMs = Math.round(seconds * 1000);
      this.#videoOut += 1;
    } else {
      timeMs = Math.round((this.#audioOut * aacFrame * 1000) / sampleRate);
      this.#audioOut += 1;
    }
    this.#emit(makeTag(tag.type, timeMs, tag.payload));
  }

  /** Holds the first tags until both set-ups are there, because decoders want them first. */
  #emit(tag: FlvTag): void {
    if (this.#held === undefined) return this.#handlers.onTag(tag);
    this.#held.push(tag);
    const configs = this.#held.filter((held) => held.isConfig);
    if (configs.length < 2) return;
    const rest = this.#held.filter((held) => !held.isConfig);
    this.#held = undefined;
    // Video set-up first, as most publishers do.
    for (const config of configs.sort((a, b) => b.type - a.type)) this.#handlers.onTag(config);
    for (const waiting of rest) this.#handlers.onTag(waiting);
  }

  #fail(what: string, code: 'ERR_FFMPEG_FAILED' | 'ERR_STATE' = 'ERR_FFMPEG_FAILED'): void {
    if (this.#failed) return;
    this.#failed = true;
    const tail = this.#children
      .map((child) => child.tail)
      .join('\n')
      .trim();
    for (const child of this.#children) child.kill();
    this.#handlers.onError(
      new FacewireError(code, tail === '' ? what : `${what}; its last lines: ${tail}`, {
        expected: 'one encoded picture for each picture written',
        received: what,
      }),
    );
  }
}

function within(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new FacewireError('ERR_OPTION_INVALID', `${name} must be ${low} to ${high}`, {
    expected: `${low} to ${high}`,
    received: String(value),
  });
}

function describeExit({ code, signal, error }: ChildExit): string {
  return error === undefined
    ? `ffmpeg ended with ${signal ?? `code ${code}`}`
    : `ffmpeg could not be started: ${error.message}`;
}
