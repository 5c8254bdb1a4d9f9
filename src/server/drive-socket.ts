import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { FacewireError } from '../errors.js';
import { writeErrorFrame } from '../wire/frames.js';
import { readRequest } from '../wire/read-request.js';
import type { DriveRequest, StreamRequest } from '../wire/request.js';
import { readResumeRequest, writeResumeAnswer, type ResumeRequest } from '../wire/resume.js';
import { isRequestId } from '../wire/ids.js';
import { utf8Length } from '../wire/text.js';
import type { Content } from './content.js';
import { cutCode, onlyText, type CutReason } from './cut-reason.js';
import { Drive, driveErrorCode, errorFrame, type TimeBase } from './drive.js';
import { openSource } from './drive-source.js';
import { FrameJournal } from './frame-journal.js';
import { MessageRate, type MessageRateLimits } from './message-rate.js';
import { Outbox } from './outbox.js';
import type { OutboxLimits } from './outbox-limits.js';
import { Pacer, type Pace } from './pacing.js';
import type { ResumableDrives } from './resumable-drives.js';
import type { DriveOwner, RunningDrive } from './running-drive.js';
import type { Voices } from './voices.js';

export interface DriveSocketOptions {
  readonly projectId: string;
  readonly voices: Voices;
  readonly content: Content;
  readonly pace: Pace;
  readonly aheadSeconds: number;
  readonly timeBase: TimeBase;
  readonly maxTextBytes: number;
  readonly outbox: OutboxLimits;
  readonly rate: MessageRateLimits;
  /** Shared by all sockets of a server; undefined when drives cannot be resumed. */
  readonly resumable: ResumableDrives | undefined;
  /** Told when the peer is cut off: it does not read, sends too fast, or sends what is no text. */
  readonly onCut: (why: CutReason) => void;
}

/** No such project. */
const unknownProject = 100009;
/** Requests come too fast. */
const tooFrequent = 100012;
/** With this number the vendor's client ends a stream that it interrupts. */
const interruptSequence = 9999;
/** Drives that are over but whose late fragments may still come. */
const rememberedDrives = 64;

/** One client of the drive engine: reads its requests and runs one drive at a time. */
export class DriveSocket implements DriveOwner {
  readonly #options: DriveSocketOptions;
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  readonly #rate: MessageRate;
  readonly #gatewayId = `gz${randomBytes(12).toString('hex')}`;
  readonly #over: string[] = [];
  #running: RunningDrive | undefined;
  /** The client has asked for numbered frames. */
  #isNumbered = false;

