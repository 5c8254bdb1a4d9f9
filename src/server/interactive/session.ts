import { writeChannelError, writeContent, writeStatus } from '../../wire/interactive/channel-messages.js';
import { speakStatusNames, type SpeakStatus } from '../../wire/interactive/channel-types.js';
import type { Command } from '../../wire/interactive/command-types.js';
import type {
  CloseReason,
  ListedSession,
  SessionDriver,
  SessionState,
  SessionStatus,
} from '../../wire/interactive/session-types.js';
import type { SpeechSettings } from '../../wire/request.js';
import type { Voice } from '../../voice/voice.js';
import type { FacewireError } from '../../errors.js';
import { IdleTimer, type Clock } from '../../clock.js';
import type { Content } from '../content.js';
import { badParameter, refusals, sessionCode, type Refusal } from './codes.js';
import { Conductor } from './conductor.js';
import { describeFailure } from './drive-failure.js';
import { DriveLog } from './drive-log.js';
import type { DriveReport } from './drive-report.js';
import type { Stage } from './stage.js';

export interface SessionSettings {
  readonly id: string;
  readonly userId: string;
  readonly driver: SessionDriver;
  readonly projectId?: string;
  readonly assetKey?: string;
  readonly voice: Voice;
  readonly speech: SpeechSettings;
  readonly streamIdleMs: number;
}

/** What a session needs of its server. */
export interface SessionSurroundings {
  readonly clock: Clock;
  readonly content: Content;
  /** Closes itself after this many ms without a command. */
  readonly sessionIdleMs: number;
  /** Creation fails after this many ms. */
  readonly creationMs: number;
  readonly isUninterruptible: (text: string) => boolean;
  /** Told what a client asks for and nobody does. */
  readonly warn: (message: string) => void;
}

/** The one client that drives a session. */
export interface SessionChannel {
  send(frame: string): void;
  /** Says goodbye; the client should not come back. */
  end(reason: string): void;
}

/** One cloud-rendered session: its state, its stage, its channel and its end. */
export class Session {
  readonly settings: SessionSettings;
  readonly #surroundings: SessionSurroundings;
  readonly #idle: IdleTimer;
  readonly #log = new DriveLog();
  readonly #gone: Promise<void>;
  #status: SessionStatus = 'preparing';
  #started = false;
  #stage: Stage | undefined;
  #conductor: Conductor | undefined;
  #channel: SessionChannel | undefined;
  #speakStatus: SpeakStatus = 'initial';
  #error: Refusal | undefined;
  #closeReason: CloseReason | undefined;
  #stageClosed: () => void = () => undefined;

  /** Starts to prepare at once. @param open makes its stage. */
  constructor(settings: SessionSettings, surroundings: SessionSurroundings, open: () => Promise<Stage>) {
    this.settings = settings;
    this.#surroundings = surroundings;
    this.#idle = new IdleTimer(surroundings.clock, surroundings.sessionIdleMs, () => this.close('idle'));
    this.#gone = new Promise((resolve) => (this.#stageClosed = resolve));
    void this.#prepare(open);
  }

  get id(): string {
    return this.settings.id;
  }

  get status(): SessionStatus {
    return this.#status;
  }

  /** Takes part in the limit of sessions. */
  get isAlive(): boolean {
    return this.#status === 'preparing' || this.#status === 'ready';
  }

  get playAddress(): string | undefined {
    return this.#status === 'ready' ? this.#stage?.playAddress : undefined;
  }

  get hasChannel(): boolean {
    return this.#channel !== undefined;
  }

  /** Resolves when the session is over and its stage has freed everything. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  state(requestId: string): SessionState {
    const { playAddress } = this;
    return {
      requestId,
      status: this.#status,
      started: this.#started,
      speakStatus: speakStatusNames[this.#speakStatus],
      errorCode: this.#error?.code ?? 0,
      ...(this.#error !== undefined && { errorMessage: this.#error.message }),
      ...(playAddress !== undefined && { playAddress }),
      ...(this.#closeReason !== undefined && { closeReason: this.#closeReason }),
    };
  }

  listed(): ListedSession {
    const { userId, driver, projectId, assetKey } = this.settings;
    const { playAddress } = this;
    const avatarKey = assetKey ?? projectId;
    return {
      userId,
      sessionId: this.id,
      status: this.#status,
      driver,
      started: this.#started,
      ...(playAddress !== undefined && { playAddress }),
      ...(projectId !== undefined && { projectId }),
      ...(assetKey !== undefined && { assetKey }),
      ...(avatarKey !== undefined && { avatarKey }),
    };
  }

  start(): Refusal | undefined {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    this.#started = true;
    this.#idle.restart();
    return undefined;
  }

  /** Why a channel cannot be opened now, whoever asks. */
  refusalOfChannel(): Refusal | undefined {
    return this.#refusal() ?? (this.#started ? undefined : refusals.notReady);
  }

