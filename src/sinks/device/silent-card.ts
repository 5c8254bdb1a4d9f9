import type { SoundClock } from '../sink.js';

/** Stands in for a card that is gone: sound passes at the pace of time, and nobody hears it. */
export class SilentCard implements SoundClock {
  readonly #samplesPerMs: number;
  readonly #depth: number;
  readonly #nowMs: () => number;
  #looked: number;
  #heard: number;
  #next: number;

  /**
   * @param heard the sample that is heard now.
   * @param next the first one that will be given here; those between pass, too.
   * @param depth samples that wait here at most.
   * @param nowMs a clock that never goes back.
   */
  constructor(sampleRate: number, heard: number, next: number, depth: number, nowMs: () => number) {
    this.#samplesPerMs = sampleRate / 1000;
    this.#depth = depth;
    this.#heard = heard;
    this.#next = next;
    this.#nowMs = nowMs;
    this.#looked = nowMs();
  }

  get next(): number {
    return this.#next;
  }

  get heard(): number {
    const now = this.#nowMs();
    this.#heard = Math.min(this.#next, this.#heard + (now - this.#looked) * this.#samplesPerMs);
    this.#looked = now;
    return Math.floor(this.#heard);
  }

  get room(): number {
    return Math.max(0, this.#depth - (this.#next - this.heard));
  }

  get silenceRoom(): number {
    return this.room;
  }

  play(audio: Float32Array): void {
    this.#next += audio.length;
  }

  cut(): number {
    this.#next = this.heard;
    return this.#next;
  }
}
