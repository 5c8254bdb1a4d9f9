import type { WebSocket } from 'ws';
import { writeChannelError, writeUninterruptible } from '../../wire/interactive/channel-messages.js';
import type { ChannelIds } from '../../wire/interactive/channel-types.js';
import type { Command } from '../../wire/interactive/command-types.js';
import { readCommand } from '../../wire/interactive/read-command.js';
import { IdleTimer, type Clock } from '../../clock.js';
import { cutCode, onlyText, type CutReason } from '../cut-reason.js';
import { Outbox } from '../outbox.js';
import type { OutboxLimits } from '../outbox-limits.js';
import { badParameter, sessionCode, type Refusal } from './codes.js';
import type { Session, SessionChannel } from './session.js';

export interface ChannelOptions {
  readonly clock: Clock;
  readonly idleMs: number;
  readonly pingMs: number;
  readonly outbox: OutboxLimits;
  /** Told when the peer is cut off: it does not read, or sends what is no text or too deep. */
  readonly onCut: (why: CutReason) => void;
  /** Told what is unusual about a command that is done all the same. */
  readonly warn: (message: string) => void;
}

/** RFC 6455: all is well. */
const normal = 1000;
const terminateAfterMs = 2000;

/** Commands a second that a client may go on sending, and how many it may send at once. */
const commandsPerSecond = 100;
const commandsAtOnce = 400;

/** One client that drives a session: reads its commands and tells it what is refused. */
export class Channel implements SessionChannel {
  readonly #socket: WebSocket;
  readonly #session: Session;
  readonly #options: ChannelOptions;
  readonly #outbox: Outbox;
  readonly #idle: IdleTimer;
  #missedPings = 0;
  #cancelPing: () => void = () => undefined;
  #allowance = commandsAtOnce;
  #countedMs: number;

  constructor(socket: WebSocket, session: Session, options: ChannelOptions) {
    this.#socket = socket;
    this.#session = session;
    this.#options = options;
    this.#outbox = new Outbox(socket, options.outbox, () => options.onCut('not-reading'));
    this.#countedMs = options.clock.now();
    this.#idle = new IdleTimer(options.clock, options.idleMs, () => this.end('no command for too long'));
    // Errors of the peer (a frame that is too large, bad UTF-8) end its socket only.
    socket.on('error', () => undefined);
    socket.on('pong', () => (this.#missedPings = 0));
    socket.on('message', (data: Buffer, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      if (isBinary) this.#cut('not-text', badParameter(onlyText));
      else this.#take(data);
    });
    socket.once('close', () => {
      this.#idle.stop();
      this.#cancelPing();
      session.detach(this);
    });
    this.#ping();
    session.attach(this);
  }

  send(frame: string): void {
    void this.#outbox.send(frame);
  }

  end(reason: string): void {
    const socket = this.#socket;
    socket.close(normal, reason.slice(0, 120));
    // A peer that is gone never answers.
    this.#options.clock.after(terminateAfterMs, () => socket.terminate());
  }

  #take(data: Buffer): void {
    const waitMs = this.#countIn();
    // Read in any case: who is told which command was not taken can send it again.
    const reading = readCommand(data);
    if (!reading.ok && reading.refusal.field === 'depth') return this.#cut('too-deep', reading.refusal);
    if (waitMs > 0) {
      const command = reading.ok ? reading.command : undefined;
      return this.#refuse(
        { requestId: command?.requestId ?? '', sessionId: this.#session.id },
        {
          code: sessionCode.tooFrequent,
          message: `TooFrequent: at most ${commandsPerSecond} commands a second; go on in ${waitMs} ms`,
        },
        sequenceOf(command),
      );
    }
    if (!reading.ok) {
      const { requestId = '', sessionId = this.#session.id } = reading.refusal;
      return this.#refuse({ requestId, sessionId }, reading.refusal);
    }
    this.#idle.restart();
    const { command, warnings } = reading;
    for (const warning of warnings) this.#options.warn(warning);
    const refusal = this.#session.take(command);
    if (refusal === undefined) return;
    this.#refuse({ requestId: command.requestId, sessionId: this.#session.id }, refusal, sequenceOf(command));
  }

  /** Ends a socket whose peer breaks the rules, and tells it why. The session goes on. */
  #cut(why: CutReason, refusal: Refusal): void {
    this.#refuse({ requestId: '', sessionId: this.#session.id }, refusal);
    this.#options.onCut(why);
    this.#socket.close(cutCode[why], why);
  }

  /** @param sequence number of the packet that may come again. */
  #refuse(to: ChannelIds, { code, message, uninterruptible }: Refusal, sequence?: number): void {
    this.send(
      uninterruptible === true
        ? writeUninterruptible(to, code, message)
        : writeChannelError(to, code, message, 'header', sequence),
    );
  }

  /** Counts a command; returns how long to wait, in ms, when there were too many. */
  #countIn(): number {
    const now = this.#options.clock.now();
    const earned = ((now - this.#countedMs) * commandsPerSecond) / 1000;
    this.#countedMs = now;
    this.#allowance = Math.min(commandsAtOnce, this.#allowance + earned);
    if (this.#allowance < 1) return Math.ceil((1000 * (1 - this.#allowance)) / commandsPerSecond);
    this.#allowance -= 1;
    return 0;
  }

  /** A peer that misses two pings is gone. */
  #ping(): void {
    const { clock, pingMs } = this.#options;
    this.#cancelPing = clock.after(pingMs, () => {
      if (this.#missedPings >= 2) return this.#socket.terminate();
      this.#missedPings += 1;
      this.#socket.ping();
      this.#ping();
    });
  }
}

/** Number of a packet; other commands have none. */
function sequenceOf(command: Command | undefined): number | undefined {
  return command !== undefined && 'sequence' in command ? command.sequence : undefined;
}
