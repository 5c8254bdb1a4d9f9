import { describe, expect, it } from 'vitest';
import { arkitNames, featureOrders, frameWidth, MediaSession } from '../../src/media/index.js';
import { Oracle } from '../reference/oracle.js';
import { cut, randomClauses, whole, wireMessage } from '../reference/utterance.js';
import { drain, play, sameBits } from './drive.js';

const rates = [
  [24000, 48000],
  [24000, 44100],
  [16000, 48000],
  [22050, 16000],
  [48000, 24000],
  [44100, 48000],
  [8000, 16000],
] as const;

describe('any cut of an utterance', () => {
  it.each(rates)(
    'of %i Hz gives the same samples and weights at %i Hz, bit for bit',
    (wireRate, sampleRate) => {
      const clauses = randomClauses(wireRate + sampleRate, wireRate);
      const reference = play(whole(clauses), { wireRate, sampleRate, door: 'wire' });
      expect(reference.samples.some((sample) => sample !== 0)).toBe(true);
      expect(reference.frames.some((weight) => weight !== 0)).toBe(true);
      for (let seed = 1; seed <= 6; seed++) {
        const outcome = play(cut(clauses, seed), { wireRate, sampleRate, door: 'wire' });
        expect(sameBits(outcome.samples, reference.samples), `samples, cut ${seed}`).toBe(true);
        expect(sameBits(outcome.frames, reference.frames), `weights, cut ${seed}`).toBe(true);
      }
    },
  );

  it('gives the same through the parsed doors', () => {
    const clauses = randomClauses(5, 24000);
    const reference = play(whole(clauses), { wireRate: 24000, door: 'wire' });
    for (const door of ['array', 'float32'] as const) {
      for (const pieces of [whole(clauses), cut(clauses, 3), cut(clauses, 4)]) {
        const outcome = play(pieces, { wireRate: 24000, door });
        expect(sameBits(outcome.samples, reference.samples)).toBe(true);
        expect(sameBits(outcome.frames, reference.frames)).toBe(true);
      }
    }
  });

  it('gives the same when a player commits and looks while it arrives', () => {
    const clauses = randomClauses(9, 24000);
    const reference = play(whole(clauses), { wireRate: 24000, door: 'wire', step: 1920 });
    using session = new MediaSession({ idleSeed: -1 });
    session.begin('r');
    const row = new Float32Array(frameWidth);
    const frames: number[] = [];
    let frame = 0;
    const audio = new Float32Array(1920);
    const samples: number[] = [];
    const look = (): void => {
      session.commit((frame + 1) * 1920);
      session.readAudio(frame * 1920, audio);
      session.frameAt(frame * 1920, row);
      samples.push(...audio);
      frames.push(...row);
      frame += 1;
    };
    // Features and sound arrive together here, as a cloud sends them: what is settled does not change any more.
    for (const clause of clauses) {
      for (let at = 0, first = true; at < clause.pcm.length || first; at += 9600, first = false) {
        const values = Math.ceil((at + 9600) / 1920) * 52;
        session.push(
          wireMessage(
            {
              sequence: clause.sequence,
              audio: clause.pcm.subarray(at, at + 9600),
              features: clause.features.slice(
                (at / 1920) * 52,
                at + 9600 >= clause.pcm.length ? undefined : values,
              ),
              start: first,
              final: clause === clauses.at(-1) && at + 9600 >= clause.pcm.length,
            },
            'r',
            24000,
          ),
        );
        while (session.settledSamples() >= 1920) look();
      }
    }
    while (session.readySamples() > 0) look();
    const count = Math.min(frames.length, reference.frames.length);
    expect(count).toBeGreaterThan(frameWidth * 20);
    expect(sameBits(Float32Array.from(frames.slice(0, count)), reference.frames.subarray(0, count))).toBe(
      true,
    );
    const heard = Math.min(samples.length, reference.samples.length);
    expect(sameBits(Float32Array.from(samples.slice(0, heard)), reference.samples.subarray(0, heard))).toBe(
      true,
    );
  });
});

