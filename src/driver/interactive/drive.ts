import { FacewireError, toFacewireError } from '../../errors.js';
import type { AudioEnd, ChannelIds, ChannelMessage, SpeakStatus, StatusMessage } from '../../wire/index.js';
import {
  contentOf,
  interrupted,
  sizeOfEvent,
  type InteractiveEvent,
  type InteractiveKind,
  type InteractiveResult,
} from './drive-events.js';
import type { InteractiveLink, InteractiveTimes } from './drive-link.js';
import { EventQueue } from '../event-queue.js';
import { RefusedPackets, type Again } from './refused-packets.js';
import { Unconfirmed, type Packet } from './unconfirmed.js';

export type { InteractiveEvent, InteractiveKind, InteractiveLink, InteractiveResult, InteractiveTimes };

const starts: readonly SpeakStatus[] = ['text-start', 'audio-start', 'clause-start'];
const ends: readonly SpeakStatus[] = ['text-over', 'audio-over'];

/** Bytes of events that one drive keeps, whatever their number: a slow reader must not hold up the channel for the others. */
const maxEventBytes = 1024 * 1024;

/**
 * One utterance of a session. Iterate it for the events (once), await
 * `finished` for the end. Both reject with the same coded error; a caller who
 * uses only one of them, or none, causes no unhandled rejection.
 */
export class InteractiveDrive implements AsyncIterable<InteractiveEvent> {
  readonly kind: InteractiveKind;
  /** Resolves when the cloud has spoken it all; the viewer's picture is a little later. */
  readonly finished: Promise<InteractiveResult>;
  protected readonly link: InteractiveLink;
  /** Packets that go out again before anything new. */
  protected readonly refused: RefusedPackets;
  readonly #events: EventQueue<InteractiveEvent>;
  readonly #resolve: (result: InteractiveResult) => void;
  readonly #reject: (error: FacewireError) => void;
  readonly #over = new AbortController();
  readonly #unconfirmed = new Unconfirmed();
  #requestId: string;
  #state: 'waiting' | 'running' | 'over' = 'waiting';
  #started = false;
  #confirmed = false;
  #error: FacewireError | undefined;
  #stopping: 'no' | 'asked' | 'superseded' = 'no';
  #successor: InteractiveDrive | undefined;
  #cause: unknown;
  #everSent = false;
  #onSent: (() => void) | undefined;
  #inputOpen = false;
  #heardSinceInput = false;
  #cancelTimer: () => void = () => undefined;
  #whenStarted: (() => void)[] = [];

  /**
   * @internal Drives are made by InteractiveSession.
   * @param spacingMs distance of packets that go out again.
   */
  constructor(
    kind: InteractiveKind,
    requestId: string,
    link: InteractiveLink,
    maxQueuedEvents: number,
    spacingMs = 0,
  ) {
    this.kind = kind;
    this.link = link;
    this.#requestId = requestId;
    let resolve!: (result: InteractiveResult) => void;
    let reject!: (error: FacewireError) => void;
    this.finished = new Promise<InteractiveResult>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    this.finished.catch(() => undefined);
    this.#resolve = resolve;
    this.#reject = reject;
    this.#events = new EventQueue({ max: maxQueuedEvents, maxBytes: maxEventBytes, sizeOf: sizeOfEvent });
    this.refused = new RefusedPackets({
      clock: link.clock,
      over: this.#over.signal,
      spacingMs,
      clear: () => link.clear(),
      post: ({ sequence, frame }) => {
        try {
          link.post(this, sequence, frame);
        } catch (thrown) {
          this.fail(toFacewireError(thrown));
        }
      },
    });
  }

