import { DrawnFace } from '../../avatar/drawn-face.js';
import type { Renderer } from '../../avatar/renderer.js';
import { faceActionOf } from '../../avatar/face-actions.js';
import { composed } from '../../compose/composed.js';
import type { LogoOptions } from '../../compose/overlay-options.js';
import type { Transparency } from '../../compose/transparency.js';
import type { FacewireError } from '../../errors.js';
import { MediaSession } from '../../media/session.js';
import { Player } from '../../player/player.js';
import { Subtitles, type SubtitleTrack } from '../../player/subtitles.js';
import type { Followed } from '../../player/utterance-log.js';
import type { Calibration } from '../../rigs/calibration.js';
import type { PushHosts } from '../../sinks/rtmp/push-hosts.js';
import type { PushAddress } from '../../sinks/rtmp/connector.js';
import { RtmpSink } from '../../sinks/rtmp-sink.js';
import { defaultFeatureDimension, defaultSampleRate } from '../../wire/endpoint.js';
import { commandSampleRate } from '../../wire/interactive/command-types.js';
import { ticksPerMillisecond, ticksPerSecond, ticksToSamples, toTicks } from '../../wire/ticks.js';
import type { RenderedClause } from '../render-clause.js';
import { ActingSession } from './acting-session.js';
import { LoudnessMouth } from './loudness-mouth.js';
import { roomInMs, roomySeconds } from './sound-room.js';
import type { Heard, SoundEntry, Stage } from './stage.js';

/** The picture of a session and how it is encoded. */
export interface PictureOptions {
  /** Pixels, even. Default 1280. */
  readonly width?: number;
  /** Pixels, even. Default 720. */
  readonly height?: number;
  /** Pictures per second. Default 25. */
  readonly frameRate?: number;
  /** Behind the face: `studio` (default) or a colour, as DrawnFaceOptions has it. */
  readonly background?: string;
  /** An image behind the face, as DrawnFaceOptions has it; wins over the colour. */
  readonly backgroundImage?: string;
  /** Bit rate in kbit/s. Default 2500. */
  readonly videoKbps?: number;
  /** Fits the face to a character. Default as it is. */
  readonly calibration?: Calibration;
  /** Writes what is said into the picture, each word in the frame in which it begins. Default false. */
  readonly subtitles?: boolean;
  /** An image in a corner. Default none. */
  readonly logo?: LogoOptions;
  /** What becomes of what is behind the face; wins over backgrounds. Default they are seen. */
  readonly transparency?: Transparency;
  /** Makes what draws in place of the built-in face, for each session its own. It must have the size that it is given. */
  readonly renderer?: (size: { readonly width: number; readonly height: number }) => Renderer;
  /** Path of ffmpeg. Default: searched, see locateFfmpeg. */
  readonly ffmpeg?: string;
}

/** Where the pictures of a stage go. */
export interface StagePush {
  /** Asked before each attempt when it is a function. A secret. */
  readonly url: PushAddress;
  /** Where viewers play them, if they may know. */
  readonly playAddress?: () => string | undefined;
  /** Hosts that the address may lead to. Default any. */
  readonly hosts?: PushHosts;
  /** The stage is lost when its stream was off the air for so long, in ms. */
  readonly giveUpMs: number;
}

/** Of the pause after a clause this much belongs to what follows: the next clause comes without a gap. */
const handOverMs = 100;

/** The stage of the product: the drawn face, our player and clock, one H.264 and AAC stream by RTMP. */
export class FaceStage implements Stage {
  onLost: ((error: FacewireError) => void) | undefined;
  readonly #session = new MediaSession({ maxBufferedSeconds: roomySeconds });
  readonly #actor = new ActingSession(this.#session);
  readonly #warn: (message: string) => void;
  readonly #player: Player;
  readonly #subtitles: Subtitles | undefined;
  readonly #playAddress: () => string | undefined;
  readonly #starting = new Map<string, (started: boolean) => void>();
  #closing: Promise<void> | undefined;
  #utterances = 0;

