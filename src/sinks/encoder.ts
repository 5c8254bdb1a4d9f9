import { FacewireError } from '../errors.js';
import { toYuv } from '../pixel-format.js';
import { yuvBytes } from '../yuv-picture.js';
import { chooseCodec } from './choose-codec.js';
import { pictureArguments, soundArguments } from './encoder-arguments.js';
import type { EncoderCounts, EncoderEvent, EncoderKind } from './encoder-events.js';
import { EncoderLine } from './encoder-line.js';
import {
  readEncoderOptions,
  readKbps,
  type CheckedOptions,
  type EncoderOptions,
  type Kbps,
} from './encoder-options.js';
import { locateFfmpeg } from './ffmpeg-locate.js';
import { makeTag, tagType, type FlvTag } from './flv.js';
import { toPcm16 } from './pcm16.js';
import type { OutputFormat, Picture, Span } from './sink.js';
import { aacFrame, PicturePlaces, SoundPlaces } from './tag-places.js';
import { software, type PictureEncoding, type VideoCodec } from './video-codec.js';

export interface EncoderHandlers {
  /** Set-up tags first, then sound and pictures as they are ready, each kind in order. */
  readonly onTag: (tag: FlvTag) => void;
  /** Called at most once, when there is no hope. The children are gone or on their way. */
  readonly onError: (error: FacewireError) => void;
}

/** Hardware that failed so often in a row is not asked again. */
const mostHardwareFailures = 2;
/** Converted pictures whose memory is kept for later ones. */
const mostSpare = 8;
/** Blocks of sound that may wait for ffmpeg; a stalled one is replaced long before. */
const maxQueuedSound = 1000;

/**
 * Turns raw pictures into H.264 tags and sound into AAC tags, with one ffmpeg
 * for each. In one process either its muxer or its scheduler holds pictures
 * back until later sound has come (measured: 49 ms from write to tag with one
 * output, 13 ms with two but 53 ms for every eighth picture). Raw pipes carry
 * no times; the time of a tag follows from the number of what was written, so
 * it cannot drift, and goes on when one of the two had to be replaced.
 */
export class Encoder {
  readonly #format: OutputFormat;
  readonly #options: CheckedOptions;
  #kbps: Kbps;
  #codec: VideoCodec = software;
  readonly #setting: string | undefined;
  readonly #onEvent: (event: EncoderEvent) => void;
  readonly #handlers: EncoderHandlers;
  /** The set-up that was handed on last, for each type. */
  readonly #setUp = new Map<number, Buffer>();
  /** For pictures that do not come as YUV 4:2:0. */
  readonly #spare: Uint8Array[] = [];
  #pictures: EncoderLine | undefined;
  #sound: EncoderLine | undefined;
  #framesIn = 0;
  #samplesIn = 0;
  #held: FlvTag[] | undefined = [];
  #state: 'new' | 'open' | 'finishing' | 'closed' = 'new';
  #failed = false;

  constructor(format: OutputFormat, options: EncoderOptions, handlers: EncoderHandlers) {
    this.#format = format;
    this.#setting = options.ffmpeg;
    this.#onEvent = options.onEncoderEvent ?? (() => undefined);
    this.#options = readEncoderOptions(options);
    this.#kbps = readKbps(options.videoKbps ?? 2500, options.maxVideoKbps);
    this.#handlers = handlers;
  }

