import { defaultFeatureHopTicks, defaultSampleRate } from '../wire/endpoint.js';
import { standardFeatureOrder } from '../wire/feature-order.js';
import { readFrame } from '../wire/read-frame.js';
import type { ExpressionState } from '../wire/expressions.js';
import type { Speech } from '../wire/response.js';
import type { Ticks } from '../wire/ticks.js';
import { Reference } from './reference.js';

/** What the tap stands in front of; MediaSession fits. */
interface Receiver<Report> {
  begin(requestId: string): void;
  push(bytes: Uint8Array, arrivalTicks: number): Report;
  end(): void;
  expression?(state: ExpressionState): void;
  mayRest?(ends: readonly Ticks[]): void;
  readonly suspectedOrder?: string | undefined;
}

/**
 * Stands between driver and media session and keeps a copy of every frame, so
 * that a reference can be built from the wire itself, by code that shares
 * nothing with the media session.
 */
export class WireTap<Report> implements Receiver<Report> {
  readonly #receiver: Receiver<Report>;
  #requestId = '';
  #suspectedOrder: string | undefined;
  #frames: Uint8Array[] = [];

  constructor(receiver: Receiver<Report>) {
    this.#receiver = receiver;
  }

  /** Starts a new recording; frames of the drive before are forgotten. */
  begin(requestId: string): void {
    this.#requestId = requestId;
    this.#frames = [];
    this.#receiver.begin(requestId);
  }

  push(bytes: Uint8Array, arrivalTicks: number): Report {
    this.#frames.push(Uint8Array.from(bytes));
    const report = this.#receiver.push(bytes, arrivalTicks);
    this.#suspectedOrder = this.#receiver.suspectedOrder;
    return report;
  }

  end(): void {
    this.#receiver.end();
  }

  expression(state: ExpressionState): void {
    this.#receiver.expression?.(state);
  }

  mayRest(ends: readonly Ticks[]): void {
    this.#receiver.mayRest?.(ends);
  }

  /** As the receiver last had it; it may be closed by now. */
  get suspectedOrder(): string | undefined {
    return this.#suspectedOrder;
  }

  /** @param mouthLeadMs how far the session under test is set to run the mouth ahead. */
  reference(text: string, mouthLeadMs: number): Reference {
    const speeches: Speech[] = [];
    for (const bytes of this.#frames) {
      const { frame } = readFrame(bytes);
      if (frame.kind === 'speech' && frame.requestId === this.#requestId) speeches.push(frame.speech);
    }
    const { data } = buildReference(speeches, text, mouthLeadMs);
    const { suspectedOrder } = this;
    return new Reference({ ...data, ...(suspectedOrder !== undefined && { suspectedOrder }) });
  }
}

/** Joins audio in order of arrival and puts each clause's features where that clause's audio begins. */
export function buildReference(speeches: readonly Speech[], text: string, mouthLeadMs: number): Reference {
  const hopMs = defaultFeatureHopTicks / 10_000;
  const jawOpen = standardFeatureOrder.indexOf('jawOpen');
  const mouthClose = standardFeatureOrder.indexOf('mouthClose');
  const sampleRate = speeches.find((speech) => speech.sampleRate > 0)?.sampleRate ?? defaultSampleRate;
  const audio: Buffer[] = [];
  let audioBytes = 0;
  const apertureTimesMs: number[] = [];
  const apertures: number[] = [];
  let clause: number | undefined;
  let clauseStartMs = 0;
  let frameInClause = 0;
  for (const speech of speeches) {
    if (speech.clauseStart || speech.clause !== clause) {
      clause = speech.clause;
      clauseStartMs = (1000 * (audioBytes >> 1)) / sampleRate;
      frameInClause = 0;
    }
    audio.push(Buffer.from(speech.audio));
    audioBytes += speech.audio.length;
    const width = speech.featureDimension || standardFeatureOrder.length;
    for (let row = 0; (row + 1) * width <= speech.features.length; row++) {
      const timeMs = clauseStartMs + frameInClause++ * hopMs;
      // A clause may hold a frame more than its sound; the next clause's frames win.
      while (apertureTimesMs.length > 0 && apertureTimesMs[apertureTimesMs.length - 1] >= timeMs) {
        apertureTimesMs.pop();
        apertures.pop();
      }
      const value = (column: number): number => speech.features[row * width + column] ?? 0;
      apertureTimesMs.push(timeMs);
      apertures.push(Math.max(0, value(jawOpen) - value(mouthClose)));
    }
  }
  const bytes = Buffer.concat(audio);
  const samples = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(2 * i);
  return new Reference({ text, sampleRate, samples, apertureTimesMs, apertures, mouthLeadMs });
}
