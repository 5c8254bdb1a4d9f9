import { EventEmitter } from 'node:events';
import type { FacewireError } from '../../errors.js';
import { newRequestId, utf8Length, writeCommand, type TextCommand } from '../../wire/index.js';
import type { Recorder } from '../../record/recorder.js';
import { invalid } from '../options.js';
import { AudioDrive } from './audio-drive.js';
import { CommandChannel } from './channel.js';
import { systemClock, type Clock } from '../../clock.js';
import { InteractiveDrive, type InteractiveLink } from './drive.js';
import { interrupted } from './drive-events.js';
import { Drives } from './drives.js';
import { audioFrames, streamFrames, textFrame } from './frames.js';
import { Heartbeat } from './heartbeat.js';
import { Inbox } from './inbox.js';
import { bringDown, bringUp, whatEnded, type ReadySession } from './lifecycle.js';
import { notTaken, Outbox } from './outbox.js';
import { RestClient, throwIfAborted, whenAborted } from './rest-client.js';
import { Retries } from './retries.js';
import { afterEnd, sessionError, textOnly } from './session-error.js';
import { sessionRecorder, withoutRecording } from './session-recorder.js';
import {
  readCreation,
  readSettings,
  type InteractiveSessionOptions,
  type SessionSettings,
} from './session-options.js';
import type {
  ChatOptions,
  InteractiveSessionEvents,
  PlayOptions,
  SessionCounters,
  SpeakOptions,
  StreamOptions,
  UtteranceOptions,
} from './session-types.js';
import { heldBytes, soundAt16k, type Sound } from './sound-source.js';
import { Stopper } from './stopper.js';
import { StreamTextDrive } from './stream-drive.js';
import { Turns } from './turns.js';

/**
 * A cloud-rendered avatar: created, awaited, started and connected by open(),
 * driven by speak(), chat(), stream() and playAudio(), and closed in every
 * case, because an open session costs. Only one utterance is spoken at a time.
 */
