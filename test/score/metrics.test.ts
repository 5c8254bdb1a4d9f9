import { describe, expect, it } from 'vitest';
import { delayed, held, reversed, smoothed } from '../../src/score/controls.js';
import { correlate, apertureOf, gridRate, lagOf, levelOf, pool } from '../../src/score/lag.js';
import { closures, tucks } from '../../src/score/lips.js';
import { curve, percentile, weight, type Motion } from '../../src/score/motion.js';
import { rests } from '../../src/score/rest.js';
import { roundings } from '../../src/score/rounding.js';
import { rootMeanSquare, smoothness } from '../../src/score/smoothness.js';
import { areaUnderCurve, vowels } from '../../src/score/vowels.js';
import { bump, motionOf, soundsOf } from './curves.js';

const open = (value: number) => (): number => value;
const share = (good: number, all: number): object => ({ good, all });

describe('closures', () => {
  const sounds = soundsOf('aa:200 b:60 aa:200 m:60 f:60 sil0:100');
  const shut = (time: number): number =>
    time >= 0.195 && time <= 0.245 ? 0 : time >= 0.455 && time < 0.58 ? 0.031 : 0.3;

  it('counts what comes to 0.03, and f after m needs no opening', () => {
    const motion = motionOf(0.7, { jawOpen: shut });
    expect(closures(motion, sounds).bilabials).toEqual(share(1, 2));
    const deeper = motionOf(0.7, { jawOpen: (time) => Math.max(0, shut(time) - 0.001) });
    expect(closures(deeper, sounds).bilabials).toEqual(share(2, 2));
  });

  it('takes mouthClose for a closure as well as the jaw', () => {
    const motion = motionOf(0.7, { jawOpen: open(0.3), mouthClose: (time) => 0.3 - shut(time) });
    expect(closures(motion, sounds).each[0]).toMatchObject({ closed: true, opened: true });
  });

  it.each([
    [0.079, false],
    [0.08, true],
  ])('wants the lips apart again: %f within 120 ms is %s', (most, opened) => {
    const motion = motionOf(0.7, { jawOpen: (time) => (time < 0.27 ? 0 : time < 0.385 ? most : 0.3) });
    expect(closures(motion, sounds).each[0]).toMatchObject({ closed: true, opened });
  });

  it('looks from 40 ms before the sound to its end', () => {
    const at = (from: number, to: number): Motion =>
      motionOf(0.7, { jawOpen: (time) => (time >= from && time <= to ? 0 : 0.3) });
    expect(closures(at(0.1, 0.15), sounds).each[0].closed).toBe(false);
    expect(closures(at(0.1, 0.161), sounds).each[0].closed).toBe(true);
    expect(closures(at(0.259, 0.3), sounds).each[0].closed).toBe(true);
    expect(closures(at(0.271, 0.3), sounds).each[0].closed).toBe(false);
  });

  it('counts frames of other sounds that are closed, not those of silence', () => {
    const motion = motionOf(0.68, { jawOpen: (time) => (time < 0.05 || time > 0.6 ? 0 : 0.3) });
    // Frames 0 to 4 of 20 + 20 + 6.
    expect(closures(motion, sounds).elsewhere).toEqual(share(5, 46));
  });
});

describe('tucks', () => {
  it('wants lip and aperture in one frame', () => {
    const sounds = soundsOf('aa:200 f:100 aa:200 v:100');
    const lip = (time: number): number => (time > 0.2 && time < 0.3 ? 0.2 : time > 0.5 ? 0.14 : 0);
    expect(tucks(motionOf(0.6, { mouthRollLower: lip, jawOpen: open(0.08) }), sounds)).toEqual(share(1, 2));
    expect(tucks(motionOf(0.6, { mouthRollLower: lip, jawOpen: open(0.09) }), sounds)).toEqual(share(0, 2));
  });
});

