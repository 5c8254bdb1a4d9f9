import { EventEmitter } from 'node:events';

import type { Renderer } from '../avatar/renderer.js';
import { FacewireError, toFacewireError } from '../errors.js';
import { FramePacer, sampleOfFrame, type FrameRate } from './frame-clock.js';
import { frameWidth } from '../frame.js';
import { UtteranceLog, type Cue, type Followed } from './utterance-log.js';
import type { OutputFormat, Picture, Sink, SinkReport } from '../sinks/sink.js';

/** What the player needs of a media session; MediaSession of media/session.ts fits. */
export interface PlayableSession {
  readonly sampleRate: number;
  commit(untilSample: number): number;
  readySamples(): number;
  settledSamples(): number;
  committed(): number;
  readAudio(sample: number, out: Float32Array): number;
  frameAt(sample: number, out: Float32Array): number;
  interrupt(sample: number): number;
  outputOf(sourceSample: number): number;
}

export interface PlayerOptions {
  readonly session: PlayableSession;
  readonly sinks: readonly Sink[];
  /** Draws the pictures; without one, sinks that want pictures are refused. */
  readonly renderer?: Renderer;
  /** Frames per second: a whole number or a ratio. Default 25. */
  readonly frameRate?: number | FrameRate;
  /**
   * realtime (default): one frame per period of the wall clock, or of the sound
   * card when a sink has one; silence where nothing has arrived.
   * as-available: as fast as media arrives and sinks take it, never silence
   * inside an utterance; for files.
   */
  readonly pace?: 'realtime' | 'as-available';
}

export interface PlayerEvents {
  /** First sample of an utterance presented; `atMs` is when its frame was due. */
  started: [{ id: string; sample: number; frame: number; atMs: number }];
  /** The first picture of an utterance was drawn. */
  drawn: [{ id: string; frame: number; atMs: number }];
  cue: [{ id: string; sample: number; cue: Cue }];
  /** Last sample of an utterance presented. Exactly once for each utterance that is not interrupted. */
  finished: [{ id: string; sample: number }];
  interrupted: [{ id: string; sample: number; lastCue: Cue | undefined }];
  /** Sound was due inside an utterance and had not arrived; silence was played instead. */
  starved: [{ id: string; samples: number }];
  /** A sink broke and was left out; the others go on. */
  sinkFailed: [{ sink: string; error: FacewireError }];
}

/** One frame on its way through the renderer. Slots are reused; nothing is allocated per frame. */
interface Slot {
  frame: number;
  sample: number;
  /** When the frame's turn came, performance.now(). */
  dueMs: number;
  readonly audioBuffer: Float32Array;
  audio: Float32Array;
  readonly weights: Float32Array;
  picture: Picture | undefined;
  state: 'drawing' | 'ready' | 'repeat';
}

const maxInFlight = 4;
const ringSize = 64;
/** The mouth is at rest 120 ms after the end; a little stillness belongs to it. */
const restSeconds = 0.3;

/**
 * The only thing that advances time. Each step fixes one frame of the session's
 * output, evaluates the face at that frame's first sample, has it drawn, and
 * hands frame and audio to every sink, in order, none dropped.
 */
export class Player extends EventEmitter<PlayerEvents> {
  readonly format: OutputFormat;
  readonly #session: PlayableSession;
  readonly #renderer: Renderer | undefined;
  readonly #rate: FrameRate;
  readonly #pace: 'realtime' | 'as-available';
  readonly #pacer: FramePacer;
  #sinks: Sink[];
  readonly #reports: SinkReport[] = [];
  readonly #broken = new Set<string>();
  /** Sinks that broke and are still closing. */
  readonly #leaving: Promise<void>[] = [];
  readonly #ring: Slot[] = [];
  #head = 0;
  #tail = 0;
  #nextFrame = 0;
  #presented = 0;
  #lastPicture: Picture | undefined;
  #repeated = 0;
  readonly #utterances: UtteranceLog;
  #running = false;
  #poll: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;
  #tailFrames = 0;

