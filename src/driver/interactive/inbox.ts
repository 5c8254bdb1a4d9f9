import { FacewireError } from '../../errors.js';
import {
  classifySessionCode,
  readChannelMessage,
  type ChannelMessage,
  type SpeakStatus,
} from '../../wire/index.js';
import type { Drives } from './drives.js';
import { ReplayFilter } from './replay-filter.js';
import type { Retries } from './retries.js';
import { endsSession } from './session-error.js';
import type { SessionWarning } from './session-types.js';

export interface InboxOptions {
  readonly drives: Drives;
  readonly retries: Retries;
  readonly failureOf: (code: number, said: string) => FacewireError;
  /** Whatever belongs to no drive of ours that is running. */
  readonly onOther: (message: ChannelMessage) => void;
  /** A drive begins that was given up before it had. */
  readonly onUnwanted: () => void;
  /** The connection cannot be trusted any more. */
  readonly onBroken: () => void;
  /** The session is over. */
  readonly onEnd: (error: FacewireError) => void;
  readonly onWarning: (code: SessionWarning, message: string) => void;
}

const connectionBroken = -111002;
const terminal: readonly SpeakStatus[] = ['text-over', 'audio-over', 'error'];

/** Reads what the channel brings and gives it to the drive that it is for. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #replays = new ReplayFilter();
  #malformed = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get malformed(): number {
    return this.#malformed;
  }

  get duplicates(): number {
    return this.#replays.duplicates;
  }

  take(bytes: Uint8Array): void {
    const message = readChannelMessage(bytes);
    switch (message.kind) {
      case 'pong':
        return;
      case 'malformed':
        this.#malformed++;
        this.#options.onWarning('frame-malformed', `a frame of the cloud is ${message.fault}`);
        return;
      case 'status':
        if (this.#replays.isNew(message)) this.#pass(message);
        return;
      case 'content':
        this.#pass(message);
        return;
      case 'uninterruptible':
        this.#refuse(message);
        return;
      case 'error':
        this.#fail(message);
        return;
      default:
        this.#options.onOther(message);
    }
  }

  #pass(message: ChannelMessage & { kind: 'status' | 'content' }): void {
    if (message.kind === 'status' && terminal.includes(message.status))
      this.#options.retries.over(message.requestId);
    const drive = this.#options.drives.get(message.requestId);
    if (drive !== undefined) return drive.take(message);
    if (message.kind === 'status' && message.status === 'text-start') {
      if (this.#options.drives.takeStop(message.requestId)) this.#options.onUnwanted();
    }
    this.#options.onOther(message);
  }

  #refuse(message: ChannelMessage & { kind: 'uninterruptible' }): void {
    const { requestId, errorCode, errorMessage } = message;
    const error = new FacewireError('ERR_NOT_INTERRUPTIBLE', 'what is being said must not be interrupted', {
      expected: 'speech that may be interrupted',
      received: 'a mark that says otherwise',
      ...(errorCode !== 0 && { remoteCode: errorCode }),
    });
    const drive = this.#options.drives.get(requestId);
    if (drive !== undefined) drive.fail(error);
    else this.#options.onWarning('uninterruptible', this.#options.failureOf(errorCode, errorMessage).message);
  }

  #fail(message: ChannelMessage & { kind: 'error' }): void {
    const { drives, retries, failureOf, onBroken, onEnd, onWarning } = this.#options;
    const error = failureOf(message.code, message.message);
    const { reaction } = classifySessionCode(message.code);
    // The session may be alive behind it; opening the channel again asks for that.
    if (message.code === connectionBroken) return onBroken();
    if (endsSession(reaction)) return onEnd(error);
    // Some errors carry an id of the gateway's.
    const drive = drives.get(message.requestId) ?? drives.unconfirmed();
    if (drive === undefined) return onWarning('code-unowned', error.message);
    if (!retries.again(drive, reaction, message.sequence, error)) drive.fail(error);
  }
}
