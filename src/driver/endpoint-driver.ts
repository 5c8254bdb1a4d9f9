import { FacewireError, toFacewireError } from '../errors.js';
import {
  buildRequest,
  driveUrl,
  interruptSequence,
  newRequestId,
  newStreamId,
  signedQuery,
  speechParam,
  type BuiltRequest,
  type DriveRequest,
  type SpeechSettings,
} from '../wire/index.js';
import { Connection } from './connection.js';
import { Drive, type DriveLink, type DriveSetup, type DriveTimes, type Expectation } from './drive.js';
import {
  invalid,
  readTimes,
  requireText,
  type DriveOptions,
  type EndpointDriverOptions,
  type TextDriveOptions,
} from './options.js';
import type { WarningCode } from './events.js';
import { StreamDrive } from './stream-drive.js';

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
  #streamId: string;
  #active: Drive | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EndpointDriverOptions) {
    const times = readTimes(options.timeouts);
    const environment = { now: Date.now, random: Math.random, ...options.environment };
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
    this.#connection = new Connection({
      url: driveUrl(requireText('url', options.url)),
      appkey,
      accessToken,
      language: options.language,
      correctClock: options.correctClock ?? true,
      times,
      environment,
      onMessage: (bytes) => this.#active?.take(bytes),
      onLost: (error) => this.#active?.lose(error),
      onWarning: (code, message) => {
        if (this.#active === undefined) this.#early.push([code, message]);
        else this.#active.warn(code, message);
      },
    });
    this.#link = {
      send: (frame) => this.#connection.send(frame),
      pause: () => this.#connection.pause(),
      resume: () => this.#connection.resume(),
      abandon: () => this.#connection.abandon(),
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
    return this.#single(request, options, 'speak', () => undefined);
  }

  /** Speaks a text that comes in pieces: write() them, then end(). */
  stream(options: DriveOptions = {}): StreamDrive {
    const ids = this.#ids(options);
    const sequence = { last: 0, ended: false };
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
    this.#active?.interrupt();
    const request: DriveRequest = { kind: 'chat', command: 'stop', text: '', ...this.#ids({}) };
    return this.#single(request, options, 'farewell', () => undefined);
  }

  /** Interrupts what runs and closes the socket. Idempotent; every later drive is refused. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#active?.interrupt();
      await this.#connection.close();
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
  ): Drive {
    const { frame, warnings } = buildRequest(request);
    this.#makeRoom(options);
    const drive = new Drive(this.#setup(request.requestId, options, expectation, farewell));
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
    };
  }

  #makeRoom(options: DriveOptions): void {
    if (this.#closing !== undefined) {
      throw new FacewireError('ERR_STATE', 'the driver is closed', {
        expected: 'a driver in use',
        received: 'close()',
      });
    }
    if (this.#active === undefined) return;
    if (options.interrupt !== true) {
      throw new FacewireError('ERR_STATE', 'a drive is still running', {
        expected: 'no running drive, or the option interrupt: true',
        received: 'a second drive',
        remedy: 'Await the drive, interrupt it, or pass interrupt: true.',
      });
    }
    this.#active.interrupt();
  }

  #start(drive: Drive, options: DriveOptions): void {
    for (const [code, message] of this.#early.splice(0)) drive.warn(code, message);
    this.#active = drive;
    if (options.signal?.aborted === true) {
      drive.abort();
      return;
    }
    this.#connection.open().then(
      () => drive.begin(),
      (thrown: unknown) => drive.fail(toFacewireError(thrown, 'ERR_CONNECT_FAILED')),
    );
  }

  #release(drive: Drive): void {
    this.#past.push(drive.requestId);
    if (this.#past.length > rememberedIds) this.#past.shift();
    if (this.#active === drive) this.#active = undefined;
  }
}