export class InteractiveSession extends EventEmitter<InteractiveSessionEvents> {
  readonly sessionId: string;
  /** Where the picture can be watched; may hold a secret. Undefined with a push address of the caller's. */
  readonly playAddress: string | undefined;
  readonly #rest: RestClient;
  readonly #settings: SessionSettings;
  readonly #clock: Clock;
  readonly #channel: CommandChannel;
  readonly #outbox: Outbox;
  readonly #turns: Turns;
  readonly #heartbeat: Heartbeat;
  readonly #retries: Retries;
  readonly #link: InteractiveLink;
  readonly #inbox: Inbox;
  readonly #drives = new Drives();
  readonly #stopper: Stopper;
  readonly #roundId = newRequestId();
  readonly #recorder: Recorder | undefined;
  readonly #options: InteractiveSessionOptions;
  readonly #onAbort = (): void => void this.close().catch(() => undefined);
  #lost: FacewireError | undefined;
  #idempotent = false;
  #refusedTexts = 0;
  #end: { readonly error: FacewireError | undefined } | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Creates a session, waits until it is ready, starts it and opens its
   * channel. Whatever fails on the way, and an aborted signal, closes what was created.
   */
  static async open(options: InteractiveSessionOptions): Promise<InteractiveSession> {
    const settings = readSettings(options);
    const creation = readCreation(options);
    const rest = new RestClient(options);
    const clock = options.environment?.clock ?? systemClock;
    const signal = options.signal ?? new AbortController().signal;
    throwIfAborted(signal);
    const opened: InteractiveSession[] = [];
    // Whoever awaits the session can listen only after it is there.
    const recorder = sessionRecorder(options, ({ message }) =>
      setImmediate(() => opened[0]?.emit('warning', 'recording-stopped', message)),
    );
    rest.recordTo(recorder);
    const bringing = bringUp({ rest, creation, times: settings.times, clock, signal });
    bringing.catch(() => void recorder?.close());
    const ready = await bringing;
    const session = new InteractiveSession(ready, rest, settings, options, recorder);
    opened.push(session);
    try {
      await Promise.race([session.#channel.open(), whenAborted(signal)]);
      throwIfAborted(signal);
    } catch (thrown) {
      await session.close().catch(() => undefined);
      throw thrown;
    }
    return session;
  }

  private constructor(
    ready: ReadySession,
    rest: RestClient,
    settings: SessionSettings,
    options: InteractiveSessionOptions,
    recorder: Recorder | undefined,
  ) {
    super();
    this.#recorder = recorder;
    this.#options = options;
    this.sessionId = ready.sessionId;
    this.playAddress = ready.playAddress;
    this.#rest = rest;
    this.#settings = settings;
    this.#clock = options.environment?.clock ?? systemClock;
    const random = options.environment?.random ?? Math.random;
    const { times } = settings;
    this.#channel = new CommandChannel({
      url: options.url,
      sessionId: ready.sessionId,
      signer: rest.signer,
      times,
      clock: this.#clock,
      random,
      secrets: () => rest.secrets,
      recorder,
      check: () => whatEnded(rest, ready.sessionId),
      start: () => rest.start(ready.sessionId),
      onOpen: (idempotent, again) => this.#onOpen(idempotent, again),
      onMessage: (bytes) => this.#inbox.take(bytes),
      onDown: (error) => this.#onDown(error),
      onEnded: (error) => this.#finish(error),
    });
    this.#outbox = new Outbox({
      clock: this.#clock,
      gapMs: times.gapMs,
      send: (frame, onFlushed) => this.#channel.send(frame, onFlushed),
      onExpired: (drive) => drive.fail(this.#lost ?? notTaken(times.gapMs)),
    });
    this.#stopper = new Stopper({
      sessionId: ready.sessionId,
      clock: this.#clock,
      interruptMs: times.interruptMs,
      drives: this.#drives,
      outbox: this.#outbox,
    });
    this.#heartbeat = new Heartbeat(this.#clock, settings.heartbeatMs, () => this.#beat());
    this.#turns = new Turns({
      clock: this.#clock,
      textGapMs: settings.textGapMs,
      limits: { drives: settings.maxQueuedDrives, bytes: settings.maxQueuedBytes },
      stop: (drive) => this.#stopper.stop(drive),
    });
    this.#retries = new Retries({
      clock: this.#clock,
      random,
      startSession: () => rest.start(ready.sessionId),
      overMs: times.firstStatusMs,
      quotaWaitMs: options.quotaWaitMs ?? 0,
    });
    this.#inbox = new Inbox({
      drives: this.#drives,
      retries: this.#retries,
      failureOf: (code, said) => sessionError(code, said, rest.secrets),
      onOther: (message) => this.emit('message', message),
      onUnwanted: () => this.#stopper.stopText(),
      onBroken: () => this.#channel.abandon(),
      onEnd: (error) => this.#finish(error),
      onWarning: (code, message) => this.emit('warning', code, message),
    });
    this.#link = {
      clock: this.#clock,
      times,
      isOpen: () => this.#channel.isOpen,
      post: (drive, sequence, frame) => this.#outbox.post(drive, sequence, frame),
      clear: () => this.#outbox.clear(),
      freeBytes: () => this.#turns.waiting.freeBytes,
      refused: () => void this.#refusedTexts++,
      stop: (drive) => this.#stopper.stop(drive),
      released: (drive) => this.#release(drive),
      failureOf: (code, said) => sessionError(code, said, rest.secrets),
    };
    this.#options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get isConnected(): boolean {
    return this.#channel.isOpen;
  }

  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  /** The utterance that is being said, if any. */
  get active(): InteractiveDrive | undefined {
    return this.#turns.current;
  }

  get counters(): SessionCounters {
    const { count, bytes, refused } = this.#turns.waiting;
    return {
      queuedDrives: count,
      queuedBytes: bytes,
      refusedDrives: refused,
      refusedTexts: this.#refusedTexts,
      waitingBytes: this.#outbox.waitingBytes,
      refusedFrames: this.#outbox.refused,
      reconnects: this.#channel.reconnects,
      resentFrames: this.#outbox.resent,
      duplicateStatuses: this.#inbox.duplicates,
      heartbeats: this.#heartbeat.sent,
      malformedFrames: this.#inbox.malformed,
    };
  }

  /** Says a text as it is: at most 4000 bytes of UTF-8. Throws ERR_WIRE_LIMIT before anything is sent. */
  speak(text: string, options: SpeakOptions = {}): InteractiveDrive {
    return this.#text(text, { asIs: true }, options);
  }

  /** Asks the dialogue service and says its answer. */
  chat(text: string, options: ChatOptions = {}): InteractiveDrive {
    const { roundId = this.#roundId, visitorId } = options;
    return this.#text(text, { roundId, ...(visitorId !== undefined && { visitorId }) }, options);
  }

  /**
   * Says a text that comes in pieces, for example from a language model. Without
   * `pieces` call write() and end() of what is returned.
   */
  stream(pieces?: AsyncIterable<string> | Iterable<string>, options: StreamOptions = {}): StreamTextDrive {
    this.#checkOpen();
    const { clauses = false } = options;
    const ids = { requestId: newRequestId(), sessionId: this.sessionId };
    const drive = new StreamTextDrive({
      requestId: ids.requestId,
      link: this.#link,
      maxQueuedEvents: this.#settings.maxQueuedEvents,
      clauses,
      clausesAhead: this.#settings.clausesAhead,
      build: streamFrames(ids, options),
    });
    this.#enter(drive, options, () => drive.waitingBytes);
    if (pieces !== undefined) void drive.feed(pieces);
    return drive;
  }

  /**
   * Says the caller's own sound: mono samples or a WAV file of any rate that is
   * converted to 16 kHz, whole or in pieces. The session must have the driver `audio`.
   */
  playAudio(sound: Sound, options: PlayOptions = {}): AudioDrive {
    this.#checkOpen();
    if (this.#settings.driver !== 'audio') throw textOnly();
    const ids = { requestId: newRequestId(), sessionId: this.sessionId };
    const drive = new AudioDrive({
      requestId: ids.requestId,
      link: this.#link,
      maxQueuedEvents: this.#settings.maxQueuedEvents,
      pieces: soundAt16k(sound, options.sampleRate),
      intervalMs: this.#settings.audioIntervalMs,
      build: audioFrames(ids, options),
    });
    const bytes = heldBytes(sound);
    this.#enter(drive, options, () => bytes);
    return drive;
  }

  /** Stops what is being said and voids what waits. Resolves when it has stopped; at once when nothing is said. */
  async interrupt(): Promise<void> {
    this.#turns.cancelWaiting('the drive was interrupted');
    const { current } = this.#turns;
    if (current !== undefined) await this.#stopper.stop(current);
  }

  /**
   * Ends every drive, closes the channel and then the session at the cloud.
   * Idempotent. Rejects when the cloud could not be told, because the session may then still cost.
   */
  close(): Promise<void> {
    this.#finish(undefined);
    this.#closing ??= this.#bringDown();
    return this.#closing;
  }

  /**
   * Closes this session and opens another with the same options, for one that the cloud has closed or
   * lost. Nothing is said again. A recording needs a file of its own: give `record` anew.
   */
  async recreate(changes: Partial<InteractiveSessionOptions> = {}): Promise<InteractiveSession> {
    await this.close().catch(() => undefined);
    return InteractiveSession.open({ ...withoutRecording(this.#options), ...changes });
  }

  #text(text: string, more: Partial<TextCommand>, options: SpeakOptions): InteractiveDrive {
    this.#checkOpen();
    const build = (requestId: string): string =>
      textFrame({ requestId, sessionId: this.sessionId }, text, more, options);
    if (text === '') throw invalid('text', 'at least one character', 'an empty string');
    const requestId = newRequestId();
    const bytes = utf8Length(build(requestId));
    const drive = new InteractiveDrive('text', requestId, this.#link, this.#settings.maxQueuedEvents);
    const send = (): void => this.#link.post(drive, 1, build(drive.requestId));
    const queued = options.when === 'queue';
    this.#retries.watch(drive, (delayMs, afterOthers, message) => {
      this.#drives.remove(drive);
      drive.renew(newRequestId(), message);
      this.#drives.add(drive);
      this.#turns.addAgain({
        drive,
        queued: queued || afterOthers,
        notBefore: this.#clock.now() + delayMs,
        heldBytes: () => bytes,
        send,
      });
    });
    this.#enter(drive, options, () => bytes, send);
    return drive;
  }

  #enter(
    drive: InteractiveDrive,
    { signal, when }: UtteranceOptions,
    heldBytes: () => number,
    send = (): void => undefined,
  ): void {
    if (signal?.aborted === true) {
      drive.cancel('the signal was aborted', signal.reason);
      return;
    }
    this.#turns.add({ drive, queued: when === 'queue', notBefore: 0, heldBytes, send });
    if (signal !== undefined) this.#stopper.stopOn(signal, drive);
    this.#drives.add(drive);
  }

  #release(drive: InteractiveDrive): void {
    this.#turns.drop(drive);
    this.#drives.remove(drive);
    this.#outbox.drop(drive);
  }

  #onOpen(idempotent: boolean, again: boolean): void {
    const lost = this.#lost;
    this.#lost = undefined;
    this.#idempotent = idempotent;
    this.#heartbeat.resume();
    if (again && lost !== undefined) {
      for (const drive of this.#drives.all().reverse()) {
        this.#outbox.resend(drive, drive.reopened(idempotent, lost));
      }
    }
    this.#outbox.flush();
    this.emit('connected', again);
  }

  #onDown(error: FacewireError): void {
    this.#lost = error;
    this.#heartbeat.stop();
    for (const drive of this.#drives.all()) drive.lose(error, this.#idempotent);
    this.emit('disconnected', error);
  }

  #beat(): void {
    const ids = { requestId: newRequestId(), sessionId: this.sessionId };
    this.#channel.send(writeCommand({ kind: 'heartbeat', ...ids }), () => this.#outbox.flush());
  }

  /** The session is over: everything ends here, once. */
  #finish(error: FacewireError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#heartbeat.stop();
    this.#outbox.close();
    const failure = error ?? interrupted('the session was closed', this.#options.signal?.reason);
    for (const drive of this.#drives.all()) drive.fail(failure);
    this.#turns.cancelWaiting('the session was closed');
    this.#closing ??= this.#bringDown();
    if (error !== undefined) {
      this.#closing.catch((thrown: unknown) =>
        this.emit('warning', 'close-failed', (thrown as FacewireError).message),
      );
    }
    this.emit('closed', error);
  }

  async #bringDown(): Promise<void> {
    await this.#channel.close();
    await bringDown(this.#rest, this.sessionId, this.#settings.times).finally(() => this.#recorder?.close());
  }

  #checkOpen(): void {
    if (this.#end !== undefined) throw afterEnd(this.#end.error);
  }
}
