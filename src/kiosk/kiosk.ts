import { DrawnFace } from '../avatar/drawn-face.js';
import { within } from '../clock.js';
import { EndpointDriver } from '../driver/endpoint-driver.js';
import { FacewireError } from '../errors.js';
import { MediaSession } from '../media/session.js';
import { Player } from '../player/player.js';
import { Subtitles } from '../player/subtitles.js';
import type { LocalCloud } from '../server/local-cloud.js';
import { startLocalCloud } from '../server/local-cloud.js';
import { QuestionAnswers } from '../server/answers/question-answers.js';
import { DeviceSink } from '../sinks/device-sink.js';
import { PortAudioSink } from '../sinks/device/portaudio-sink.js';
import { RevivingCard } from '../sinks/device/reviving-card.js';
import { PageSink } from '../sinks/page-sink.js';
import { RevivingSink } from '../sinks/reviving-sink.js';
import { RtmpSink } from '../sinks/rtmp-sink.js';
import type { PushEvent } from '../sinks/rtmp/push-events.js';
import { checkPlace } from './browser-arguments.js';
import { CloudWatch } from './cloud-watch.js';
import type { KioskConfig } from './config.js';
import { dressedFace } from './dressed-face.js';
import { findBrowser, type Browser } from './find-browser.js';
import type { KioskHealth } from './health.js';
import { KioskHttp } from './kiosk-http.js';
import { RevivingRenderer } from './reviving-renderer.js';
import { Screen } from './screen.js';
import { Speaker } from './speaker.js';
import { StepWatch } from './step-watch.js';

/** A kiosk must not wait long for a cloud, because it has another voice. */
const cloudTimes = {
  connectMs: 3000,
  firstMessageMs: 4000,
  betweenMessagesMs: 3000,
  resumeMs: 3000,
} as const;

/** An output that does not close in that time is left behind, so that a kiosk that is told to end does, in ms. */
const closeMs = 2000;
/** The same for what is being said, and for connections, in ms. */
const voiceMs = 500;

export interface KioskOptions {
  readonly config: KioskConfig;
  /** Of the cloud, where there is one. */
  readonly accessToken: string | undefined;
  /** Address of the ingest, where the picture is pushed. It may hold a key, which is never shown. */
  readonly rtmpUrl: string | undefined;
  /** One line for the log. */
  readonly log: (line: string) => void;
}

/**
 * One box that always has a face: a sound card, a picture, a cloud and a voice
 * of its own for when that is gone. Everything that breaks is opened anew;
 * meanwhile the face lives on.
 */
