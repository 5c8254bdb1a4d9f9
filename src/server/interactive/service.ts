import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { PushHosts } from '../../sinks/rtmp/push-hosts.js';
import { parseRtmpUrl } from '../../sinks/rtmp/url.js';
import type { Command } from '../../wire/interactive/command-types.js';
import { channelPath } from '../../wire/interactive/paths.js';
import { idempotentHeader } from '../../wire/resume.js';
import {
  defaultStreamMaxIntervalMs,
  type Acknowledged,
  type CreateByAsset,
  type CreateByProject,
  type CreatedSession,
  type SessionList,
  type SessionRequest,
} from '../../wire/interactive/session-types.js';
import type { SignatureVerdict } from '../../wire/signing.js';
import type { Content } from '../content.js';
import { refuseUpgrade } from '../gate.js';
import type { CutReason } from '../cut-reason.js';
import { bufferedBytes } from '../outbox.js';
import type { OutboxLimits } from '../outbox-limits.js';
import { socketLimits } from '../socket-limits.js';
import type { Voices } from '../voices.js';
import { Channel } from './channel.js';
import { badParameter, refusals, sessionCode, type Refusal } from './codes.js';
import { listActions } from './actions.js';
import { FaceStage } from './face-stage.js';
import { interactiveDefaults, type InteractiveOptions } from './options.js';
import { PlayIngest } from './play-ingest.js';
import { SessionRegistry } from './registry.js';
import { notAuthorised, RestApi, splitUrl, type RestHandlers } from './rest.js';
import { Session } from './session.js';
import type { StageMaker } from './stage.js';
import { listTimbres } from './timbres.js';
import { Warnings } from './warnings.js';
import { withoutEffect } from './without-effect.js';

/** What the sessions share with the rest of the server. */
export interface InteractiveSurroundings {
  /** Address that the server listens on. */
  readonly host: string;
  readonly projectId: string;
  readonly voices: Voices;
  readonly content: Content;
  readonly outbox: OutboxLimits;
  /** Told when a client of a channel is cut off. */
  readonly onCut: (why: CutReason) => void;
  /** The key gate: judges the query of a request. */
  readonly verify: (query: string) => SignatureVerdict;
  /** Whether the process can open what another session needs. */
  readonly hasRoom: () => boolean;
  /** Notes that a signature opens a channel for a network address; false when it must not (again). */
  readonly mayConnect: (verdict: Extract<SignatureVerdict, { ok: true }>, address: string) => boolean;
}

/** Interactive sessions over HTTP and WebSocket: REST calls in, sessions that render, channels that drive them. */
export class InteractiveService {
  readonly #surroundings: InteractiveSurroundings;
  readonly #options: InteractiveOptions & typeof interactiveDefaults;
  readonly #registry: SessionRegistry;
  readonly #ingest: PlayIngest;
  readonly #pushHosts: PushHosts;
  readonly #rest: RestApi;
  readonly #warnings: Warnings;
  readonly #webSockets: WebSocketServer;