  constructor(options: PlayerOptions) {
    super();
    const rate = options.frameRate ?? 25;
    this.#rate = typeof rate === 'number' ? { numerator: rate, denominator: 1 } : rate;
    const { numerator, denominator } = this.#rate;
    const perSecond = numerator / denominator;
    if (
      !Number.isSafeInteger(numerator) ||
      !Number.isSafeInteger(denominator) ||
      !(perSecond >= 1 && perSecond <= 120)
    ) {
      throw new FacewireError(
        'ERR_OPTION_INVALID',
        `frameRate must be 1 to 120 as a whole number or a ratio of integers`,
        {
          expected: '1 to 120',
          received: `${numerator}/${denominator}`,
        },
      );
    }
    this.#session = options.session;
    this.#utterances = new UtteranceLog(options.session, this);
    this.#renderer = options.renderer;
    this.#pace = options.pace ?? 'realtime';
    this.#sinks = [...options.sinks];
    for (const sink of this.#sinks) {
      if (sink.wantsPictures && this.#renderer === undefined) {
        throw new FacewireError(
          'ERR_OPTION_INVALID',
          `sink ${sink.name} needs pictures, but the player has no renderer`,
          {
            remedy: 'Give the player a renderer, for example new DrawnFace({ width: 1280, height: 720 }).',
          },
        );
      }
    }
    this.format = {
      sampleRate: options.session.sampleRate,
      frameRateNumerator: numerator,
      frameRateDenominator: denominator,
      width: this.#renderer?.width ?? 0,
      height: this.#renderer?.height ?? 0,
    };
    const longest = Math.ceil((this.format.sampleRate * denominator) / numerator) + 1;
    for (let i = 0; i < ringSize; i++) {
      const audioBuffer = new Float32Array(longest);
      this.#ring.push({
        frame: 0,
        sample: 0,
        dueMs: 0,
        audioBuffer,
        audio: audioBuffer,
        weights: new Float32Array(frameWidth),
        picture: undefined,
        state: 'ready',
      });
    }
    this.#pacer = new FramePacer(this.#rate, () => this.#pacedStep());
  }

  /** Output sample just past the last one handed to the sinks. */
  get position(): number {
    return this.#presented;
  }

  /** Frames that showed the picture before again because drawing was late. */
  get repeatedFrames(): number {
    return this.#repeated;
  }

  /** Opens renderer and sinks, then starts the clock at frame 0. */
  async start(): Promise<void> {
    if (this.#running) throw new FacewireError('ERR_STATE', 'the player runs already');
    try {
      await this.#renderer?.open();
      for (const sink of this.#sinks) {
        sink.onError = (error) => this.#dropSink(sink, error);
        await sink.open(this.format);
      }
    } catch (thrown) {
      await this.#closeAll();
      throw toFacewireError(thrown);
    }
    this.#running = true;
    if (this.#pace === 'as-available' || this.#hasClock) this.#pollSinks();
    else this.#pacer.start(0);
  }

  /**
   * Announces an utterance that starts to arrive in the session.
   * `finished` settles when its last sample was presented or it was cut.
   */
  follow(id: string): Followed {
    return this.#utterances.follow(id);
  }

  /** Silences what is being said at the present sample. Idempotent. Returns the output sample of the cut. */
  interrupt(): number {
    const at = this.#presented;
    this.#session.interrupt(at);
    this.#utterances.cut(at);
    return at;
  }

  /** Stops the clock, lets the pictures on their way arrive, and closes every sink and the renderer. */
  async stop(): Promise<SinkReport[]> {
    if (this.#running) {
      if (this.#pace === 'as-available') await this.#stepTail();
      this.#running = false;
      this.#pacer.stop();
      clearTimeout(this.#poll);
      if (this.#head !== this.#tail) await new Promise<void>((resolve) => (this.#drained = resolve));
    }
    await this.#closeAll();
    return this.#reports.map((report) => ({
      ...report,
      repeatedFrames: this.#repeated,
      failed: report.failed === true || this.#broken.has(report.name),
    }));
  }

  /** Files end with the mouth at rest: as many frames more as that takes. */
  async #stepTail(): Promise<void> {
    if (this.#nextFrame === 0) return;
    this.#tailFrames = Math.ceil((restSeconds * this.#rate.numerator) / this.#rate.denominator);
    while (this.#tailFrames > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async #closeAll(): Promise<void> {
    const sinks = this.#sinks;
    this.#sinks = [];
    for (const sink of sinks) sink.onError = (error) => this.#tellFailure(sink, error);
    await Promise.all([...this.#leaving, ...sinks.map((sink) => this.#finish(sink))]);
    this.#lastPicture?.release();
    this.#lastPicture = undefined;
    await this.#renderer?.close();
    this.#utterances.abandon();
  }

  async #finish(sink: Sink): Promise<void> {
    try {
      this.#reports.push(await sink.close());
    } catch (thrown) {
      this.#tellFailure(sink, toFacewireError(thrown));
    }
  }

  #tellFailure(sink: Sink, error: FacewireError): void {
    this.#broken.add(sink.name);
    this.emit('sinkFailed', { sink: sink.name, error });
  }

  #dropSink(sink: Sink, error: FacewireError): void {
    if (!this.#sinks.includes(sink)) return;
    const wasClock = this.#hasClock;
    this.#sinks = this.#sinks.filter((other) => other !== sink);
    if (this.#running && wasClock && !this.#hasClock) this.#followWallClock();
    this.#tellFailure(sink, error);
    this.#leaving.push(this.#finish(sink));
  }

  #pacedStep(): void {
    this.#step();
  }

  get #hasClock(): boolean {
    return this.#pace === 'realtime' && this.#sinks.some((sink) => sink.isClock === true);
  }

  /** The sound card is gone: time goes on from the next frame. */
  #followWallClock(): void {
    clearTimeout(this.#poll);
    this.#pacer.start(this.#nextFrame);
  }

  /** Steps as often as the slowest sink allows; the sound card is the clock, or files take what they can. */
  readonly #pollSinks = (): void => {
    if (!this.#running) return;
    let steps = 0;
    while (this.#running && steps < 8 && this.#mayStep()) {
      this.#step();
      steps += 1;
    }
    if (this.#pace === 'realtime' && !this.#hasClock) return;
    this.#poll = setTimeout(this.#pollSinks, steps > 0 && this.#pace === 'as-available' ? 0 : 4);
  };

  #mayStep(): boolean {
    const span =
      sampleOfFrame(this.#nextFrame + 1, this.format.sampleRate, this.#rate) -
      sampleOfFrame(this.#nextFrame, this.format.sampleRate, this.#rate);
    const queued = this.#presentedLag() * span;
    for (const sink of this.#sinks) {
      if (
        sink.room !== undefined &&
        (this.#pace === 'as-available' || sink.isClock === true) &&
        sink.room - queued < span
      )
        return false;
    }
    if (this.#pace !== 'as-available') return true;
    if (this.#inFlight() >= maxInFlight) return false;
    if (this.#tailFrames > 0) return true;
    return (
      this.#utterances.hasEnded || (this.#utterances.isSpeaking && this.#session.settledSamples() >= span)
    );
  }

  #presentedLag(): number {
    return (this.#tail - this.#head + ringSize) % ringSize;
  }

  #inFlight(): number {
    let drawing = 0;
    for (let i = this.#head; i !== this.#tail; i = (i + 1) % ringSize)
      if (this.#ring[i]?.state === 'drawing') drawing += 1;
    return drawing;
  }

  #step(): void {
    const next = (this.#tail + 1) % ringSize;
    // The renderer is more than two seconds behind: give up on its pictures, never on frames.
    if (next === this.#head) this.#giveUpOldest();
    const slot = this.#ring[this.#tail];
    const frame = this.#nextFrame++;
    const sample = sampleOfFrame(frame, this.format.sampleRate, this.#rate);
    const end = sampleOfFrame(frame + 1, this.format.sampleRate, this.#rate);
    const starved = this.#session.commit(Math.max(end, this.#session.committed()));
    slot.frame = frame;
    slot.sample = sample;
    slot.dueMs = performance.now();
    slot.audio = slot.audioBuffer.subarray(0, end - sample);
    this.#session.readAudio(sample, slot.audio);
    this.#session.frameAt(sample, slot.weights);
    slot.picture = undefined;
    if (starved > 0) this.#utterances.starved(starved);
    const wanted = this.#renderer !== undefined && this.#sinks.some((sink) => sink.wantsPictures);
    if (!wanted) slot.state = 'ready';
    else if (this.#inFlight() >= maxInFlight && this.#lastPicture !== undefined) slot.state = 'repeat';
    else this.#draw(slot, frame);
    this.#tail = next;
    if (this.#tailFrames > 0) this.#tailFrames -= 1;
    this.#present();
  }

  #draw(slot: Slot, frame: number): void {
    slot.state = 'drawing';
    (this.#renderer as Renderer).draw(slot.weights).then(
      (picture) => {
        if (slot.frame !== frame || slot.state !== 'drawing') {
          picture.release();
          return;
        }
        slot.picture = picture;
        slot.state = 'ready';
        this.#present();
      },
      (thrown: unknown) => {
        if (slot.frame !== frame || slot.state !== 'drawing') return;
        slot.state = 'repeat';
        const error = toFacewireError(thrown);
        for (const sink of this.#sinks.filter((other) => other.wantsPictures)) this.#dropSink(sink, error);
        this.#present();
      },
    );
  }

  #giveUpOldest(): void {
    const slot = this.#ring[this.#head];
    if (slot.state === 'drawing') slot.state = 'repeat';
    this.#present();
  }

  /** Hands every slot that is complete to the sinks, in order. */
  #present(): void {
    while (this.#head !== this.#tail) {
      const slot = this.#ring[this.#head];
      if (slot.state === 'drawing') return;
      if (slot.state === 'repeat') this.#repeated += 1;
      else if (slot.picture !== undefined) {
        this.#lastPicture?.release();
        this.#lastPicture = slot.picture;
      }
      const span = {
        frameIndex: slot.frame,
        sampleIndex: slot.sample,
        audio: slot.audio,
        weights: slot.weights,
        picture: this.#lastPicture,
      };
      for (const sink of this.#sinks) sink.write(span);
      this.#presented = slot.sample + slot.audio.length;
      this.#head = (this.#head + 1) % ringSize;
      this.#utterances.presented(slot.frame, slot.dueMs, this.#presented, this.#lastPicture !== undefined);
    }
    if (!this.#running) this.#drained?.();
  }
}
