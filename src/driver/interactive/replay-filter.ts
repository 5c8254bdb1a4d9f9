import type { ChannelIds, StatusMessage } from '../../wire/index.js';

const rememberedDrives = 64;
const rememberedStatuses = 4096;

/** Knows which statuses came before: after a reconnect the cloud tells those of its last 3 drives again. */
export class ReplayFilter {
  readonly #drives = new Map<string, Set<string>>();
  #duplicates = 0;

  get duplicates(): number {
    return this.#duplicates;
  }

  /** True the first time that (request id, status, sequence) comes. */
  isNew(message: StatusMessage & ChannelIds): boolean {
    // Without its number one clause cannot be told from another.
    if (message.sequence === 0 && message.status.startsWith('clause-')) return true;
    let seen = this.#drives.get(message.requestId);
    if (seen === undefined) {
      seen = new Set();
      this.#drives.set(message.requestId, seen);
      if (this.#drives.size > rememberedDrives) this.#drives.delete(this.#drives.keys().next().value!);
    }
    const key = `${message.status} ${message.sequence}`;
    if (seen.has(key)) {
      this.#duplicates++;
      return false;
    }
    // A peer that makes up numbers gets no more memory; its statuses still count as new.
    if (seen.size < rememberedStatuses) seen.add(key);
    return true;
  }
}
