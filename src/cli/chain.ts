import type { DriveMedia } from '../driver/drive-media.js';
import { EndpointDriver } from '../driver/endpoint-driver.js';
import { FacewireError } from '../errors.js';
import type { PushReport } from '../media/push-report.js';
import type { FeatureOrderName } from '../media/orders.js';
import { MediaSession } from '../media/session.js';
import { perform, type Performance } from '../player/perform.js';
import { Player } from '../player/player.js';
import type { RendererCounts } from '../renderers/foreign-renderer.js';
import type { Calibration } from '../rigs/calibration.js';
import { startLocalCloud, type CloudConnection, type LocalCloud } from '../server/local-cloud.js';
import type { Sink, SinkReport } from '../sinks/sink.js';
import type { Reference } from '../verify/reference.js';
import { WireTap } from '../verify/wire-tap.js';
import type { Output } from './output.js';
import { buffersFor } from './outputs.js';
import { picturesOf, type PictureOptions, type Pictures } from './picture-options.js';
import { stopped } from './stop-signal.js';

/** The session's default, stated here because the reference names it too. */
const mouthLeadMs = 40;
/** For all attempts to reach the cloud together. */
const connectMs = 3000;

export interface ChainOptions {
  readonly sinks: readonly Sink[];
  /** See PlayerOptions. */
  readonly delaysMs?: ReadonlyMap<Sink, number>;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Voice of the local cloud, or timbre of another; default slt, or the project's own. */
  readonly voice?: string;
  readonly pace: 'realtime' | 'as-available';
  /** A cloud elsewhere; without it one is started in this process. */
  readonly connection?: CloudConnection;
  /** File that what passes on the wire is recorded in. */
  readonly record?: string;
  /** Order of the feature columns that come; default the wire's. */
  readonly rig?: FeatureOrderName;
  /** Fits the face to the character. */
  readonly calibration?: Calibration;
  /** What is seen besides the face. */
  readonly picture?: PictureOptions;
  /** Keep what the cloud sends, for reference(). Default false. */
  readonly keepsReference?: boolean;
  /** Stops what is being said. */
  readonly signal: AbortSignal;
}

/** What became of one sink. */
export interface Outcome extends SinkReport {
  /** Why it broke, if it did. */
  readonly error?: FacewireError;
}

/** Cloud, driver, media session, face, player and sinks, put together for one command. */
export class Chain {
  readonly #options: ChainOptions;
  readonly #output: Output;
  readonly #session: MediaSession;
  readonly #tap: WireTap<PushReport> | undefined;
  /** By name of the sink. */
  readonly #broken = new Map<string, FacewireError>();
  readonly #allBroken = new AbortController();
  #cloud: LocalCloud | undefined;
  #driver: EndpointDriver | undefined;
  #player: Player | undefined;
  #pictures: Pictures | undefined;
  #started = false;
  #opened = false;
  #lastText = '';

  private constructor(options: ChainOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    const { rig: featureOrder } = options;
    this.#session = new MediaSession({ mouthLeadMs, ...(featureOrder !== undefined && { featureOrder }) });
    if (options.keepsReference === true) this.#tap = new WireTap(this.#session);
  }

  /** A live output is opened when the cloud is connected, a file when speech comes: a wrong key leaves no empty file. */
  static async open(options: ChainOptions, output: Output): Promise<Chain> {
    const chain = new Chain(options, output);
    try {
      await chain.#open();
      return chain;
    } catch (error) {
      await chain.close();
      throw error;
    }
  }

