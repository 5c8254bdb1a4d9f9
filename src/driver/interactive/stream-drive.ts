import { FacewireError, toFacewireError } from '../../errors.js';
import { maxFragmentBytes, utf8Length, type SpeakStatus } from '../../wire/index.js';
import { TextSplitter } from '../text-splitter.js';
import { Deferred } from '../deferred.js';
import { InteractiveDrive, type InteractiveLink } from './drive.js';
import { maxWaitingBytes } from './outbox.js';

export interface StreamParts {
  readonly requestId: string;
  readonly link: InteractiveLink;
  readonly maxQueuedEvents: number;
  /** Every piece is one clause, sent when the cloud asks for it. */
  readonly clauses: boolean;
  /** Clauses that may be under way before the cloud asks for the next. */
  readonly clausesAhead: number;
  readonly build: (packet: StreamPacket) => string;
}

export interface StreamPacket {
  readonly text: string;
  readonly sequence: number;
  readonly final: boolean;
  readonly insert?: boolean;
  readonly interrupt?: boolean;
}

/** Distance of packets that are sent again, in ms: what was too fast once must not be so again. */
const resendSpacingMs = 20;

/** UTF-16 units of a piece of a source that are taken at a time: at most 48 KiB. */
const sliceLength = 16 * 1024;

/** Clauses of one stream that may wait; text outside of clause mode is joined to whole packets. */
const maxWaitingClauses = 1024;

interface Piece {
  readonly text: string;
  readonly bytes: number;
  readonly insert: boolean;
  /** Resolves when it was handed to the channel or is void. */
  readonly done: Deferred<void>;
}

/**
 * A streamed text. Packets have at most 1000 bytes, cut on whole characters
 * and outside tags. In clause mode each piece is a clause, and the next one
 * goes out when the cloud asks for it.
 */
export class StreamTextDrive extends InteractiveDrive {
  readonly #parts: StreamParts;
  readonly #splitter = new TextSplitter();
  readonly #pieces: Piece[] = [];
  #waitingBytes = 0;
  #sequence = 0;
  #credit: number;
  #clausesSent = 0;
  #clausesOver = 0;
  #ended = false;
  #finalSent = false;
  #halted = false;
  #wake: (() => void) | undefined;

  /** @internal Drives are made by InteractiveSession. */
  constructor(parts: StreamParts) {
    super('stream', parts.requestId, parts.link, parts.maxQueuedEvents, resendSpacingMs);
    this.#parts = parts;
    this.#credit = parts.clausesAhead;
    this.setInputOpen(true);
  }

  /**
   * Adds text of any length; in clause mode a whole clause that ends in
   * punctuation. Resolves when it was handed to the channel, which in clause mode waits for the
   * cloud. Throws ERR_STATE after end(), and ERR_BUFFER_FULL, taking nothing, for more than 64 KiB or 1024
   * clauses that wait, or more than `maxQueuedBytes` with all that waits for its turn.
   */
  write(text: string): Promise<void> {
    return this.#add(text, false);
  }

  /** Clause mode: a clause that is spoken next, before those that wait at the cloud. */
  insert(text: string): Promise<void> {
    if (!this.#parts.clauses) {
      throw new FacewireError('ERR_STATE', 'only a stream in clause mode takes insertions', {
        expected: 'the option clauses: true',
        received: 'insert()',
      });
    }
    return this.#add(text, true);
  }

