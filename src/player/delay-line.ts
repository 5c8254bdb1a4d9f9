import { FacewireError } from '../errors.js';
import { frameWidth } from '../frame.js';
import type { OutputFormat, Picture, Sink, Span } from '../sinks/sink.js';

/** Longest delay of a sink, in ms. */
export const mostDelayMs = 1000;

/** Throws ERR_OPTION_INVALID unless `sink` is one of `sinks` and can be late by so much. */
export function checkDelay(sink: Sink, delayMs: number, sinks: readonly Sink[]): void {
  const isOurs = sinks.includes(sink);
  if (isOurs && delayMs >= 0 && delayMs <= mostDelayMs) return;
  throw new FacewireError('ERR_OPTION_INVALID', `the delay of sink ${sink.name} cannot be used`, {
    expected: `0 to ${mostDelayMs} ms, of one of the player's sinks`,
    received: isOurs ? String(delayMs) : 'another sink',
  });
}

/** A span that waits. Its arrays are its own until it was handed on. */
export type HeldSpan = { -readonly [K in keyof Span]: Span[K] };

interface Slot {
  readonly span: HeldSpan;
  readonly audioBuffer: Float32Array;
  dueMs: number;
}

/** Where one sink is in the line. */
interface Reader {
  readonly sink: Sink;
  readonly delayMs: number;
  /** Number of the span that it gets next. */
  next: number;
  drained: (() => void) | undefined;
}

/**
 * Holds spans back for sinks that are to get them later, each by its own
 * delay. Spans are copied once for all of them, into slots that are reused;
 * pictures are retained. Everything is handed on in order and nothing is
 * dropped: when the line is full, because spans come faster than time passes,
 * its oldest span is handed on early.
 */
export class DelayLine {
  readonly #slots: Slot[];
  readonly #hand: (sink: Sink, span: Span) => void;
  #readers: Reader[] = [];
  /** Numbers of the oldest span that is held, and of the next one that comes. */
  #head = 0;
  #tail = 0;
  #handed = 0;
  #early = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /** @param longestMs the longest delay that a sink will have. */
  constructor(format: OutputFormat, longestMs: number, hand: (sink: Sink, span: Span) => void) {
    this.#hand = hand;
    const { sampleRate, frameRateNumerator, frameRateDenominator } = format;
    const longest = Math.ceil((sampleRate * frameRateDenominator) / frameRateNumerator) + 1;
    const frames = Math.ceil((longestMs * frameRateNumerator) / (1000 * frameRateDenominator)) + 4;
    this.#slots = Array.from({ length: frames }, () => newSlot(longest));
  }

  /** The sink gets what is pushed from now on, `delayMs` after it was due. */
  add(sink: Sink, delayMs: number): void {
    this.#readers = [...this.#readers, { sink, delayMs, next: this.#tail, drained: undefined }];
  }

