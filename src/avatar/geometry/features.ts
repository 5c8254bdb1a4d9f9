import { sided, type Expression } from './expression.js';
import { faceDepth } from './pose.js';
import { mix, type Place, type Point, type Side } from './point.js';

export interface BrowShape {
  /** Inner end to outer end, upper and lower edge. */
  readonly upper: readonly Point[];
  readonly lower: readonly Point[];
}

export interface NoseShape {
  readonly bridge: readonly (readonly Point[])[];
  readonly tip: Point;
  readonly under: readonly Point[];
  readonly nostrils: readonly Point[];
  readonly wings: readonly (readonly Point[])[];
  /** Wrinkles beside the bridge and how strong each side's are. */
  readonly wrinkles: readonly { readonly line: readonly Point[]; readonly strength: number }[];
}

export interface CheekShape {
  readonly blush: Point;
  readonly blushStrength: number;
  /** The round light of a filled cheek. */
  readonly puff: number;
  readonly puffAt: Point;
  /** Fold from the nose to the corner of the mouth. */
  readonly fold: readonly Point[];
  readonly foldStrength: number;
}

export function browShape(e: Expression, side: Side, place: Place): BrowShape {
  const down = sided(e, 'browDown', side);
  const outerUp = sided(e, 'browOuterUp', side);
  const wide = sided(e, 'eyeWide', side);
  const blink = sided(e, 'eyeBlink', side);
  const inner = 11.5 * down - 19 * e.browInnerUp - 3 * wide + 1.2 * blink;
  const middle = 8.5 * down - 5 * e.browInnerUp - 10 * outerUp - 4 * wide + 1.2 * blink;
  const outer = 4 * down + 3 * e.browInnerUp - 13 * outerUp - 2.5 * wide + 0.8 * blink;
  const x0 = 24 - 5 * down + 1 * e.browInnerUp;
  // Station, height and half thickness of the resting brow.
  const stations = [
    [x0, -42.5, 1.2, 0], [x0 + 3, -43.5, 3.2, 0.06], [x0 + 12, -46.5, 4.4, 0.22], [x0 + 29, -50, 4.4, 0.5], [x0 + 47, -52, 3.7, 0.7], [x0 + 62, -48.5, 2.4, 0.87], [x0 + 75, -41, 0.5, 1],
  ] as const; // prettier-ignore
  const edge = (sign: number): Point[] =>
    stations.map(([x, y, half, share]) => {
      const move = share < 0.6 ? mix(inner, middle, share / 0.6) : mix(middle, outer, (share - 0.6) / 0.4);
      return place(side * x, y + move + sign * half, faceDepth(x, y) + 4);
    });
  return { upper: edge(-1), lower: edge(1) };
}

export function noseShape(e: Expression, place: Place): NoseShape {
  const sides: readonly Side[] = [-1, 1];
  const sneer = (side: Side): number => sided(e, 'noseSneer', side);
  const both = (sneer(-1) + sneer(1)) / 2;
  const at = (x: number, y: number, z: number): Point => place(x, y, 112 + z);
  const upper = (side: Side): number => sided(e, 'mouthUpperUp', side);
  return {
    bridge: sides.map((side) => [
      at(side * 15, -12 + 2 * sneer(side), 2),
      at(side * 10, 10, 12),
      at(side * 11, 34 - 2 * sneer(side), 22),
    ]),
    tip: at(0, 53 - 2.5 * both, 38),
    under: [at(-9, 69 - 3 * sneer(-1), 26), at(0, 72 - 2.5 * both, 30), at(9, 69 - 3 * sneer(1), 26)],
    nostrils: sides.map((side) =>
      at(side * (11 + 1.5 * sneer(side)), 67.5 - 4.5 * sneer(side) - 0.8 * upper(side), 22),
    ),
    wings: sides.map((side) => {
      const s = sneer(side);
      const lift = 7 * s + 1 * upper(side);
      return [
        at(side * (19 + 2 * s), 52 - lift, 8),
        at(side * (23 + 3 * s), 61 - lift, 8),
        at(side * (20.5 + 2.5 * s), 68.5 - lift, 12),
        at(side * 15.5, 69.5 - lift * 0.7, 18),
      ];
    }),
    wrinkles: sides.flatMap((side) => [
      { line: [at(side * 11, 16, 8), at(side * 17, 9, 2), at(side * 24, 10, -4)], strength: sneer(side) },
      { line: [at(side * 12, 25, 10), at(side * 19, 18, 3), at(side * 28, 20, -4)], strength: sneer(side) },
    ]),
  };
}

export function cheekShape(e: Expression, side: Side, place: Place): CheekShape {
  const squint = sided(e, 'cheekSquint', side);
  const smile = sided(e, 'mouthSmile', side);
  const sneer = sided(e, 'noseSneer', side);
  const at = (x: number, y: number): Point => place(side * x, y, faceDepth(x, y));
  const lift = 7 * squint + 7 * smile + 3 * sneer;
  const cornerY = 104 - 13 * smile + 12 * e.jawOpen;
  const cornerX =
    57 +
    9 * smile +
    8 * sided(e, 'mouthStretch', side) +
    4 * sided(e, 'mouthDimple', side) -
    8 * e.mouthPucker;
  return {
    blush: at(83, 55 - lift),
    blushStrength: 0.75 + 0.35 * Math.min(1, squint + smile),
    puff: e.cheekPuff,
    puffAt: at(92, 88),
    fold: [
      at(28 + 2 * sneer, 62 - 5 * sneer),
      at(mix(38, cornerX, 0.55), mix(66, cornerY, 0.42)),
      at(cornerX, cornerY),
    ],
    foldStrength: Math.min(
      1,
      0.05 +
        0.5 * smile +
        0.5 * squint +
        0.7 * sneer +
        0.35 * sided(e, 'mouthStretch', side) +
        0.2 * sided(e, 'mouthUpperUp', side),
    ),
  };
}
