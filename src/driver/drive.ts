import { toFacewireError, withUnspoken, type FacewireError } from '../errors.js';
import type { DriveEnd } from '../record/format.js';
import type { Reply } from '../wire/index.js';
import { remoteError } from './remote-error.js';
import { fellSilent, framesMissing, notInterruptible, wasInterrupted } from './drive-errors.js';
import type { DriveSetup } from './drive-setup.js';
import { EventQueue } from './event-queue.js';
import { sizeOfEvent } from './event-size.js';
import type { DriveEvent, DriveMarks, DriveSummary, WarningCode } from './events.js';
import { FrameProgress } from './frame-progress.js';
import { Intake, type Taken } from './intake.js';
import { Outgoing } from './outgoing.js';
import { scrub } from './secrets.js';
import { Transcript } from './transcript.js';

type PauseReason = 'events' | 'media';
const mediaRetryMs = 20;
/** Frames between two acknowledgements. */
const acknowledgeEvery = 8;

/**
 * One request and its answer. Iterate it for the events (once), await `done`
 * for the end. Both reject with the same coded error; a caller who uses only
 * one of them, or none, causes no unhandled rejection.
 */
export class Drive implements AsyncIterable<DriveEvent> {
  readonly requestId: string;
  /** Resolves when the cloud has sent everything; rejects when the drive failed or was interrupted. */
  readonly done: Promise<DriveSummary>;
  readonly #setup: DriveSetup;
  readonly #queue: EventQueue<DriveEvent>;
  readonly #intake: Intake;
  readonly #resolve: (summary: DriveSummary) => void;
  readonly #reject: (error: FacewireError) => void;
  readonly #onAbort = (): void => this.#stop('the signal was aborted', this.#setup.signal?.reason);
  readonly #marks = {
    created: performance.now(),
    requestSent: undefined as number | undefined,
    firstPacket: undefined as number | undefined,
    firstSpeech: undefined as number | undefined,
    finished: undefined as number | undefined,
  };
  readonly #warned = new Set<string>();
  readonly #pauses = new Set<PauseReason>();
  readonly #pending: Uint8Array[] = [];
  readonly #transcript: Transcript;
  readonly #outgoing = new Outgoing();
  readonly #progress: FrameProgress;
  #state: 'connecting' | 'running' | 'resuming' | 'over' = 'connecting';
  #lost: FacewireError | undefined;
  #inputOpen = false;
  #timer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #mediaBegun = false;
  #allSilent = false;
  #replies = 0;
  #spokenReplies = 0;
  #speechMessages = 0;
  #warnings = 0;
  #lastReply: Reply | undefined;

  /** @internal Drives are made by EndpointDriver. */
  constructor(setup: DriveSetup) {
    this.#setup = setup;
    this.requestId = setup.requestId;
    this.#progress = new FrameProgress(setup.requestId);
    let resolve!: (summary: DriveSummary) => void;
    let reject!: (error: FacewireError) => void;
    this.done = new Promise<DriveSummary>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    this.done.catch(() => undefined);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#queue = new EventQueue({
      max: setup.maxQueuedEvents,
      sizeOf: sizeOfEvent,
      onPressure: (full) => this.#setPause('events', full),
    });
    this.#transcript = new Transcript(setup.source);
    this.#intake = new Intake({
      requestId: setup.requestId,
      media: setup.media,
      timeReference: setup.timeReference,
      onWarning: (code, message) => this.warn(code, message),
    });
    setup.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get marks(): DriveMarks {
    return { ...this.#marks };
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** True while the cloud says that what is spoken now must not be interrupted. The decision is the caller's. */
  get uninterruptible(): boolean {
    return this.#lastReply?.uninterruptible ?? false;
  }

  [Symbol.asyncIterator](): AsyncIterator<DriveEvent, undefined> {
    return this.#queue.iterate();
  }

  /** What was asked to be spoken, without markup, as far as it is known; undefined for an answer of a dialogue. */
  get text(): string | undefined {
    return this.#setup.source();
  }

  /** The connection was lost and the cloud is being asked to go on. */
  get isResuming(): boolean {
    return this.#state === 'resuming';
  }

  /**
   * Stops the drive at once: tells the cloud where the protocol has a way to,
   * drops what is queued here, and rejects `done` with ERR_INTERRUPTED. Frames
   * that still arrive are dropped by their request id. Does nothing when the drive is over.
   * Without `force` it throws ERR_NOT_INTERRUPTIBLE when what is spoken now must not be interrupted.
   */
  interrupt(options: { readonly force?: boolean } = {}): void {
    if (this.#state !== 'over' && this.uninterruptible && options.force !== true) throw notInterruptible();
    this.#stop('the drive was interrupted', undefined);
  }

  /** @internal The signal was aborted before the drive began. */
  readonly abort = (): void => this.#onAbort();

  /** @internal Takes an upstream frame; sent at once, or when the connection is there. `sequence` is that of a stream. */
  post(frame: string, sequence = 0): void {
    if (this.#state === 'over') return;
    this.#outgoing.add(frame, sequence, this.#state !== 'running');
    if (this.#state === 'running') this.#setup.link.send(frame);
  }

  /** @internal Bytes of the frames that are kept for the case that they must be sent again. */
  get keptBytes(): number {
    return this.#outgoing.bytes;
  }

  /** @internal How many frames of this drive have come, where the cloud numbers them. */
  get received(): number {
    return this.#progress.received;
  }

  /** @internal More input will follow: no answer is waited for. */
  setInputOpen(open: boolean): void {
    this.#inputOpen = open;
    this.#arm();
  }

  /** @internal The connection is there. */
  begin(): void {
    if (this.#state !== 'connecting') return;
    try {
      this.#setup.media?.begin(this.requestId);
      this.#mediaBegun = true;
    } catch (thrown) {
      this.fail(toFacewireError(thrown));
      return;
    }
    this.#marks.requestSent = performance.now();
    this.#setup.link.note({ what: 'begin', id: this.requestId, media: this.#setup.media !== undefined });
    this.#run(0);
  }

  /** @internal The cloud goes on with this drive, whose fragments before `nextSequence` it has. */
  continue(nextSequence: number): void {
    if (this.#state === 'resuming') this.#run(nextSequence);
  }

  /** @internal The cloud knows nothing of this drive: it begins again, or fails when something of it had come. */
  restart(): void {
    if (this.#state !== 'resuming') return;
    if (this.received === 0 && this.#marks.firstPacket === undefined) this.#run(0);
    else this.giveUp();
  }

  /** @internal There is no way to go on with a drive whose socket was lost. */
  giveUp(): void {
    if (this.#state === 'resuming' && this.#lost !== undefined) this.fail(this.#lost);
  }

  /** @internal One frame from the socket; may be of another drive. `isNext` is known when it comes from a recording. */
  take(bytes: Uint8Array, isNext = false): void {
    if (this.#state !== 'running' || !(isNext || this.#isNext(bytes))) return;
    if (this.#pending.length > 0) this.#pending.push(bytes);
    else this.#offer(bytes);
  }

  /** @internal The connection was lost. A drive that has not begun was not on it. */
  lose(error: FacewireError): void {
    if (this.#state !== 'running' && this.#state !== 'resuming') return;
    const worthIt = this.#state === 'resuming' || this.#progress.lose();
    if (!worthIt || !this.#outgoing.isComplete || this.#setup.expectation === 'farewell')
      return this.fail(error);
    this.#lost = error;
    if (this.#state === 'running') {
      this.#state = 'resuming';
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.giveUp(), this.#setup.times.resumeMs);
    }
    if (!this.#setup.link.recover(this)) this.fail(error);
  }

  /** @internal Ends the drive with an error; what has arrived stays playable. */
  fail(given: FacewireError): void {
    if (this.#state === 'over') return;
    const interrupted = given.code === 'ERR_INTERRUPTED';
    const error =
      interrupted || this.#setup.expectation !== 'speak'
        ? given
        : withUnspoken(given, this.#transcript.unspoken(this.#intake.audioEnd));
    this.#settle(interrupted ? 'interrupted' : 'failed', error);
    this.#queue.finish(error);
    this.#reject(error);
    this.#setup.link.released(this);
  }

  /** @internal Everything has come, although no frame said so. */
  conclude(ended: DriveSummary['ended']): void {
    this.#succeed(ended);
  }

  /** @internal Events show the first of a kind; the summary counts all. */
  warn(code: WarningCode, message: string): void {
    this.#warnings++;
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.#queue.push({ type: 'warning', code, message });
  }

  #stop(why: string, cause: unknown): void {
    if (this.#state === 'over') return;
    if (this.#state === 'running') {
      const frame = this.#setup.farewell();
      if (frame !== undefined) this.#setup.link.send(frame);
    }
    this.#queue.clear();
    this.fail(wasInterrupted(why, cause));
  }

  #offer(bytes: Uint8Array): void {
    let taken: Taken;
    try {
      taken = this.#intake.take(bytes);
    } catch (thrown) {
      this.fail(toFacewireError(thrown));
      return;
    }
    if (taken.type === 'full') {
      this.#pending.unshift(bytes);
      this.#setPause('media', true);
      this.#retryTimer ??= setTimeout(() => this.#retry(), mediaRetryMs);
      return;
    }
    if (taken.type !== 'nothing') this.#take(taken);
  }

  #retry(): void {
    this.#retryTimer = undefined;
    while (this.#state === 'running' && this.#pending.length > 0 && this.#retryTimer === undefined) {
      this.#offer(this.#pending.shift()!);
    }
    if (this.#pending.length === 0) this.#setPause('media', false);
  }

  #take(taken: Exclude<Taken, { type: 'nothing' | 'full' }>): void {
    if (taken.type === 'error') {
      const { code, message, requestId } = taken.frame;
      const { link } = this.#setup;
      if (!link.isPast(requestId)) this.fail(remoteError(code, scrub(message, link.secrets)));
      return;
    }
    this.#marks.firstPacket ??= performance.now();
    if (taken.type === 'reply') this.#transcript.reply(taken);
    else this.#transcript.speech(taken);
    if (this.#setup.expectation === 'farewell') {
      if (taken.type === 'speech' && taken.final) this.#succeed('final');
      return;
    }
    if (taken.type === 'reply') {
      this.#replies++;
      if (taken.reply.spoken) this.#spokenReplies++;
      this.#lastReply = taken.reply;
      this.#allSilent = taken.reply.last && this.#spokenReplies === 0 && this.#speechMessages === 0;
    } else {
      this.#speechMessages++;
      this.#allSilent = false;
      if (taken.audioFrames > 0) this.#marks.firstSpeech ??= performance.now();
    }
    this.#queue.push(taken);
    if (taken.type === 'speech' && taken.final) this.#succeed('final');
    else this.#arm();
  }

  #succeed(ended: DriveSummary['ended']): void {
    if (this.#state === 'over') return;
    this.#settle(ended);
    if (this.#queue.dropped > 0) this.#warnings++;
    this.#queue.finish();
    this.#resolve({
      requestId: this.requestId,
      ended,
      replies: this.#replies,
      speechMessages: this.#speechMessages,
      audio: this.#intake.audioEnd,
      warnings: this.#warnings,
      droppedEvents: this.#queue.dropped,
      marks: this.marks,
    });
    this.#setup.link.released(this);
  }

  /** Sends what the cloud does not have and listens. */
  #run(nextSequence: number): void {
    this.#state = 'running';
    for (const frame of this.#outgoing.from(nextSequence)) this.#setup.link.send(frame);
    if (this.#pauses.size > 0) this.#setup.link.pause();
    this.#arm();
  }

  /** Where the cloud numbers frames: true for the one that is next; one that was seen is dropped. */
  #isNext(bytes: Uint8Array): boolean {
    const place = this.#progress.take(bytes);
    if (typeof place === 'object') {
      this.#setup.link.abandon();
      this.lose(framesMissing(place.missing, place.got));
      return false;
    }
    const { received } = this.#progress;
    if (place === 'next' && received > 0 && received % acknowledgeEvery === 0)
      this.#setup.link.acknowledge(this.requestId, received);
    return place === 'next';
  }

  #settle(end: DriveEnd, error?: FacewireError): void {
    const begun = this.#state !== 'connecting';
    // Everything is here; the cloud may forget the drive.
    const { link } = this.#setup;
    if (this.#state === 'running' && this.received > 0) link.acknowledge(this.requestId, this.received);
    this.#state = 'over';
    const why = error === undefined ? {} : { code: error.code, why: error.message };
    if (begun) link.note({ what: 'over', id: this.requestId, end, ...why });
    this.#marks.finished = performance.now();
    clearTimeout(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#pending.length = 0;
    this.#outgoing.clear();
    this.#setup.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#pauses.size > 0) {
      this.#pauses.clear();
      this.#setup.link.resume();
    }
    if (!this.#mediaBegun) return;
    try {
      this.#setup.media?.end();
    } catch (thrown) {
      // The session was closed under the drive; there is nothing left to end.
      this.warn('media', toFacewireError(thrown).message);
    }
  }

  #setPause(reason: PauseReason, on: boolean): void {
    const before = this.#pauses.size;
    if (on) this.#pauses.add(reason);
    else this.#pauses.delete(reason);
    if (this.#state !== 'running' || before > 0 === this.#pauses.size > 0) return;
    if (on) this.#setup.link.pause();
    else this.#setup.link.resume();
    this.#arm();
  }

  /** Starts the wait that fits the state anew. While paused or while input is open, silence is not the cloud's. */
  #arm(): void {
    if (this.#state === 'resuming') return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state !== 'running' || this.#pauses.size > 0 || this.#inputOpen) return;
    const { times, expectation } = this.#setup;
    const heard = this.#marks.firstPacket !== undefined;
    if (expectation !== 'speak' && (!heard || expectation === 'farewell')) {
      this.#timer = setTimeout(() => this.#succeed('quiet'), times.quietMs);
    } else if (this.#allSilent) {
      this.#timer = setTimeout(() => this.#succeed('silent'), times.silentGraceMs);
    } else {
      const waitMs = heard ? times.betweenMessagesMs : times.firstMessageMs;
      this.#timer = setTimeout(() => this.#timeOut(waitMs, heard), waitMs);
    }
  }

  #timeOut(waitMs: number, heard: boolean): void {
    this.#setup.link.abandon();
    this.lose(fellSilent(waitMs, heard));
  }
}
