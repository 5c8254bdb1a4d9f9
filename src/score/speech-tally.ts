import type { Take } from './corpus.js';
import { apertureOf, correlate, lagOf, pool, type Correlation, type Lag } from './lag.js';
import { closures, tucks } from './lips.js';
import { percentile, type Motion } from './motion.js';
import { rests } from './rest.js';
import { roundings } from './rounding.js';
import { add, none, ratio, type Share } from './share.js';
import { rootMeanSquare, smoothness } from './smoothness.js';
import { areaUnderCurve, vowels } from './vowels.js';

/** Every number of tests 1 to 8 over the takes that were added. */
export interface SpeechNumbers {
  readonly bilabials: Share;
  readonly elsewhere: Share;
  readonly tucked: Share;
  readonly anticipated: Share;
  readonly unrounded: Share;
  readonly vowelArea: number;
  readonly sibilants: Share;
  readonly opened: Share;
  readonly lag: Lag;
  /** Of every take, in ms. */
  readonly lags: readonly number[];
  readonly rested: Share;
  readonly still: Share;
  readonly held: Share;
  readonly speedP99: number;
  readonly speedMost: number;
  readonly jerk: number;
  readonly changesPerSecond: number;
  /** Shapes that last 70 ms or more, or lie beside a closure. */
  readonly lasting: Share;
}

type Shares = Pick<
  SpeechNumbers,
  | 'bilabials'
  | 'elsewhere'
  | 'tucked'
  | 'anticipated'
  | 'unrounded'
  | 'sibilants'
  | 'opened'
  | 'rested'
  | 'still'
  | 'held'
>;

const noShares: Shares = {
  bilabials: none,
  elsewhere: none,
  tucked: none,
  anticipated: none,
  unrounded: none,
  sibilants: none,
  opened: none,
  rested: none,
  still: none,
  held: none,
};

/** Adds up tests 1 to 8 over takes. */
export class SpeechTally {
  #shares = noShares;
  readonly #open: number[] = [];
  readonly #close: number[] = [];
  readonly #correlations: Correlation[] = [];
  readonly #speeds: Float64Array[] = [];
  readonly #jerks: Float64Array[] = [];
  #changes = 0;
  #lasting = none;
  #seconds = 0;

  add({ sounds, level }: Pick<Take, 'sounds' | 'level'>, motion: Motion): void {
    const lips = closures(motion, sounds);
    const round = roundings(motion, sounds);
    const vowel = vowels(motion, sounds);
    const rest = rests(motion, sounds);
    const smooth = smoothness(motion, sounds);
    const own: Shares = {
      bilabials: lips.bilabials,
      elsewhere: lips.elsewhere,
      tucked: tucks(motion, sounds),
      anticipated: round.anticipated,
      unrounded: round.spread,
      sibilants: vowel.sibilants,
      opened: vowel.opened,
      rested: rest.closed,
      still: rest.still,
      held: rest.held,
    };
    const keys = Object.keys(own) as (keyof Shares)[];
    this.#shares = Object.fromEntries(
      keys.map((key) => [key, add([this.#shares[key], own[key]])]),
    ) as unknown as Shares;
    this.#open.push(...vowel.open);
    this.#close.push(...vowel.close);
    this.#correlations.push(correlate(level, apertureOf(motion, level.length)));
    this.#speeds.push(smooth.speeds);
    this.#jerks.push(smooth.jerks);
    this.#changes += smooth.changes;
    this.#lasting = add([
      this.#lasting,
      { good: smooth.shapes - smooth.flickers.length, all: smooth.shapes },
    ]);
    this.#seconds += smooth.spokenSeconds;
  }

  numbers(): SpeechNumbers {
    const speeds = this.#speeds.flatMap((values) => [...values]);
    return {
      ...this.#shares,
      vowelArea: areaUnderCurve(this.#open, this.#close),
      lag: lagOf(pool(this.#correlations)),
      lags: this.#correlations.map((correlation) => lagOf(correlation).ms),
      speedP99: percentile(speeds, 0.99),
      speedMost: speeds.reduce((most, speed) => Math.max(most, speed), 0),
      jerk: rootMeanSquare(this.#jerks.flatMap((values) => [...values])),
      changesPerSecond: this.#changes / this.#seconds,
      lasting: this.#lasting,
    };
  }
}

/** What a share is in percent. */
export function percent(share: Share): number {
  return 100 * ratio(share);
}
