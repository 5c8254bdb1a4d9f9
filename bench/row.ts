import type { Effort, Timing } from './contest.js';
import { median, ratio } from './contest.js';
import type { Rivals } from './rivals.js';

/** What a row may use. */
export interface Context {
  readonly effort: Effort;
  readonly rivals: Rivals;
}

/** One line of the benchmark's list. */
export interface Row {
  readonly name: string;
  /** Instructions say nothing here. */
  readonly uncounted?: true;
  run(context: Context): RowResult | Promise<RowResult>;
}

export interface RowResult {
  /** What one operation is, for the heading. */
  readonly work: string;
  readonly ways: readonly Way[];
  readonly checks: readonly Check[];
  readonly skipped: readonly Skip[];
}

export interface Way {
  readonly name: string;
  /** Microseconds an operation, median of the rounds, or instructions; absent where the row measures something else. */
  readonly cost?: number;
  /** Times as fast as Facewire; absent on Facewire's own row. */
  readonly speed?: number;
  /** Further columns, heading to text. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A number with what it must be. */
export interface Check {
  readonly what: string;
  readonly unit: string;
  readonly measured: number;
  readonly bound: 'at least' | 'at most';
  /** Absent where there is only a stretch. */
  readonly must?: number;
  readonly stretch?: number;
}

/** A way that was not measured, and why. Nothing is left out silently. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** Name of our own contestant in every row. */
export const ours = 'facewire';

export function met(check: Check, limit: number): boolean {
  return check.bound === 'at least' ? check.measured >= limit : check.measured <= limit;
}

/** The ways of a contest, with every one's speed relative to ours. */
export function ways(
  timings: readonly Timing[],
  more: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Way[] {
  const own = timings.find(({ name }) => name === ours);
  return timings.map((timing) => ({
    name: timing.name,
    cost: median(timing.rounds),
    ...(own !== undefined && timing !== own && { speed: ratio(timing, own) }),
    ...(more[timing.name] !== undefined && { more: more[timing.name] }),
  }));
}

/** The check that we are at least `must` (and `stretch`) times as fast as `rival`; none when the rival is not there. */
export function faster(timings: readonly Timing[], rival: string, must?: number, stretch?: number): Check[] {
  const own = timings.find(({ name }) => name === ours);
  const other = timings.find(({ name }) => name === rival);
  if (own === undefined || other === undefined) return [];
  return [
    {
      what: `speed over ${rival}`,
      unit: '×',
      measured: ratio(own, other),
      bound: 'at least',
      ...(must !== undefined && { must }),
      ...(stretch !== undefined && { stretch }),
    },
  ];
}
