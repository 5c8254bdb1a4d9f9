import { passes, pointsOf, tests, type Check, type TestNumber } from './check.js';
import { runClock } from './clock.js';
import { missingFor, speakCorpus, type Take } from './corpus.js';
import { byHolding, interpolation, shownRates } from './interpolation.js';
import { orderChecks } from './order-checks.js';
import type { Language } from './sentences.js';
import { isCaught, type Control } from './speech-checks.js';
import { runSpeech, type SpeechRun } from './speech-run.js';
import { streamingChecks } from './streaming-checks.js';
import { phoneEngine, wholePath } from './subjects.js';

export interface ScoreOptions {
  /** `short` is a sample for the tests: one language, a few sentences, a minute of clock. */
  readonly size: 'full' | 'short';
  readonly progress?: (text: string) => void;
}

export interface ScoreCard {
  readonly checks: readonly Check[];
  readonly controls: readonly Control[];
  readonly skipped: readonly string[];
  readonly spoken: SpeechRun['spoken'];
  readonly points: Readonly<Record<TestNumber, number>>;
  readonly total: number;
  readonly seconds: number;
}

export const mostPoints = Object.values(tests).reduce((sum, { points }) => sum + points, 0);
export const wantedPoints = 90;

/** Runs the whole score card. Deterministic, but for the seconds it took. */
export async function runScore({ size, progress }: ScoreOptions): Promise<ScoreCard> {
  const from = performance.now();
  const wanted: readonly Language[] = size === 'short' ? ['en'] : ['en', 'zh'];
  const skipped = wanted.flatMap((language) => missingFor(language) ?? []);
  const languages = wanted.filter((language) => missingFor(language) === undefined);
  const speech = await runSpeech({
    size,
    languages,
    subjects: [phoneEngine, wholePath],
    ...(progress !== undefined && { progress }),
  });
  progress?.('interpolation, orders, clock, streaming');
  const takes: Take[] = [];
  for await (const take of speakCorpus({ size: 'short', languages })) takes.push(take);
  const checks = [
    ...speech.checks,
    ...interpolationChecks(),
    ...orderChecks(takes),
    ...clockChecks(10),
    ...streamingChecks(takes),
  ];
  const numbers = Object.keys(tests).map(Number) as TestNumber[];
  const points = Object.fromEntries(numbers.map((test) => [test, pointsOf(test, checks)])) as Record<
    TestNumber,
    number
  >;
  return {
    checks,
    controls: [...speech.controls, ...otherControls()],
    skipped,
    spoken: speech.spoken,
    points,
    total: Object.values(points).reduce((sum, one) => sum + one, 0),
    seconds: (performance.now() - from) / 1000,
  };
}

/** Whether every test passes and every control fails. */
export function isGood(card: ScoreCard): boolean {
  return card.checks.every(passes) && card.controls.every(({ mustFail }) => isCaught(mustFail));
}

function interpolationChecks(): Check[] {
  const found = interpolation();
  const each = shownRates.map((rate) => `${rate}: ${interpolation([rate]).ratio.toFixed(3)}`).join(', ');
  return [
    {
      test: 9,
      of: '',
      what: `error as a share of that of holding, all rates (${each})`,
      value: found.ratio,
      most: 0.24,
      unit: '',
    },
    { test: 9, of: '', what: 'furthest outside of its two rows', value: found.outside, most: 1e-6, unit: '' },
  ];
}

function clockChecks(minutes: number): Check[] {
  const runs = [-200, 0, 200].map((devicePpm) => ({ devicePpm, ...runClock({ devicePpm, minutes }) }));
  return runs.flatMap(({ devicePpm, apartP95, drift, latencyGrowth, instants, starvations }): Check[] => {
    const of = `${devicePpm > 0 ? '+' : ''}${devicePpm} ppm, 0 to 300 ms jitter, ${minutes} min`;
    return [
      {
        test: 11,
        of,
        what: `picture from sound, p95 (ran dry ${starvations} times)`,
        value: apartP95,
        most: 10.3,
        unit: 'ms',
        count: instants,
      },
      { test: 11, of, what: 'drift', value: Math.abs(drift), most: 5, unit: 'ms' },
      { test: 11, of, what: 'growth of latency', value: latencyGrowth, most: 20, unit: 'ms' },
    ];
  });
}

/** Controls of tests 9 and 11. */
function otherControls(): Control[] {
  const late = runClock({ devicePpm: 0, minutes: 1, pictureLateMs: 60 });
  return [
    {
      name: 'rows held until the next',
      of: '',
      mustFail: [
        {
          what: 'error as a share of that of holding',
          value: interpolation([60], byHolding).ratio,
          unit: '',
          above: 0.24,
        },
      ],
    },
    {
      name: 'pictures 60 ms late',
      of: '',
      mustFail: [{ what: 'picture from sound, p95', value: late.apartP95, unit: 'ms', above: 10.3 }],
    },
  ];
}
