import { FacewireError } from '../errors.js';

/** Video frames per second as a ratio of positive integers; 25 is {25, 1}, NTSC's 29.97 is {30000, 1001}. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/** Reads a whole number or a ratio; throws ERR_OPTION_INVALID outside 1 to 120 frames per second. */
export function readFrameRate(given: number | FrameRate): FrameRate {
  const rate = typeof given === 'number' ? { numerator: given, denominator: 1 } : given;
  const { numerator, denominator } = rate;
  const perSecond = numerator / denominator;
  const isExact = Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator);
  if (isExact && perSecond >= 1 && perSecond <= 120) return rate;
  throw new FacewireError('ERR_OPTION_INVALID', 'frameRate must be a whole number or a ratio of integers', {
    expected: '1 to 120 frames per second',
    received: `${numerator}/${denominator}`,
  });
}

/** The audio sample at which video frame `frame` begins: floor(frame × sampleRate / frameRate), exact below 2^53. */
export function sampleOfFrame(frame: number, sampleRate: number, rate: FrameRate): number {
  // Whole seconds first, so that the product stays exact for months of frames.
  const perBlock = sampleRate * rate.denominator;
  const blocks = Math.floor(frame / rate.numerator);
  const rest = frame - blocks * rate.numerator;
  return blocks * perBlock + Math.floor((rest * perBlock) / rate.numerator);
}

/** After a longer standstill (the machine slept, the process was stopped) time goes on from now. */
const standstillMs = 2000;

/**
 * Calls `step` once for each frame at absolute deadlines: frame n is due at
 * start + n × period, so a late timer never shifts what follows. After a stall
 * the missed frames are stepped at once, in order; none is skipped. After a
 * standstill of more than 2 s nobody waits for what was missed: the next frame
 * follows where the last one was, and a burst of old ones would only burden
 * sinks that have to encode and send them.
 */
export class FramePacer {
  readonly #periodMs: number;
  readonly #step: (frame: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #startMs = -Infinity;
  #next = 0;

  constructor(rate: FrameRate, step: (frame: number) => void) {
    this.#periodMs = (1000 * rate.denominator) / rate.numerator;
    this.#step = step;
  }

  start(firstFrame: number): void {
    this.#next = firstFrame;
    this.#startMs = performance.now() - firstFrame * this.#periodMs;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** When a frame is due, performance.now(); long ago before start(). */
  dueMs(frame: number): number {
    return this.#startMs + frame * this.#periodMs;
  }

  #arm(): void {
    const wait = this.#startMs + this.#next * this.#periodMs - performance.now();
    this.#timer = setTimeout(this.#tick, Math.max(0, wait));
  }

  readonly #tick = (): void => {
    const lateMs = performance.now() - (this.#startMs + this.#next * this.#periodMs);
    if (lateMs > standstillMs) this.#startMs += lateMs;
    const dueFrames = Math.floor((performance.now() - this.#startMs) / this.#periodMs) + 1;
    while (this.#timer !== undefined && this.#next < dueFrames) this.#step(this.#next++);
    if (this.#timer !== undefined) this.#arm();
  };
}