  constructor(socket: WebSocket, options: DriveSocketOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#outbox = new Outbox(socket, options.outbox, () => options.onCut('not-reading'));
    this.#rate = new MessageRate(options.rate);
    socket.on('message', (data: Buffer, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      if (!this.#rate.take()) {
        const { perSecond, burst } = options.rate;
        const limit = `at most ${perSecond} messages a second and ${burst} at once; connect again in 1 s`;
        this.#cut('too-fast', `LimitExceeded: ${limit}`, tooFrequent);
      } else if (isBinary) this.#cut('not-text', `InvalidParameter: ${onlyText}`);
      else this.#take(data);
    });
    socket.on('close', () => {
      options.resumable?.park(this);
      // What waits for its client has no owner any more.
      if (this.#running?.owner === this) this.#stop();
      this.#running = undefined;
    });
  }

  letGo(running: RunningDrive): void {
    if (this.#running === running) this.#running = undefined;
  }

  finished(running: RunningDrive): void {
    this.#remember(running.drive);
    if (this.#running === running) this.#running = undefined;
  }

  #take(data: Buffer): void {
    const resume = this.#options.resumable === undefined ? undefined : readResumeRequest(data);
    if (resume !== undefined) return this.#resume(resume);
    const reading = readRequest(data);
    if (!reading.ok) {
      const { requestId, streamId, message, field } = reading.refusal;
      return field === 'depth' ? this.#cut('too-deep', message) : this.#refuse(requestId, streamId, message);
    }
    const { request } = reading;
    if (request.projectId !== this.#options.projectId) {
      return this.#refuse(
        request.requestId,
        request.streamId,
        'ResourceNotFound: there is no such project',
        unknownProject,
      );
    }
    if (request.kind === 'chat' && request.command === 'stop') {
      if (this.#running?.drive.requestId === request.requestId) this.#stop();
      return;
    }
    if (request.kind === 'stream' && this.#continueStream(request)) return;
    // A client that may send a request twice, because it cannot know whether it came, is answered once.
    if (this.#isNumbered && request.kind !== 'stream' && this.#knows(request.requestId)) return;
    try {
      this.#begin(request);
    } catch (thrown) {
      void this.#outbox.send(errorFrame(this.#address(request.requestId, request.streamId), thrown));
    }
  }

  /** Our own extension, see wire/resume.ts. */
  #resume({ requestId, received }: ResumeRequest): void {
    this.#isNumbered = true;
    const resumable = this.#options.resumable;
    if (requestId === undefined || resumable === undefined) return;
    const own = resumable.of(this).find(({ drive }) => drive.requestId === requestId);
    if (own?.journal !== undefined) {
      own.journal.acknowledge(received);
      if (own.isOver && own.journal.isEmpty) resumable.remove(requestId);
      return;
    }
    if (this.#over.includes(requestId)) return;
    this.#stop();
    const running = resumable.take(requestId, received, this);
    const nextSequence = running?.stream === undefined ? 1 : running.stream.nextSequence;
    void this.#outbox.send(writeResumeAnswer({ requestId, known: running !== undefined, nextSequence }));
    running?.journal?.attach(this.#outbox, received);
    if (running?.isOver === false) this.#running = running;
  }

  #knows(requestId: string): boolean {
    return this.#running?.drive.requestId === requestId || this.#over.includes(requestId);
  }

  /** True when the fragment belongs to a stream that runs or is over, or only ends one. */
  #continueStream(request: StreamRequest): boolean {
    const running = this.#running;
    const isStop = request.final && request.sequence === interruptSequence;
    if (running?.drive.requestId !== request.requestId) {
      // The text of a stop is never spoken, not even that of a stream which was lost with its socket.
      return isStop || this.#over.includes(request.requestId);
    }
    const { stream } = running;
    if (stream === undefined) return true;
    if (isStop) this.#stop();
    else stream.push(request);
    return true;
  }

  /** Starts a drive. One that still runs is stopped: the newest request counts. */
  #begin(request: DriveRequest): void {
    const { voices, pace, aheadSeconds, timeBase, resumable } = this.#options;
    const bytes = utf8Length(request.text);
    if (bytes > this.#options.maxTextBytes) {
      throw new FacewireError(
        'ERR_WIRE_LIMIT',
        `InputText has ${bytes} bytes, more than ${this.#options.maxTextBytes}`,
      );
    }
    this.#stop();
    const settings = request.speech ?? {};
    const voice = voices.get(settings.timbre);
    const numbered = this.#isNumbered && isRequestId(request.requestId);
    const journal = numbered ? new FrameJournal(request.requestId, this.#outbox) : undefined;
    const drive = new Drive({
      address: this.#address(request.requestId, request.streamId),
      replyType: request.kind === 'chat' ? 'cloudAiGpt' : 'input',
      voice: () => voice,
      settings,
      timeBase,
      pacer: new Pacer(pace, aheadSeconds),
      send: (frame) => (journal ?? this.#outbox).send(frame),
    });
    const canSpeak = (text: string, language?: string): boolean => voice.canSpeak(text, language);
    const sources = { content: this.#options.content, settings, canSpeak };
    const { source, stream } = openSource(request, sources, drive.signal);
    const running: RunningDrive = { drive, stream, journal, owner: this, isOver: false };
    this.#running = running;
    if (journal !== undefined) {
      // The client has asked for something else; what is left of the drives before concerns nobody.
      for (const before of resumable?.of(this) ?? []) resumable?.remove(before.drive.requestId);
      resumable?.add(running);
    }
    void drive.run(source).finally(() => {
      running.isOver = true;
      running.owner?.finished(running);
    });
  }

  #stop(): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    running.stream?.end();
    this.#remember(running.drive);
    running.drive.stop();
  }

  #remember(drive: Drive): void {
    if (this.#over.includes(drive.requestId)) return;
    this.#over.push(drive.requestId);
    if (this.#over.length > rememberedDrives) this.#over.shift();
  }

  #refuse(
    requestId: string | undefined,
    streamId: string | undefined,
    message: string,
    code: number = driveErrorCode.badParameter,
  ): void {
    void this.#outbox.send(writeErrorFrame(this.#address(requestId ?? '', streamId ?? ''), code, message));
  }

  /** Ends a socket whose peer breaks the rules, and tells it why. */
  #cut(why: CutReason, message: string, code?: number): void {
    this.#refuse(undefined, undefined, message, code);
    this.#options.onCut(why);
    this.#socket.close(cutCode[why], why);
  }

  #address(requestId: string, streamId: string): { requestId: string; streamId: string; gatewayId: string } {
    return { requestId, streamId, gatewayId: this.#gatewayId };
  }
}