describe('roundings', () => {
  const round =
    (from: number) =>
    (time: number): number =>
      time >= from ? 0.5 : 0;

  it.each([
    ['s:150 uw:200', 0.05, share(1, 1)],
    ['s:150 uw:200', 0.12, share(0, 1)],
    // Blocked, no consonant before, or too short a one.
    ['p:150 uw:200', 0, share(0, 0)],
    ['iy:150 uw:200', 0, share(0, 0)],
    ['iy:110 t:40 uw:200', 0, share(0, 0)],
    ['p:100 t:90 uw:200', 0.1, share(1, 1)],
  ])('%s, round from %f s on', (text, from, expected) => {
    const sounds = soundsOf(text);
    expect(roundings(motionOf(0.5, { mouthPucker: round(from) }), sounds).anticipated).toEqual(expected);
  });

  it('is not met by a mouth that never rounds', () => {
    expect(roundings(motionOf(0.4, {}), soundsOf('s:150 uw:200')).anticipated).toEqual(share(0, 1));
  });

  it('wants spread vowels free of it, but beside a round sound', () => {
    const sounds = soundsOf('uw:200 t:60 iy:200 t:60 w:60 iy:100');
    expect(roundings(motionOf(0.7, { mouthFunnel: open(0.5) }), sounds).spread).toEqual(share(0, 1));
    const motion = motionOf(0.7, { mouthFunnel: (time) => (time < 0.2 ? 0.5 : 0.09) });
    expect(roundings(motion, sounds).spread).toEqual(share(1, 1));
  });
});

describe('vowels', () => {
  it('has the area of a hand-counted list', () => {
    expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
    expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
    // 2 beats 1, 2 = 2, 2 < 3; 3 beats 1 and 2, 3 = 3: 4 of 6.
    expect(areaUnderCurve([2, 3], [1, 2, 3])).toBeCloseTo(4 / 6, 12);
    expect(areaUnderCurve([], [1])).toBeNaN();
  });

  it('sorts vowels, sibilants and short vowels', () => {
    const sounds = soundsOf('aa:200 s:100 iy:100 d:30 ih:50 z:100');
    const motion = motionOf(0.58, {
      jawOpen: (time) => (time < 0.16 ? 0.5 : time < 0.305 ? 0.12 : time < 0.43 ? 0.059 : 0.13),
    });
    const found = vowels(motion, sounds);
    expect(found.open).toHaveLength(1);
    expect(found.open[0]).toBeCloseTo(0.5, 6);
    expect(found.close).toHaveLength(2);
    expect(found.sibilants).toEqual(share(1, 2));
    // iy is looked at from 260 ms on, where 0.12 is seen; ih is too short to be asked for.
    expect(found.opened).toEqual(share(2, 2));
  });
});

describe('lag', () => {
  const rate = 24_000;
  const syllables = [0.4, 0.75, 1.2, 1.42, 1.9, 2.3, 2.85, 3.1, 3.6];
  const loudness = (time: number): number => syllables.reduce((sum, at) => sum + bump(time, at, 0.1), 0);
  const pcm = Int16Array.from({ length: 4 * rate }, (_, i) =>
    Math.round(10_000 * loudness(i / rate) * Math.sin((2 * Math.PI * 220 * i) / rate)),
  );
  const level = levelOf(pcm, rate);
  const lagAt = (seconds: number, rate_ = 60): number => {
    const motion = motionOf(4, { jawOpen: (time) => 0.5 * Math.min(1, loudness(time - seconds)) }, rate_);
    return lagOf(correlate(level, apertureOf(motion, level.length))).ms;
  };

  it('levels a tone', () => {
    expect(level).toHaveLength(4 * gridRate);
    expect(Math.max(...level)).toBe(0);
    expect(level[0]).toBe(-50);
  });

  it.each([-0.15, -0.04, 0, 0.03, 0.12, 0.3])('finds a mouth that is %f s late', (seconds) => {
    for (const rate_ of [24, 60, 120])
      expect(Math.abs(lagAt(seconds, rate_) - lagAt(0, rate_) - 1000 * seconds)).toBeLessThan(3);
    expect(Math.abs(lagAt(seconds) - 1000 * seconds)).toBeLessThan(8);
  });

  it('is 1 for the level itself, and pools to what all have', () => {
    const own = correlate(level, level);
    expect(lagOf(own).r).toBeCloseTo(1, 6);
    expect(lagOf(pool([own, own, own]))).toEqual(lagOf(own));
  });
});