  has(sink: Sink): boolean {
    for (const reader of this.#readers) if (reader.sink === sink) return true;
    return false;
  }

  get isEmpty(): boolean {
    return this.#readers.length === 0;
  }

  /** Output sample just past the last one that any sink has been given. */
  get handed(): number {
    return this.#handed;
  }

  /** Spans that are held. */
  get length(): number {
    return this.#tail - this.#head;
  }

  /** Spans that were handed on before their time because the line was full. */
  get early(): number {
    return this.#early;
  }

  /** @param dueMs when the span is due without a delay, performance.now(). */
  push({ frameIndex, sampleIndex, audio, weights, picture }: Span, dueMs: number): void {
    if (this.isEmpty) return;
    // What is due by now makes room first.
    if (this.length === this.#slots.length) this.#run();
    if (this.length === this.#slots.length) this.#makeRoom();
    const slot = this.#slots[this.#tail % this.#slots.length];
    const { span } = slot;
    span.frameIndex = frameIndex;
    span.sampleIndex = sampleIndex;
    if (span.audio.length !== audio.length) span.audio = slot.audioBuffer.subarray(0, audio.length);
    span.audio.set(audio);
    span.weights.set(weights);
    picture?.retain();
    span.picture = picture;
    slot.dueMs = dueMs;
    this.#tail += 1;
    this.#arm();
  }

  /** Calls `change` with every span that no sink has been given, oldest first; of the spans that end behind `sample`. */
  renew(sample: number, change: (span: HeldSpan) => void): void {
    for (let number = this.#head; number < this.#tail; number++) {
      const { span } = this.#slots[number % this.#slots.length];
      if (span.sampleIndex >= this.#handed && span.sampleIndex + span.audio.length > sample) change(span);
    }
  }

  /** Another picture for a frame, which becomes the line's own; released at once when the frame is gone. */
  replacePicture(frameIndex: number, picture: Picture): void {
    for (let number = this.#head; number < this.#tail; number++) {
      const { span } = this.#slots[number % this.#slots.length];
      if (span.frameIndex !== frameIndex) continue;
      span.picture?.release();
      span.picture = picture;
      return;
    }
    picture.release();
  }

  /** Resolves when the sink has been given everything, each span in its time, or was removed. */
  async drain(sink: Sink): Promise<void> {
    const reader = this.#readers.find((each) => each.sink === sink);
    if (reader === undefined || reader.next === this.#tail) return;
    await new Promise<void>((resolve) => (reader.drained = resolve));
  }

  /** Leaves a sink out; what was held for it alone is forgotten. */
  remove(sink: Sink): void {
    const reader = this.#readers.find((each) => each.sink === sink);
    if (reader === undefined) return;
    this.#readers = this.#readers.filter((each) => each !== reader);
    // It may be getting spans just now, and breaks on one.
    reader.next = Infinity;
    reader.drained?.();
    this.#trim();
    this.#arm();
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    this.#run();
    this.#arm();
  };

  /** Hands on what is due. */
  #run(): void {
    const now = performance.now();
    for (const reader of this.#readers) {
      while (reader.next < this.#tail && this.#dueOf(reader) <= now) this.#give(reader);
    }
    this.#trim();
  }

  #makeRoom(): void {
    this.#early += 1;
    for (const reader of this.#readers) if (reader.next === this.#head) this.#give(reader);
    this.#trim();
  }

  #give(reader: Reader): void {
    const { span } = this.#slots[reader.next % this.#slots.length];
    reader.next += 1;
    this.#handed = Math.max(this.#handed, span.sampleIndex + span.audio.length);
    this.#hand(reader.sink, span);
    if (reader.next === this.#tail) reader.drained?.();
  }

  /** Lets go of what every sink has been given. */
  #trim(): void {
    let oldest = this.#tail;
    for (const { next } of this.#readers) oldest = Math.min(oldest, next);
    for (; this.#head < oldest; this.#head++) {
      const { span } = this.#slots[this.#head % this.#slots.length];
      span.picture?.release();
      span.picture = undefined;
    }
  }

  #dueOf({ next, delayMs }: Reader): number {
    return this.#slots[next % this.#slots.length].dueMs + delayMs;
  }

  #arm(): void {
    let due = Infinity;
    for (const reader of this.#readers)
      if (reader.next < this.#tail) due = Math.min(due, this.#dueOf(reader));
    if (due === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = due;
    // Timers fire up to a millisecond early.
    this.#timer =
      due === Infinity ? undefined : setTimeout(this.#wake, Math.max(0, Math.ceil(due - performance.now())));
  }
}

function newSlot(longest: number): Slot {
  const audioBuffer = new Float32Array(longest);
  const weights = new Float32Array(frameWidth);
  const span = { frameIndex: 0, sampleIndex: 0, audio: audioBuffer, weights, picture: undefined };
  return { span, audioBuffer, dueMs: 0 };
}