  /** Names the drive on the wire; a command that was sent again has a new one. */
  get requestId(): string {
    return this.#requestId;
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** The cloud has begun to speak it. */
  get isStarted(): boolean {
    return this.#started;
  }

  [Symbol.asyncIterator](): AsyncIterator<InteractiveEvent, undefined> {
    return this.#events.iterate();
  }

  /** Stops it. `finished` rejects with ERR_INTERRUPTED; resolves when the cloud has stopped, at most `interruptMs` later. */
  interrupt(): Promise<void> {
    return this.link.stop(this);
  }

  /** @internal */
  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  /** @internal Why it failed, if it did. */
  get failure(): FacewireError | undefined {
    return this.#error;
  }

  /** @internal Some status has come. */
  get isConfirmed(): boolean {
    return this.#confirmed;
  }

  /** @internal Something was handed to the socket. */
  get isSent(): boolean {
    return this.#everSent;
  }

  /** @internal Aborted when the drive is over. */
  get overSignal(): AbortSignal {
    return this.#over.signal;
  }

  /** @internal */
  get isStopping(): boolean {
    return this.#stopping !== 'no';
  }

  /** @internal Its turn has come. */
  begin(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'running';
    this.onBegin();
    this.#arm();
  }

  /** @internal It goes back to waiting, under a new id, to be sent again. */
  renew(requestId: string, message: string): void {
    this.#requestId = requestId;
    this.#state = 'waiting';
    this.#confirmed = false;
    this.#everSent = false;
    this.#unconfirmed.clear();
    this.#cancelTimer();
    this.#tell({ type: 'warning', code: 'retried', message });
  }

  /** @internal A frame was handed to the socket. */
  sent(packet: Packet): void {
    if (!this.#everSent) this.#onSent?.();
    this.#everSent = true;
    if (this.isStopping || this.#state !== 'running') return;
    this.#unconfirmed.add(packet);
    this.#heardSinceInput = false;
    this.#arm();
  }

  /**
   * @internal A packet (0: the last one) was not taken; nothing new of the drive goes out before
   * it went out again. False when it is not kept any more or was refused too often.
   */
  resendLater(sequence: number, again: Again, why: string): boolean {
    const packet = this.#unconfirmed.take(sequence);
    if (packet === undefined || !this.refused.add(packet, again)) return false;
    const message = `the cloud did not take packet ${packet.sequence} (${why})`;
    this.#tell({ type: 'warning', code: 'retried', message });
    return true;
  }

  /** @internal Runs when the first frame is handed to the socket. */
  onceSent(run: () => void): void {
    this.#onSent = run;
  }

  /** @internal More input will follow; no answer is waited for until it is complete. */
  setInputOpen(open: boolean): void {
    this.#inputOpen = open;
    this.#arm();
  }

  /** @internal What it waits for is void: another utterance takes its place. */
  supersede(successor: InteractiveDrive): void {
    this.#successor = successor;
    this.#halt('superseded');
  }

  /** @internal It was asked to stop; nothing of it is sent any more. */
  markStopping(cause: unknown): void {
    this.#cause = cause;
    this.#halt('asked');
  }

  /** @internal A message with its id. */
  take(message: (StatusMessage & ChannelIds) | (ChannelMessage & { kind: 'content' })): void {
    if (this.#state !== 'running') return;
    this.#confirmed = true;
    this.#heardSinceInput = true;
    this.#unconfirmed.confirm(this.confirmsUpTo?.(message.sequence) ?? Infinity);
    if (message.kind === 'content') {
      this.#tell({ type: 'content', ...contentOf(message) });
      this.#arm();
      return;
    }
    const { status, sequence, audioEnd } = message;
    this.#tell({ type: 'status', status, sequence, ...(audioEnd !== undefined && { audioEnd }) });
    if (starts.includes(status)) this.#start();
    this.onStatus?.(status);
    if (status === 'error') {
      this.fail(
        this.link.failureOf(message.errorCode === 0 ? -111005 : message.errorCode, message.errorMessage),
      );
    } else if (ends.includes(status)) this.#end(audioEnd);
    else this.#arm();
  }

  /** @internal Resolves when the cloud began to speak it, or it is over. */
  whenStarted(): Promise<void> {
    if (this.#started || this.isOver) return Promise.resolve();
    return new Promise((resolve) => this.#whenStarted.push(resolve));
  }

  /** @internal Resolves when it is over. */
  whenOver(): Promise<void> {
    return this.finished.then(
      () => undefined,
      () => undefined,
    );
  }

  /** @internal The channel was lost. A server that is not idempotent cannot take up what was cut. */
  lose(error: FacewireError, idempotent: boolean): void {
    this.#cancelTimer();
    if (!idempotent && this.#state === 'running' && this.#isCut() && !this.isStopping) this.fail(error);
  }

  /**
   * @internal The channel is open again. Returns the packets to send once more,
   * before any other: those that no status has confirmed, if the server is idempotent.
   */
  reopened(idempotent: boolean, lost: FacewireError): readonly Packet[] {
    if (this.#state !== 'running') return [];
    this.#arm();
    if (this.isStopping) return [];
    // Of a long sound the beginning has been heard long ago.
    if (idempotent && (!this.#unconfirmed.isLossy || this.kind === 'audio')) {
      const packets = this.#unconfirmed.takeAll();
      if (packets.length > 0) {
        this.#tell({
          type: 'warning',
          code: 'resent',
          message: `${packets.length} packets go out again`,
        });
      }
      return packets;
    }
    if (this.#isCut()) this.fail(lost);
    else if (this.isSent && !this.#confirmed) {
      this.#arm(this.link.times.confirmMs, () => this.fail(lost));
    }
    return [];
  }

  /** @internal */
  fail(error: FacewireError): void {
    if (this.#state === 'over') return;
    this.#error = error;
    this.#settle();
    this.#events.finish(error);
    this.#reject(error);
    this.link.released(this);
  }

  /** @internal */
  cancel(why: string, cause?: unknown): void {
    this.fail(interrupted(why, cause));
  }

  /** Its turn has come. */
  protected onBegin(): void {
    // For kinds that send more than one frame.
  }

  /** For clauses. */
  protected onStatus?(status: SpeakStatus): void;

  /** Sends no more; called once, when it is stopped, superseded or over. */
  protected onHalt(): void {
    // For kinds that send more than one frame.
  }

  /** Number of the last packet that a message with this number confirms. Default: any message confirms the only frame. */
  protected confirmsUpTo?(sequence: number): number;

  /** Sent packets may be missing at the cloud, and nobody will tell. */
  #isCut(): boolean {
    if (this.kind === 'text') return false;
    if (this.#inputOpen) return this.isSent;
    return this.#unconfirmed.count > 0 && this.#confirmed && !this.#heardSinceInput;
  }

  #tell(event: InteractiveEvent): void {
    this.#events.push(event);
  }

  #start(): void {
    this.#started = true;
    for (const resolve of this.#whenStarted.splice(0)) resolve();
  }

  #halt(why: 'asked' | 'superseded'): void {
    if (this.#state === 'over' || this.#stopping === 'asked') return;
    const first = this.#stopping === 'no';
    this.#stopping = why;
    this.#unconfirmed.clear();
    this.refused.clear();
    if (first) this.onHalt();
  }

  #end(audioEnd: AudioEnd | undefined): void {
    if (this.#stopping === 'asked') return this.cancel('the drive was interrupted', this.#cause);
    // A successor that the cloud did not take has interrupted nothing.
    if (this.#stopping === 'superseded' && this.#successor?.failure === undefined) {
      return this.cancel('another utterance took its place');
    }
    if (this.#inputOpen) {
      const received =
        audioEnd === 'interrupted' ? 'an interrupt by somebody else' : 'no packet for too long';
      return this.fail(
        new FacewireError(
          'ERR_TIMEOUT',
          `the cloud ended the ${this.kind} before all of it was sent: ${received}`,
          {
            expected: 'packets without pauses longer than the interval of the session',
            received,
          },
        ),
      );
    }
    this.#settle();
    this.#events.finish();
    this.#resolve({
      requestId: this.requestId,
      kind: this.kind,
      droppedEvents: this.#events.dropped,
      ...(audioEnd !== undefined && { audioEnd }),
    });
    this.link.released(this);
  }

  #settle(): void {
    const halted = this.isStopping;
    this.#state = 'over';
    this.#cancelTimer();
    this.#unconfirmed.clear();
    this.#over.abort();
    for (const resolve of this.#whenStarted.splice(0)) resolve();
    if (!halted) this.onHalt();
  }

  /** Starts the wait that fits the state anew; while the channel is away or input is open, silence is not the cloud's. */
  #arm(waitMs?: number, run?: () => void): void {
    const { clock, times, isOpen } = this.link;
    this.#cancelTimer();
    if (this.#state !== 'running' || (this.#inputOpen && run === undefined) || !isOpen()) return;
    const wait = waitMs ?? (this.#confirmed ? times.betweenStatusMs : times.firstStatusMs);
    this.#cancelTimer = clock.after(wait, run ?? (() => this.#timeOut(wait)));
  }

  #timeOut(waitMs: number): void {
    this.fail(
      new FacewireError('ERR_TIMEOUT', `the cloud told nothing about the drive for ${waitMs} ms`, {
        expected: `a status within ${waitMs} ms`,
        received: 'nothing',
      }),
    );
  }
}
