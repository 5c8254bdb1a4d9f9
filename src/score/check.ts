/** Points of the tests of the score card; the 8 of test 13 belong to audio driving, which is not there yet. */
export const tests = {
  1: { name: 'bilabial closure', points: 14 },
  2: { name: 'labiodental tuck', points: 6 },
  3: { name: 'rounding anticipation', points: 6 },
  4: { name: 'vowel identity', points: 8 },
  5: { name: 'lag', points: 10 },
  6: { name: 'level correlation', points: 4 },
  7: { name: 'rest', points: 4 },
  8: { name: 'smoothness', points: 8 },
  9: { name: 'interpolation', points: 10 },
  10: { name: 'orders', points: 6 },
  11: { name: 'clock', points: 8 },
  12: { name: 'streaming', points: 8 },
} as const;
export type TestNumber = keyof typeof tests;

/** A number, what it must be, and whether it is. */
export interface Check {
  readonly test: TestNumber;
  /** Whose mouth: a subject and a language, or empty. */
  readonly of: string;
  readonly what: string;
  readonly value: number;
  readonly unit: '%' | 'ms' | '/s' | '/s³' | '';
  readonly least?: number;
  readonly most?: number;
  /** Of how many. */
  readonly count?: number;
  /** The worst of the conditions that were looked at one by one, which must hold, too. */
  readonly worst?: { readonly value: number; readonly where: string };
}

/** NaN, where there was nothing to measure, is no pass. */
export function passes({ value, least, most, worst }: Check): boolean {
  return within(value, least, most) && (worst === undefined || within(worst.value, least, most));
}

/** A hundred-thousandth of the limit is rounding, not a difference. */
const slack = 1e-5;

function within(value: number, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): boolean {
  const room = (limit: number): number => (Number.isFinite(limit) ? slack * Math.abs(limit) : 0);
  return value >= least - room(least) && value <= most + room(most);
}

/** Points of a test: its own, shared out evenly among its checks. */
export function pointsOf(test: TestNumber, checks: readonly Check[]): number {
  const own = checks.filter((check) => check.test === test);
  if (own.length === 0) return 0;
  return (tests[test].points * own.filter(passes).length) / own.length;
}
