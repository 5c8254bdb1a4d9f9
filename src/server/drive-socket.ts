import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { FacewireError } from '../errors.js';
import { writeErrorFrame } from '../wire/frames.js';
import { readRequest } from '../wire/read-request.js';
import type { DriveRequest, StreamRequest } from '../wire/request.js';
import { utf8Length } from '../wire/text.js';
import type { Content } from './content.js';
import { Drive, driveErrorCode, errorFrame, type TimeBase } from './drive.js';
import { openSource } from './drive-source.js';
import { Outbox } from './outbox.js';
import type { OutboxLimits } from './outbox-limits.js';
import { Pacer, type Pace } from './pacing.js';
import type { StreamText } from './stream-text.js';
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
}

/** No such project. */
const unknownProject = 100009;
/** With this number the vendor's client ends a stream that it interrupts. */
const interruptSequence = 9999;
/** Drives that are over but whose late fragments may still come. */
const rememberedDrives = 64;

/** One client of the drive engine: reads its requests and runs one drive at a time. */
export class DriveSocket {
  readonly #options: DriveSocketOptions;
  readonly #outbox: Outbox;
  readonly #gatewayId = `gz${randomBytes(12).toString('hex')}`;
  readonly #over: string[] = [];
  #drive: Drive | undefined;
  #stream: StreamText | undefined;

  constructor(socket: WebSocket, options: DriveSocketOptions) {
    this.#options = options;
    this.#outbox = new Outbox(socket, options.outbox);
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#refuse(undefined, undefined, 'InvalidParameter: only text frames are read');
      else this.#take(data);
    });
    socket.on('close', () => this.#stop());
  }

  #take(data: Buffer): void {
    const reading = readRequest(data);
    if (!reading.ok) {
      const { requestId, streamId, message } = reading.refusal;
      return this.#refuse(requestId, streamId, message);
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
      if (this.#drive?.requestId === request.requestId) this.#stop();
      return;
    }
    if (request.kind === 'stream' && this.#continueStream(request)) return;
    try {
      this.#begin(request);
    } catch (thrown) {
      void this.#outbox.send(errorFrame(this.#address(request.requestId, request.streamId), thrown));
    }
  }

  /** True when the fragment belongs to a stream that runs or is over. */
  #continueStream(request: StreamRequest): boolean {
    if (this.#drive?.requestId !== request.requestId) return this.#over.includes(request.requestId);
    const stream = this.#stream;
    if (stream === undefined) return true;
    if (request.final && request.sequence === interruptSequence) this.#stop();
    else stream.push(request);
    return true;
  }

  /** Starts a drive. One that still runs is stopped: the newest request counts. */
  #begin(request: DriveRequest): void {
    const { voices, pace, aheadSeconds, timeBase } = this.#options;
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
    const drive = new Drive({
      address: this.#address(request.requestId, request.streamId),
      replyType: request.kind === 'chat' ? 'cloudAiGpt' : 'input',
      voice: () => voice,
      settings,
      timeBase,
      pacer: new Pacer(pace, aheadSeconds),
      send: (frame) => this.#outbox.send(frame),
    });
    const { source, stream } = openSource(request, {
      content: this.#options.content,
      settings,
      canSpeak: (text, language) => voice.canSpeak(text, language),
      signal: drive.signal,
    });
    this.#drive = drive;
    this.#stream = stream;
    void drive.run(source).finally(() => this.#finished(drive));
  }

  #stop(): void {
    const drive = this.#drive;
    this.#drive = undefined;
    this.#stream?.end();
    this.#stream = undefined;
    if (drive === undefined) return;
    this.#remember(drive);
    drive.stop();
  }

  #finished(drive: Drive): void {
    this.#remember(drive);
    if (this.#drive !== drive) return;
    this.#drive = undefined;
    this.#stream = undefined;
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

  #address(requestId: string, streamId: string): { requestId: string; streamId: string; gatewayId: string } {
    return { requestId, streamId, gatewayId: this.#gatewayId };
  }
}
