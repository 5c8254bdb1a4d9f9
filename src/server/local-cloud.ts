import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { WebSocketServer, type WebSocket } from 'ws';
import { FacewireError } from '../errors.js';
import type { Voice } from '../voice/voice.js';
import { usualTextBytes } from '../wire/request.js';
import { verifyQuery, type SignatureVerdict } from '../wire/signing.js';
import { idempotentHeader } from '../wire/resume.js';
import { echoAnswers, type AnswerSource } from './answer-source.js';
import type { Content, Phrases } from './content.js';
import type { TimeBase } from './drive.js';
import type { CutReason } from './cut-reason.js';
import { DriveSocket } from './drive-socket.js';
import { DescriptorGuard } from './descriptor-guard.js';
import { answerRefusal, checkUpgrade, noDescriptors, refuseRequest, refuseUpgrade } from './gate.js';
import { corsHeaders } from './interactive/http.js';
import type { InteractiveOptions } from './interactive/options.js';
import { RestApi } from './interactive/rest.js';
import type { InteractiveService } from './interactive/service.js';
import { newKeyPair } from './keys.js';
import { defaultMessageRate, type MessageRateLimits } from './message-rate.js';
import { bufferedBytes } from './outbox.js';
import { defaultOutboxLimits, type OutboxLimits } from './outbox-limits.js';
import { defaultAheadSeconds, type Pace } from './pacing.js';
import type { Script } from './script/script.js';
import type { SensitiveWords } from './script/sensitive-words.js';
import { defaultResumeMs, ResumableDrives } from './resumable-drives.js';
import { socketLimits } from './socket-limits.js';
import { streamIdleMs } from './stream-text.js';
import { UsedSignatures, type SignatureReuse } from './used-signatures.js';
import { Voices } from './voices.js';

export interface LocalCloudOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0, a free port. */
  readonly port?: number;
  /** The one key pair that is let in; default a random one, see `connection`. */
  readonly keys?: { readonly appkey: string; readonly accessToken: string };
  /** The one project; default `facewire-local`. */
  readonly projectId?: string;
  /** Name of a voice (see createVoice) or a voice of your own, which you close; default slt. */
  readonly voice?: string | Voice;
  /** Source of CHAT answers; default an echo. */
  readonly answers?: AnswerSource;
  /** Default `realtime-ahead`. */
  readonly pace?: Pace;
  /** How far a paced drive runs ahead of real time, in seconds; default 4. */
  readonly aheadSeconds?: number;
  /** What times and text positions of later clauses count from; default `clause`. */
  readonly timeBase?: TimeBase;
  /** Most UTF-8 bytes of one text; default 4000. */
  readonly maxTextBytes?: number;
  /** A streamed text ends by itself after this many ms without a packet; default 2000. */
  readonly streamIdleMs?: number;
  /** A filler is said when the first piece of an answer does not come within this many ms; default 3000, 0 never. */
  readonly waitingMs?: number;
  /** A CHAT ends with an apology when there is no piece of an answer within this many ms; default 15 000. */
  readonly answerMs?: number;
  /** A CHAT fails when an answer that has begun does not go on for this many ms; default 60 000. */
  readonly answerIdleMs?: number;
  /** Fixed replies and marks; default none. */
  readonly script?: Script;
  /** Words that are neither taken in nor said; default none. */
  readonly sensitiveWords?: SensitiveWords;
  /** What is said of the server's own accord. */
  readonly phrases?: Phrases;
  /** Default 64. */
  readonly maxConnections?: number;
  /** What may wait for a client that does not read. */
  readonly outbox?: Partial<OutboxLimits>;
  /** Messages that one client may send. */
  readonly rate?: Partial<MessageRateLimits>;
  /** How long a drive whose socket was lost waits for its client, in ms; default 30 000, 0 for not at all. */
  readonly resumeMs?: number;
  /** Whether a signed address opens more than one connection; default `same-address`. */
  readonly signatureReuse?: SignatureReuse;
  /** Starts the voice at once, so that the first sentence does not wait for it; default true. A voice of your own is left alone. */
  readonly warm?: boolean;
  /** Interactive (cloud-rendered) sessions; false leaves them out. Default on, see InteractiveOptions. */
  readonly interactive?: InteractiveOptions | false;
  /** Told of trouble of the server as a whole, the same at most once a minute. Default a warning of the process. */
  readonly onError?: (error: FacewireError) => void;
}

/** What a client needs to connect. `accessToken` is a secret. */
export interface CloudConnection {
  readonly url: string;
  readonly appkey: string;
  readonly accessToken: string;
  readonly projectId: string;
}

/** See LocalCloud.counts. The first four are clients of drives and of sessions that were cut off. */
export interface CloudCounts extends Readonly<Record<CutReason, number>> {
  readonly reusedSignatures: number;
  /** Connections and sessions that were refused because file descriptors ran out. */
  readonly withoutDescriptors: number;
  /** Bytes of numbered frames that clients have not acknowledged. */
  readonly keptBytes: number;
  /** Drives that wait for their client now. */
  readonly waitingDrives: number;
  readonly resumedDrives: number;
  readonly expiredDrives: number;
}

