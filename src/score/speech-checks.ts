import type { Check } from './check.js';
import { percent, type SpeechNumbers } from './speech-tally.js';

/** 12 a second, and what it takes that pictures are shown at whole samples. */
export const fastest = 12.02;

/** Numbers of one condition: a frame rate, or a voice at a speed. */
export interface Condition {
  readonly where: string;
  readonly numbers: SpeechNumbers;
}

export interface SpeechFindings {
  /** Subject and language. */
  readonly of: string;
  /** At 60 frames a second, all takes together. */
  readonly pooled: SpeechNumbers;
  readonly conditions: readonly Condition[];
  /** How far the lag moves with a delay and with the set lead, less what it should have moved, at most, in ms. */
  readonly lagError: number;
}

/** Tests 1 to 8 of a subject in a language, each number against what it must be. */
export function speechChecks(findings: SpeechFindings, leastBilabials: number): Check[] {
  const { of, pooled, conditions, lagError } = findings;
  type Limits = Pick<Check, 'least' | 'most' | 'unit'>;
  const check = (
    test: Check['test'],
    what: string,
    value: (numbers: SpeechNumbers) => number,
    limits: Limits,
    count?: number,
  ): Check => {
    // A condition in which there was nothing of the kind says nothing.
    const seen = conditions
      .map(({ where, numbers }) => ({ where, value: value(numbers) }))
      .filter(({ value: found }) => !Number.isNaN(found));
    const worst = seen.reduce<Check['worst']>(
      (most, now) =>
        most === undefined || badness(now.value, limits) > badness(most.value, limits) ? now : most,
      undefined,
    );
    return {
      test,
      of,
      what,
      value: value(pooled),
      ...limits,
      ...(count !== undefined && { count }),
      ...(worst !== undefined && { worst }),
    };
  };
  const alone = (test: Check['test'], what: string, value: number, limits: Limits): Check => ({
    test,
    of,
    what,
    value,
    ...limits,
  });
  const least = (value: number): Limits => ({ least: value, unit: '%' });
  const bilabials = check(
    1,
    'p b m closed, and open again',
    (n) => percent(n.bilabials),
    least(99),
    pooled.bilabials.all,
  );
  const area = check(4, 'open against close vowels, area under the curve', (n) => n.vowelArea, {
    least: 0.9,
    unit: '',
  });
  const isJudged = pooledPasses(bilabials) && pooledPasses(area);
  return [
    ...(leastBilabials > 0
      ? [alone(1, 'p b m that were looked at', pooled.bilabials.all, { least: leastBilabials, unit: '' })]
      : []),
    bilabials,
    check(
      1,
      'closed in other sounds',
      (n) => percent(n.elsewhere),
      { most: 10, unit: '%' },
      pooled.elsewhere.all,
    ),
    check(2, 'f v tucked', (n) => percent(n.tucked), least(95), pooled.tucked.all),
    check(
      3,
      'rounding there before the vowel',
      (n) => percent(n.anticipated),
      least(90),
      pooled.anticipated.all,
    ),
    check(3, 'spread vowels not rounded', (n) => percent(n.unrounded), least(90), pooled.unrounded.all),
    area,
    check(4, 'jaw narrow in sibilants', (n) => percent(n.sibilants), least(95), pooled.sibilants.all),
    check(4, 'vowels of 60 ms and more open', (n) => percent(n.opened), least(95), pooled.opened.all),
    alone(5, 'lag of mouth after sound, pooled', pooled.lag.ms, { least: -80, most: 0, unit: 'ms' }),
    alone(5, 'earliest take', Math.min(...pooled.lags), { least: -125, unit: 'ms' }),
    alone(5, 'latest take', Math.max(...pooled.lags), { most: 45, unit: 'ms' }),
    alone(5, 'lag off a set delay or lead, at most', lagError, { most: 10, unit: 'ms' }),
    // A correlation says nothing about a mouth that does not close or tells no vowels apart.
    alone(6, 'correlation of level and aperture', isJudged ? pooled.lag.r : Number.NaN, {
      least: 0.45,
      unit: '',
    }),
    check(7, 'at rest 350 ms into a pause', (n) => percent(n.rested), least(100), pooled.rested.all),
    check(7, 'still in pauses', (n) => percent(n.still), least(100), pooled.still.all),
    check(7, 'gaps under 120 ms held', (n) => percent(n.held), least(100), pooled.held.all),
    check(8, 'jawOpen speed, p99', (n) => n.speedP99, { most: 6.5, unit: '/s' }),
    alone(8, 'jawOpen speed, p99, not sluggish', pooled.speedP99, { least: 2, unit: '/s' }),
    check(8, 'jawOpen speed, most', (n) => n.speedMost, { most: fastest, unit: '/s' }),
    alone(8, 'jerk of jawOpen, root mean square at 60 a second', pooled.jerk, { most: 5000, unit: '/s³' }),
    check(8, 'changes of shape', (n) => n.changesPerSecond, { most: 8, unit: '/s' }),
    check(
      8,
      'shapes of 70 ms and more, or closures',
      (n) => percent(n.lasting),
      least(99),
      pooled.lasting.all,
    ),
  ];
}

