import type { InteractiveDrive } from './drive.js';

const rememberedStops = 64;

/** The drives of a session that are not over, by their ids on the wire. */
export class Drives {
  readonly #live = new Map<string, InteractiveDrive>();
  readonly #stoppedEarly = new Set<string>();

  add(drive: InteractiveDrive): void {
    this.#live.set(drive.requestId, drive);
  }

  remove(drive: InteractiveDrive): void {
    this.#live.delete(drive.requestId);
  }

  get(requestId: string): InteractiveDrive | undefined {
    return this.#live.get(requestId);
  }

  all(): InteractiveDrive[] {
    return [...this.#live.values()];
  }

  /** The drive that an error without its id means: the oldest that was sent and of which nothing has come. */
  unconfirmed(): InteractiveDrive | undefined {
    return this.all().find((drive) => drive.isSent && !drive.isConfirmed && !drive.isOver);
  }

  /** Was given up before the cloud had begun it: should it begin after all, it must be stopped then. */
  stopWhenBegun(requestId: string): void {
    this.#stoppedEarly.add(requestId);
    if (this.#stoppedEarly.size > rememberedStops) {
      this.#stoppedEarly.delete(this.#stoppedEarly.values().next().value!);
    }
  }

  /** True once for such a drive. */
  takeStop(requestId: string): boolean {
    return this.#stoppedEarly.delete(requestId);
  }
}
