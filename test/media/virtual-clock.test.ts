import { describe, expect, it } from 'vitest';
import {
  arkitIndex,
  frameWidth,
  MediaSession,
  sessionCounter,
  sessionCounterLength,
} from '../../src/media/index.js';
import { sampleOfFrame } from '../../src/player/frame-clock.js';
import { Playout } from '../reference/playout.js';
import { Random } from '../reference/random.js';
import { arrivalPatterns, countingSound, placeOf, utterance, type Message } from './arrivals.js';
import { isAll } from '../tools.js';

const rate = 16_000;
const hop = (rate * 40) / 1000;
/** How a link is has to be learned. */
const learningSeconds = 30;

interface Tally {
  /** Source samples heard at their place, and pictures whose feature time could be told. */
  heard: number;
  sent: number;
  timed: number;
  pictures: number;
  /** The furthest that a picture's feature time was from its sound's, in samples. */
  apart: number;
  silence: number;
  starvations: number;
  /** Of these, after the first 30 s of speech. */
  lateStarvations: number;
  /** From when its first packet was due to when each utterance after these began to be heard, in ms. */
  startsMs: number[];
}

/** Plays at least `seconds` of media on a clock that is only counted, and compares every sample and every picture. */
function run(
  seconds: number,
  seed: number,
  patterns: readonly string[],
  { framesPerSecond = 25, leadMs = 0, waits = true, apart = false } = {},
): Tally {
  const random = new Random(seed);
  const lead = (leadMs * rate) / 1000;
  const oracle = new Playout(rate, hop, lead);
  using session = new MediaSession({
    sampleRate: rate,
    featureOrder: ['jawOpen'],
    mouthLeadMs: leadMs,
    idleSeed: -1,
  });
  const tally: Tally = {
    heard: 0,
    sent: 0,
    timed: 0,
    pictures: 0,
    apart: 0,
    silence: 0,
    starvations: 0,
    lateStarvations: 0,
    startsMs: [],
  };
  const sound = new Float32Array(rate);
  const row = new Float32Array(frameWidth);
  let queue: Message[] = [];
  let next = 0;
  let startMs = 0;
  let startedMs = 0;
  let start = 0;
  const isDone = (): boolean =>
    tally.sent >= seconds * rate && next === queue.length && tally.heard === tally.sent;
  for (let frame = 0; !isDone(); frame++) {
    const sample = sampleOfFrame(frame, rate, { numerator: framesPerSecond, denominator: 1 });
    const until = sampleOfFrame(frame + 1, rate, { numerator: framesPerSecond, denominator: 1 });
    const nowMs = (sample * 1000) / rate;
    const isFree = !apart || tally.heard === tally.sent;
    if (next === queue.length && nowMs >= startMs && isFree && tally.sent < seconds * rate) {
      const pattern = patterns[random.integer(0, patterns.length - 1)];
      queue = utterance(random, rate, hop, arrivalPatterns[pattern]());
      next = 0;
      startMs = nowMs + random.integer(0, 300);
      startedMs = startMs;
      start = oracle.received;
      session.begin('');
      oracle.begin();
    }
    for (; next < queue.length && startMs + queue[next].arrivalMs <= nowMs; next++) {
      const message = queue[next];
      const report = session.pushParsed({
        audio: message.audio(start),
        features: message.rows,
        sampleRate: rate,
        featureDimension: 1,
        clause: message.clause,
        sentenceStart: message.clauseStart,
        final: message.final,
        arrivalTicks: ticks(startMs + message.arrivalMs),
      });
      if (message.clauseStart) oracle.clause();
      oracle.receive(message.bytes, message.rows, message.final, ticks(startMs + message.arrivalMs));
      if (report.kind !== 'speech' || report.sourceEnd !== oracle.received)
        expect.unreachable(`${report.kind}: ${report.sourceEnd} instead of ${oracle.received}`);
      tally.sent = oracle.received;
      // The next utterance is asked for some time after this one was received, mostly after it was heard.
      if (message.final) startMs = nowMs + random.integer(0, 9000);
    }

    const now = waits ? ticks(nowMs) : undefined;
    tally.silence += session.commit(until, now);
    const { source, length } = oracle.commit(until, now);
    const out = sound.subarray(0, until - sample);
    session.readAudio(sample, out);
    const place = placeOf(source);
    for (let i = 0; i < out.length; i++) {
      if (out[i] !== (i < length ? countingSound[place + i] : 0))
        expect.unreachable(`output sample ${sample + i} of seed ${seed} is not source sample ${source + i}`);
    }
    if (length > 0 && source === start && tally.heard >= learningSeconds * rate)
      tally.startsMs.push(nowMs - startedMs);
    if (oracle.starvations > tally.starvations && tally.heard >= learningSeconds * rate)
      tally.lateStarvations += 1;
    tally.starvations = oracle.starvations;
    tally.heard += length;

    session.frameAt(sample, row);
    const jaw = row[arkitIndex.jawOpen];
    const seen = oracle.seen(sample);
    tally.pictures += 1;
    if (seen.kind === 'rest' && jaw !== 0) expect.unreachable(`the mouth is open at output sample ${sample}`);
    if (seen.kind !== 'time' || Math.abs(seen.perSample) < 1e-8) continue;
    tally.timed += 1;
    tally.apart = Math.max(tally.apart, Math.abs((jaw - seen.value) / seen.perSample));
  }
  expect(tally.silence).toBe(oracle.silence);
  const counts = new Float64Array(sessionCounterLength);
  session.readCounters(counts);
  tally.starvations = counts[sessionCounter.starvations];
  expect(tally.starvations).toBe(oracle.starvations);
  expect(counts[sessionCounter.sourceSamples]).toBe(tally.sent);
  expect(counts[sessionCounter.cutSamples]).toBe(0);
  expect(session.sourceCommitted()).toBe(oracle.heard);
  expect(tally.heard).toBe(tally.sent);
  return tally;
}

