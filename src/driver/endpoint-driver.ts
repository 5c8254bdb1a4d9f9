import { FacewireError, toFacewireError } from '../errors.js';
import {
  buildRequest,
  driveUrl,
  interruptSequence,
  newRequestId,
  newStreamId,
  readResumeAnswer,
  signedQuery,
  speechParam,
  writeResumeRequest,
  type BuiltRequest,
  type DriveRequest,
  type SpeechSettings,
} from '../wire/index.js';
import { systemClock } from '../clock.js';
import { Recorder } from '../record/recorder.js';
import { Connection } from './connection.js';
import { Drive } from './drive.js';
import type { DriveLink, DriveSetup, DriveTimes, Expectation } from './drive-setup.js';
import {
  invalid,
  readTimes,
  requireText,
  type DriveOptions,
  type EndpointDriverOptions,
  type TextDriveOptions,
} from './options.js';
import type { WarningCode } from './events.js';
import { maxSocketBytes, StreamDrive } from './stream-drive.js';
import { withoutTags } from './transcript.js';

const rememberedIds = 32;

/**
 * Client of the endpoint-rendering API: text in, drives with sound and mouth
 * out. Connects at the first drive and keeps the socket for further ones; one
 * drive at a time. An open socket keeps the process alive until close().
 */
