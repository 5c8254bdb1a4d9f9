import type { Check } from './check.js';
import type { Take } from './corpus.js';
import { fastest } from './speech-checks.js';
import { takenOver } from './missing-features.js';
import { cutAnywhere, damages, furthest, playAsItComes, sanityOf, whole } from './streaming.js';

/** Seeds of the ways that each take is cut. */
const seeds = [1, 2, 3, 4, 5] as const;

/** Test 12. */
export function streamingChecks(takes: readonly Take[]): Check[] {
  return takes.flatMap((take): Check[] => {
    const of = take.language;
    const offline = playAsItComes(whole(take));
    const differences = seeds.map((seed) => furthest(offline, playAsItComes(cutAnywhere(take, seed))));
    const broken = Object.entries(damages).map(([name, damage]) => ({
      name,
      ...sanityOf(playAsItComes(damage(cutAnywhere(take, 1)))),
    }));
    return [
      {
        test: 12,
        of,
        what: 'any cut against the whole, largest difference of a weight',
        value: Math.max(...differences),
        most: 1e-6,
        unit: '',
        count: seeds.length,
      },
      {
        test: 12,
        of,
        what: `damaged (${broken.map(({ name }) => name).join(', ')}): values that are no weight`,
        value: broken.reduce((sum, { wrong }) => sum + wrong, 0),
        most: 0,
        unit: '',
      },
      {
        test: 12,
        of,
        what: 'damaged: lips apart at the end',
        value: Math.max(...broken.map(({ openAtEnd }) => openAtEnd)),
        most: 0.03,
        unit: '',
      },
      {
        test: 12,
        of,
        what: `damaged: jawOpen speed, most (${broken.reduce((most, one) => (one.fastest > most.fastest ? one : most)).name})`,
        value: Math.max(...broken.map((one) => one.fastest)),
        most: fastest,
        unit: '/s',
      },
      ...withoutFeatures(take),
    ];
  });
}

/** Clauses whose features never come, and features that stop in the middle: phones must take over. */
function withoutFeatures(take: Take): Check[] {
  const of = take.language;
  const { framesLate, fadeMs, closed, bilabials } = takenOver(take);
  return [
    {
      test: 12,
      of,
      what: 'features stop in the middle of a clause: pictures until phones move the mouth',
      value: framesLate,
      most: 1,
      unit: '',
    },
    { test: 12, of, what: 'cross-fade from features to phones', value: fadeMs, least: 80, unit: 'ms' },
    {
      test: 12,
      of,
      what: 'no features: p b m closed all the same, and open again',
      value: closed,
      least: 99,
      unit: '%',
      count: bilabials,
    },
  ];
}