  /**
   * Says a text and resolves when its last sample was presented.
   * @param asks the text is a question, and its answer is said.
   */
  async say(text: string, asks = false): Promise<Performance> {
    const { signal, voice, connection } = this.#options;
    const { player, driver } = this.#parts();
    if (signal.aborted) throw stopped();
    this.#lastText = text;
    const stop = AbortSignal.any([signal, this.#allBroken.signal]);
    const cut = (): void => void player.interrupt();
    stop.addEventListener('abort', cut);
    try {
      const sound = this.#firstSound();
      const settings = {
        media: sound.media,
        signal: stop,
        ...(connection !== undefined && voice !== undefined && { speech: { timbre: voice } }),
      };
      const drive = asks ? driver.chat(text, settings) : driver.text(text, settings);
      // A request that is refused must not have emptied the file of yesterday.
      if (!this.#started) await Promise.race([sound.came, drive.done]);
      await this.#start();
      const subtitles = this.#pictures?.subtitles;
      const performance = await perform(drive, player, this.#session, subtitles && { subtitles });
      for (const warning of performance.warnings) this.#output.warn(warning);
      if (performance.outcome === 'interrupted') throw this.#whyCut();
      if (performance.seconds === 0) {
        throw new FacewireError('ERR_DRIVE_FAILED', 'the cloud sent no sound for this text', {
          expected: 'speech',
          received: 'an answer without audio',
          remedy: 'Check the text, and the voice and project at the cloud.',
        });
      }
      return performance;
    } catch (thrown) {
      throw this.#allBroken.signal.aborted || signal.aborted ? this.#whyCut() : thrown;
    } finally {
      stop.removeEventListener('abort', cut);
    }
  }

  /** Seconds of speech that the outputs have been given so far. */
  get heardSeconds(): number {
    if (!this.#opened) return 0;
    return (this.#session.sourceCommitted() + this.#session.readySamples()) / this.#session.sampleRate;
  }

  /** How the renderer that was brought along fares; undefined for the built-in face. */
  get rendererCounts(): RendererCounts | undefined {
    return this.#pictures?.counts();
  }

  /** What the cloud sent for the last text. */
  reference(): Reference {
    if (this.#tap === undefined) throw new FacewireError('ERR_STATE', 'the chain keeps no reference');
    return this.#tap.reference(this.#lastText, mouthLeadMs);
  }

  /** Finishes the sinks and closes everything, last to first. */
  async close(): Promise<Outcome[]> {
    const reports = (await this.#player?.stop()) ?? [];
    await this.#driver?.close();
    await this.#cloud?.close();
    this.#session.close();
    return reports.map((report) => {
      const error = this.#broken.get(report.name);
      return error === undefined ? report : { ...report, error };
    });
  }

  async #open(): Promise<void> {
    const { connection, voice, sinks, fps, pace, width, height, signal, calibration } = this.#options;
    const { delaysMs = new Map<Sink, number>() } = this.#options;
    if (connection === undefined) {
      this.#cloud = await startLocalCloud({ voice: voice ?? 'slt' });
      this.#output.progress(`local cloud up on ${this.#cloud.url}`);
    }
    const cloud = connection ?? (this.#cloud as LocalCloud).connection;
    // Somebody waits at a terminal: a server that is not there is told soon.
    const { record } = this.#options;
    this.#driver = new EndpointDriver({
      ...cloud,
      timeouts: { connectMs },
      ...(record !== undefined && { record }),
    });
    if (pace === 'realtime') await this.#driver.connect();
    if (signal.aborted) throw stopped();
    const drawn = sinks.some((sink) => sink.wantsPictures)
      ? picturesOf(
          this.#options.picture ?? {},
          { width, height, ...buffersFor(delaysMs, fps) },
          this.#session,
          this.#output,
        )
      : undefined;
    this.#pictures = drawn;
    this.#player = new Player({
      session: this.#session,
      sinks,
      delaysMs,
      frameRate: fps,
      pace,
      ...(calibration !== undefined && { calibration }),
      ...(drawn !== undefined && { renderer: drawn.renderer }),
    });
    // A live output shows an idle face before anything is said.
    if (pace === 'realtime') await this.#start();
  }

  async #start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { player } = this.#parts();
    player.on('sinkFailed', ({ sink, error }) => this.#note(sink, error));
    await player.start();
    this.#opened = true;
  }

  /** The way to the media session, which tells of the first sound that passes. */
  #firstSound(): { media: DriveMedia; came: Promise<void> } {
    let tell: () => void = () => undefined;
    const came = new Promise<void>((resolve) => (tell = resolve));
    const to = this.#tap ?? this.#session;
    const media: DriveMedia = {
      begin: (requestId) => to.begin(requestId),
      push: (bytes, arrivalTicks) => {
        const report = to.push(bytes, arrivalTicks);
        if (report.audioFrames > 0) tell();
        return report;
      },
      end: () => to.end(),
      expression: (state) => to.expression(state),
      mayRest: (ends) => to.mayRest(ends),
      get suspectedOrder() {
        return to.suspectedOrder;
      },
    };
    return { media, came };
  }

  /** The player leaves a broken sink out and goes on; a command must also say so, and end when none is left. */
  #note(name: string, error: FacewireError): void {
    if (this.#broken.has(name)) return;
    this.#broken.set(name, error);
    this.#output.warn(`the ${name} output stopped: ${error.code}: ${error.message}`);
    if (this.#broken.size === this.#options.sinks.length) this.#allBroken.abort();
  }

  #whyCut(): FacewireError {
    const [first] = this.#broken.values();
    return this.#allBroken.signal.aborted && first !== undefined ? first : stopped();
  }

  #parts(): { player: Player; driver: EndpointDriver } {
    if (this.#player === undefined || this.#driver === undefined)
      throw new FacewireError('ERR_STATE', 'the chain is not open');
    return { player: this.#player, driver: this.#driver };
  }
}
