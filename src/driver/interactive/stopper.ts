import { newRequestId, writeCommand } from '../../wire/index.js';
import { AudioDrive } from './audio-drive.js';
import { pause, type Clock } from '../../clock.js';
import type { InteractiveDrive } from './drive.js';
import type { Drives } from './drives.js';
import type { Outbox } from './outbox.js';
import { StreamTextDrive } from './stream-drive.js';

export interface StopperOptions {
  readonly sessionId: string;
  readonly clock: Clock;
  /** Longest wait for the cloud to begin what is to be stopped, and again to stop it, in ms. */
  readonly interruptMs: number;
  readonly drives: Drives;
  readonly outbox: Outbox;
}

/** Stops drives at the cloud, each in the way of its kind. */
export class Stopper {
  readonly #options: StopperOptions;
  readonly #running = new Map<InteractiveDrive, Promise<void>>();

  constructor(options: StopperOptions) {
    this.#options = options;
  }

  /** Resolves when the drive is over. Calls at the same time share the work. */
  stop(drive: InteractiveDrive, cause?: unknown): Promise<void> {
    if (drive.isOver) return Promise.resolve();
    if (drive.isWaiting) {
      drive.cancel('the drive was interrupted', cause);
      return Promise.resolve();
    }
    let stopping = this.#running.get(drive);
    if (stopping === undefined) {
      stopping = this.#stop(drive, cause).finally(() => this.#running.delete(drive));
      this.#running.set(drive, stopping);
    }
    return stopping;
  }

  /** Stops the drive when the signal is aborted. */
  stopOn(signal: AbortSignal, drive: InteractiveDrive): void {
    const onAbort = (): void => void this.stop(drive, signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void drive.whenOver().then(() => signal.removeEventListener('abort', onAbort));
  }

  /** Stops whatever text is being said. */
  stopText(): void {
    const ids = { requestId: newRequestId(), sessionId: this.#options.sessionId };
    this.#options.outbox.post(
      undefined,
      0,
      writeCommand({ kind: 'text', ...ids, text: '', interrupt: true }),
    );
  }

  async #stop(drive: InteractiveDrive, cause: unknown): Promise<void> {
    const { interruptMs, outbox, drives } = this.#options;
    drive.markStopping(cause);
    outbox.drop(drive);
    if (!drive.isSent) return drive.cancel('the drive was interrupted', cause);
    // The cloud takes the stop of a text only once it has begun.
    if (drive.kind === 'text') await this.#atMost(interruptMs, drive.whenStarted());
    if (drive.isOver) return;
    this.#send(drive);
    await this.#atMost(interruptMs, drive.whenOver());
    if (drive.isOver) return;
    if (drive.kind === 'text' && !drive.isStarted) drives.stopWhenBegun(drive.requestId);
    drive.cancel('the drive was interrupted', cause);
  }

  #send(drive: InteractiveDrive): void {
    if (!(drive instanceof StreamTextDrive || drive instanceof AudioDrive)) return this.stopText();
    const frame = drive.stopFrame();
    if (frame !== undefined) this.#options.outbox.post(undefined, 0, frame);
  }

  async #atMost(waitMs: number, work: Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([work, pause(this.#options.clock, waitMs, done.signal)]);
    done.abort();
  }
}