/** How far a value is on the wrong side; negative on the right one. */
function badness(value: number, { least, most }: Pick<Check, 'least' | 'most'>): number {
  return Math.max(
    least === undefined ? -Infinity : least - value,
    most === undefined ? -Infinity : value - most,
  );
}

function pooledPasses({ value, least = Number.NEGATIVE_INFINITY }: Check): boolean {
  return value >= least;
}

/** A mouth that is wrong on purpose. */
export interface Control {
  readonly name: string;
  readonly of: string;
  /** The numbers that must give it away. */
  readonly mustFail: readonly ControlCheck[];
}

export interface ControlCheck {
  readonly what: string;
  readonly value: number;
  readonly unit: Check['unit'];
  /** The side on which it fails. */
  readonly below?: number;
  readonly above?: number;
}

export type ControlName =
  | 'no closure rule'
  | '120 ms late'
  | '150 ms early'
  | 'time reversed'
  | 'jaw by loudness'
  | 'held 25 times a second'
  | '3 Hz low-pass';

/** What a control must be caught by. */
export function controlChecks(name: ControlName, n: SpeechNumbers): ControlCheck[] {
  const closure = (below: number): ControlCheck => ({
    what: 'p b m closed, and open again',
    value: percent(n.bilabials),
    unit: '%',
    below,
  });
  switch (name) {
    case 'no closure rule':
      // One in ten may close by itself.
      return [{ ...closure(10), below: 10.000001 }];
    case '120 ms late':
      return [closure(99), { what: 'lag, pooled', value: n.lag.ms, unit: 'ms', above: 0 }];
    case '150 ms early':
      return [closure(99), { what: 'lag, pooled', value: n.lag.ms, unit: 'ms', below: -80 }];
    case 'time reversed':
      return [
        closure(99),
        { what: 'area under the curve', value: n.vowelArea, unit: '', below: 0.9 },
        { what: 'correlation', value: n.lag.r, unit: '', below: 0.45 },
      ];
    case 'jaw by loudness':
      return [closure(99), { what: 'f v tucked', value: percent(n.tucked), unit: '%', below: 95 }];
    case 'held 25 times a second':
      return [
        { what: 'jawOpen speed, most', value: n.speedMost, unit: '/s', above: 12 },
        { what: 'jerk', value: n.jerk, unit: '/s³', above: 5000 },
      ];
    case '3 Hz low-pass':
      return [closure(99)];
  }
}

/** A control is caught when every number that must give it away does. */
export function isCaught(checks: readonly ControlCheck[]): boolean {
  return checks.every(
    ({ value, below, above }) =>
      (below !== undefined && value < below) || (above !== undefined && value > above),
  );
}