  /** Ends the text. May be repeated. */
  end(): void {
    if (this.#ended || this.isOver) return;
    this.#ended = true;
    for (const text of this.#splitter.finish()) this.#push(text, false);
    this.#wake?.();
  }

  /** @internal Bytes of text that wait here. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** @internal Writes all pieces, then ends. An error of the source interrupts the drive and becomes its cause. */
  async feed(pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
    const iterator =
      Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
    const over = new Promise<undefined>((resolve) =>
      this.overSignal.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
    try {
      while (!this.#halted) {
        const next = await Promise.race([iterator.next(), over]);
        if (next === undefined || this.#halted) break;
        if (next.done === true) return this.end();
        // No more than one slice waits, so it needs no room in what the session keeps for drives that wait.
        for (const slice of slicesOf(next.value)) if (!this.#halted) await this.#add(slice, false, false);
      }
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
    } catch (thrown) {
      void Promise.resolve(iterator.return?.()).catch(() => undefined);
      if (this.isOver) return;
      if (this.isSent) void this.interrupt();
      this.cancel('the source of the text failed', toFacewireError(thrown));
    }
  }

  /** @internal The frame that stops it, undefined when nothing was sent. */
  stopFrame(): string | undefined {
    if (this.#sequence === 0) return undefined;
    this.#sequence++;
    return this.#parts.build({ text: '', sequence: this.#sequence, final: true, interrupt: true });
  }

  protected override onBegin(): void {
    void this.#run().catch((thrown: unknown) => this.fail(toFacewireError(thrown)));
  }

  protected override onHalt(): void {
    this.#halted = true;
    for (const piece of this.#pieces.splice(0)) piece.done.resolve();
    this.#waitingBytes = 0;
    this.#wake?.();
  }

  protected override onStatus(status: SpeakStatus): void {
    if (status === 'clause-next') this.#credit++;
    else if (status !== 'clause-over') return;
    // A cloud that does not ask has at least nothing left to say.
    else if (++this.#clausesOver >= this.#clausesSent) this.#credit = Math.max(1, this.#credit);
    this.#wake?.();
  }

  // Only in clause mode do statuses carry the number of a packet.
  protected override confirmsUpTo(sequence: number): number {
    return this.#parts.clauses ? sequence : 0;
  }

  #add(text: string, insert: boolean, shared = true): Promise<void> {
    if (this.#ended || this.isOver || this.#halted) {
      throw new FacewireError('ERR_STATE', 'the stream has ended', {
        expected: 'a stream that is running and not ended',
        received: this.isOver ? 'a drive that is over' : 'an ended stream',
      });
    }
    this.#checkRoom(utf8Length(text), shared);
    const packets = insert ? wholeClause(text) : this.#splitter.push(text);
    // A clause is complete; nothing of it may wait for the next.
    if (this.#parts.clauses && !insert) packets.push(...this.#splitter.finish());
    const done = packets.map((packet) => this.#push(packet, insert)).at(-1);
    this.#wake?.();
    return done?.promise ?? Promise.resolve();
  }

  #checkRoom(bytes: number, shared: boolean): void {
    const free = Math.min(
      maxWaitingBytes - this.#waitingBytes,
      shared && this.isWaiting ? this.link.freeBytes() : Infinity,
    );
    const count = this.#pieces.length;
    if (bytes <= free && count < maxWaitingClauses) return;
    this.link.refused();
    const [expected, received] =
      bytes > free
        ? [`at most ${this.#waitingBytes + free} bytes`, `${this.#waitingBytes + bytes} bytes`]
        : [`at most ${maxWaitingClauses} clauses`, `${count + 1} clauses`];
    throw new FacewireError('ERR_BUFFER_FULL', 'more text is waiting than is kept', {
      expected,
      received,
      remedy: 'Await write() before the next one.',
    });
  }

  #push(text: string, insert: boolean): Deferred<void> {
    const bytes = utf8Length(text);
    this.#waitingBytes += bytes;
    const last = this.#pieces.at(-1);
    // So that a thousand small pieces are not a thousand packets.
    if (!this.#parts.clauses && last !== undefined && last.bytes + bytes <= maxFragmentBytes) {
      this.#pieces[this.#pieces.length - 1] = { ...last, text: last.text + text, bytes: last.bytes + bytes };
      return last.done;
    }
    const piece = { text, bytes, insert, done: new Deferred<void>() };
    const at = insert ? this.#pieces.findIndex((other) => !other.insert) : -1;
    if (at >= 0) this.#pieces.splice(at, 0, piece);
    else this.#pieces.push(piece);
    return piece.done;
  }

  async #run(): Promise<void> {
    while (!this.#halted && !this.#finalSent) {
      await this.link.clear();
      await this.refused.settle();
      if (this.#halted) return;
      const piece = this.#pieces[0];
      const free = piece === undefined || piece.insert || !this.#parts.clauses || this.#credit > 0;
      if ((piece === undefined && !this.#ended) || !free) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      this.#send(this.#pieces.shift());
    }
  }

  #send(piece: Piece | undefined): void {
    // The end rides on the last words, but for clauses it stands alone: an empty one is legal in both readings.
    const final = this.#ended && (piece === undefined || (!this.#parts.clauses && this.#pieces.length === 0));
    const sequence = this.#sequence + 1;
    const frame = this.#parts.build({
      text: piece?.text ?? '',
      sequence,
      final,
      ...(piece?.insert === true && { insert: true }),
    });
    this.#sequence = sequence;
    if (piece !== undefined) {
      this.#waitingBytes -= piece.bytes;
      this.#clausesSent++;
      if (!piece.insert) this.#credit--;
    }
    this.link.post(this, sequence, frame);
    if (final) {
      this.#finalSent = true;
      this.setInputOpen(false);
    }
    piece?.done.resolve();
  }
}

/** Parts of a text that are far below what may wait, cut between characters. */
function* slicesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const isHalf = (text.codePointAt(at + sliceLength - 1) ?? 0) > 0xffff;
    const end = at + sliceLength - (isHalf ? 1 : 0);
    yield text.slice(at, end);
    at = end;
  }
}

function wholeClause(text: string): string[] {
  const bytes = utf8Length(text);
  if (bytes > 0 && bytes <= maxFragmentBytes) return [text];
  throw new FacewireError(
    'ERR_WIRE_LIMIT',
    `an inserted clause has 1 to ${maxFragmentBytes} bytes, not ${bytes}`,
    {
      expected: `1 to ${maxFragmentBytes} bytes of UTF-8`,
      received: `${bytes} bytes`,
    },
  );
}