function ticks(milliseconds: number): number {
  return Math.round(milliseconds * 10_000);
}

function check(tally: Tally): void {
  expect(tally.apart).toBeLessThanOrEqual(0.5);
  expect(tally.timed / tally.pictures).toBeGreaterThan(0.4);
}

describe('on a virtual clock, what is heard and seen', () => {
  it.each(Object.keys(arrivalPatterns))('is what was sent, in order and in step: %s', (pattern) => {
    for (const seed of [1, 2, 3]) {
      for (const [framesPerSecond, leadMs] of [
        [25, 0],
        [60, 40],
        [30, -40],
      ]) {
        for (const waits of [true, false])
          check(run(60, seed, [pattern], { framesPerSecond, leadMs, waits }));
      }
    }
  });

  it('stays so for 8 hours of media (one by default)', () => {
    const hours = isAll ? 8 : 1;
    const tally = run(hours * 3600, 4, Object.keys(arrivalPatterns));
    check(tally);
    console.log(
      `${hours} h: ${tally.heard} samples heard of ${tally.sent} sent, ${tally.timed} of ${tally.pictures} pictures timed, ` +
        `at most ${tally.apart.toFixed(3)} samples apart`,
    );
  }, 300_000);

  it.each(Object.keys(arrivalPatterns))(
    'stops no oftener when speech waits before it starts: %s',
    (pattern) => {
      const [waiting, without] = [true, false].map((waits) => run(600, 5, [pattern], { waits }));
      expect(waiting.starvations).toBeLessThanOrEqual(without.starvations);
    },
  );

  // Sound is taken a frame at a time: 0 to 40 ms of the start are until the next one, and 40 are its length. What
  // comes while another utterance is heard follows that at once, so each begins when the one before is over.
  it.each([
    ['steady', 80, 80],
    ['four seconds ahead', 80, 80],
    ['nothing for 500 ms, then all', 640, 680],
    ['200 ms early or late', 460, 640],
    ['150 ms early or late', 380, 520],
  ])(
    'does not stop for want of sound once the link is known, and starts soon: %s',
    (pattern, meanMs, mostMs) => {
      const tallies = [6, 7, 8].map((seed) => run(600, seed, [pattern], { apart: true }));
      const starts = tallies.flatMap(({ startsMs }) => startsMs);
      const mean = starts.reduce((sum, each) => sum + each, 0) / starts.length;
      const most = Math.max(...starts);
      const count = (of: (tally: Tally) => number): number =>
        tallies.reduce((sum, each) => sum + of(each), 0);
      console.log(
        `${pattern}: in 30 minutes ran dry ${count((each) => each.lateStarvations)} times after the first 30 s, ` +
          `${count((each) => each.starvations - each.lateStarvations)} times before; starts ${mean.toFixed(0)} ms late, at most ${most.toFixed(0)}`,
      );
      expect(starts.length).toBeGreaterThan(30);
      expect(count((each) => each.lateStarvations)).toBe(0);
      expect(mean).toBeLessThanOrEqual(meanMs);
      expect(most).toBeLessThanOrEqual(mostMs);
    },
  );
});
