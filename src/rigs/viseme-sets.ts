import { visemesOf } from './phone-visemes.js';
import type { VisemeClass } from './visemes.js';
import type { PhoneAlphabet } from '../voice/voice.js';

/** A family of mouth shapes that some renderer draws, one at a time or by weights. */
export interface VisemeSet {
  readonly name: string;
  /** Shapes by number. The first one is the mouth at rest. */
  readonly shapes: readonly string[];
  /** Number of the shape with the lips pressed together. */
  readonly closure: number;
  /** Our classes of mouth shapes in it; undefined leaves the mouth to what stands beside. */
  readonly ofClass: Readonly<Record<VisemeClass, number | undefined>>;
  /** Sounds that are one shape here and two classes to us, by `first second`. */
  readonly ofPair?: Readonly<Record<string, number>>;
  /** Sounds that the classes do not tell apart, by symbol in lower case without stress or tone. */
  readonly ofSymbol?: Readonly<Record<string, number>>;
}

/** A table from the shapes and, for each, the classes that it stands for; classes that are left out have none. */
function set(
  name: string,
  closure: string,
  table: Readonly<Record<string, readonly VisemeClass[]>>,
  more: Pick<VisemeSet, 'ofPair' | 'ofSymbol'> = {},
): VisemeSet {
  const shapes = Object.keys(table);
  const ofClass = Object.fromEntries(
    Object.values(table).flatMap((classes, shape) => classes.map((viseme) => [viseme, shape])),
  ) as Record<VisemeClass, number | undefined>;
  return { name, shapes, closure: shapes.indexOf(closure), ofClass, ...more };
}

/** Ids of Azure Speech, 0 to 21, keep their numbers; the names are ours. */
const azureShapes: readonly (readonly [string, ...VisemeClass[]])[] = [
  ['silence', 'sil'],
  ['ae ax ah', 'ae', 'ah', 'ax'],
  ['aa', 'aa'],
  ['ao', 'ao'],
  ['ey eh uh', 'eh', 'uh'],
  ['er', 'er'],
  ['y iy ih', 'YY', 'iy', 'ih', 'narrow'],
  ['w uw', 'WW', 'uw', 'yu'],
  ['ow', 'oh'],
  ['aw'],
  ['oy'],
  ['ay'],
  ['h', 'HH'],
  ['r', 'RR'],
  ['l', 'LL'],
  ['s z', 'SS'],
  ['sh ch jh zh', 'SH'],
  ['dh'],
  ['f v', 'FF'],
  ['d t n th', 'DD', 'TH'],
  ['k g ng', 'KK'],
  ['p b m', 'PP'],
];

export const visemeSets = {
  /** The 15 of Oculus LipSync (OVRLipSync, Ready Player Me, `XR_META_face_tracking_visemes`). */
  oculus: set(
    'oculus',
    'PP',
    {
      sil: ['sil'], PP: ['PP'], FF: ['FF'], TH: ['TH'], DD: ['DD'], kk: ['KK'], CH: ['SH'], SS: ['SS'], nn: ['LL'], RR: ['RR', 'er'],
      aa: ['aa', 'ae', 'ah'], E: ['eh', 'ax'], ih: ['ih', 'iy', 'YY', 'narrow'], oh: ['ao', 'oh'], ou: ['uw', 'uh', 'WW', 'yu'],
    },
    { ofSymbol: { n: 8, nx: 8, ɲ: 8, ɳ: 8 } },
  ),
  /** The 22 ids of Azure Speech. */
  azure: set(
    'azure',
    'p b m',
    Object.fromEntries(azureShapes.map(([name, ...classes]) => [name, classes])),
    {
      ofPair: { 'aa ih': 11, 'aa uw': 9, 'ao ih': 10, 'oh uw': 8, 'eh ih': 4 },
      ofSymbol: { dh: 17, ð: 17 },
    },
  ),
  /** The five vowels of VRM models, and the mouth at rest. Consonants other than p b m f v are small vowels. */
  vrm: set('vrm', 'neutral', {
    neutral: ['sil', 'PP', 'FF'],
    A: ['aa', 'ae', 'ah'],
    I: ['ih', 'iy', 'YY', 'narrow', 'SS', 'DD', 'TH', 'LL', 'KK'],
    U: ['uw', 'uh', 'WW', 'yu', 'SH', 'RR'],
    E: ['eh', 'ax', 'er'],
    O: ['ao', 'oh'],
  }),
  /** The ten mouths of Preston Blair, as drawn animation uses them. */
  'preston-blair': set('preston-blair', 'MBP', {
    rest: ['sil'],
    MBP: ['PP'],
    FV: ['FF'],
    AI: ['aa', 'ae', 'ah', 'ax'],
    E: ['eh', 'er', 'ih', 'iy'],
    O: ['ao', 'oh'],
    U: ['uw', 'uh', 'yu'],
    L: ['LL'],
    WQ: ['WW'],
    etc: ['TH', 'DD', 'SS', 'SH', 'RR', 'KK', 'YY', 'narrow'],
  }),
} as const satisfies Record<string, VisemeSet>; // prettier-ignore

export type VisemeSetName = keyof typeof visemeSets;

/** A part of a sound with its shape. */
export interface ShapePart {
  /** Number in the set; undefined leaves the mouth to what stands beside. */
  readonly shape: number | undefined;
  /** In (0, 1]; the parts of one phone sum to 1. */
  readonly share: number;
}

/** The shapes of one phone. Never fails: what is unknown leaves the mouth to its neighbours. */
export function shapesOf(
  symbol: string,
  visemes: VisemeSet,
  alphabet: PhoneAlphabet | 'auto' = 'auto',
): ShapePart[] {
  const bare = symbol.toLowerCase().replace(/[0-9]+$/, '');
  const one = visemes.ofSymbol?.[bare];
  if (one !== undefined && Object.hasOwn(visemes.ofSymbol ?? {}, bare)) return [{ shape: one, share: 1 }];
  const parts: ShapePart[] = [];
  const classes = visemesOf(symbol, alphabet);
  for (let i = 0; i < classes.length; i++) {
    const next = classes[i + 1];
    const pair = next === undefined ? undefined : visemes.ofPair?.[`${classes[i].viseme} ${next.viseme}`];
    if (pair === undefined)
      parts.push({ shape: visemes.ofClass[classes[i].viseme], share: classes[i].share });
    else parts.push({ shape: pair, share: classes[i++].share + next.share });
  }
  return parts;
}