  /** Makes `channel` the one that drives; the one before is ended. It gets the statuses of the last drives. */
  attach(channel: SessionChannel): void {
    const before = this.#channel;
    this.#channel = channel;
    this.#idle.restart();
    if (before !== undefined) {
      before.send(
        this.#errorFrame(sessionCode.replaced, 'ChannelReplaced: a newer channel of this session took over'),
      );
      before.end('a newer channel took over');
    }
    for (const frame of this.#log.frames()) channel.send(frame);
  }

  detach(channel: SessionChannel): void {
    if (this.#channel === channel) this.#channel = undefined;
  }

  /** Does what a command asks for, or says why not. */
  take(command: Command): Refusal | undefined {
    const refusal = this.#refusal() ?? (this.#started ? undefined : refusals.notStarted);
    if (refusal !== undefined) return refusal;
    if (command.sessionId !== this.id) {
      return badParameter('SessionId is not that of this channel');
    }
    this.#idle.restart();
    if (command.kind === 'heartbeat') return undefined;
    if ('seiInfo' in command)
      this.#surroundings.warn('VideoSeiInfo has no effect: pictures carry no messages');
    return this.#conductor?.take(command);
  }

  /** Ends the session: what is said, its channel, its stream. The first reason counts. */
  close(reason: CloseReason): void {
    if (!this.isAlive) return;
    this.#closeReason = reason;
    const why = reason === 'replaced' ? refusals.replaced : refusals.closed;
    this.#error = reason === 'owner' ? undefined : (this.#error ?? why);
    this.#conductor?.stop();
    this.#end('closed');
    this.#channel?.send(this.#errorFrame(why.code, why.message));
    this.#channel?.end(why.message);
    this.#channel = undefined;
  }

  #refusal(): Refusal | undefined {
    if (this.#closeReason === 'replaced') return refusals.replaced;
    if (this.#status === 'preparing') return refusals.notReady;
    return this.#status === 'ready' ? undefined : refusals.closed;
  }

  async #prepare(open: () => Promise<Stage>): Promise<void> {
    const { clock, creationMs } = this.#surroundings;
    const cancel = clock.after(creationMs, () =>
      this.#fail({
        code: sessionCode.creationTimedOut,
        message: `CreationTimeout: no picture went out within ${creationMs} ms`,
      }),
    );
    let stage: Stage | undefined;
    try {
      stage = await open();
    } catch (thrown) {
      this.#fail(describeFailure(thrown, sessionCode.internal));
    }
    cancel();
    if (stage === undefined) this.#stageClosed();
    // It was closed, or given up, while it was being prepared.
    else if (!this.isAlive) void stage.close().then(this.#stageClosed);
    else this.#ready(stage);
  }

  #ready(stage: Stage): void {
    this.#stage = stage;
    stage.onLost = (error) => this.#lose(error);
    const { voice, speech, driver, streamIdleMs } = this.settings;
    this.#conductor = new Conductor({
      ...this.#surroundings,
      sessionId: this.id,
      stage,
      voice,
      speech,
      streamIdleMs,
      takesSound: driver === 'audio',
      report: (requestId) => this.#report(requestId),
    });
    this.#status = 'ready';
  }

  #fail(error: Refusal): void {
    if (!this.isAlive) return;
    this.#error = error;
    this.#end('failed');
  }

  #lose(error: FacewireError): void {
    this.#error = describeFailure(error, sessionCode.internal);
    this.close('downstream-gone');
  }

  #end(status: 'closed' | 'failed'): void {
    this.#status = status;
    this.#idle.stop();
    void this.#stage?.close().then(this.#stageClosed);
    // The session stays known for long; the pictures of its stage must not.
    this.#stage = undefined;
    this.#conductor = undefined;
  }

  #report(requestId: string): DriveReport {
    const ids = { requestId, sessionId: this.id };
    return {
      status: (status, detail) => {
        this.#speakStatus = status;
        const frame = writeStatus(ids, status, detail);
        this.#log.add(requestId, frame);
        this.#channel?.send(frame);
      },
      content: (content) => this.#channel?.send(writeContent(ids, content)),
    };
  }

  #errorFrame(code: number, message: string): string {
    return writeChannelError({ requestId: '', sessionId: this.id }, code, message);
  }
}