export class EndpointDriver {
  readonly projectId: string;
  /** Warnings of connect() before any drive; the first drive tells them. */
  readonly #early: [WarningCode, string][] = [];
  readonly #connection: Connection;
  readonly #link: DriveLink;
  readonly #times: DriveTimes;
  readonly #speech: SpeechSettings;
  readonly #options: Pick<EndpointDriverOptions, 'timeReference'> & {
    closingText: string;
    maxQueuedEvents: number;
  };
  readonly #past: string[] = [];
  readonly #recorder: Recorder | undefined;
  #streamId: string;
  #active: Drive | undefined;
  #isOpening = false;
  #closing: Promise<void> | undefined;

  constructor(options: EndpointDriverOptions) {
    const times = readTimes(options.timeouts);
    const environment = { now: Date.now, random: Math.random, clock: systemClock, ...options.environment };
    const appkey = requireText('appkey', options.appkey);
    const accessToken = requireText('accessToken', options.accessToken);
    const maxQueuedEvents = options.maxQueuedEvents ?? 1024;
    if (!Number.isInteger(maxQueuedEvents) || maxQueuedEvents < 1 || maxQueuedEvents > 100_000) {
      throw invalid('maxQueuedEvents', 'a whole number of 1 to 100000', String(maxQueuedEvents));
    }
    // Whatever cannot be signed should fail here, not at the first drive.
    signedQuery({
      appkey,
      accessToken,
      timestampSeconds: 0,
      ...(options.language && { language: options.language }),
    });
    this.projectId = requireText('projectId', options.projectId);
    this.#streamId =
      options.streamId === undefined ? newStreamId() : requireText('streamId', options.streamId);
    this.#times = times;
    this.#speech = options.speech ?? {};
    speechParam(this.#speech);
    this.#options = {
      closingText: options.closingText ?? '',
      maxQueuedEvents,
      ...(options.timeReference !== undefined && { timeReference: options.timeReference }),
    };
    const url = driveUrl(requireText('url', options.url));
    const warn = (code: WarningCode, message: string): void => {
      if (this.#active === undefined) this.#early.push([code, message]);
      else this.#active.warn(code, message);
    };
    if (options.record !== undefined) {
      this.#recorder = new Recorder(
        typeof options.record === 'string' ? { path: options.record } : options.record,
        { cloud: `${url.protocol}//${url.host}`, secrets: [appkey, accessToken] },
        (error) => warn('recording-stopped', error.message),
      );
    }
    this.#connection = new Connection({
      url,
      appkey,
      accessToken,
      language: options.language,
      correctClock: options.correctClock ?? true,
      times,
      environment,
      recorder: this.#recorder,
      onOpen: () => this.#greet(),
      onMessage: (bytes) => this.#take(bytes),
      onLost: (error) => this.#active?.lose(error),
      onWarning: warn,
    });
    this.#link = {
      send: (frame) => this.#connection.send(frame),
      pause: () => this.#connection.pause(),
      resume: () => this.#connection.resume(),
      abandon: () => this.#connection.abandon(),
      recover: (drive) => this.#recover(drive),
      acknowledge: (requestId, received) => this.#connection.send(writeResumeRequest(requestId, received)),
      note: (happening) => this.#recorder?.note(happening),
      isPast: (requestId) => this.#past.includes(requestId),
      released: (drive) => this.#release(drive),
      secrets: [accessToken],
    };
  }

  /** Names the conversation; the cloud keeps its memory under it. */
  get streamId(): string {
    return this.#streamId;
  }

  get isConnected(): boolean {
    return this.#connection.isOpen;
  }

  /** The drive that is running, if any. */
  get active(): Drive | undefined {
    return this.#active;
  }

  /** From the next drive on the cloud starts with an empty memory. */
  newConversation(streamId = newStreamId()): void {
    this.#streamId = requireText('streamId', streamId);
  }

  /** Connects ahead of the first drive, to save its time. Not needed. */
  async connect(): Promise<void> {
    await this.#connection.open();
  }

  /** Speaks a text. */
  text(text: string, options: TextDriveOptions = {}): Drive {
    const request: DriveRequest = {
      kind: 'text',
      text,
      ...this.#ids(options),
      ...(options.markup !== undefined && { markup: options.markup }),
    };
    const plain = options.markup === 'ssml' ? withoutTags(text) : text;
    return this.#single(request, options, 'speak', () => undefined, plain);
  }

  /** Speaks a text that comes in pieces: write() them, then end(). */
  stream(options: DriveOptions = {}): StreamDrive {
    const ids = this.#ids(options);
    const sequence = { last: 0, ended: false, text: '' };
    const build = (text: string, seq: number, final: boolean): BuiltRequest =>
      buildRequest({ kind: 'stream', text, sequence: seq, final, ...ids });
    build('', 1, false);
    // Also after end(): the cloud may still be speaking, and the protocol has no other way to stop it.
    const farewell = (): string | undefined =>
      sequence.last === 0
        ? undefined
        : build(this.#options.closingText, Math.max(interruptSequence, sequence.last + 1), true).frame;
    this.#makeRoom(options);
    const drive = new StreamDrive({
      ...this.#setup(ids.requestId, options, 'speak', farewell),
      source: () => sequence.text,
      build,
      sequence,
      socketBytes: () => this.#connection.bufferedBytes,
    });
    this.#start(drive, options);
    return drive;
  }

  /** Says something to the dialogue service and speaks its answer. */
  chat(text: string, options: DriveOptions = {}): Drive {
    const request: DriveRequest = { kind: 'chat', command: 'say', text, ...this.#ids(options) };
    return this.#single(request, options, 'speak', () => this.#stopFrame(request));
  }

  /** Opens a dialogue. The drive ends with a greeting, if one comes, or after `quietMs`. */
  startChat(options: DriveOptions = {}): Drive {
    const request: DriveRequest = { kind: 'chat', command: 'start', text: '', ...this.#ids(options) };
    return this.#single(request, options, 'command', () => this.#stopFrame(request));
  }

  /**
   * Ends the dialogue. A drive that is running is interrupted, whatever
   * `interrupt` says; speech that still comes is dropped.
   */
  stopChat(options: Omit<DriveOptions, 'media' | 'speech' | 'interrupt'> = {}): Drive {
    this.#active?.interrupt({ force: true });
    const request: DriveRequest = { kind: 'chat', command: 'stop', text: '', ...this.#ids({}) };
    return this.#single(request, options, 'farewell', () => undefined);
  }

  /** Interrupts what runs and closes the socket. Idempotent; every later drive is refused. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#active?.interrupt({ force: true });
      await this.#connection.close();
      await this.#recorder?.close();
    })();
    return this.#closing;
  }

  #ids(options: DriveOptions): {
    requestId: string;
    streamId: string;
    projectId: string;
    speech?: SpeechSettings;
  } {
    const speech = { ...this.#speech, ...options.speech };
    return {
      requestId: newRequestId(),
      streamId: this.#streamId,
      projectId: this.projectId,
      ...(Object.keys(speech).length > 0 && { speech }),
    };
  }

  #stopFrame(request: DriveRequest): string {
    const { requestId, streamId, projectId } = request;
    return buildRequest({ kind: 'chat', command: 'stop', text: '', requestId, streamId, projectId }).frame;
  }

  #single(
    request: DriveRequest,
    options: DriveOptions,
    expectation: Expectation,
    farewell: () => string | undefined,
    source?: string,
  ): Drive {
    const { frame, warnings } = buildRequest(request);
    this.#makeRoom(options);
    const drive = new Drive({
      ...this.#setup(request.requestId, options, expectation, farewell),
      source: () => source,
    });
    for (const warning of warnings) drive.warn('request-unusual', warning);
    drive.post(frame);
    this.#start(drive, options);
    return drive;
  }

  #setup(
    requestId: string,
    options: DriveOptions,
    expectation: Expectation,
    farewell: () => string | undefined,
  ): DriveSetup {
    return {
      requestId,
      expectation,
      media: options.media,
      signal: options.signal,
      times: this.#times,
      timeReference: this.#options.timeReference,
      maxQueuedEvents: this.#options.maxQueuedEvents,
      link: this.#link,
      farewell,
      source: () => undefined,
    };
  }

  #makeRoom(options: DriveOptions): void {
    if (this.#closing !== undefined) {
      throw new FacewireError('ERR_STATE', 'the driver is closed', {
        expected: 'a driver in use',
        received: 'close()',
      });
    }
    const { bufferedBytes } = this.#connection;
    if (bufferedBytes > maxSocketBytes) {
      throw new FacewireError('ERR_BUFFER_FULL', 'the cloud has not taken what was sent before', {
        expected: `at most ${maxSocketBytes} bytes that wait in the socket`,
        received: `${bufferedBytes} bytes`,
        remedy: 'Wait until the cloud reads again; one that does not is given up after 34.5 s.',
      });
    }
    if (this.#active === undefined) return;
    if (options.interrupt !== true && options.interrupt !== 'force') {
      throw new FacewireError('ERR_STATE', 'a drive is still running', {
        expected: 'no running drive, or the option interrupt: true',
        received: 'a second drive',
        remedy: 'Await the drive, interrupt it, or pass interrupt: true.',
      });
    }
    this.#active.interrupt({ force: options.interrupt === 'force' });
  }

  #start(drive: Drive, options: DriveOptions): void {
    for (const [code, message] of this.#early.splice(0)) drive.warn(code, message);
    this.#active = drive;
    if (options.signal?.aborted === true) {
      drive.abort();
      return;
    }
    // One waits for the connection, however often another drive takes its place.
    if (this.#isOpening) return;
    this.#isOpening = true;
    this.#connection.open().then(
      () => {
        this.#isOpening = false;
        this.#active?.begin();
      },
      (thrown: unknown) => {
        this.#isOpening = false;
        this.#active?.fail(toFacewireError(thrown, 'ERR_CONNECT_FAILED'));
      },
    );
  }

  /** Asks a cloud that can for numbered frames, and for those of a drive whose socket was lost. */
  #greet(): void {
    const drive = this.#active?.isResuming === true ? this.#active : undefined;
    if (this.#connection.isResumable) {
      this.#connection.send(writeResumeRequest(drive?.requestId, drive?.received));
    } else drive?.restart();
  }

  #take(bytes: Buffer): void {
    const answer = readResumeAnswer(bytes);
    const drive = this.#active;
    if (answer === undefined) drive?.take(bytes);
    else if (drive?.requestId === answer.requestId) {
      if (answer.known) drive.continue(answer.nextSequence);
      else drive.restart();
    }
  }

  #recover(drive: Drive): boolean {
    if (!this.#connection.isResumable || this.#closing !== undefined) return false;
    this.#connection.open().catch(() => drive.giveUp());
    return true;
  }

  #release(drive: Drive): void {
    this.#past.push(drive.requestId);
    if (this.#past.length > rememberedIds) this.#past.shift();
    if (this.#active === drive) this.#active = undefined;
  }
}
