import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import type { SoundClock, Span } from '../../src/sinks/sink.js';
import { Random } from '../reference/random.js';

const rate = 16_000;
const ms = rate / 1000;
const jaw = 17;
/** Every sample of an utterance tells its place in it, and so does its mouth, which opens at an even pace. */
const utteranceMs = 1000;
const from = 0.02;
const rise = 0.3;

/** Offsets in ms, kept in steps of a tenth. */
class Offsets {
  readonly #counts = new Map<number, number>();
  #all = 0;

  add(offsetMs: number): void {
    const step = Math.round(Math.abs(offsetMs) * 10);
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    this.#all += 1;
  }

  get count(): number {
    return this.#all;
  }

  /** The smallest offset that `share` of all do not pass. */
  percentile(share: number): number {
    let left = share * this.#all;
    for (const step of [...this.#counts.keys()].sort((a, b) => a - b)) {
      left -= this.#counts.get(step)!;
      if (left <= 0) return step / 10;
    }
    return 0;
  }

  toString(): string {
    return `${this.percentile(0.99)} ms p99, ${this.percentile(1)} ms at most, of ${this.#all} frames`;
  }
}

/** A card that checks instead of keeping: samples of an utterance follow each other. */
class CheckingCard extends NullSink implements SoundClock {
  next = 0;
  heard = 0;
  dry = 0;
  broken = 0;
  #last = 0;

  get clock(): SoundClock {
    return this;
  }

  get room(): number {
    return 800 * ms - (this.next - this.heard);
  }

  get silenceRoom(): number {
    return 40 * ms - (this.next - this.heard);
  }

  play(audio: Float32Array): void {
    this.next += audio.length;
    for (const sample of audio) {
      if (sample === 0 && this.#last === utteranceMs * ms) this.#last = 0;
      else if (sample !== 0 || this.#last !== 0) {
        const place = Math.round(sample * 32_768);
        if (place !== this.#last + 1 && !(place === 1 && this.#last === utteranceMs * ms)) this.broken += 1;
        this.#last = place;
      }
    }
  }

  pass(samples: number): void {
    const played = Math.min(samples, this.next - this.heard);
    this.dry += samples - played;
    this.heard += played;
  }
}

/** What a push or a file is given: how far its pictures are from its own sound, and from the card's. */
class MeasuredSink extends NullSink {
  readonly inside = new Offsets();
  readonly toCard = new Offsets();
  readonly #card: CheckingCard;
  next = 0;
  gaps = 0;

  constructor(card: CheckingCard) {
    super();
    this.#card = card;
  }

  override write(span: Span): void {
    super.write(span);
    if (span.sampleIndex !== this.next) this.gaps += 1;
    this.next = span.sampleIndex + span.audio.length;
    this.toCard.add((span.sampleIndex - this.#card.heard) / ms);
    const place = Math.round(span.audio[0] * 32_768) / ms;
    // Where it begins and ends the mouth is on its way, and tells no time.
    if (place < 200 || place > utteranceMs - 200) return;
    this.inside.add(((span.weights[jaw] - from) / rise) * utteranceMs - place);
  }
}

const audio = Buffer.from(Int16Array.from({ length: utteranceMs * ms }, (_, i) => i + 1).buffer).toString(
  'base64',
);
const features = new Float32Array(52 * (utteranceMs / 40 + 2));
for (let row = 0; row * 52 < features.length; row++)
  features[row * 52 + 7] = from + (rise * row * 40) / utteranceMs;

describe('a card, a push and a file on one clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('stay together for 8 hours (a quarter of an hour by default), also while the card is away', async () => {
    const hours = process.env['FACEWIRE_TEST_ALL'] === '1' ? 8 : 0.25;
    const random = new Random(11);
    const card = new CheckingCard();
    const sinks = [new MeasuredSink(card), new MeasuredSink(card)];
    const session = new MediaSession({ sampleRate: rate, idleSeed: -1, mouthLeadMs: 0 });
    const player = new Player({ session, sinks: [card, ...sinks], frameRate: 25 });
    await player.start();
    const turns = (hours * 3_600_000) / 4;
    // Away for 20 s in the middle: stopped until that is noticed, then at the pace of another clock.
    const [gone, back] = [Math.round(turns / 2), Math.round(turns / 2) + 5000];
    let spoken = 0;
    let nextMs = 0;
    let due = 0;
    for (let turn = 0; turn < turns; turn++) {
      if (turn * 4 >= nextMs) {
        session.begin();
        session.pushParsed({
          audio, features, sampleRate: rate, sentenceStart: true, featuresFinal: true, final: true,
          arrivalTicks: Math.round(performance.now() * 10_000),
        }); // prettier-ignore
        spoken += 1;
        nextMs = turn * 4 + utteranceMs + random.integer(0, 1000);
      }
      vi.advanceTimersByTime(4);
      // The card is 300 ppm fast; away from it the machine's clock counts.
      due += 4 * ms * (turn >= gone && turn < back ? 1 : 1.0003);
      const isStopped = turn >= gone && turn < gone + 100;
      // Blocks of 10 ms; and now and then our loop is late by up to 30 ms.
      if (isStopped) due = 0;
      else if (due >= 10 * ms && random.integer(0, 200) > 0) {
        card.pass(Math.floor(due));
        due -= Math.floor(due);
      } else if (due >= 40 * ms) {
        card.pass(Math.floor(due));
        due -= Math.floor(due);
      }
    }
    await player.stop();
    session.close();
    for (const [i, { inside, toCard, gaps }] of sinks.entries()) {
      console.log(
        `${hours} h, ${i === 0 ? 'push' : 'file'}: own sound ${String(inside)}; card ${String(toCard)}`,
      );
      expect(gaps).toBe(0);
      expect(inside.count).toBeGreaterThan(spoken * 10);
      expect(inside.percentile(0.99)).toBeLessThanOrEqual(20);
      expect(inside.percentile(1)).toBeLessThanOrEqual(40);
      expect(toCard.percentile(0.99)).toBeLessThanOrEqual(20);
      expect(toCard.percentile(1)).toBeLessThanOrEqual(40);
    }
    expect(card.broken).toBe(0);
    expect(card.dry).toBe(0);
    expect(spoken).toBeGreaterThan((hours * 3600) / 2.1);
  }, 900_000);
});
