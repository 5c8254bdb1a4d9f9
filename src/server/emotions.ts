import { FacewireError } from '../errors.js';
import type { ArkitName } from '../frame.js';
import { defaultFeatureDimension } from '../wire/endpoint.js';
import { standardFeatureOrder } from '../wire/feature-order.js';
import type { ExpressionPart } from '../wire/response.js';

type Shape = Readonly<Partial<Record<ArkitName, number>>>;

const both = (name: string, value: number): Shape => ({ [`${name}Left`]: value, [`${name}Right`]: value });

// Shapes at intensity 100. None of them keeps the lips from meeting or parting.
const joy: Shape = { ...both('mouthSmile', 0.34), ...both('cheekSquint', 0.3), ...both('eyeSquint', 0.14) };
const sorrow: Shape = { browInnerUp: 0.5, ...both('mouthFrown', 0.34), ...both('eyeSquint', 0.1) };
const anger: Shape = { ...both('browDown', 0.6), ...both('noseSneer', 0.24), ...both('eyeSquint', 0.26) };
const fear: Shape = { browInnerUp: 0.5, ...both('eyeWide', 0.4), ...both('mouthStretch', 0.16) };
const wonder: Shape = { browInnerUp: 0.45, ...both('browOuterUp', 0.5), ...both('eyeWide', 0.45) };
const disgust: Shape = { ...both('noseSneer', 0.5), ...both('browDown', 0.3), ...both('mouthFrown', 0.15) };
const calm: Shape = { ...both('mouthSmile', 0.1), ...both('eyeSquint', 0.06) };
const plain: Shape = {};

/** Emotions by the names of the vendor's timbres and their usual synonyms. The styles of reading leave the face as it is. */
const emotions: Readonly<Record<string, Shape>> = {
  neutral: plain, happy: joy, joy, sad: sorrow, sadness: sorrow, angry: anger, anger, fear, afraid: fear,
  surprised: wonder, surprise: wonder, amaze: wonder, disgusted: disgust, disgust, peaceful: calm, calm,
  exciting: { ...joy, ...both('browOuterUp', 0.3), ...both('eyeWide', 0.16) },
  sajiao: { ...joy, browInnerUp: 0.25 }, aojiao: { ...calm, ...both('browOuterUp', 0.3) },
  news: plain, story: plain, radio: plain, poetry: plain, call: plain, jieshuo: plain,
}; // prettier-ignore

/** What moodOf() knows. */
export const emotionNames: readonly string[] = Object.keys(emotions);

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
  if (!Object.hasOwn(emotions, name)) {
    throw new FacewireError('ERR_OPTION_INVALID', 'EmotionCategory is not an emotion of the local face', {
      expected: emotionNames.join(', '),
      received: JSON.stringify(name.slice(0, 40)),
    });
  }
  return { name, strength: intensity / 100 };
}

/** Time in which an expression comes and goes, in feature rows of 40 ms. */
const rampRows = 8;

/** Adds an expression to rows of features, in place. It rises in the part that begins it and falls in the part that ends it. */
export function addMood(features: Float32Array, mood: Mood, part: ExpressionPart): void {
  const rows = features.length / defaultFeatureDimension;
  const shape = Object.entries(emotions[mood.name] ?? plain) as [ArkitName, number][];
  const rises = part === 'begin' || part === 'whole';
  const falls = part === 'end' || part === 'whole';
  const ramp = Math.max(1, Math.min(rampRows, Math.floor(rows / 3)));
  for (let row = 0; row < rows; row++) {
    const up = rises ? Math.min(1, row / ramp) : 1;
    const down = falls ? Math.min(1, (rows - 1 - row) / ramp) : 1;
    const level = mood.strength * smooth(Math.min(up, down));
    for (const [name, weight] of shape) {
      const at = row * defaultFeatureDimension + standardFeatureOrder.indexOf(name);
      features[at] = Math.min(1, (features[at] ?? 0) + level * weight);
    }
  }
}

function smooth(x: number): number {
  return 0.5 - 0.5 * Math.cos(Math.PI * x);
}
