import type { FacewireError } from '../../src/errors.js';
import type { Sink, SinkReport, SoundClock } from '../../src/sinks/sink.js';

const rampMs = 10;

/** A sound card that plays when it is told to, by the rules of SoundClock, and keeps what was heard. */
export class FakeCard implements Sink, SoundClock {
  readonly name = 'card';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #rate: number;
  /** What the card has been given, from sample `first` on; what it has played of it is final. */
  audio: number[] = [];
  first = 0;
  /** Samples for which it had nothing. */
  dry = 0;
  cuts = 0;
  heard = 0;
  /** Samples of speech, and of silence, that it takes. */
  depth: number;
  silence: number;

  constructor(rate: number) {
    this.#rate = rate;
    this.depth = 0.8 * rate;
    this.silence = 0.04 * rate;
  }

  get clock(): SoundClock {
    return this;
  }

  get next(): number {
    return this.first + this.audio.length;
  }

  get room(): number {
    return Math.max(0, this.depth - (this.next - this.heard));
  }

  get silenceRoom(): number {
    return Math.max(0, this.silence - (this.next - this.heard));
  }

  play(audio: Float32Array): void {
    this.audio.push(...audio);
  }

  /** `samples` of time pass. */
  pass(samples: number): void {
    const played = Math.min(samples, this.next - this.heard);
    this.heard += played;
    this.dry += samples - played;
  }

  cut(): number {
    this.cuts += 1;
    const at = this.heard;
    const ramp = (this.#rate * rampMs) / 1000;
    const faded = this.audio.slice(at - this.first, at - this.first + ramp);
    this.audio.length = at - this.first;
    for (let i = 0; i < ramp; i++) this.audio.push((faded[i] ?? 0) * (1 - (i + 1) / ramp));
    return at;
  }

  /** The sample `at`. */
  sample(at: number): number | undefined {
    return this.audio[at - this.first];
  }

  /** Forgets what was played before sample `at`. */
  forget(at: number): void {
    this.audio = this.audio.slice(at - this.first);
    this.first = at;
  }

  async open(): Promise<void> {}
  write(): void {
    throw new Error('a clock gets its sound by play()');
  }

  async close(): Promise<SinkReport> {
    return { name: this.name, videoFrames: 0, audioFrames: this.next, repeatedFrames: 0, bytes: 0 };
  }
}
