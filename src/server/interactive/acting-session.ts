import { addFaceAction, type FaceAction } from '../../avatar/face-actions.js';
import type { MediaSession } from '../../media/session.js';
import type { PlayableSession } from '../../player/player.js';

/** Actions that may wait or be under way; the oldest give way. */
const mostActions = 64;
/** An action that is interrupted lets go of the face within this time. */
const letGoMs = 240;

interface Waiting {
  readonly action: FaceAction;
  /** Source sample with which it begins. */
  readonly sourceSample: number;
}
interface Running {
  readonly action: FaceAction;
  /** Output sample at which it began. */
  readonly startSample: number;
  /** Output sample at which it was told to end. */
  endSample: number | undefined;
}

/** A media session whose face performs actions, each from the sample on with which it was said. */
export class ActingSession implements PlayableSession {
  readonly sampleRate: number;
  readonly #session: MediaSession;
  #waiting: Waiting[] = [];
  #running: Running[] = [];

  constructor(session: MediaSession) {
    this.#session = session;
    this.sampleRate = session.sampleRate;
  }

  /** Performs an action when this sample of the source is heard; one that is cut before is not performed. */
  perform(action: FaceAction, sourceSample: number): void {
    this.#waiting = [...this.#waiting, { action, sourceSample }].slice(-mostActions);
  }

  frameAt(sample: number, out: Float32Array, nextSample?: number): number {
    const speaks = this.#session.frameAt(sample, out, nextSample);
    if (this.#waiting.length > 0) this.#begin(sample);
    if (this.#running.length > 0) this.#act(sample, out);
    return speaks;
  }

  interrupt(sample: number): number {
    this.#waiting = [];
    for (const running of this.#running) running.endSample ??= sample;
    return this.#session.interrupt(sample);
  }

  commit(untilSample: number, nowTicks?: number): number {
    return this.#session.commit(untilSample, nowTicks);
  }

  readySamples(): number {
    return this.#session.readySamples();
  }

  settledSamples(): number {
    return this.#session.settledSamples();
  }

  committed(): number {
    return this.#session.committed();
  }

  readAudio(sample: number, out: Float32Array): number {
    return this.#session.readAudio(sample, out);
  }

  lookAhead(sample: number, out: Float32Array): number {
    return this.#session.lookAhead(sample, out);
  }

  sourceCommitted(): number {
    return this.#session.sourceCommitted();
  }

  outputOf(sourceSample: number): number {
    return this.#session.outputOf(sourceSample);
  }

  #begin(sample: number): void {
    this.#waiting = this.#waiting.filter(({ action, sourceSample }) => {
      const startSample = this.#session.outputOf(sourceSample);
      if (startSample === -1 || startSample > sample) return true;
      if (startSample >= 0) this.#running.push({ action, startSample, endSample: undefined });
      return false;
    });
    this.#running = this.#running.slice(-mostActions);
  }

  #act(sample: number, out: Float32Array): void {
    const ms = (samples: number): number => (1000 * samples) / this.sampleRate;
    this.#running = this.#running.filter(({ action, startSample, endSample }) => {
      const strength = endSample === undefined ? 1 : Math.max(0, 1 - ms(sample - endSample) / letGoMs);
      const atMs = ms(sample - startSample);
      addFaceAction(out, action, atMs, strength);
      return strength > 0 && atMs < action.durationMs;
    });
  }
}
