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

/** Groups of channels that coarticulate alike. */
export type ChannelGroup = 'jaw' | 'round' | 'spread' | 'lip';

export interface Viseme {
  readonly vowel: boolean;
  /** Weights in [0, 1]; what is not named is 0. */
  readonly target: Readonly<Partial<Record<ArkitName, number>>>;
  /** How strongly the class holds its shape against its neighbours. */
  readonly dominance: Readonly<Record<ChannelGroup, number>>;
}

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

function viseme(
  vowel: boolean,
  shape: Shape,
  [jaw, round, spread, lip]: readonly [number, number, number, number],
): Viseme {
  const target: Partial<Record<ArkitName, number>> = {};
  for (const key of Object.keys(shape) as (keyof Shape)[]) {
    for (const name of bothSides[key]) target[name] = shape[key] ?? 0;
  }
  return { vowel, target, dominance: { jaw, round, spread, lip } };
}

const vowel = [1, 1, 1, 1] as const;

// Sounds made by the tongue alone leave the lips to their neighbours; rounded
// ones take them over; p b m f v decide jaw and lips but not rounding.
export const visemes: Readonly<Record<VisemeClass, Viseme>> = {
  sil: viseme(false, {}, [1.4, 1, 1, 1]),
  PP: viseme(false, { jaw: 0.08, press: 0.35, rollLower: 0.2, rollUpper: 0.18 }, [1.6, 0.4, 0.5, 2]),
  FF: viseme(false, { jaw: 0.08, rollLower: 0.55, upperUp: 0.15, shrugUpper: 0.1 }, [1.6, 0.4, 0.5, 2]),
  TH: viseme(false, { jaw: 0.14, lowerDown: 0.12, upperUp: 0.06, tongue: 0.18 }, [0.8, 0.2, 0.3, 0.8]),
  DD: viseme(false, { jaw: 0.12, lowerDown: 0.1, upperUp: 0.05, stretch: 0.05 }, [0.5, 0.15, 0.2, 0.4]),
  LL: viseme(false, { jaw: 0.16, lowerDown: 0.1, upperUp: 0.04 }, [0.5, 0.15, 0.2, 0.4]),
  SS: viseme(
    false,
    { jaw: 0.06, lowerDown: 0.16, upperUp: 0.08, stretch: 0.16, smile: 0.06 },
    [1.1, 0.3, 0.7, 0.9],
  ),
  SH: viseme(false, { jaw: 0.08, funnel: 0.36, pucker: 0.22, upperUp: 0.1, lowerDown: 0.1 }, [1.1, 2, 1, 1]),
  RR: viseme(false, { jaw: 0.12, funnel: 0.24, pucker: 0.2 }, [0.7, 1.2, 0.8, 0.6]),
  KK: viseme(false, { jaw: 0.16, lowerDown: 0.08 }, [0.4, 0.15, 0.2, 0.3]),
  HH: viseme(false, { jaw: 0.2 }, [0.15, 0.1, 0.1, 0.1]),
  WW: viseme(false, { jaw: 0.07, funnel: 0.22, pucker: 0.6 }, [1.2, 2.5, 1.4, 1]),
  YY: viseme(false, { jaw: 0.1, stretch: 0.25, smile: 0.22 }, [0.7, 0.8, 1, 0.6]),
  aa: viseme(true, { jaw: 0.58, lowerDown: 0.26, upperUp: 0.1 }, vowel),
  ah: viseme(true, { jaw: 0.52, lowerDown: 0.22, upperUp: 0.08 }, vowel),
  ae: viseme(true, { jaw: 0.46, lowerDown: 0.25, upperUp: 0.12, stretch: 0.16, smile: 0.1 }, vowel),
  ax: viseme(true, { jaw: 0.24, lowerDown: 0.12, upperUp: 0.04 }, [0.7, 0.5, 0.5, 0.7]),
  ao: viseme(true, { jaw: 0.42, funnel: 0.36, pucker: 0.16, lowerDown: 0.1 }, vowel),
  eh: viseme(true, { jaw: 0.32, stretch: 0.2, smile: 0.12, lowerDown: 0.18, upperUp: 0.06 }, vowel),
  er: viseme(true, { jaw: 0.2, funnel: 0.22, pucker: 0.2 }, vowel),
  ih: viseme(
    true,
    { jaw: 0.2, stretch: 0.22, smile: 0.14, lowerDown: 0.12, upperUp: 0.04 },
    [0.8, 0.8, 0.9, 0.8],
  ),
  iy: viseme(
    true,
    { jaw: 0.15, stretch: 0.38, smile: 0.32, lowerDown: 0.14, upperUp: 0.06 },
    [1, 1.2, 1.2, 1],
  ),
  oh: viseme(true, { jaw: 0.3, funnel: 0.4, pucker: 0.34 }, [1, 1.4, 1, 1]),
  uh: viseme(true, { jaw: 0.2, funnel: 0.3, pucker: 0.34 }, [1, 1.2, 1, 1]),
  uw: viseme(true, { jaw: 0.13, funnel: 0.34, pucker: 0.64 }, [1.1, 1.8, 1.2, 1]),
  yu: viseme(true, { jaw: 0.12, funnel: 0.24, pucker: 0.58 }, [1.1, 1.8, 1.2, 1]),
  narrow: viseme(true, { jaw: 0.08, stretch: 0.18, lowerDown: 0.14, upperUp: 0.05 }, [1.6, 0.8, 1, 1]),
};

const groups: Partial<Record<ArkitName, ChannelGroup>> = {
  jawOpen: 'jaw',
  mouthFunnel: 'round',
  mouthPucker: 'round',
  mouthSmileLeft: 'spread',
  mouthSmileRight: 'spread',
  mouthStretchLeft: 'spread',
  mouthStretchRight: 'spread',
};

/** Channels that speech moves, with their group. */
export const speechChannels: readonly { readonly name: ArkitName; readonly group: ChannelGroup }[] = [
  ...new Set(Object.values(bothSides).flat() as ArkitName[]),
].map((name) => ({ name, group: groups[name] ?? 'lip' }));