  /** Process ids of the ffmpeg for pictures and the one for sound. */
  get pids(): number[] {
    return [...(this.#pictures?.pids ?? []), ...(this.#sound?.pids ?? [])];
  }

  /** Pictures that ffmpeg has not taken yet; Infinity while there is none. */
  get queuedFrames(): number {
    return this.#pictures?.queued ?? 0;
  }

  /** Encoder of the pictures, as ffmpeg calls it. */
  get videoEncoder(): string {
    return this.#codec.name;
  }

  /**
   * Another bit rate from the next picture on, which becomes a keyframe. Nothing is lost.
   *
   * @param maxVideoKbps default the same.
   */
  setVideoKbps(videoKbps: number, maxVideoKbps?: number): void {
    const kbps = readKbps(videoKbps, maxVideoKbps);
    const isNew = kbps.videoKbps !== this.#kbps.videoKbps || kbps.maxVideoKbps !== this.#kbps.maxVideoKbps;
    this.#kbps = kbps;
    if (isNew) this.#pictures?.replace();
  }

  get counts(): EncoderCounts {
    const none = { failure: 0, full: 0 };
    return {
      restarts: (this.#pictures?.restarts ?? 0) + (this.#sound?.restarts ?? 0),
      lostPictures: this.#pictures?.lost ?? none,
      lostSound: this.#sound?.lost ?? none,
    };
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
    const { path } = ffmpeg;
    const encoding = (): PictureEncoding => ({ ...this.#options, ...this.#kbps });
    const codec = await chooseCodec(ffmpeg, this.#options.videoEncoder, this.#format, encoding());
    if (this.#isOver()) throw new FacewireError('ERR_STATE', 'the encoder was closed while it was opening');
    this.#codec = codec;
    this.#state = 'open';
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format;
    this.#pictures = this.#line(
      'pictures',
      (failures) => {
        if (failures >= mostHardwareFailures) this.#codec = software;
        return { path, arguments: pictureArguments(this.#format, encoding(), this.#codec, ffmpeg) };
      },
      // The sound starts with one frame of padding, so pictures start that much later.
      (place) => (place * frameRateDenominator) / frameRateNumerator + aacFrame / sampleRate,
    );
    this.#sound = this.#line(
      'sound',
      () => ({ path, arguments: soundArguments(this.#format, this.#options.audioKbps) }),
      (place) => place / sampleRate,
    );
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
    this.#sound?.write(this.#samplesIn, audio.length, toPcm16(audio));
    this.#samplesIn += audio.length;
    this.#writePicture(picture);
    this.#framesIn += 1;
  }

  #writePicture(picture: Picture): void {
    const { pixels, format = 'rgba', width, height } = picture;
    const yuv = format === 'i420' ? pixels : picture.yuv;
    if (yuv !== undefined) {
      picture.retain();
      this.#pictures?.write(this.#framesIn, 1, yuv, () => picture.release());
      return;
    }
    const copy = this.#spare.pop() ?? new Uint8Array(yuvBytes(width, height));
    toYuv(pixels, format, width, height, copy);
    this.#pictures?.write(this.#framesIn, 1, copy, () => {
      if (this.#spare.length < mostSpare) this.#spare.push(copy);
    });
  }

  /** Ends the input, delivers the tags still inside, and waits until ffmpeg has gone. */
  async finish(): Promise<void> {
    if (this.#state !== 'open' || this.#failed) return this.kill();
    this.#state = 'finishing';
    const ends = await Promise.all([this.#pictures?.finish(), this.#sound?.finish()]);
    const bad = ends.find((what) => what !== undefined);
    if (bad !== undefined) this.#fail(bad);
    this.#state = 'closed';
  }

  /** Drops everything at once. */
  async kill(): Promise<void> {
    this.#state = 'closed';
    await Promise.all([this.#pictures?.kill(), this.#sound?.kill()]);
  }

  /** @param seconds when the tag that belongs to a place is due. */
  #line(
    kind: EncoderKind,
    command: (failures: number) => { path: string; arguments: string[] },
    seconds: (place: number) => number,
  ): EncoderLine {
    const { clock, random, encoderStallMs: stallMs, maxQueuedFrames } = this.#options;
    return new EncoderLine({
      kind,
      clock,
      random,
      stallMs,
      command,
      maxQueued: kind === 'pictures' ? maxQueuedFrames : maxQueuedSound,
      newPlaces: () => (kind === 'pictures' ? new PicturePlaces() : new SoundPlaces()),
      onTag: (tag, place) => this.#take(tag, Math.round(1000 * seconds(place))),
      onEvent: this.#onEvent,
      onFailed: (what) => this.#fail(what),
    });
  }

  #take(tag: FlvTag, timeMs: number): void {
    if (tag.isConfig) {
      // The next ffmpeg mostly says the same as the one before.
      if (this.#setUp.get(tag.type)?.equals(tag.payload) === true) return;
      this.#setUp.set(tag.type, tag.payload);
    }
    this.#emit(makeTag(tag.type, tag.isConfig ? this.#setUpTime(tag.type) : timeMs, tag.payload));
  }

  /** Set-up stands where the next picture or frame of sound will. */
  #setUpTime(type: number): number {
    const { sampleRate, frameRateNumerator, frameRateDenominator } = this.#format;
    if (this.#held !== undefined) return 0;
    const seconds =
      type === tagType.video
        ? (this.#framesIn * frameRateDenominator) / frameRateNumerator
        : this.#samplesIn / sampleRate;
    return Math.round(1000 * seconds);
  }

  /** Holds the first tags until both set-ups are there, because decoders want them first. */
  #emit(tag: FlvTag): void {
    if (this.#held === undefined) return this.#handlers.onTag(tag);
    this.#held.push(tag);
    const configs = this.#held.filter((held) => held.isConfig);
    if (this.#setUp.size < 2) return;
    const rest = this.#held.filter((held) => !held.isConfig);
    this.#held = undefined;
    // Video set-up first, as most publishers do.
    for (const config of configs.sort((a, b) => b.type - a.type)) this.#handlers.onTag(config);
    for (const waiting of rest) this.#handlers.onTag(waiting);
  }

  #fail(what: string, code: 'ERR_FFMPEG_FAILED' | 'ERR_STATE' = 'ERR_FFMPEG_FAILED'): void {
    if (this.#failed) return;
    this.#failed = true;
    const tail = [this.#pictures, this.#sound]
      .map((line) => line?.tail ?? '')
      .join('\n')
      .trim();
    void this.#pictures?.kill();
    void this.#sound?.kill();
    this.#handlers.onError(
      new FacewireError(code, tail === '' ? what : `${what}; its last lines: ${tail}`, {
        expected: 'one encoded picture for each picture written',
        received: what,
      }),
    );
  }
}
