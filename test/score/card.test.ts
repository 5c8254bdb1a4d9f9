import { beforeAll, describe, expect, it } from 'vitest';
import { mostPoints, runScore, type ScoreCard } from '../../src/score/card.js';
import { passes, pointsOf, type Check } from '../../src/score/check.js';
import { runClock } from '../../src/score/clock.js';
import { byHolding, interpolation } from '../../src/score/interpolation.js';
import { describeCard } from '../../src/score/report.js';
import { isCaught } from '../../src/score/speech-checks.js';

describe('a check', () => {
  const check: Check = { test: 9, of: '', what: 'x', value: 5, unit: '', least: 4, most: 6 };

  it('passes within its limits, and only if the worst condition does', () => {
    expect(passes(check)).toBe(true);
    expect(passes({ ...check, value: 3.9 })).toBe(false);
    expect(passes({ ...check, value: Number.NaN })).toBe(false);
    expect(passes({ ...check, worst: { value: 6.1, where: 'y' } })).toBe(false);
  });

  it('gets its part of the points of its test', () => {
    expect(pointsOf(9, [check, { ...check, value: 7 }, { ...check, test: 8 }])).toBe(5);
    expect(pointsOf(1, [check])).toBe(0);
  });
});

describe('the controls of the clock and of interpolation', () => {
  it('a picture that is late is found late by as much', () => {
    const run = { devicePpm: 100, minutes: 1, jitterMs: 200 };
    expect(runClock(run).apartP95).toBeLessThan(10.3);
    expect(runClock({ ...run, pictureLateMs: 40 }).apartP95).toBeGreaterThan(40);
  });

  it('holding has the error of holding', () => {
    expect(interpolation([60], byHolding)).toEqual({ ratio: 1, outside: 0 });
  });
});

describe('the short score card', () => {
  let card: ScoreCard;
  beforeAll(async () => {
    card = await runScore({ size: 'short' });
  });

  const value = (of: string, what: string): number =>
    card.checks.find((check) => check.of === of && check.what.startsWith(what))?.value ?? Number.NaN;

  it('looks at both ways to a mouth, and at every test', () => {
    expect(new Set(card.checks.map(({ test }) => test))).toEqual(
      new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    );
    expect(mostPoints).toBe(92);
    expect(describeCard(card)).toContain(`${card.total.toFixed(1)} of 92 points`);
  });

  it('catches every mouth that is wrong on purpose', () => {
    expect(card.controls.map(({ name }) => name)).toEqual([
      'no closure rule',
      '120 ms late',
      '150 ms early',
      'time reversed',
      'jaw by loudness',
      'held 25 times a second',
      '3 Hz low-pass',
      'rows held until the next',
      'pictures 60 ms late',
    ]);
    for (const control of card.controls)
      expect(isCaught(control.mustFail), JSON.stringify(control)).toBe(true);
  });

  it('finds the phone engine as good as it must be in what matters most', () => {
    const engine = 'phone engine, en';
    expect(value(engine, 'p b m closed')).toBeGreaterThanOrEqual(99);
    expect(value(engine, 'closed in other')).toBeLessThanOrEqual(10);
    expect(value(engine, 'f v tucked')).toBeGreaterThanOrEqual(95);
    expect(value(engine, 'open against close')).toBeGreaterThanOrEqual(0.9);
    expect(value(engine, 'lag of mouth')).toBeLessThanOrEqual(0);
    expect(value(engine, 'lag of mouth')).toBeGreaterThanOrEqual(-80);
    expect(value(engine, 'lag off')).toBeLessThanOrEqual(10);
  });

  it('shows the same of a stream however it is cut', () => {
    expect(value('en', 'any cut')).toBeLessThanOrEqual(1e-6);
  });
});
