import { arkitIndex, weightCount } from '../frame.js';
import { loudnessOf } from '../media/loudness.js';
import { renderPhones, type PhoneSpan } from '../media/render-phones.js';
import { silence, ticksPerSecond, type PhoneTime, type SpokenClause } from '../voice/voice.js';
import { standardFeatureOrder } from '../wire/feature-order.js';

/** Rows of features a second. */
const rowsPerSecond = 25;
const rowTicks = ticksPerSecond / rowsPerSecond;
/** How much of the clause before is looked at: more than a mouth remembers. In rows. */
const rowsBefore = 12;
/** A mouth that goes on as it is; stands for sounds that nobody knows yet. */
const unknownSound = '_|';
const unknownTicks = 0.5 * ticksPerSecond;
const usualLevel = 0.1;
/** A sample is 10 µs; times are rounded to that. */
const samplesPerSecond = 100_000;
const ticksPerSample = ticksPerSecond / samplesPerSecond;

const columns = standardFeatureOrder.map((name) => arkitIndex[name]);

/** What stands beside a clause. */
export interface MouthNeighbours {
  /** The clause that ends where this one begins; absent at the start. */
  readonly before?: SpokenClause;
  /** Silence in ms at the start of the clause that follows; absent when none does. */
  readonly afterMs?: number;
}

/**
 * Mouth shapes of a clause for the wire: one row of 52 weights in [0, 1], in
 * the order of the wire, for every 40 ms begun, row k for the instant k · 40 ms.
 * They are the phone engine's; between two clauses the mouth goes on as within one.
 */
export function mouthFeatures(clause: SpokenClause, { before, afterMs }: MouthNeighbours = {}): Float32Array {
  const rows = Math.ceil(endOf(clause) / rowTicks);
  const skipped = before === undefined ? 0 : rowsBefore;
  const phones = [
    ...(before === undefined ? [] : spansOf(before, skipped * rowTicks - endOf(before))),
    ...spansOf(clause, skipped * rowTicks),
  ];
  if (afterMs !== undefined) phones.push(...goingOn(phones.at(-1)?.end ?? 0, afterMs));
  const weights = renderPhones(phones, {
    sampleRate: samplesPerSecond,
    frameRateNum: rowsPerSecond,
    frameRateDen: 1,
    frames: skipped + rows,
    alphabet: clause.syllables === undefined ? clause.alphabet : 'pinyin',
    level: loudness(clause, skipped, rows),
  });
  return inWireOrder(weights.subarray(skipped * weightCount));
}

function endOf({ phones }: SpokenClause): number {
  return phones.at(-1)?.endTicks ?? 0;
}

/** The sounds as the wire tells them, moved by `offsetTicks`; what begins before 0 is left out or cut. */
function spansOf(clause: SpokenClause, offsetTicks: number): PhoneSpan[] {
  const sampleOf = (ticks: number): number => Math.round((ticks + offsetTicks) / ticksPerSample);
  return (clause.syllables ?? clause.phones)
    .filter(({ endTicks }) => endTicks + offsetTicks > 0)
    .map(({ symbol, startTicks, endTicks }: PhoneTime) => {
      return { symbol, start: Math.max(0, sampleOf(startTicks)), end: sampleOf(endTicks) };
    });
}

/** The silence at the start of the next clause, and that something follows it. */
function goingOn(at: number, silentMs: number): PhoneSpan[] {
  const sound = at + Math.round((silentMs * samplesPerSecond) / 1000);
  return [
    ...(sound > at ? [{ symbol: silence, start: at, end: sound }] : []),
    { symbol: unknownSound, start: sound, end: sound + unknownTicks / ticksPerSample },
  ];
}

/** What came before the clause is as loud as usual. */
function loudness({ pcm, sampleRate }: SpokenClause, skipped: number, rows: number): Float32Array {
  const levels = new Float32Array(skipped + rows).fill(usualLevel);
  levels.set(loudnessOf(pcm, sampleRate, rowsPerSecond, rows), skipped);
  return levels;
}

function inWireOrder(weights: Float32Array): Float32Array {
  const features = new Float32Array(weights.length);
  for (let row = 0; row < weights.length; row += weightCount) {
    columns.forEach((column, at) => (features[row + at] = weights[row + column] ?? 0));
  }
  return features;
}