describe('the plain oracle', () => {
  it.each([
    ['tencent-3d-standard', 40, 48000],
    ['arkit', 0, 44100],
    ['live-link-face', -60, 24000],
    ['alphabetical', 120, 16000],
    ['tencent-effect', 40, 48000],
  ] as const)('agrees on every weight: %s, lead %i ms, %i Hz', (name, mouthLeadMs, sampleRate) => {
    const order = featureOrders[name];
    const oracle = new Oracle({ order, sampleRate, wireRate: 24000, mouthLeadMs });
    using session = new MediaSession({ featureOrder: name, mouthLeadMs, sampleRate, idleSeed: -1 });
    // Three utterances with less and less silence between them; the last two meet without a gap.
    const silences = [sampleRate / 2, Math.round(sampleRate / 20), 0] as const;
    silences.forEach((silence, utterance) => {
      const clauses = randomClauses(100 + utterance, 24000, utterance === 0 ? 2 : 1);
      oracle.receive(
        whole(clauses).map((piece) => wireMessage(piece, 'r', 24000)),
        session.committed(),
      );
      session.begin('r');
      for (const piece of cut(clauses, utterance)) session.push(wireMessage(piece, 'r', 24000));
      session.commit(session.committed() + session.readySamples() + silence);
      expect(session.sourceCommitted()).toBe(oracle.sourceEnd);
    });
    let apart = 0;
    let moved = 0;
    const row = new Float32Array(frameWidth);
    for (
      let sample = Math.max(0, session.committed() - 3.9 * sampleRate);
      sample < session.committed();
      sample += 331
    ) {
      session.frameAt(Math.floor(sample), row);
      const expected = oracle.weights(Math.floor(sample));
      for (let i = 0; i < 52; i++) apart = Math.max(apart, Math.abs(row[i] - expected[i]));
      moved = Math.max(moved, ...expected);
    }
    expect(moved).toBeCloseTo(1, 6);
    expect(apart).toBeLessThan(2e-5);
  });

  it('agrees on every sample where the rates are equal', () => {
    const clauses = randomClauses(77, 24000);
    const oracle = new Oracle({ order: arkitNames, sampleRate: 24000, wireRate: 24000, mouthLeadMs: 0 });
    const pieces = cut(clauses, 2);
    const pcm = oracle.receive(
      pieces.map((piece) => wireMessage(piece, 'r', 24000)),
      0,
    );
    const outcome = play(pieces, { wireRate: 24000, sampleRate: 24000, door: 'wire' });
    expect(
      sameBits(
        outcome.samples.subarray(0, pcm.length),
        Float32Array.from(pcm, (sample) => sample / 32768),
      ),
    ).toBe(true);
    expect(outcome.samples.subarray(pcm.length).every((sample) => sample === 0)).toBe(true);
  });

  it.each(rates)('knows the tones that come out of %i to %i Hz', (wireRate, sampleRate) => {
    // A sum of sines is known at every instant, whatever the filter.
    const top = 0.44 * Math.min(wireRate, sampleRate);
    const tones = [0.011, 0.13, 0.31, 0.52, 0.77, 0.96].map((share, i) => ({ hertz: share * top, phase: i }));
    const signal = (seconds: number): number =>
      tones.reduce((sum, tone) => sum + 0.15 * Math.sin(2 * Math.PI * tone.hertz * seconds + tone.phase), 0);
    const frames = wireRate / 2;
    const pcm = Buffer.alloc(frames * 2);
    for (let i = 0; i < frames; i++) pcm.writeInt16LE(Math.round(signal(i / wireRate) * 32768), i * 2);
    const { samples } = play([{ sequence: 1, audio: pcm, features: [], start: true, final: true }], {
      wireRate,
      sampleRate,
      door: 'wire',
    });
    // At both ends the filter sees the signal begin and stop.
    const edge = Math.round(sampleRate / 50);
    let worst = 0;
    for (let i = edge; i < sampleRate / 2 - edge; i++)
      worst = Math.max(worst, Math.abs(samples[i] - signal(i / sampleRate)));
    // Rounding to 16 bits is 1.5e-5 a sample, and a filter adds up the rounding of its taps.
    expect(worst).toBeLessThan(5e-4);
  });
});

describe('drain', () => {
  it('reads nothing from a session that got nothing', () => {
    using session = new MediaSession({ idleSeed: -1 });
    expect(drain(session, 480).samples.every((sample) => sample === 0)).toBe(true);
  });
});
