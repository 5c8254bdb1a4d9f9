import type { DriveOwner, RunningDrive } from './running-drive.js';

/** How long a drive whose socket was lost is kept by default, in ms. */
export const defaultResumeMs = 30_000;
/** Drives without a socket that are kept; each holds at most `journalBytes`. The oldest makes room. */
const mostParked = 16;

/**
 * The drives whose clients can take them up again on another socket: those of
 * open sockets, and for a while those whose socket was lost.
 */
export class ResumableDrives {
  readonly #resumeMs: number;
  readonly #drives = new Map<string, RunningDrive>();
  readonly #parked = new Map<string, NodeJS.Timeout>();
  #resumed = 0;
  #expired = 0;

  constructor(resumeMs: number) {
    this.#resumeMs = resumeMs;
  }

  /** Drives that wait for their client. */
  get parked(): number {
    return this.#parked.size;
  }

  /** Bytes that clients have not acknowledged, those in open sockets included. */
  get keptBytes(): number {
    let sum = 0;
    for (const { journal } of this.#drives.values()) sum += journal?.bytes ?? 0;
    return sum;
  }

  /** Drives that went on with another socket. */
  get resumed(): number {
    return this.#resumed;
  }

  /** Drives that nobody came back for. */
  get expired(): number {
    return this.#expired;
  }

  add(running: RunningDrive): void {
    this.#drives.set(running.drive.requestId, running);
  }

  /** Everything of the drive is at the client, or nobody wants it any more. */
  remove(requestId: string): void {
    clearTimeout(this.#parked.get(requestId));
    this.#parked.delete(requestId);
    this.#drives.get(requestId)?.journal?.close();
    this.#drives.delete(requestId);
  }

  /** The drives of a socket. */
  of(owner: DriveOwner): RunningDrive[] {
    return [...this.#drives.values()].filter((running) => running.owner === owner);
  }

  /** The socket of these drives was lost: they wait. */
  park(owner: DriveOwner): void {
    for (const running of this.of(owner)) {
      const { requestId } = running.drive;
      running.owner = undefined;
      running.journal?.detach();
      running.stream?.hold();
      this.#parked.set(
        requestId,
        setTimeout(() => this.#expire(requestId), this.#resumeMs),
      );
      const [oldest] = this.#parked.keys();
      if (this.#parked.size > mostParked && oldest !== undefined) this.#expire(oldest);
    }
  }

  /** Gives a drive to another socket, if all that comes after frame `received` is still here. */
  take(requestId: string, received: number, owner: DriveOwner): RunningDrive | undefined {
    const running = this.#drives.get(requestId);
    if (running?.journal?.has(received) !== true) return undefined;
    clearTimeout(this.#parked.get(requestId));
    this.#parked.delete(requestId);
    running.owner?.letGo(running);
    running.owner = owner;
    running.stream?.release();
    this.#resumed++;
    return running;
  }

  close(): void {
    for (const requestId of [...this.#drives.keys()]) this.#stop(requestId);
  }

  #expire(requestId: string): void {
    this.#expired++;
    this.#stop(requestId);
  }

  #stop(requestId: string): void {
    const running = this.#drives.get(requestId);
    this.remove(requestId);
    running?.stream?.end();
    running?.drive.stop();
  }
}
