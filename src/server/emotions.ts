import { FacewireError } from '../errors.js';
import type { ArkitName } from '../frame.js';
import { expressionShapes, isMouth, lipsApart, partsLips, speechShare } from '../media/expressions.js';
import { defaultFeatureDimension } from '../wire/endpoint.js';
import { standardFeatureOrder } from '../wire/feature-order.js';
import type { ExpressionPart } from '../wire/response.js';

/** What moodOf() knows. */
export const emotionNames: readonly string[] = Object.keys(expressionShapes);

/** How a face looks while it speaks. */
export interface Mood {
  readonly name: string;
  /** 1 is the emotion at its usual strength, 0.5 to 2. */
  readonly strength: number;
}

/** The mood that speech settings ask for; undefined for none. Fails with ERR_OPTION_INVALID. */
export function moodOf(emotion: string | undefined, intensity = 100): Mood | undefined {
  const name = emotion?.trim().toLowerCase() ?? '';
  if (name === '') return undefined;
  if (!Object.hasOwn(expressionShapes, name)) {
    throw new FacewireError('ERR_OPTION_INVALID', 'EmotionCategory is not an emotion of the local face', {
      expected: emotionNames.join(', '),
      received: JSON.stringify(name.slice(0, 40)),
    });
  }
  return { name, strength: intensity / 100 };
}

const columnOf = (name: ArkitName): number => standardFeatureOrder.indexOf(name);
const jawOpen = columnOf('jawOpen');
const mouthClose = columnOf('mouthClose');

/** Time in which an expression comes and goes, in feature rows of 40 ms. */
const rampRows = 8;

/**
 * Adds an expression to rows of features, in place, as a face wears it that
 * speaks. It rises in the part that begins it and falls in the part that ends it.
 */
export function addMood(features: Float32Array, mood: Mood, part: ExpressionPart): void {
  const rows = features.length / defaultFeatureDimension;
  const shape = (Object.entries(expressionShapes[mood.name] ?? {}) as [ArkitName, number][]).map(
    ([name, weight]) => ({
      column: columnOf(name),
      weight: isMouth(name) ? weight * speechShare : weight,
      parts: partsLips(name),
    }),
  );
  const rises = part === 'begin' || part === 'whole';
  const falls = part === 'end' || part === 'whole';
  const ramp = Math.max(1, Math.min(rampRows, Math.floor(rows / 3)));
  for (let row = 0; row < rows; row++) {
    const up = rises ? Math.min(1, row / ramp) : 1;
    const down = falls ? Math.min(1, (rows - 1 - row) / ramp) : 1;
    const level = mood.strength * smooth(Math.min(up, down));
    const begin = row * defaultFeatureDimension;
    const apart = lipsApart(features[begin + jawOpen] - features[begin + mouthClose]);
    for (const { column, weight, parts } of shape) {
      const at = begin + column;
      features[at] = Math.min(1, (features[at] ?? 0) + level * weight * (parts ? apart : 1));
    }
  }
}

function smooth(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * x);
}
