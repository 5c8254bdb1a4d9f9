import { DrawnFace } from '../avatar/drawn-face.js';
import { EndpointDriver } from '../driver/endpoint-driver.js';
import { FacewireError } from '../errors.js';
import { MediaSession } from '../media/session.js';
import { perform, type Performance } from '../player/perform.js';
import { Player } from '../player/player.js';
import { startLocalCloud, type CloudConnection, type LocalCloud } from '../server/local-cloud.js';
import type { Sink, SinkReport } from '../sinks/sink.js';
import { WireTap } from '../verify/wire-tap.js';
import type { Reference } from '../verify/reference.js';
import type { Output } from './output.js';

/** The session's default, stated here because the reference names it too. */
const mouthLeadMs = 40;

export interface ChainOptions {
  readonly sinks: readonly Sink[];
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly voice: string;
  readonly pace: 'realtime' | 'as-available';
  /** A cloud elsewhere; without it one is started in this process. */
  readonly connection?: CloudConnection;
}

/** Cloud, driver, media session, face, player and sinks, put together for one command. */
export class Chain {
  readonly player: Player;
  readonly #cloud: LocalCloud | undefined;
  readonly #driver: EndpointDriver;
  readonly #session: MediaSession;
  readonly #tap: WireTap<ReturnType<MediaSession['push']>>;
  #lastText = '';

  private constructor(
    player: Player,
    cloud: LocalCloud | undefined,
    driver: EndpointDriver,
    session: MediaSession,
  ) {
    this.player = player;
    this.#cloud = cloud;
    this.#driver = driver;
    this.#session = session;
    this.#tap = new WireTap(session);
  }

  static async open(options: ChainOptions, output: Output): Promise<Chain> {
    const session = new MediaSession({ mouthLeadMs });
    let cloud: LocalCloud | undefined;
    let driver: EndpointDriver | undefined;
    try {
      if (options.connection === undefined) {
        cloud = await startLocalCloud({ voice: options.voice });
        output.progress(`local cloud up on ${cloud.url}`);
      }
      driver = new EndpointDriver(options.connection ?? (cloud as LocalCloud).connection);
      const drawing = options.sinks.some((sink) => sink.wantsPictures);
      const player = new Player({
        session,
        sinks: options.sinks,
        frameRate: options.fps,
        pace: options.pace,
        ...(drawing && { renderer: new DrawnFace({ width: options.width, height: options.height }) }),
      });
      player.on('sinkFailed', ({ sink, error }) =>
        output.warn(`${sink} stopped: ${error.code} ${error.message}`),
      );
      await player.start();
      return new Chain(player, cloud, driver, session);
    } catch (error) {
      await driver?.close();
      await cloud?.close();
      session.close();
      throw error;
    }
  }

  /** Says a text and resolves when its last sample was presented. */
  async say(text: string, output: Output): Promise<Performance> {
    this.#lastText = text;
    const performance = await perform(
      this.#driver.text(text, { media: this.#tap }),
      this.player,
      this.#session,
    );
    for (const warning of performance.warnings) output.warn(warning);
    if (performance.outcome === 'interrupted')
      throw new FacewireError('ERR_INTERRUPTED', 'the speech was cut');
    return performance;
  }

  /** What the cloud sent for the last text. */
  reference(): Reference {
    return this.#tap.reference(this.#lastText, mouthLeadMs);
  }

  /** Finishes the sinks and closes everything, last to first. */
  async close(): Promise<SinkReport[]> {
    const reports = await this.player.stop();
    await this.#driver.close();
    await this.#cloud?.close();
    this.#session.close();
    return reports;
  }
}
