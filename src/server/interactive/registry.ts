import { randomInt } from 'node:crypto';
import type { CloseReason } from '../../wire/interactive/session-types.js';
import { sessionCode, type Refusal } from './codes.js';
import type { Session } from './session.js';

/** Sessions that are over and can still be asked about. */
const rememberedSessions = 256;

/** All sessions of a server: who is who, how many there may be, and one for each user. */
export class SessionRegistry {
  readonly #sessions = new Map<string, Session>();
  readonly #maxSessions: number;
  /** One for each stage that is there, those of closed sessions that still finish included. */
  readonly #stages = new Set<Promise<void>>();
  #closed = false;

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  /** Sessions that count against the limit. */
  get alive(): number {
    return this.all().filter((session) => session.isAlive).length;
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  all(): Session[] {
    return [...this.#sessions.values()];
  }

  /** Why a session for this user cannot be made now. One of the same user would make room. */
  refusalFor(userId: string): Refusal | undefined {
    const replaced = this.all().filter((session) => session.isAlive && session.settings.userId === userId);
    const others = this.alive - replaced.length;
    if (!this.#closed && others < this.#maxSessions && this.#stages.size <= 2 * this.#maxSessions) {
      return undefined;
    }
    return {
      code: sessionCode.overLimit,
      message: `LimitExceeded: at most ${this.#maxSessions} sessions run at once; close one, or try again in 10 s`,
    };
  }

  /** Takes a new session in and closes the older one of the same user. */
  add(session: Session): void {
    for (const other of this.all()) {
      if (other.settings.userId === session.settings.userId) other.close('replaced');
    }
    this.#sessions.set(session.id, session);
    const gone = session.gone.then(() => void this.#stages.delete(gone));
    this.#stages.add(gone);
    this.#forget();
  }

  /** Closes every session and resolves when all they took is free. */
  async close(reason: CloseReason): Promise<void> {
    this.#closed = true;
    for (const session of this.all()) session.close(reason);
    await Promise.all(this.#stages);
  }

  /** An id that nobody can guess, in the vendor's form: m and decimal digits. */
  newId(): string {
    const digits = Array.from({ length: 3 }, () => String(randomInt(1e8)).padStart(8, '0'));
    return `m${digits.join('')}`;
  }

  #forget(): void {
    const over = this.all().filter((session) => !session.isAlive);
    for (const session of over.slice(0, Math.max(0, over.length - rememberedSessions))) {
      this.#sessions.delete(session.id);
    }
  }
}