  private constructor(push: StagePush, picture: PictureOptions, warn: (message: string) => void) {
    const { url, playAddress, hosts, giveUpMs } = push;
    this.#playAddress = playAddress ?? (() => undefined);
    this.#warn = warn;
    const { frameRate = 25, videoKbps, ffmpeg, calibration } = picture;
    this.#subtitles = picture.subtitles === true ? new Subtitles(this.#session) : undefined;
    const sink = new RtmpSink({
      url,
      giveUpMs,
      ...(hosts !== undefined && { allowedHosts: hosts }),
      ...(videoKbps !== undefined && { videoKbps }),
      ...(ffmpeg !== undefined && { ffmpeg }),
    });
    this.#player = new Player({
      session: this.#actor,
      sinks: [sink],
      renderer: rendererOf(picture, this.#subtitles, warn),
      frameRate,
      ...(calibration !== undefined && { calibration }),
    });
    this.#player.on('started', ({ id }) => this.#settle(id, true));
    this.#player.on('sinkFailed', ({ error }) => {
      if (this.#closing === undefined) this.onLost?.(error);
      this.onLost = undefined;
    });
  }

  /**
   * Resolves when pictures go out. From then on the ingest may go and come back.
   *
   * @param warn told what was asked for and cannot be shown.
   */
  static async open(
    push: StagePush,
    picture: PictureOptions = {},
    warn: (message: string) => void = () => undefined,
  ): Promise<FaceStage> {
    const stage = new FaceStage(push, picture, warn);
    try {
      await stage.#player.start();
      return stage;
    } catch (thrown) {
      stage.#session.close();
      throw thrown;
    }
  }

  get playAddress(): string | undefined {
    return this.#playAddress();
  }

  speak(clause: RenderedClause, display: string): Heard {
    const { pcm, features } = clause;
    this.#session.begin();
    const report = this.#session.pushParsed({
      audio: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
      features,
      sampleRate: defaultSampleRate,
      featureDimension: defaultFeatureDimension,
      sentenceStart: true,
      sentenceFinal: true,
      featuresFinal: true,
      final: true,
    });
    const error = report.toError();
    if (error !== undefined) throw error;
    const { clauseStart, sourceEnd } = report;
    const written = this.#write(clause, display, clauseStart);
    written?.end(sourceEnd);
    const { followed, heard } = this.#follow(written);
    this.#perform(clause, clauseStart);
    followed.begin(clauseStart);
    followed.end(Math.max(clauseStart, sourceEnd - (this.#session.sampleRate * handOverMs) / 1000));
    return heard;
  }

  sound(): SoundEntry {
    const session = this.#session;
    const mouth = new LoudnessMouth();
    const { followed, heard } = this.#follow();
    let first = true;
    let ended = false;
    session.begin();
    const push = (pcm: Uint8Array, features: Float32Array, final: boolean): void => {
      const report = session.pushParsed({
        audio: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
        features,
        sampleRate: commandSampleRate,
        featureDimension: defaultFeatureDimension,
        sentenceStart: first,
        sentenceFinal: final,
        featuresFinal: final,
        final,
        arrivalTicks: Math.round(performance.now() * ticksPerMillisecond),
      });
      const error = report.toError();
      if (error !== undefined) throw error;
      if (first && pcm.length > 0) followed.begin(report.clauseStart);
      first = false;
    };
    return {
      ...heard,
      roomInMs: (samples) => roomInMs(session, samples),
      push: (pcm) => {
        if (!ended) push(pcm, mouth.push(toSamples(pcm)), false);
      },
      end: () => {
        if (ended) return;
        ended = true;
        push(new Uint8Array(0), mouth.end(), true);
        followed.end(session.sourceCommitted() + session.readySamples());
      },
    };
  }

  interrupt(): void {
    if (this.#closing === undefined) this.#player.interrupt();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#player.stop().catch(() => undefined);
    this.#session.close();
  }

  #perform({ timing }: RenderedClause, clauseStart: number): void {
    for (const { name, start } of timing.actions) {
      const action = faceActionOf(name);
      const at = clauseStart + Math.round((start * this.#session.sampleRate) / ticksPerSecond);
      if (action !== undefined) this.#actor.perform(action, at);
      else
        this.#warn(
          `the face has no action ${JSON.stringify(name.slice(0, 40))}; getaction lists those it has`,
        );
    }
  }

  /** Subtitles of a clause that begins at this source sample. */
  #write({ timing }: RenderedClause, display: string, clauseStart: number): SubtitleTrack | undefined {
    const { sampleRate } = this.#session;
    const track = this.#subtitles?.follow(
      () => display,
      (time) => clauseStart + ticksToSamples(time, sampleRate),
    );
    track?.reply({ reply: { displayText: display, clause: 1, spoken: true } });
    track?.speech({
      clause: 1,
      clauseStart: true,
      clauseAudioStart: toTicks(0),
      subtitles: timing.subtitles,
    });
    return track;
  }

  /** @param written is taken away when it is cut. */
  #follow(written?: SubtitleTrack): { readonly followed: Followed; readonly heard: Heard } {
    const id = String(++this.#utterances);
    const followed = this.#player.follow(id);
    const started = new Promise<boolean>((resolve) => this.#starting.set(id, resolve));
    const finished = followed.finished.then((outcome) => {
      this.#settle(id, outcome === 'finished');
      if (outcome !== 'finished') written?.cut();
      return outcome === 'finished';
    });
    return { followed, heard: { started, finished } };
  }

  #settle(id: string, started: boolean): void {
    this.#starting.get(id)?.(started);
    this.#starting.delete(id);
  }
}

function rendererOf(
  picture: PictureOptions,
  subtitles: Subtitles | undefined,
  warn: (message: string) => void,
): Renderer {
  const { width = 1280, height = 720, background, backgroundImage, renderer, logo, transparency } = picture;
  const behind =
    transparency !== undefined
      ? { background: 'transparent' }
      : {
          ...(background !== undefined && { background }),
          ...(backgroundImage !== undefined && { backgroundImage }),
        };
  return composed(renderer?.({ width, height }) ?? new DrawnFace({ width, height, ...behind }), {
    ...(subtitles !== undefined && { subtitles }),
    ...(logo !== undefined && { logo }),
    ...(transparency !== undefined && { transparency }),
    onWarning: warn,
  });
}

/** The samples of little-endian PCM, wherever it lies in memory. */
function toSamples(pcm: Uint8Array): Int16Array {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return Int16Array.from({ length: pcm.byteLength >> 1 }, (_, i) => view.getInt16(2 * i, true));
}
