import { FacewireError, toFacewireError } from '../errors.js';
import type { Reply, WireFrame } from '../wire/index.js';
import { remoteError } from './remote-error.js';
import type { DriveMedia } from './drive-media.js';
import { EventQueue } from './event-queue.js';
import type { DriveEvent, DriveMarks, DriveSummary, WarningCode } from './events.js';
import { Intake, type Taken } from './intake.js';
import { scrub } from './secrets.js';
import type { TimeReference } from './time-base.js';

/** Waits of a drive, all in ms. */
export interface DriveTimes {
  /** From the request (of a stream: from its end) to the first message. */
  readonly firstMessageMs: number;
  readonly betweenMessagesMs: number;
  /** After the last of only silent clauses, before the drive counts as over. */
  readonly silentGraceMs: number;
  /** After a chat command that needs no answer. */
  readonly quietMs: number;
}

/** What a drive needs of its driver. */
export interface DriveLink {
  send(frame: string): void;
  pause(): void;
  resume(): void;
  /** The socket can no longer be trusted. */
  abandon(): void;
  /** True for the id of a drive that is over; its late failures concern nobody. */
  isPast(requestId: string): boolean;
  released(drive: Drive): void;
  readonly secrets: readonly string[];
}

/** `speak` waits for speech, `command` may stay unanswered, `farewell` also ignores what comes. */
export type Expectation = 'speak' | 'command' | 'farewell';

export interface DriveSetup {
  readonly requestId: string;
  readonly expectation: Expectation;
  readonly media: DriveMedia | undefined;
  readonly signal: AbortSignal | undefined;
  readonly times: DriveTimes;
  readonly timeReference: TimeReference | undefined;
  readonly maxQueuedEvents: number;
  readonly link: DriveLink;
  /** The frame that tells the cloud to stop, undefined when there is nothing to tell. */
  readonly farewell: () => string | undefined;
}

type PauseReason = 'events' | 'media';
const mediaRetryMs = 20;

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
  #state: 'connecting' | 'running' | 'over' = 'connecting';
  #outgoing: string[] = [];
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
    let resolve!: (summary: DriveSummary) => void;
    let reject!: (error: FacewireError) => void;
    this.done = new Promise<DriveSummary>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    this.done.catch(() => undefined);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#queue = new EventQueue(setup.maxQueuedEvents, (full) => this.#setPause('events', full));
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

  /**
   * Stops the drive at once: tells the cloud where the protocol has a way to,
   * drops what is queued here, and rejects `done` with ERR_INTERRUPTED. Frames
   * that still arrive are dropped by their request id. Does nothing when the drive is over.
   */
  interrupt(): void {
    this.#stop('the drive was interrupted', undefined);
  }

  /** @internal The signal was aborted before the drive began. */
  abort(): void {
    this.#onAbort();
  }

  /** @internal Takes an upstream frame; sent at once, or when the connection is there. */
  post(frame: string): void {
    if (this.#state === 'running') this.#setup.link.send(frame);
    else if (this.#state === 'connecting') this.#outgoing.push(frame);
  }

  /** @internal Says whether more input will follow; no answer is waited for until it is complete. */
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
    this.#state = 'running';
    this.#marks.requestSent = performance.now();
    for (const frame of this.#outgoing) this.#setup.link.send(frame);
    this.#outgoing = [];
    if (this.#pauses.size > 0) this.#setup.link.pause();
    this.#arm();
  }

  /** @internal One frame from the socket; may be of another drive. */
  take(bytes: Uint8Array): void {
    if (this.#state !== 'running') return;
    if (this.#pending.length > 0) this.#pending.push(bytes);
    else this.#offer(bytes);
  }

  /** @internal The connection was lost. A drive that has not begun was not on it. */
  lose(error: FacewireError): void {
    if (this.#state === 'running') this.fail(error);
  }

  /** @internal Ends the drive with an error; what has arrived stays playable. */
  fail(error: FacewireError): void {
    if (this.#state === 'over') return;
    this.#settle();
    this.#queue.finish(error);
    this.#reject(error);
    this.#setup.link.released(this);
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
    this.fail(
      new FacewireError('ERR_INTERRUPTED', why, {
        expected: 'the drive to go on to its end',
        received: why,
        ...(cause !== undefined && { cause }),
      }),
    );
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
      if (!this.#setup.link.isPast(taken.frame.requestId)) this.fail(this.#remoteError(taken.frame));
      return;
    }
    this.#marks.firstPacket ??= performance.now();
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
    this.#settle();
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

  #settle(): void {
    this.#state = 'over';
    this.#marks.finished = performance.now();
    clearTimeout(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#pending.length = 0;
    this.#outgoing = [];
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
    const what = heard ? 'another message' : 'a first message';
    this.#setup.link.abandon();
    this.fail(
      new FacewireError('ERR_TIMEOUT', `the cloud sent nothing for ${waitMs} ms in the middle of a drive`, {
        expected: `${what} within ${waitMs} ms`,
        received: 'nothing',
      }),
    );
  }

  #remoteError(frame: WireFrame & { readonly kind: 'error' }): FacewireError {
    return remoteError(frame.code, scrub(frame.message, this.#setup.link.secrets));
  }
}
