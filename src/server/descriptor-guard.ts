import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { backgroundClock, type Clock } from '../clock.js';
import { canOpen, isOutOfDescriptors } from '../descriptors.js';
import { FacewireError } from '../errors.js';

/** File descriptors that stay free for what runs already: encoders that are replaced, files, lost ingests. */
const reserve = 16;
/** What a session opens while it starts: two encoders, a drawing thread, the push and, the first time, the ingest. */
const perSession = 24;
/** Connections out of the reserve that are told why they are refused; more are closed without a word. */
const mostGuests = 4;
/** A guest that asks for nothing is closed after this. */
const guestMs = 1000;
/** The same trouble is told this often. */
const tellMs = 60_000;

/**
 * Keeps a server from running out of file descriptors: what would eat into the reserve is refused.
 * Without it the runtime itself closes what it cannot accept, and whatever runs fails at its next file.
 */
export class DescriptorGuard {
  readonly #onError: (error: FacewireError) => void;
  readonly #clock: Clock;
  readonly #guests = new Set<Duplex>();
  #refused = 0;
  #toldAt = -Infinity;

  /** @param onError told when it begins to refuse, and once a minute while it goes on. */
  constructor(http: Server, onError: (error: FacewireError) => void, clock: Clock = backgroundClock) {
    this.#onError = onError;
    this.#clock = clock;
    http.on('connection', (socket) => {
      if (canOpen(reserve)) return;
      this.#refuse();
      if (this.#guests.size >= mostGuests) socket.destroy();
      else this.#welcome(socket);
    });
    http.on('error', (error) => {
      if (isOutOfDescriptors(error)) this.#refuse();
    });
  }

  /** Connections and sessions that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether this connection is there only to be told that it is refused. */
  isGuest(socket: Duplex): boolean {
    return this.#guests.has(socket);
  }

  /** Whether there is room for another session; a no counts as a refusal. */
  admitSession(): boolean {
    const fits = canOpen(perSession);
    if (!fits) this.#refuse();
    return fits;
  }

  #welcome(socket: Duplex): void {
    this.#guests.add(socket);
    const cancel = this.#clock.after(guestMs, () => socket.destroy());
    socket.once('close', () => {
      cancel();
      this.#guests.delete(socket);
    });
  }

  #refuse(): void {
    this.#refused += 1;
    const now = this.#clock.now();
    if (now - this.#toldAt < tellMs) return;
    this.#toldAt = now;
    this.#onError(
      new FacewireError(
        'ERR_DESCRIPTORS_EXHAUSTED',
        `new connections and sessions are refused, ${this.#refused} so far`,
        { expected: `${reserve} free file descriptors, ${perSession} for a session`, received: 'fewer' },
      ),
    );
  }
}