export class Kiosk {
  readonly speaker: Speaker;
  readonly #options: KioskOptions;
  readonly #session: MediaSession;
  readonly #player: Player;
  readonly #local: LocalCloud;
  readonly #browser: Browser | undefined;
  readonly #drivers: EndpointDriver[];
  readonly #watch: CloudWatch | undefined;
  readonly #card: RevivingCard<DeviceSink> | undefined;
  readonly #push: RevivingSink | undefined;
  readonly #page: PageSink | undefined;
  /** Draws for the push. */
  readonly #face: RevivingRenderer | undefined;
  readonly #steps: StepWatch;
  readonly #broken = new Set<string>();
  #pushBreaks = 0;
  #http: KioskHttp | undefined;
  #screen: Screen | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: KioskOptions, local: LocalCloud, browser: Browser | undefined) {
    const { config, log } = options;
    this.#browser = browser;
    this.#options = options;
    this.#local = local;
    this.#session = new MediaSession();
    this.#steps = new StepWatch();
    this.#card = config.card === undefined ? undefined : this.#makeCard(config.card);
    // Frames are drawn ahead of those that a page gets: each follows the words for itself.
    const written = (): Subtitles[] => (config.picture.subtitles ? [new Subtitles(this.#session)] : []);
    const onPage = config.picture.page ? written() : [];
    this.#page = config.picture.page ? new PageSink({ captions: onPage[0] }) : undefined;
    this.#push = config.picture.rtmp ? this.#makePush(options.rtmpUrl) : undefined;
    const sinks = [this.#card, this.#page, this.#push, this.#steps].filter((sink) => sink !== undefined);
    // The page draws for itself.
    this.#face = this.#push === undefined ? undefined : this.#makeFace();
    const inPictures = this.#face === undefined ? [] : written();
    this.#player = new Player({
      session: this.#session,
      sinks,
      frameRate: config.picture.fps,
      closeMs,
      ...(this.#face !== undefined && {
        renderer: dressedFace(this.#face, config.picture, inPictures[0], log),
      }),
    });
    const localDriver = new EndpointDriver({ ...local.connection });
    const cloud = this.#makeCloud();
    this.#watch = cloud?.watch;
    this.#drivers = [localDriver, ...(cloud === undefined ? [] : [cloud.driver])];
    this.speaker = new Speaker({
      player: this.#player,
      session: this.#session,
      local: localDriver,
      subtitles: [...onPage, ...inPictures],
      ...(cloud !== undefined && { cloud }),
    });
    this.#player.on('sinkFailed', ({ sink, error }) => {
      this.#broken.add(sink);
      log(`the ${sink} output stopped: ${error.code}: ${error.message}`);
    });
  }

  /** Resolves when the face is there; cloud, card, ingest and screen may come later. */
  static async open(options: KioskOptions): Promise<Kiosk> {
    const { config } = options;
    const { screen } = config.picture;
    // What no waiting will bring is told now.
    if (screen !== undefined) checkPlace(screen.arguments);
    const browser = screen === undefined ? undefined : await findBrowser(screen.browser);
    const answers =
      config.answers === undefined ? {} : { answers: await QuestionAnswers.load(config.answers) };
    const local = await startLocalCloud({ voice: config.voice, interactive: false, ...answers });
    let kiosk: Kiosk | undefined;
    try {
      kiosk = new Kiosk(options, local, browser);
      await kiosk.#start();
      return kiosk;
    } catch (thrown) {
      if (kiosk === undefined) await local.close();
      else await kiosk.close();
      throw thrown;
    }
  }

  /** Where the page, the health and the requests are. */
  get url(): string {
    return this.#http?.url ?? '';
  }

  get health(): KioskHealth {
    const card = this.#card?.inner?.card;
    const device = card instanceof PortAudioSink ? card.device?.name : card?.deviceName;
    const counters = card instanceof PortAudioSink ? card.counters : undefined;
    const cloud = this.#watch === undefined ? 'none' : this.#watch.isUp ? 'up' : 'down';
    const hasCard = this.#card === undefined || device !== undefined;
    const isPushed = this.#push === undefined || (this.#isOnAir && this.#face?.isUp === true);
    const isShown = this.#screen === undefined || this.#screen.isUp;
    const isWhole = cloud !== 'down' && hasCard && isPushed && isShown && this.#broken.size === 0;
    return {
      status: this.#steps.isStopped ? 'stopped' : isWhole ? 'ok' : 'degraded',
      source: this.speaker.source,
      cloud,
      card: this.#card && { device, counters, breaks: this.#card.breaks },
      push: this.#push && { isUp: this.#isOnAir, breaks: this.#pushBreaks },
      screen: this.#screen && { isUp: this.#screen.isUp, breaks: this.#screen.breaks },
      page: this.#page && { viewers: this.#page.viewers, missed: this.#page.missed },
      frames: this.#steps.frames,
      repeatedFrames: this.#player.repeatedFrames,
      waiting: this.speaker.waiting,
      uptimeSeconds: Math.round(process.uptime()),
      residentBytes: process.memoryUsage.rss(),
    };
  }

  /** A push that is open may be off the air for a while: it looks for its ingest itself. */
  get #isOnAir(): boolean {
    const push = this.#push?.inner;
    return push instanceof RtmpSink && push.state === 'live';
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      const darkening = this.#screen?.close();
      await this.#http?.close();
      this.#watch?.close();
      // A voice or a cloud that hangs is not waited for.
      await within(voiceMs, this.speaker.close());
      await this.#player.stop();
      await within(voiceMs, Promise.all(this.#drivers.map((driver) => driver.close())));
      await this.#local.close();
      this.#session.close();
      await darkening;
    })();
    return this.#closing;
  }

  async #start(): Promise<void> {
    const { config } = this.#options;
    await this.#player.start();
    this.#http = await KioskHttp.listen({
      ...config.http,
      speaker: this.speaker,
      health: () => this.health,
      ...(this.#page !== undefined && {
        page: { ...config.picture, sink: this.#page, onScreen: (run) => this.#screen?.shown(run) },
      }),
    });
    this.#screen = this.#makeScreen();
    this.#screen?.start();
    await this.#watch?.start();
  }

  #makeScreen(): Screen | undefined {
    const { config, log } = this.#options;
    const { screen } = config.picture;
    if (screen === undefined || this.#browser === undefined) return undefined;
    const { path, version } = this.#browser;
    return new Screen({
      browser: path,
      // One that listens everywhere listens on this machine, too.
      url: `${this.url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')}/`,
      arguments: screen.arguments,
      onBroken: ({ code, message }) => log(`the screen is dark: ${code}: ${message}`),
      onShown: () => log(`the screen shows the page: ${version === '' ? path : version}`),
    });
  }

  #makeCard({ device, bufferMs, latencyMs }: NonNullable<KioskConfig['card']>): RevivingCard<DeviceSink> {
    const { log } = this.#options;
    // At the start a card may be missing; PortAudio waits for it. Later any backend will do.
    let whenMissing: 'silent' | 'fail' = 'silent';
    const make = (): DeviceSink => {
      const card = new DeviceSink({
        device,
        bufferMs,
        latencyMs,
        whenMissing,
        onChange: ({ change, device: now }) =>
          log(`the sound card is ${change}${now === undefined ? '' : `: ${now.name}`}`),
      });
      whenMissing = 'fail';
      return card;
    };
    return new RevivingCard({
      make,
      onBroken: ({ code, message }) => log(`the sound card is broken: ${code}: ${message}`),
      onBack: () => log('the sound card plays again'),
    });
  }

  #makePush(url: string | undefined): RevivingSink {
    const { log } = this.#options;
    if (url === undefined) {
      throw new FacewireError('ERR_OPTION_INVALID', 'picture.rtmp has no address to push to', {
        expected: 'FACEWIRE_RTMP_URL in the environment, or rtmpUrl in the secrets file',
        received: 'neither',
      });
    }
    return new RevivingSink({
      name: 'rtmp',
      wantsPictures: true,
      make: () => new RtmpSink({ url, onEvent: (event) => this.#notePush(event) }),
      onBroken: (error) => this.#noteBreak('stopped', error),
      onBack: () => log('the push is up'),
    });
  }

  #notePush(event: PushEvent): void {
    if (event.type === 'back') this.#options.log('the push is up again');
    if (event.type === 'down') this.#noteBreak('is off the air', event.error);
  }

  #noteBreak(what: string, { code, message }: FacewireError): void {
    this.#pushBreaks += 1;
    this.#options.log(`the push ${what}: ${code}: ${message}`);
  }

  #makeFace(): RevivingRenderer {
    const { config, log } = this.#options;
    const { width, height, transparent } = config.picture;
    const background = transparent === undefined ? config.picture.background : 'transparent';
    return new RevivingRenderer({
      make: () => new DrawnFace({ width, height, background }),
      onBroken: ({ code, message }) => log(`the face is not drawn: ${code}: ${message}`),
      onBack: () => log('the face is drawn again'),
    });
  }

  #makeCloud(): { driver: EndpointDriver; watch: CloudWatch; speech: { timbre?: string } } | undefined {
    const { config, accessToken, log } = this.#options;
    if (config.cloud === undefined) return undefined;
    if (accessToken === undefined) {
      throw new FacewireError('ERR_OPTION_INVALID', 'there is no access token for the cloud', {
        expected: 'FACEWIRE_ACCESSTOKEN in the environment, or accessToken in a secrets file of mode 0600',
        received: 'neither',
      });
    }
    const { url, appkey, project: projectId, timbre } = config.cloud;
    const driver = new EndpointDriver({ url, appkey, accessToken, projectId, timeouts: cloudTimes });
    const watch = new CloudWatch(driver, (isUp, why) =>
      log(isUp ? 'the cloud is there' : `the cloud is gone: ${why?.code ?? ''}: ${why?.message ?? ''}`),
    );
    return { driver, watch, speech: timbre === undefined ? {} : { timbre } };
  }
}
