import { arkitIndex, weightCount, type ArkitName } from '../frame.js';
import { standardFeatureOrder } from '../wire/feature-order.js';
import { visemesOf } from './phone-visemes.js';
import { speechChannels, visemes, type VisemeClass } from './visemes.js';
import type { PhoneAlphabet, PhoneTime } from './voice.js';

/** Duration of one feature frame: 40 ms, 25 a second. */
export const featureHopTicks = 400_000;

const msTicks = 10_000;
/** How far a shape reaches beyond its sound; lips that round start earlier. */
const reachTicks = 80 * msTicks;
const roundReachTicks = 120 * msTicks;
/** Lips part or meet within this time around a closure, less beside a short sound. */
const gateTicks = 60 * msTicks;
/** Shorter pauses between words hold the mouth instead of closing it. */
const shortPauseTicks = 120 * msTicks;
const vowelOpensFromTicks = 60 * msTicks;
/** Smallest opening (jawOpen − mouthClose) of such a vowel. */
const vowelOpening = 0.062;
/** Most change of jawOpen from one frame to the next: 6 a second. */
const jawStep = 0.24;

interface Segment {
  readonly viseme: VisemeClass;
  readonly start: number;
  readonly end: number;
}

export interface PhoneFeatureOptions {
  /** Alphabet of the symbols; default `auto`. */
  readonly alphabet?: PhoneAlphabet | 'auto';
  /** Columns of the result; default the wire's. */
  readonly order?: readonly ArkitName[];
}

/**
 * Mouth shapes for phones: one row of 52 weights in [0, 1] for every 40 ms
 * begun, row k for the instant k · 40 ms. Lips close on p b m, the lower lip
 * tucks on f v, vowels open, and the mouth rests in a closing silence.
 */
export function phoneFeatures(phones: readonly PhoneTime[], options: PhoneFeatureOptions = {}): Float32Array {
  const { alphabet = 'auto', order = standardFeatureOrder } = options;
  const total = phones.at(-1)?.endTicks ?? 0;
  const frames = Math.ceil(total / featureHopTicks);
  const segments = split(phones, alphabet);
  const weights = new Weights(frames);
  blend(weights, segments);
  tuckLip(weights, segments);
  if (segments.at(-1)?.viseme === 'sil') weights.rest(frames - 1);
  limitJaw(weights);
  openVowels(weights, segments);
  closeLips(weights, segments);
  return weights.inOrder(order);
}

/** Weight rows by name while they are made. */
class Weights {
  readonly #rows: Float64Array;

  constructor(readonly frames: number) {
    this.#rows = new Float64Array(frames * weightCount);
  }

  get(frame: number, name: ArkitName): number {
    return this.#rows[frame * weightCount + arkitIndex[name]] ?? 0;
  }

  set(frame: number, name: ArkitName, value: number): void {
    this.#rows[frame * weightCount + arkitIndex[name]] = Math.min(1, Math.max(0, value));
  }

  rest(frame: number): void {
    this.#rows.fill(0, frame * weightCount, (frame + 1) * weightCount);
  }

  inOrder(order: readonly ArkitName[]): Float32Array {
    const out = new Float32Array(this.frames * order.length);
    for (let frame = 0; frame < this.frames; frame++) {
      order.forEach((name, column) => (out[frame * order.length + column] = this.get(frame, name)));
    }
    return out;
  }
}

function split(phones: readonly PhoneTime[], alphabet: PhoneAlphabet | 'auto'): Segment[] {
  const segments: Segment[] = [];
  for (const { symbol, startTicks, endTicks } of phones) {
    let start = startTicks;
    for (const { viseme, share } of visemesOf(symbol, alphabet)) {
      const end = start + (endTicks - startTicks) * share;
      const last = segments.at(-1);
      // Repeated shapes merge.
      if (last?.viseme === viseme) segments[segments.length - 1] = { ...last, end };
      else segments.push({ viseme, start, end });
      start = end;
    }
  }
  return segments;
}

/** 1 inside [start, end], a raised cosine down to 0 over `reach` outside. */
function bump(time: number, start: number, end: number, reach: number): number {
  const outside = Math.max(start - time, time - end, 0);
  return outside >= reach ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * outside) / reach);
}

/** Every shape pulls with its dominance, most inside its own sound. */
function blend(weights: Weights, segments: readonly Segment[]): void {
  let first = 0;
  for (let frame = 0; frame < weights.frames; frame++) {
    const time = frame * featureHopTicks;
    while (first < segments.length && (segments[first]?.end ?? 0) + roundReachTicks < time) first++;
    const near: Segment[] = [];
    for (let i = first; i < segments.length; i++) {
      const segment = segments[i];
      if (segment === undefined || segment.start - roundReachTicks > time) break;
      near.push(segment);
    }
    for (const { name, group } of speechChannels) {
      let pull = 0;
      let sum = 0;
      for (const { viseme, start, end } of near) {
        const { target, dominance } = visemes[viseme];
        const shortPause = viseme === 'sil' && end - start < shortPauseTicks && start > 0;
        const reach = group === 'round' ? roundReachTicks : reachTicks;
        const strength = dominance[group] * bump(time, start, end, reach) * (shortPause ? 0.3 : 1);
        pull += strength;
        sum += strength * (target[name] ?? 0);
      }
      if (pull > 0) weights.set(frame, name, sum / pull);
    }
  }
}

