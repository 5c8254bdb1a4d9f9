import { replayedDrives } from '../../wire/interactive/command-types.js';

/** Most statuses that are kept of one drive; a clause-mode stream may have any number. */
const mostOfDrive = 64;

/** The statuses of the last drives as they went out, for a client that comes back. */
export class DriveLog {
  readonly #drives = new Map<string, string[]>();

  add(requestId: string, frame: string): void {
    const frames = this.#drives.get(requestId) ?? [];
    frames.push(frame);
    if (frames.length > mostOfDrive) frames.shift();
    this.#drives.set(requestId, frames);
    const [oldest] = this.#drives.keys();
    if (this.#drives.size > replayedDrives && oldest !== undefined) this.#drives.delete(oldest);
  }

  /** Drive after drive, oldest first. */
  frames(): string[] {
    return [...this.#drives.values()].flat();
  }
}
