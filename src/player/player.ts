import { EventEmitter } from 'node:events';

import type { Renderer } from '../avatar/renderer.js';
import { FacewireError, toFacewireError } from '../errors.js';
import type { MediaSession } from '../media/session.js';
import type { Calibration } from '../rigs/calibration.js';
import type { OutputFormat, Sink, SinkReport, Span } from '../sinks/sink.js';
import { ticksPerMillisecond } from '../wire/ticks.js';
import { FramePacer, readFrameRate, sampleOfFrame, type FrameRate } from './frame-clock.js';
import type { HeldSpan } from './delay-line.js';
import { FrameQueue } from './frame-queue.js';
import { SinkGroup, type SinkGroupOptions } from './sink-group.js';
import { SoundFeed } from './sound-feed.js';
import { UtteranceLog, type Cue, type Followed } from './utterance-log.js';

/** What the player needs of a media session. */
export type PlayableSession = Pick<
  MediaSession,
  | 'sampleRate'
  | 'commit'
  | 'readySamples'
  | 'settledSamples'
  | 'committed'
  | 'readAudio'
  | 'lookAhead'
  | 'sourceCommitted'
  | 'frameAt'
  | 'interrupt'
  | 'outputOf'
>;

export interface PlayerOptions extends Pick<SinkGroupOptions, 'openMs' | 'closeMs' | 'fullMs'> {
  readonly session: PlayableSession;
  readonly sinks: readonly Sink[];
  /** Draws the pictures; without one, sinks that want pictures are refused. */
  readonly renderer?: Renderer;
  /** Frames per second: a whole number or a ratio. Default 25. */
  readonly frameRate?: number | FrameRate;
  /** Fits the face to the character, before it is drawn and handed to sinks. Default as it comes. */
  readonly calibration?: Calibration;
  /**
   * realtime (default): one frame per period of the wall clock; silence where nothing has arrived.
   * as-available: as fast as media arrives and sinks take it, never silence
   * inside an utterance; for files. With a sound card among the sinks, time is that of the card in either case.
   */
  readonly pace?: 'realtime' | 'as-available';
  /**
   * By how much a sink gets its spans later than they are due, in ms, 0 to 1000, for each sink that needs it. Spans
   * wait here, with their pictures: a renderer needs so many buffers more. Of a sound card that is the clock it is how
   * much later it is heard than the others get their spans. Nothing is held at the pace as-available without a card.
   */
  readonly delaysMs?: ReadonlyMap<Sink, number>;
}

export interface PlayerEvents {
  /** First sample of an utterance presented (heard, when a sound card is the clock); `atMs` is when its frame was due. */
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

/** The mouth is at rest 120 ms after the end; a little stillness belongs to it. */
const restSeconds = 0.3;
/** How often a sound card is looked after; it has far more sound than that. */
const feedMs = 4;
/** Frames go out so long before their sound is heard, because drawing and showing them takes time. */
const frameLeadMs = 20;
/** Frames that are caught up with in one turn. */
const mostSteps = 8;

/**
 * The only thing that advances time. Each step fixes one frame of the session's
 * output, evaluates the face at that frame's first sample, has it drawn, and
 * hands frame and audio to every sink, in order, none dropped. A sound card is
 * given its sound ahead of time instead, and the frames follow what it plays.
 */
export class Player extends EventEmitter<PlayerEvents> {
  readonly format: OutputFormat;
  readonly #session: PlayableSession;
  readonly #renderer: Renderer | undefined;
  readonly #rate: FrameRate;
  readonly #pace: 'realtime' | 'as-available';
  readonly #calibration: Calibration | undefined;
  readonly #pacer: FramePacer;
  readonly #sinks: SinkGroup;
  readonly #queue: FrameQueue;
  readonly #utterances: UtteranceLog;
  #nextFrame = 0;
  #presented = 0;
  #hasPicture = false;
  #feed: SoundFeed | undefined;
  /** Samples by which a frame goes out before its sound is heard from the card. */
  #lead = 0;
  /** The last interrupt: where, and how much had been received by then. */
  #stopped: { readonly sample: number; readonly received: number } | undefined;
  #running = false;
  #poll: NodeJS.Timeout | undefined;
  /** Frames of stillness that are left at the end of a file. */
  #tailFrames = 0;