  constructor(options: InteractiveOptions, surroundings: InteractiveSurroundings) {
    this.#surroundings = surroundings;
    this.#options = { ...interactiveDefaults, ...options } as InteractiveOptions & typeof interactiveDefaults;
    this.#registry = new SessionRegistry(this.#options.maxSessions);
    this.#ingest = new PlayIngest({ host: surroundings.host, ...this.#options.ingest });
    const usual = isLoopback(surroundings.host) ? ['public', 'loopback'] : ['public'];
    this.#pushHosts = new PushHosts(
      this.#options.pushHosts ?? usual,
      'interactive.pushHosts (serve --push-hosts)',
    );
    this.#warnings = new Warnings(this.#options.onWarning);
    this.#rest = new RestApi(surroundings.verify, this.#handlers(), this.#warnings.warn);
    this.#webSockets = new WebSocketServer({ ...socketLimits, noServer: true });
    this.#webSockets.on('headers', (headers) => headers.push(`${idempotentHeader}: 1`));
  }

  /** Sessions that run. */
  get sessions(): number {
    return this.#registry.alive;
  }

  /** Sessions that may run at once. */
  get maxSessions(): number {
    return this.#options.maxSessions;
  }

  /** Channels that are open. */
  get channels(): number {
    return this.#webSockets.clients.size;
  }

  /** Bytes that wait for the clients of channels to read them. */
  get bufferedBytes(): number {
    return bufferedBytes(this.#webSockets.clients);
  }

  /** Answers a REST call; false when the path is none of ours. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#rest.handle(request, response);
  }

  /** Opens or refuses a channel; false when the path is another. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const [path, query] = splitUrl(request.url ?? '');
    if (path !== channelPath) return false;
    const verdict = this.#surroundings.verify(query);
    if (!verdict.ok) {
      const { status, message } = notAuthorised(verdict);
      refuseUpgrade(socket, { status, code: sessionCode.unauthorised, message });
      return true;
    }
    const session = this.#registry.get(verdict.requestId ?? '');
    const refusal = session === undefined ? refusals.unknownSession : this.#refusalOfChannel(session);
    if (session === undefined || refusal !== undefined) {
      const { code, message } = refusal ?? refusals.unknownSession;
      refuseUpgrade(socket, { status: session === undefined ? 404 : 409, code, message });
      return true;
    }
    if (!this.#surroundings.mayConnect(verdict, request.socket.remoteAddress ?? '')) {
      const message = 'AuthFailure: this signature was used before';
      refuseUpgrade(socket, { status: 401, code: sessionCode.unauthorised, message });
      return true;
    }
    const { clock, channelIdleMs, pingMs } = this.#options;
    const { outbox, onCut } = this.#surroundings;
    this.#webSockets.handleUpgrade(request, socket, head, (client) => {
      const { warn } = this.#warnings;
      new Channel(client, session, { clock, idleMs: channelIdleMs, pingMs, outbox, onCut, warn });
    });
    return true;
  }

  /** Ends every session, resolves when their encoders and the ingest are gone. */
  async close(): Promise<void> {
    await this.#registry.close('restart');
    for (const client of this.#webSockets.clients) client.terminate();
    await this.#ingest.stop();
  }

  #refusalOfChannel(session: Session): Refusal | undefined {
    const refusal = session.refusalOfChannel();
    if (refusal !== undefined || this.#options.secondChannel === 'take-over' || !session.hasChannel) {
      return refusal;
    }
    return {
      code: sessionCode.overLimit,
      message: 'LimitExceeded: this session has a channel already; one is the limit',
    };
  }

  #handlers(): RestHandlers {
    return {
      createByProject: (request, from) =>
        request.projectId === this.#surroundings.projectId
          ? this.#create(request, {}, from)
          : notFound('project'),
      createByAsset: (request, from) => {
        const { assetKeys } = this.#options;
        return assetKeys === undefined || assetKeys.includes(request.assetKey)
          ? this.#create(request, request, from)
          : notFound('asset');
      },
      stat: ({ requestId, sessionId }) =>
        this.#registry.get(sessionId)?.state(requestId) ?? refusals.unknownSession,
      start: (request) => this.#with(request, (session) => session.start()),
      close: (request) => this.#with(request, (session) => void session.close('owner')),
      listByProject: ({ requestId, projectId }) =>
        this.#list(requestId, ({ settings }) => settings.projectId === projectId),
      listByAsset: ({ requestId, assetKey }) =>
        this.#list(requestId, ({ settings }) => settings.assetKey === assetKey),
      listByAccount: ({ requestId }) => this.#list(requestId, () => true),
      listByAvatar: ({ requestId, avatarKey }) =>
        this.#list(requestId, (session) => session.listed().avatarKey === avatarKey),
      timbres: ({ page, pageSize }) => listTimbres(page, pageSize),
      actions: () => ({ actions: listActions() }),
      command: (command: Command) => this.#with(command, (session) => session.take(command)),
    };
  }

  #with(
    { requestId, sessionId }: SessionRequest,
    act: (session: Session) => Refusal | undefined | void,
  ): Acknowledged | Refusal {
    const session = this.#registry.get(sessionId);
    if (session === undefined) return refusals.unknownSession;
    return act(session) ?? { requestId };
  }

  #list(requestId: string, fits: (session: Session) => boolean): SessionList {
    const sessions = this.#registry.all().filter((session) => session.isAlive && fits(session));
    return { requestId, sessions: sessions.map((session) => session.listed()) };
  }

  #create(
    request: CreateByProject | CreateByAsset,
    { assetKey, speech = {} }: Partial<CreateByAsset>,
    from: IncomingMessage,
  ): CreatedSession | Refusal {
    const { requestId, userId, driver, protocol, output } = request;
    const refusal = protocol === 'rtmp' ? this.#registry.refusalFor(userId) : unsupported(protocol);
    if (refusal !== undefined) return refusal;
    if (request.sessionId !== undefined && this.#registry.get(request.sessionId) !== undefined) {
      return badParameter('SessionId is taken; leave it out to get a new one');
    }
    const pushUrl = output?.pushUrl;
    // Refused before anything is started for it.
    if (pushUrl !== undefined) this.#pushHosts.check(parseRtmpUrl(pushUrl));
    if (!this.#surroundings.hasRoom()) return refusals.noDescriptors;
    for (const message of withoutEffect(request)) this.#warnings.warn(message);
    const { speedPercent, volumeDb, timbre, language } = speech;
    const voice = this.#surroundings.voices.get(timbre);
    const id = request.sessionId ?? this.#registry.newId();
    const session = new Session(
      {
        id,
        userId,
        driver,
        voice,
        ...('projectId' in request && { projectId: request.projectId }),
        ...(assetKey !== undefined && { assetKey }),
        speech: {
          ...(speedPercent !== undefined && { speed: speedPercent / 100 }),
          ...(volumeDb !== undefined && { volume: volumeDb }),
          ...(language !== undefined && { language }),
        },
        streamIdleMs: request.streamMaxIntervalMs ?? defaultStreamMaxIntervalMs,
      },
      { ...this.#surroundings, ...this.#options, warn: this.#warnings.warn },
      () => this.#stage({ sessionId: id, pushUrl, playHost: this.#playHost(from) }),
    );
    this.#registry.add(session);
    return { requestId, sessionId: id, status: session.status };
  }

  readonly #stage: StageMaker = async (request) => {
    const { stage, picture, pushGiveUpMs: giveUpMs } = this.#options;
    const { warn } = this.#warnings;
    if (stage !== undefined) return stage(request);
    const { pushUrl } = request;
    if (pushUrl !== undefined) {
      return FaceStage.open({ url: pushUrl, hosts: this.#pushHosts, giveUpMs }, picture, warn);
    }
    const name = request.sessionId.replace(/[^a-zA-Z0-9_-]/g, '_');
    let playAddress: string | undefined;
    // Asked again after a loss: an ingest that has died is started anew by that.
    const url = async (): Promise<string> => {
      const ingest = await this.#ingest.ready();
      const address = new URL(ingest.pushUrl(name));
      const host = isEverywhere(ingest.host)
        ? ingest.host === '::'
          ? '[::1]'
          : '127.0.0.1'
        : address.hostname;
      const at = (name: string): string => `rtmp://${name}:${address.port}${address.pathname}`;
      playAddress = at(request.playHost);
      return at(host);
    };
    return FaceStage.open({ url, playAddress: () => playAddress, giveUpMs }, picture, warn);
  };

  /** How the caller reaches this machine, who may listen on all its addresses. */
  #playHost(from: IncomingMessage): string {
    const { host } = this.#surroundings;
    const address = isEverywhere(host) ? (from.socket.localAddress ?? host) : host;
    return bracket(address.replace(/^::ffff:/, ''));
  }
}

function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function notFound(what: string): Refusal {
  return { code: sessionCode.notFound, message: `ResourceNotFound: there is no such ${what}` };
}

function unsupported(protocol: string): Refusal {
  return badParameter(
    `Protocol ${protocol} is not supported here; use rtmp, and play PlayStreamAddr or give ProtocolOption.CssCustomPushUrl`,
  );
}
