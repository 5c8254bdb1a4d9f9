import { describe, expect, it } from 'vitest';
import {
  frameWidth,
  MediaSession,
  sessionCounter,
  sessionCounterLength,
  sessionPhase,
} from '../../src/media/index.js';

describe('counters', () => {
  it('tell what happened, each in its column', () => {
    using session = new MediaSession({ sampleRate: 16_000, featureOrder: ['jawOpen'], idleSeed: -1 });
    const counts = new Float64Array(sessionCounterLength);
    const expectCounts = (expected: Partial<Record<keyof typeof sessionCounter, number>>): void => {
      session.readCounters(counts);
      for (const [name, value] of Object.entries(expected))
        expect([name, counts[sessionCounter[name as keyof typeof sessionCounter]]]).toEqual([name, value]);
    };
    const ms = 10_000;
    const speak = (milliseconds: number, atMs: number, features: number[] = []): string =>
      session.pushParsed({
        audio: Buffer.alloc(32 * milliseconds, 1).toString('base64'),
        features,
        sampleRate: 16_000,
        featureDimension: 1,
        arrivalTicks: atMs * ms,
      }).kind;
    expect(speak(40, 0)).toBe('stale');
    expectCounts({ staleMessages: 1, messages: 0, phase: sessionPhase.idle, targetTicks: 60 * ms });
    session.begin();
    expectCounts({ phase: sessionPhase.waiting });
    speak(40, 0, [0.1, 0.2, Number.NaN]);
    expect(session.commit(640, 0)).toBe(0);
    expectCounts({
      heldSamples: 640,
      sourceSamples: 640,
      featureRows: 3,
      repeatedFeatureRows: 1,
      clauses: 1,
    });
    speak(40, 40, [0.3]);
    expect(session.commit(1280, 40 * ms)).toBe(0);
    expectCounts({ phase: sessionPhase.speaking, heldSamples: 640, lateTicks: 0 });
    expect(session.commit(2560, 120 * ms)).toBe(640);
    expectCounts({ phase: sessionPhase.starved, starvations: 1, starvedSamples: 640 });
    session.frameAt(2000, new Float32Array(frameWidth));
    speak(400, 300, [0.5]);
    expectCounts({ lateFeatureRows: 0 });
    // 600 ms after the first arrival speech goes on, however late it was.
    session.commit(5000, 900 * ms);
    session.interrupt(4000);
    expectCounts({ interrupts: 1, cutSamples: 1280 + 6400 - (4000 - 2560 + 1280), phase: sessionPhase.idle });
    session.begin();
    session.push(Buffer.from('{'));
    session.pushParsed({ audio: '*' });
    session.pushParsed({ audio: 'AAAA', sampleRate: 8000, features: [1, 2], featureDimension: 2000 });
    session.pushParsed({ audio: 'AAAA', sampleRate: 16_000 });
    expectCounts({ refusedMessages: 1, damagedMessages: 1, rateChanges: 1, droppedFeatureRows: 0 });
    session.begin();
    session.pushParsed({ features: new Float32Array(4000).fill(0.5), featureDimension: 2000 });
    expectCounts({ droppedFeatureRows: 2 });
  });
});
