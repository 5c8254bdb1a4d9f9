import type { ArkitName } from '../frame.js';

/**
 * Classes of mouth shapes. Two-letter capitals are consonants, lower case are
 * vowels; `narrow` is the vowel of Mandarin zi and zhi, `yu` a rounded i.
 */
export const visemeClasses = [
  'sil', 'PP', 'FF', 'TH', 'DD', 'LL', 'SS', 'SH', 'RR', 'KK', 'HH', 'WW', 'YY',
  'aa', 'ae', 'ah', 'ax', 'ao', 'eh', 'er', 'ih', 'iy', 'oh', 'uh', 'uw', 'yu', 'narrow',
] as const; // prettier-ignore
export type VisemeClass = (typeof visemeClasses)[number];

/** Short spelling of symmetric targets. */
interface Shape {
  readonly jaw?: number;
  readonly funnel?: number;
  readonly pucker?: number;
  readonly smile?: number;
  readonly stretch?: number;
  readonly lowerDown?: number;
  readonly upperUp?: number;
  readonly rollLower?: number;
  readonly rollUpper?: number;
  readonly press?: number;
  readonly shrugUpper?: number;
  readonly tongue?: number;
}

const bothSides = {
  smile: ['mouthSmileLeft', 'mouthSmileRight'],
  stretch: ['mouthStretchLeft', 'mouthStretchRight'],
  lowerDown: ['mouthLowerDownLeft', 'mouthLowerDownRight'],
  upperUp: ['mouthUpperUpLeft', 'mouthUpperUpRight'],
  press: ['mouthPressLeft', 'mouthPressRight'],
  jaw: ['jawOpen'],
  funnel: ['mouthFunnel'],
  pucker: ['mouthPucker'],
  rollLower: ['mouthRollLower'],
  rollUpper: ['mouthRollUpper'],
  shrugUpper: ['mouthShrugUpper'],
  tongue: ['tongueOut'],
} as const satisfies Record<keyof Shape, readonly ArkitName[]>;

function both(shape: Shape): Readonly<Partial<Record<ArkitName, number>>> {
  const target: Partial<Record<ArkitName, number>> = {};
  for (const key of Object.keys(shape) as (keyof Shape)[]) {
    for (const name of bothSides[key]) target[name] = shape[key] ?? 0;
  }
  return target;
}

/** How each class looks: weights in [0, 1], those of the phone engine (native/face/viseme.cc); what is not named is 0. */
export const visemeTargets: Readonly<Record<VisemeClass, Readonly<Partial<Record<ArkitName, number>>>>> = {
  sil: both({}),
  PP: both({ jaw: 0.1, rollLower: 0.12, rollUpper: 0.1, press: 0.15 }),
  FF: both({ jaw: 0.07, rollLower: 0.36, shrugUpper: 0.08, upperUp: 0.12 }),
  TH: both({ jaw: 0.14, lowerDown: 0.12, upperUp: 0.06, tongue: 0.18 }),
  DD: both({ jaw: 0.12, stretch: 0.04, lowerDown: 0.1, upperUp: 0.05 }),
  LL: both({ jaw: 0.16, lowerDown: 0.1, upperUp: 0.04 }),
  SS: both({ jaw: 0.085, smile: 0.05, stretch: 0.14, lowerDown: 0.16, upperUp: 0.08 }),
  SH: both({ jaw: 0.085, funnel: 0.36, pucker: 0.2, lowerDown: 0.1, upperUp: 0.1 }),
  RR: both({ jaw: 0.13, funnel: 0.22, pucker: 0.2 }),
  KK: both({ jaw: 0.16, lowerDown: 0.08 }),
  HH: both({ jaw: 0.2 }),
  WW: both({ jaw: 0.1, funnel: 0.22, pucker: 0.54 }),
  YY: both({ jaw: 0.11, smile: 0.2, stretch: 0.22 }),
  aa: both({ jaw: 0.45, lowerDown: 0.26, upperUp: 0.1 }),
  ae: both({ jaw: 0.4, smile: 0.1, stretch: 0.16, lowerDown: 0.25, upperUp: 0.12 }),
  ah: both({ jaw: 0.38, lowerDown: 0.22, upperUp: 0.08 }),
  ax: both({ jaw: 0.24, lowerDown: 0.12, upperUp: 0.04 }),
  ao: both({ jaw: 0.35, funnel: 0.36, pucker: 0.16, lowerDown: 0.1 }),
  eh: both({ jaw: 0.29, smile: 0.12, stretch: 0.2, lowerDown: 0.18, upperUp: 0.06 }),
  er: both({ jaw: 0.2, funnel: 0.22, pucker: 0.2 }),
  ih: both({ jaw: 0.18, smile: 0.12, stretch: 0.2, lowerDown: 0.12, upperUp: 0.04 }),
  iy: both({ jaw: 0.14, smile: 0.3, stretch: 0.34, lowerDown: 0.14, upperUp: 0.06 }),
  oh: both({ jaw: 0.29, funnel: 0.4, pucker: 0.34 }),
  uh: both({ jaw: 0.17, funnel: 0.3, pucker: 0.36 }),
  uw: both({ jaw: 0.12, funnel: 0.3, pucker: 0.54 }),
  yu: both({ jaw: 0.12, funnel: 0.24, pucker: 0.52 }),
  narrow: both({ jaw: 0.08, stretch: 0.16, lowerDown: 0.14, upperUp: 0.05 }),
};
