import type { Check } from './check.js';
import type { Take } from './corpus.js';
import { cutAnywhere, damages, furthest, playAsItComes, sanityOf, whole } from './streaming.js';

/** Seeds of the ways that each take is cut. */
const seeds = [1, 2, 3, 4, 5] as const;
const fastest = 12;

/** Test 12. */
export function streamingChecks(takes: readonly Take[]): Check[] {
  return takes.flatMap((take): Check[] => {
    const of = take.language;
    const offline = playAsItComes(take, whole(take));
    const differences = seeds.map((seed) => furthest(offline, playAsItComes(take, cutAnywhere(take, seed))));
    const broken = Object.entries(damages).map(([name, damage]) => ({
      name,
      ...sanityOf(playAsItComes(take, damage(cutAnywhere(take, 1)))),
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
      ...broken.map(({ name, wrong, fastest: speed, openAtEnd }): Check => ({
        test: 12,
        of,
        what: `${name}: values that are no weight, or a mouth that stays open`,
        value: wrong + (openAtEnd > 0.03 ? 1 : 0),
        most: 0,
        unit: '',
        worst: { value: speed > fastest ? 1 : 0, where: `jaw at most ${speed.toFixed(1)}/s` },
      })),
    ];
  });
}