/** Frames at which a sound must be seen: those inside it, else the one nearest to its middle. */
function framesOf({ start, end }: Segment, frames: number): { from: number; to: number } {
  const from = Math.ceil(start / featureHopTicks);
  const to = Math.ceil(end / featureHopTicks) - 1;
  if (from <= to) return { from, to: Math.min(to, frames - 1) };
  const nearest = Math.min(frames - 1, Math.round((start + end) / 2 / featureHopTicks));
  return { from: nearest, to: nearest };
}

/** How far a closure has taken hold at a frame, in [0, 1]; 1 at all of its own frames. */
function gate(segments: readonly Segment[], index: number, frame: number, frames: number): number {
  const segment = segments[index];
  if (segment === undefined) return 0;
  const own = framesOf(segment, frames);
  if (frame >= own.from && frame <= own.to) return 1;
  const beside = segments[frame < own.from ? index - 1 : index + 1];
  const room = beside === undefined ? gateTicks : 0.4 * (beside.end - beside.start);
  return bump(frame * featureHopTicks, segment.start, segment.end, Math.min(gateTicks, room));
}

/** Calls `apply` with the gate of every sound of one class at every frame it reaches. */
function forGates(
  weights: Weights,
  segments: readonly Segment[],
  viseme: VisemeClass,
  apply: (frame: number, gate: number) => void,
): void {
  segments.forEach((segment, index) => {
    if (segment.viseme !== viseme) return;
    const { from, to } = framesOf(segment, weights.frames);
    const before = Math.max(0, Math.floor((segment.start - gateTicks) / featureHopTicks));
    const after = Math.min(weights.frames - 1, Math.ceil((segment.end + gateTicks) / featureHopTicks));
    for (let frame = Math.min(from, before); frame <= Math.max(to, after); frame++) {
      const value = gate(segments, index, frame, weights.frames);
      if (value > 0) apply(frame, value);
    }
  });
}

/** f v: the lower lip goes under the upper teeth. */
function tuckLip(weights: Weights, segments: readonly Segment[]): void {
  forGates(weights, segments, 'FF', (frame, value) => {
    const atMost = (name: ArkitName, limit: number): void => {
      const now = weights.get(frame, name);
      weights.set(frame, name, now - value * Math.max(0, now - limit));
    };
    weights.set(frame, 'mouthRollLower', Math.max(weights.get(frame, 'mouthRollLower'), 0.55 * value));
    for (const name of ['mouthUpperUpLeft', 'mouthUpperUpRight'] as const) {
      weights.set(frame, name, Math.max(weights.get(frame, name), 0.12 * value));
    }
    atMost('jawOpen', 0.1);
    atMost('mouthLowerDownLeft', 0);
    atMost('mouthLowerDownRight', 0);
  });
}

/** Lowers peaks until the jaw is nowhere faster than a jaw. */
function limitJaw(weights: Weights): void {
  const limit = (frame: number, beside: number): void => {
    const most = weights.get(beside, 'jawOpen') + jawStep;
    if (weights.get(frame, 'jawOpen') > most) weights.set(frame, 'jawOpen', most);
  };
  for (let frame = 1; frame < weights.frames; frame++) limit(frame, frame - 1);
  for (let frame = weights.frames - 2; frame >= 0; frame--) limit(frame, frame + 1);
}

/** A vowel that lasts must be seen to open, whatever stands beside it. */
function openVowels(weights: Weights, segments: readonly Segment[]): void {
  for (const segment of segments) {
    if (!visemes[segment.viseme].vowel || segment.end - segment.start < vowelOpensFromTicks) continue;
    const middle = Math.round((segment.start + segment.end) / 2 / featureHopTicks);
    const { from, to } = framesOf(segment, weights.frames);
    const frame = Math.min(to, Math.max(from, middle));
    weights.set(frame, 'jawOpen', Math.max(weights.get(frame, 'jawOpen'), vowelOpening + 0.01));
  }
}

/** p b m, last of all: the lips meet even when the jaw stays open. */
function closeLips(weights: Weights, segments: readonly Segment[]): void {
  const closed = new Float64Array(weights.frames);
  forGates(weights, segments, 'PP', (frame, value) => (closed[frame] = Math.max(closed[frame] ?? 0, value)));
  for (const segment of segments) {
    if (!visemes[segment.viseme].vowel || segment.end - segment.start < vowelOpensFromTicks) continue;
    const middle = Math.round((segment.start + segment.end) / 2 / featureHopTicks);
    const { from, to } = framesOf(segment, weights.frames);
    const frame = Math.min(to, Math.max(from, middle));
    const jaw = weights.get(frame, 'jawOpen');
    // The lips beside a short vowel must not hide it; a full closure at this frame has the right of way.
    if ((closed[frame] ?? 0) < 1) closed[frame] = Math.min(closed[frame] ?? 0, 1 - vowelOpening / jaw);
  }
  closed.forEach((value, frame) => {
    if (value <= 0) return;
    weights.set(frame, 'mouthClose', value * weights.get(frame, 'jawOpen'));
    for (const [name, least] of [
      ['mouthPressLeft', 0.35],
      ['mouthPressRight', 0.35],
      ['mouthRollLower', 0.2],
      ['mouthRollUpper', 0.18],
    ] as const) {
      weights.set(frame, name, Math.max(weights.get(frame, name), least * value));
    }
    for (const name of [
      'mouthLowerDownLeft',
      'mouthLowerDownRight',
      'mouthUpperUpLeft',
      'mouthUpperUpRight',
    ] as const) {
      weights.set(frame, name, weights.get(frame, name) * (1 - value));
    }
    weights.set(frame, 'mouthFunnel', weights.get(frame, 'mouthFunnel') * (1 - 0.7 * value));
  });
}