  constructor(options: PlayerOptions) {
    super();
    this.#rate = readFrameRate(options.frameRate ?? 25);
    this.#session = options.session;
    this.#renderer = options.renderer;
    this.#pace = options.pace ?? 'realtime';
    this.#calibration = options.calibration;
    for (const sink of options.sinks) {
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
    const { numerator, denominator } = this.#rate;
    this.format = {
      sampleRate: options.session.sampleRate,
      frameRateNumerator: numerator,
      frameRateDenominator: denominator,
      width: this.#renderer?.width ?? 0,
      height: this.#renderer?.height ?? 0,
    };
    this.#utterances = new UtteranceLog(options.session, this);
    this.#sinks = new SinkGroup(options.sinks, (sink, error) => this.#onSinkFailure(sink, error), options);
    const longest = Math.ceil((this.format.sampleRate * denominator) / numerator) + 1;
    this.#queue = new FrameQueue(longest, (span, dueMs) => this.#present(span, dueMs));
    this.#pacer = new FramePacer(this.#rate, () => this.#step());
  }

  /** Output sample just past the last one handed to the sinks. */
  get position(): number {
    return this.#presented;
  }

  /** Frames that showed the picture before again because drawing was late. */
  get repeatedFrames(): number {
    return this.#queue.repeated;
  }

  /** Opens renderer and sinks, then starts the clock at frame 0. */
  async start(): Promise<void> {
    if (this.#running) throw new FacewireError('ERR_STATE', 'the player runs already');
    try {
      await this.#renderer?.open();
      await this.#sinks.open(this.format);
    } catch (thrown) {
      await this.#close();
      throw toFacewireError(thrown);
    }
    this.#running = true;
    const { clock } = this.#sinks;
    if (clock !== undefined) {
      const samplesOf = (ms: number): number => Math.round((this.format.sampleRate * ms) / 1000);
      const { clockDelayMs } = this.#sinks;
      this.#lead = samplesOf(frameLeadMs + clockDelayMs);
      this.#feed = new SoundFeed(this.#session, clock, samplesOf(clockDelayMs));
      this.#followCard();
    } else if (this.#pace === 'as-available') this.#pollSinks();
    else this.#pacer.start(0);
  }

  /**
   * Announces an utterance that starts to arrive in the session.
   * `finished` settles when its last sample was presented or it was cut.
   */
  follow(id: string): Followed {
    return this.#utterances.follow(id);
  }

  /**
   * Silences what is being said. Returns the output sample at which it begins to
   * fade, within 10 ms: of a sound card exactly that which is heard. Called
   * again before anything new was received, it does nothing and returns the same.
   */
  interrupt(): number {
    const received = this.#session.sourceCommitted() + this.#session.readySamples();
    const before = this.#stopped;
    const isNew = before?.received !== received || this.#utterances.isSpeaking;
    const card = isNew ? this.#feed?.cut() : undefined;
    // What files and streams have been given stays; what is held for all of them does not.
    const { given } = this.#sinks;
    const fallback = this.#feed === undefined ? given : Math.max(this.#feed.next, given);
    const sample = isNew ? (card ?? fallback) : before.sample;
    const at = Math.max(sample, given);
    this.#session.interrupt(at);
    if (isNew) this.#feed?.wasCut(at);
    // Frames that are still being drawn hold sound that is void now.
    this.#sinks.renew(at, this.#renew);
    this.#queue.each((slot) => this.#session.readAudio(slot.sample, slot.audio));
    this.#stopped = { sample, received };
    this.#utterances.cut(sample);
    return sample;
  }

  /** Stops the clock, lets the pictures on their way arrive, and closes every sink and the renderer. */
  async stop(): Promise<SinkReport[]> {
    if (this.#running) {
      if (this.#pace === 'as-available' && this.#feed === undefined) await this.#stepTail();
      this.#running = false;
      this.#pacer.stop();
      clearTimeout(this.#poll);
      await this.#queue.drain();
    }
    const reports = await this.#close();
    return reports.map((report) => ({ ...report, repeatedFrames: this.#queue.repeated }));
  }

  /** Files end with the mouth at rest: as many frames more as that takes. */
  async #stepTail(): Promise<void> {
    if (this.#nextFrame === 0) return;
    this.#tailFrames = Math.ceil((restSeconds * this.#rate.numerator) / this.#rate.denominator);
    while (this.#tailFrames > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async #close(): Promise<SinkReport[]> {
    const reports = await this.#sinks.close();
    this.#queue.clear();
    await this.#renderer?.close();
    this.#utterances.abandon();
    return reports;
  }

  #onSinkFailure(sink: Sink, error: FacewireError): void {
    // The sound card is gone: time goes on from the next frame, by the wall clock.
    if (this.#running && this.#feed !== undefined && this.#sinks.clock === undefined) {
      clearTimeout(this.#poll);
      this.#feed = undefined;
      this.#pacer.start(this.#nextFrame);
    }
    this.emit('sinkFailed', { sink: sink.name, error });
  }

  /** Gives the card sound; frames follow what is heard. */
  readonly #followCard = (): void => {
    const feed = this.#feed;
    if (!this.#running || feed === undefined) return;
    const starved = feed.fill(ticksNow(), this.#utterances.isUnderWay);
    if (starved > 0) this.#utterances.starved(starved);
    const { heard } = feed;
    for (let steps = 0; steps < mostSteps && this.#isDue(heard, feed.next); steps++) this.#step();
    const frame = Math.max(0, this.#nextFrame - 1);
    this.#utterances.presented(frame, performance.now(), heard, this.#hasPicture);
    this.#poll = setTimeout(this.#followCard, feedMs);
  };

  /** The sound of the next frame is about to be heard, and the card has all of it. */
  #isDue(heard: number, given: number): boolean {
    return (
      this.#sampleOf(this.#nextFrame) <= heard + this.#lead && this.#sampleOf(this.#nextFrame + 1) <= given
    );
  }

  readonly #pollSinks = (): void => {
    let steps = 0;
    while (this.#running && steps < mostSteps && this.#mayStep()) {
      this.#step();
      steps += 1;
    }
    if (this.#running) this.#poll = setTimeout(this.#pollSinks, steps > 0 ? 0 : 4);
  };

  #mayStep(): boolean {
    const span = this.#sampleOf(this.#nextFrame + 1) - this.#sampleOf(this.#nextFrame);
    if (!this.#sinks.hasRoom(span * (this.#queue.waiting + 1))) return false;
    if (this.#queue.isFull) return false;
    if (this.#tailFrames > 0) return true;
    return (
      this.#utterances.hasEnded || (this.#utterances.isSpeaking && this.#session.settledSamples() >= span)
    );
  }

  #sampleOf(frame: number): number {
    return sampleOfFrame(frame, this.format.sampleRate, this.#rate);
  }

  #step(): void {
    const slot = this.#queue.next();
    const frame = this.#nextFrame++;
    const sample = this.#sampleOf(frame);
    const end = this.#sampleOf(frame + 1);
    const now = performance.now();
    const until = Math.max(end, this.#session.committed());
    // A file waits for everything anyway; what is heard at once starts when it can go on without a stop.
    const waits = this.#pace === 'as-available' && this.#feed === undefined;
    const starved = waits ? this.#session.commit(until) : this.#session.commit(until, ticksNow());
    if (starved > 0) this.#utterances.starved(starved);
    slot.frame = frame;
    slot.sample = sample;
    slot.dueMs = now;
    const { moment } = slot;
    moment.frameIndex = frame;
    moment.sampleIndex = sample;
    moment.sampleEnd = end;
    moment.isLive = !waits;
    if (slot.audio.length !== end - sample) slot.audio = slot.audioBuffer.subarray(0, end - sample);
    this.#session.readAudio(sample, slot.audio);
    this.#session.frameAt(sample, slot.weights, end);
    this.#calibration?.apply(slot.weights);
    if (this.#tailFrames > 0) this.#tailFrames -= 1;
    this.#queue.push(this.#sinks.wantsPictures ? this.#renderer : undefined, this.#onDrawFailure);
  }

  readonly #onDrawFailure = (thrown: unknown): void => {
    this.#sinks.dropPictures(toFacewireError(thrown));
  };

  /** After an interrupt: a frame that is held gets the silence and the face that belong there now. */
  readonly #renew = (span: HeldSpan): void => {
    const { frameIndex, sampleIndex, audio, weights, picture } = span;
    this.#session.readAudio(sampleIndex, audio);
    const before = weights.slice();
    this.#session.frameAt(sampleIndex, weights, sampleIndex + audio.length);
    this.#calibration?.apply(weights);
    if (picture === undefined || weights.every((weight, i) => weight === before[i])) return;
    // Where that fails the old picture stays; a renderer that is broken fails the next frame, too.
    const moment = { frameIndex, sampleIndex, sampleEnd: sampleIndex + audio.length, isLive: true };
    this.#renderer?.draw(weights, moment).then(
      (drawn) => (drawn === undefined ? undefined : this.#sinks.replacePicture(frameIndex, drawn)),
      () => undefined,
    );
  };

  /** When a frame would be due if nothing were ever late. */
  #dueMs({ frameIndex, sampleIndex }: Span): number {
    const { heard } = this.#feed ?? {};
    if (heard !== undefined)
      return performance.now() - (1000 * (heard + this.#lead - sampleIndex)) / this.format.sampleRate;
    return this.#pacer.dueMs(frameIndex);
  }

  #present(span: Span, dueMs: number): void {
    this.#sinks.write(span, this.#sinks.holds ? this.#dueMs(span) : dueMs);
    this.#presented = span.sampleIndex + span.audio.length;
    this.#hasPicture = span.picture !== undefined;
    if (this.#feed === undefined)
      this.#utterances.presented(span.frameIndex, dueMs, this.#presented, this.#hasPicture);
  }
}

/** Now, on the clock of the session's arrivals. */
function ticksNow(): number {
  return Math.round(performance.now() * ticksPerMillisecond);
}