describe('rests', () => {
  it('wants the mouth closed 350 ms into a pause, still, and open in a gap', () => {
    const sounds = soundsOf('aa:200 sil0:800 aa:200 sil0:100 iy:200');
    const good = motionOf(1.5, { jawOpen: (time) => (time < 0.45 || time > 0.85 ? 0.3 : 0) });
    expect(rests(good, sounds)).toMatchObject({ closed: share(1, 1), held: share(1, 1) });
    expect(rests(good, sounds).still.good).toBe(rests(good, sounds).still.all);
    const bad = motionOf(1.5, {
      jawOpen: (time) => (time > 1.22 && time < 1.28 ? 0 : 0.3 + 0.1 * Math.sin(40 * time)),
    });
    const found = rests(bad, sounds);
    expect(found).toMatchObject({ closed: share(0, 1), held: share(0, 1) });
    expect(found.still.good).toBeLessThan(found.still.all);
  });

  it('asks nothing of a gap beside p b m', () => {
    expect(rests(motionOf(0.6, {}), soundsOf('aa:200 sil0:100 p:100')).held).toEqual(share(0, 0));
  });
});

describe('smoothness', () => {
  it('has the speed and the jerk of a sine', () => {
    const w = 2 * Math.PI * 2;
    const motion = motionOf(10, { jawOpen: (time) => 0.4 + 0.3 * Math.sin(w * time) }, 240);
    const { speeds, jerks } = smoothness(motion, []);
    expect(Math.max(...speeds)).toBeCloseTo(0.3 * w, 2);
    expect(rootMeanSquare(jerks)).toBeCloseTo((0.3 * w ** 3) / Math.SQRT2, -1);
  });

  it.each([
    [0.05, 1],
    [0.09, 0],
  ])('finds a movement whose reach is %f s too short: %i', (reach, flickers) => {
    // A raised cosine is as wide as its reach half way up.
    const motion = motionOf(2, { jawOpen: (time) => 0.1 + 0.3 * bump(time, 1, reach) }, 240);
    const found = smoothness(motion, soundsOf('aa:2000'));
    expect(found.shapes).toBe(1);
    expect(found.flickers).toHaveLength(flickers);
    if (flickers > 0) expect(found.flickers[0]).toBeCloseTo(1, 6);
  });

  it('does not hold a closure against the shape beside it', () => {
    const motion = motionOf(2, { jawOpen: (time) => 0.3 * bump(time, 1, 0.05) }, 240);
    expect(smoothness(motion, soundsOf('aa:2000'))).toMatchObject({ shapes: 1, flickers: [] });
  });

  it('counts changes of shape in speech', () => {
    const motion = motionOf(4, { jawOpen: (time) => 0.25 + 0.2 * Math.sin(2 * Math.PI * time) }, 60);
    const { changes, spokenSeconds } = smoothness(motion, soundsOf('aa:2000 sil0:2000'));
    expect(spokenSeconds).toBeCloseTo(2, 9);
    // Open and not open, once a second each.
    expect(changes).toBeGreaterThanOrEqual(3);
    expect(changes).toBeLessThanOrEqual(4);
  });
});

describe('controls', () => {
  const ramp = motionOf(1, { jawOpen: (time) => time }, 50);
  const jaw = (motion: Motion): number[] => [...curve(motion, (of, frame) => weight(of, frame, 'jawOpen'))];

  it('delay, hold and reverse a ramp', () => {
    expect(jaw(delayed(ramp, 0.11))[25]).toBeCloseTo(0.39, 6);
    expect(jaw(delayed(ramp, -0.11))[25]).toBeCloseTo(0.61, 6);
    expect(jaw(reversed(ramp))[10]).toBeCloseTo(0.8, 6);
    expect(jaw(held(ramp, 10)).slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(jaw(held(ramp, 10))[5]).toBeCloseTo(0.1, 6);
  });

  it('smooth without a delay, a quarter of the power left at the limit', () => {
    const wave = motionOf(10, { jawOpen: (time) => 0.5 + 0.4 * Math.sin(2 * Math.PI * 3 * time) }, 60);
    const middle = jaw(smoothed(wave, 3)).slice(120, 480);
    expect((Math.max(...middle) - Math.min(...middle)) / 0.8).toBeCloseTo(0.5, 1);
    expect(
      Math.abs(
        middle.indexOf(Math.max(...middle)) -
          jaw(wave)
            .slice(120, 480)
            .indexOf(percentile(jaw(wave), 1)),
      ),
    ).toBeLessThanOrEqual(1);
  });
});
