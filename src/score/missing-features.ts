import { weightCount } from '../frame.js';
import { standardFeatureOrder } from '../wire/feature-order.js';
import { defaultFeatureDimension, defaultSampleRate } from '../wire/endpoint.js';
import type { SpeechInput } from '../wire/frames.js';
import type { Take } from './corpus.js';
import { closures } from './lips.js';
import type { Motion } from './motion.js';
import { framesOfTake, messagesOf, play } from './subjects.js';
import { percent } from './speech-tally.js';

const framesPerSecond = 60;
const rowSeconds = 0.04;
/** The clause, counted from 0, in which features stop. */
const stopsIn = 1;

export interface TakenOver {
  /** Pictures from the end of the features until the first one that phones have moved; 0 is the very first. */
  readonly framesLate: number;
  /** From the end of the features until phones alone make the mouth. */
  readonly fadeMs: number;
  /** p b m that close, and open again, when there were never any features, in percent. */
  readonly closed: number;
  readonly bilabials: number;
}

/**
 * What a session does when features stop in the middle of a clause, or never come, while phones and
 * sound go on. The features are a pose that no speech has, so that it shows which of the two moves the mouth.
 */
export function takenOver(take: Take): TakenOver {
  const frames = framesOfTake(take, framesPerSecond);
  const lead = { mouthLeadMs: 0 };
  const show = (messages: Iterable<Buffer>, options: Parameters<typeof play>[3] = {}): Motion =>
    play(messages, frames, framesPerSecond, { ...lead, ...options });

  const clause = take.clauses[stopsIn];
  const rows = (clause?.features.length ?? 0) / defaultFeatureDimension;
  const kept = Math.floor(rows / 2);
  const before = take.clauses.slice(0, stopsIn).reduce((sum, { pcm }) => sum + pcm.length, 0);
  const lastRow = before / defaultSampleRate + (kept - 1) * rowSeconds;
  const mixed = show(posed(take, kept));
  const held = show(posed(take, kept), { mouthSource: 'features' });
  const phones = show(posed(take, 0, 0));
  const first = Math.ceil(lastRow * framesPerSecond);
  const moved = firstFrame(first, frames, (frame) => difference(mixed, held, frame) > 1e-3);
  const settled = firstFrame(first, frames, (frame) => difference(mixed, phones, frame) < 1e-3);

  const bare = play(messagesOf(take, withoutFeatures), frames, framesPerSecond);
  const { bilabials } = closures(bare, take.sounds);
  return {
    framesLate: moved - first,
    fadeMs: ((settled - first) * 1000) / framesPerSecond,
    closed: percent(bilabials),
    bilabials: bilabials.all,
  };
}

function withoutFeatures(speech: SpeechInput): SpeechInput {
  return { ...speech, features: [], featureDimension: 0 };
}

/** The take with one pose for all features, which stop after `kept` rows of one clause and do not come back. */
function posed(take: Take, kept: number, from = stopsIn): Iterable<Buffer> {
  let [clause, sent] = [0, 0];
  return messagesOf(take, (speech) => {
    if (speech.clause !== clause) [clause, sent] = [speech.clause, 0];
    const rows = (speech.features?.length ?? 0) / defaultFeatureDimension;
    const most = clause - 1 < from ? Number.POSITIVE_INFINITY : clause - 1 === from ? kept : 0;
    const count = Math.max(0, Math.min(rows, most - sent));
    sent += rows;
    if (count === 0) return withoutFeatures(speech);
    return { ...speech, features: Array.from({ length: count }, () => pose).flat() };
  });
}

const pose = standardFeatureOrder.map((name) => (name === 'jawOpen' ? 0.3 : name === 'cheekPuff' ? 0.6 : 0));

function difference(one: Motion, other: Motion, frame: number): number {
  let most = 0;
  for (let i = frame * weightCount; i < (frame + 1) * weightCount; i++)
    most = Math.max(most, Math.abs((one.rows[i] ?? 0) - (other.rows[i] ?? 0)));
  return most;
}

function firstFrame(from: number, frames: number, is: (frame: number) => boolean): number {
  let frame = from;
  while (frame < frames && !is(frame)) frame++;
  return frame;
}
