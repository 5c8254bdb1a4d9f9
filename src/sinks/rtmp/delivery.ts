/** Kernel buffers take much more than this; what is in them cannot be given up any more. */
const mostInNode = 32 * 1024;
/** More than a fifth of a second of the stream and one round trip need not be on its way at once. */
const leastWindow = 16 * 1024;
const windowSeconds = 0.2;
/** A wide step is forgotten by so much with each receipt: one late turn of the ingest is not how it always is. */
const fading = 0.9;

/**
 * What has become of the bytes of one connection: in our memory, on their way,
 * or with the ingest. Most ingests send receipts (acknowledgements), but with
 * intervals of their own, so two receipts are needed before they are believed
 * and the widest step between two of late counts as uncertain.
 */
export class Delivery {
  readonly #bytesPerSecond: number;
  /** From us to the ingest and back, in ms. */
  roundTripMs = 0;
  #written = 0;
  /** Bytes that the kernel has not taken yet. */
  #waiting = 0;
  #confirmed = 0;
  #receipts = 0;
  readonly #asked: number;
  #step: number;
  /** Where each tag ends in the stream of bytes, and since when it has been waiting. */
  readonly #tags: { readonly end: number; readonly at: number }[] = [];
  #firstTag = 0;

  /** @param receiptBytes how often receipts were asked for. */
  constructor(bytesPerSecond: number, receiptBytes: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#asked = receiptBytes;
    this.#step = receiptBytes;
  }

  get written(): number {
    return this.#written;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Bytes that the ingest says it has. */
  get confirmed(): number {
    return this.#confirmed;
  }

  get hasReceipts(): boolean {
    return this.#receipts >= 2;
  }

  /** True when more than the interval of the receipts is missing. */
  get isOwed(): boolean {
    return this.hasReceipts && this.#written - this.#confirmed > 2 * this.#step;
  }

  /** Whether more should be written now. What stays with us can be given up if the line is slow. */
  get hasRoom(): boolean {
    if (this.#waiting >= mostInNode) return false;
    const seconds = windowSeconds + this.roundTripMs / 1000;
    const window = this.#step + Math.max(leastWindow, this.#bytesPerSecond * seconds);
    return !this.hasReceipts || this.#written - this.#confirmed < window;
  }

  wrote(bytes: number): void {
    this.#written += bytes;
    this.#waiting += bytes;
  }

  /** Everything written so far belongs to tags of which the last has been waiting since `at`. */
  endTag(at: number): void {
    this.#tags.push({ end: this.#written, at });
  }

  taken(bytes: number): void {
    this.#waiting -= bytes;
  }

  /** @param count of the receipt, 32 bits wide, so it may wrap. */
  receipt(count: number): void {
    const more = (count - this.#confirmed) >>> 0;
    // Some count the handshake and some do not, but none has more than was written.
    if (this.#confirmed + more > this.#written) return;
    if (this.#receipts > 0) this.#step = Math.max(this.#asked, more, this.#step * fading);
    this.#receipts += 1;
    this.#confirmed += more;
  }

  /** Since when the oldest tag has been waiting that the ingest cannot have; undefined when it may have all. */
  get oldestAt(): number | undefined {
    const taken = this.#written - this.#waiting;
    const arrived = this.hasReceipts ? Math.min(taken, this.#confirmed + this.#step) : taken;
    while (this.#firstTag < this.#tags.length && (this.#tags[this.#firstTag]?.end ?? 0) <= arrived)
      this.#firstTag += 1;
    if (this.#firstTag > 256) {
      this.#tags.splice(0, this.#firstTag);
      this.#firstTag = 0;
    }
    return this.#tags[this.#firstTag]?.at;
  }
}