// A dead client is found after two to three of them: 34.5 s at most.
const pingMs = 11_500;
const goingAway = 1001;
const closeGraceMs = 500;

/** The self-hosted cloud: the vendor's endpoint-rendering and interactive-session APIs, with a local voice and a drawn face. */
export class LocalCloud {
  readonly #options: LocalCloudOptions;
  readonly #keys: { readonly appkey: string; readonly accessToken: string };
  readonly #projectId: string;
  readonly #voices: Voices;
  readonly #http: Server;
  readonly #descriptors: DescriptorGuard;
  readonly #webSockets: WebSocketServer;
  #interactive: InteractiveService | undefined;
  /** What is answered over HTTP while there are no sessions. */
  readonly #rest: RestApi;
  readonly #resumable: ResumableDrives | undefined;
  readonly #signatures: UsedSignatures;
  readonly #cuts: Record<CutReason, number> = {
    'not-reading': 0,
    'too-fast': 0,
    'not-text': 0,
    'too-deep': 0,
  };
  readonly #silent = new WeakMap<WebSocket, number>();
  #pings: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: LocalCloudOptions = {}) {
    this.#options = options;
    this.#keys = options.keys ?? newKeyPair();
    this.#projectId = options.projectId ?? 'facewire-local';
    this.#voices = new Voices(options.voice ?? 'slt');
    this.#webSockets = new WebSocketServer({ ...socketLimits, noServer: true, clientTracking: true });
    const resumeMs = options.resumeMs ?? defaultResumeMs;
    this.#resumable = resumeMs > 0 ? new ResumableDrives(resumeMs) : undefined;
    this.#signatures = new UsedSignatures(options.signatureReuse ?? 'same-address');
    this.#webSockets.on('headers', (headers) => {
      if (this.#resumable !== undefined) headers.push(`${idempotentHeader}: 1`);
    });
    this.#rest = new RestApi((query) => this.#verify(query));
    this.#http = createServer({ maxHeaderSize: 16 * 1024 }, (request, response) => {
      if (this.#descriptors.isGuest(request.socket)) {
        return answerRefusal(response, noDescriptors, { ...corsHeaders, 'retry-after': '2' });
      }
      const known =
        this.#interactive?.handleRequest(request, response) ?? this.#rest.handle(request, response);
      if (!known) refuseRequest(request, response);
    });
    this.#descriptors = new DescriptorGuard(this.#http, options.onError ?? warn);
    this.#http.on('upgrade', (request, socket, head) => {
      if (this.#descriptors.isGuest(socket)) return refuseUpgrade(socket, noDescriptors);
      if (this.#interactive?.handleUpgrade(request, socket, head) === true) return;
      const { maxConnections = 64 } = options;
      const isFull = this.#webSockets.clients.size >= maxConnections || this.#closing !== undefined;
      const refusal = checkUpgrade(
        request,
        this.#keys,
        Math.floor(Date.now() / 1000),
        isFull ? maxConnections : undefined,
        this.#signatures,
      );
      if (refusal !== undefined) return refuseUpgrade(socket, refusal);
      this.#webSockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client));
    });
  }

  /** Starts to listen. Fails with ERR_PORT_UNAVAILABLE, or ERR_OPTION_INVALID for options of sessions. */
  async listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0, warm = true, interactive = {} } = this.#options;
    if (interactive !== false) this.#interactive ??= await this.#sessions(interactive);
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new FacewireError('ERR_PORT_UNAVAILABLE', `cannot listen on ${host}:${port}`, {
            received: error.code ?? error.message,
            cause: error,
          }),
        ),
      );
      this.#http.listen(port, host, resolve);
    });
    this.#pings = setInterval(() => this.#ping(), pingMs);
    this.#pings.unref();
    // A failure shows when somebody wants to hear something.
    const ownVoice = typeof this.#options.voice === 'object';
    if (warm && !ownVoice) {
      const voice = this.#voices.get(undefined);
      voice.synthesize('Ready.').catch(() => undefined);
    }
  }

  /** The port that was given or found. */
  get port(): number {
    const address = this.#http.address() as AddressInfo | null;
    if (address === null) throw new FacewireError('ERR_STATE', 'the cloud does not listen');
    return address.port;
  }

  /** Address of the server, `ws://host:port`. */
  get url(): string {
    const { host = '127.0.0.1' } = this.#options;
    return `ws://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get connection(): CloudConnection {
    const { appkey, accessToken } = this.#keys;
    const shown = { url: this.url, appkey, projectId: this.#projectId };
    // Printed or serialised by accident, it must not show the secret.
    return Object.defineProperties(
      { ...shown, accessToken },
      {
        toJSON: { value: () => shown },
        [inspect.custom]: { value: () => ({ ...shown, accessToken: '<hidden>' }) },
      },
    );
  }

  /** Clients that are connected, of drives and of sessions. */
  get clients(): number {
    return this.#webSockets.clients.size + (this.#interactive?.channels ?? 0);
  }

  /** Interactive sessions that run. */
  get sessions(): number {
    return this.#interactive?.sessions ?? 0;
  }

  /** Interactive sessions that may run at once, 0 when they are off. */
  get maxSessions(): number {
    return this.#interactive?.maxSessions ?? 0;
  }

  /** Bytes that wait for clients to read them. */
  get bufferedBytes(): number {
    return bufferedBytes(this.#webSockets.clients) + (this.#interactive?.bufferedBytes ?? 0);
  }

  /** What was refused, cut off, resumed and given up since the start. */
  get counts(): CloudCounts {
    return {
      ...this.#cuts,
      reusedSignatures: this.#signatures.refused,
      withoutDescriptors: this.#descriptors.refused,
      keptBytes: this.#resumable?.keptBytes ?? 0,
      waitingDrives: this.#resumable?.parked ?? 0,
      resumedDrives: this.#resumable?.resumed ?? 0,
      expiredDrives: this.#resumable?.expired ?? 0,
    };
  }

  /** Stops all drives and sessions, says goodbye to the clients and ends the voice's process. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #verify(query: string): SignatureVerdict {
    const { appkey, accessToken } = this.#keys;
    const tokenOf = (key: string): string | undefined => (key === appkey ? accessToken : undefined);
    return verifyQuery(query, tokenOf, Math.floor(Date.now() / 1000));
  }

  async #sessions(options: InteractiveOptions): Promise<InteractiveService> {
    // Apart from the rest: modules that are loaded together are all open at once, and a host may have few descriptors.
    const { InteractiveService } = await import('./interactive/service.js');
    const { host = '127.0.0.1', outbox } = this.#options;
    return new InteractiveService(options, {
      host,
      projectId: this.#projectId,
      voices: this.#voices,
      content: contentOf(this.#options),
      outbox: { ...defaultOutboxLimits, ...outbox },
      onCut: (why) => this.#cuts[why]++,
      verify: (query) => this.#verify(query),
      hasRoom: () => this.#descriptors.admitSession(),
      mayConnect: ({ signature, timestampSeconds }, address) =>
        this.#signatures.use(signature, address, timestampSeconds, Math.floor(Date.now() / 1000)),
    });
  }

  #welcome(client: WebSocket): void {
    const options = this.#options;
    // Errors of the peer (a frame that is too large, bad UTF-8) end its socket only.
    client.on('error', () => undefined);
    client.on('pong', () => this.#silent.set(client, 0));
    new DriveSocket(client, {
      projectId: this.#projectId,
      voices: this.#voices,
      content: contentOf(options),
      pace: options.pace ?? 'realtime-ahead',
      aheadSeconds: options.aheadSeconds ?? defaultAheadSeconds,
      timeBase: options.timeBase ?? 'clause',
      maxTextBytes: options.maxTextBytes ?? usualTextBytes,
      outbox: { ...defaultOutboxLimits, ...options.outbox },
      rate: { ...defaultMessageRate, ...options.rate },
      resumable: this.#resumable,
      onCut: (why) => this.#cuts[why]++,
    });
  }

  /** A peer that misses two pings is gone. */
  #ping(): void {
    for (const client of this.#webSockets.clients) {
      const missed = this.#silent.get(client) ?? 0;
      if (missed >= 2) {
        client.terminate();
        continue;
      }
      this.#silent.set(client, missed + 1);
      client.ping();
    }
  }

  async #close(): Promise<void> {
    clearInterval(this.#pings);
    const sessions = this.#interactive?.close();
    const { clients } = this.#webSockets;
    const gone = [...clients].map(
      (client) =>
        new Promise<void>((resolve) => {
          client.once('close', () => resolve());
          client.close(goingAway, 'the server closes');
        }),
    );
    const grace = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, closeGraceMs);
    await Promise.all(gone);
    clearTimeout(grace);
    await sessions;
    this.#resumable?.close();
    if (this.#http.listening) {
      const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
      this.#http.closeAllConnections();
      await closed;
    }
    await this.#voices.close();
  }
}

function warn({ code, message, remedy }: FacewireError): void {
  process.emitWarning(`${code}: ${message}. ${remedy}`, 'FacewireWarning');
}

function contentOf(options: LocalCloudOptions): Content {
  return {
    answers: options.answers ?? echoAnswers,
    script: options.script,
    sensitive: options.sensitiveWords,
    phrases: options.phrases ?? {},
    waitingMs: options.waitingMs ?? 3000,
    answerMs: options.answerMs ?? 15_000,
    answerIdleMs: options.answerIdleMs ?? 60_000,
    streamIdleMs: options.streamIdleMs ?? streamIdleMs,
  };
}

/** Makes a local cloud that listens. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const cloud = new LocalCloud(options);
  await cloud.listen();
  return cloud;
}
