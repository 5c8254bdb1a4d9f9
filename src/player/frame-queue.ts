import type { FrameMoment, Renderer } from '../avatar/renderer.js';
import { frameWidth } from '../frame.js';
import type { Picture, Span } from '../sinks/sink.js';

/** One frame on its way through the renderer. Slots and their arrays are reused; nothing is allocated per frame. */
export interface FrameSlot {
  frame: number;
  /** First output sample of the frame. */
  sample: number;
  /** When the frame's turn came, performance.now(). */
  dueMs: number;
  readonly audioBuffer: Float32Array;
  /** The part of the buffer that this frame uses. */
  audio: Float32Array;
  readonly weights: Float32Array;
  /** What the renderer is told of the frame. */
  readonly moment: Mutable<FrameMoment>;
  picture: Picture | undefined;
  state: 'drawing' | 'ready' | 'repeat';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Pictures that may be drawn at a time; with more on their way, a frame shows the picture before again. */
const maxDrawing = 4;
const length = 64;

/**
 * Frames between the clock and the sinks, in order. Drawing takes its time and
 * may fail; a frame is never dropped for it, it repeats the picture before.
 */
export class FrameQueue {
  readonly #ring: FrameSlot[];
  readonly #present: (span: Span, dueMs: number) => void;
  /** Reused for every frame, as Span allows. */
  readonly #span: Mutable<Span>;
  #head = 0;
  #tail = 0;
  #drawing = 0;
  #lastPicture: Picture | undefined;
  #repeated = 0;
  #drained: (() => void) | undefined;

  /** @param longest most audio samples in one frame. `present` gets complete frames in order. */
  constructor(longest: number, present: (span: Span, dueMs: number) => void) {
    this.#present = present;
    this.#ring = Array.from({ length }, () => newSlot(longest));
    const { audio, weights } = newSlot(0);
    this.#span = { frameIndex: 0, sampleIndex: 0, audio, weights, picture: undefined };
  }

  /** Frames that showed the picture before again. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Frames that have not been presented. */
  get waiting(): number {
    return (this.#tail - this.#head + length) % length;
  }

  get isFull(): boolean {
    return this.#drawing >= maxDrawing;
  }

  /** The slot to fill for the next frame; push() sends it on. */
  next(): FrameSlot {
    // The renderer is two seconds behind: its oldest picture is given up, never a frame.
    if (this.waiting === length - 1) this.#giveUp(this.#ring[this.#head]);
    return this.#ring[this.#tail];
  }

  /** Sends the filled slot on its way, through `renderer` when there is one; `failed` is told when it cannot draw. */
  push(renderer: Renderer | undefined, failed: (thrown: unknown) => void): void {
    const slot = this.#ring[this.#tail];
    slot.picture = undefined;
    if (renderer === undefined) slot.state = 'ready';
    else if (this.isFull && this.#lastPicture !== undefined) slot.state = 'repeat';
    else this.#draw(slot, renderer, failed);
    this.#tail = (this.#tail + 1) % length;
    this.#advance();
  }

  /** Calls `change` with every frame that has not been presented. */
  each(change: (slot: FrameSlot) => void): void {
    for (let at = this.#head; at !== this.#tail; at = (at + 1) % length) change(this.#ring[at]);
  }

  /** Resolves when every frame was presented. */
  drain(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#drained = resolve));
  }

  /** Gives the last picture back. */
  clear(): void {
    this.#lastPicture?.release();
    this.#lastPicture = undefined;
  }

  #draw(slot: FrameSlot, renderer: Renderer, failed: (thrown: unknown) => void): void {
    const { frame } = slot;
    const isCurrent = (): boolean => slot.frame === frame && slot.state === 'drawing';
    slot.state = 'drawing';
    this.#drawing += 1;
    renderer.draw(slot.weights, slot.moment).then(
      (picture) => {
        this.#drawing -= 1;
        if (!isCurrent()) return picture?.release();
        slot.picture = picture;
        slot.state = picture === undefined ? 'repeat' : 'ready';
        this.#advance();
      },
      (thrown: unknown) => {
        this.#drawing -= 1;
        if (isCurrent()) slot.state = 'repeat';
        failed(thrown);
        this.#advance();
      },
    );
  }

  #giveUp(slot: FrameSlot): void {
    if (slot.state === 'drawing') slot.state = 'repeat';
    this.#advance();
  }

  #advance(): void {
    while (this.#head !== this.#tail) {
      const slot = this.#ring[this.#head];
      if (slot.state === 'drawing') return;
      if (slot.state === 'repeat') this.#repeated += 1;
      else if (slot.picture !== undefined) {
        this.#lastPicture?.release();
        this.#lastPicture = slot.picture;
      }
      const span = this.#span;
      span.frameIndex = slot.frame;
      span.sampleIndex = slot.sample;
      span.audio = slot.audio;
      span.weights = slot.weights;
      span.picture = this.#lastPicture;
      this.#head = (this.#head + 1) % length;
      this.#present(span, slot.dueMs);
    }
    this.#drained?.();
  }
}

function newSlot(longest: number): FrameSlot {
  const audioBuffer = new Float32Array(longest);
  const weights = new Float32Array(frameWidth);
  return {
    frame: 0,
    sample: 0,
    dueMs: 0,
    audioBuffer,
    audio: audioBuffer,
    weights,
    moment: { frameIndex: 0, sampleIndex: 0, sampleEnd: 0, isLive: false },
    picture: undefined,
    state: 'ready',
  };
}
