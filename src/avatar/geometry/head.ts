import { sided, type Expression } from './expression.js';
import { jawTravel } from './mouth.js';
import { hill, rise, type Place, type Point, type Side } from './point.js';

export interface HeadShape {
  readonly face: readonly Point[];
  readonly ears: readonly {
    readonly outline: readonly Point[];
    readonly inner: readonly Point[];
    readonly stud: Point;
  }[];
  readonly backHair: readonly Point[];
  readonly frontHair: readonly Point[];
  /** Shadow of the front hair on the forehead. */
  readonly hairShadow: readonly Point[];
  /** Lines of light in the front hair. */
  readonly strands: readonly { readonly line: readonly Point[]; readonly width: number }[];
  readonly neck: readonly Point[];
  readonly chin: Point;
  /** Fold over the chin that a raised chin makes, and its strength. */
  readonly chinFold: readonly Point[];
  readonly chinFoldStrength: number;
  readonly forehead: Point;
  /** Centre of the face's shading. */
  readonly centre: Point;
}

// Half of each closed outline, top to bottom: x, y, z.
type Node = readonly [number, number, number];
const faceHalf: readonly Node[] = [
  [0, -158, 40], [62, -148, 30], [108, -110, 18], [127, -52, 8], [129, 4, 4], [124, 52, 8], [109, 100, 22], [82, 142, 40], [46, 168, 58], [0, 177, 66],
]; // prettier-ignore
const earHalf: readonly Node[] = [
  [122, -12, -8], [133, -21, -14], [145, -12, -18], [146, 10, -18], [139, 32, -14], [131, 46, -10], [122, 42, -6],
]; // prettier-ignore
const backHairHalf: readonly Node[] = [
  [0, -200, -30], [80, -190, -34], [138, -148, -40], [164, -76, -46], [168, 10, -50], [170, 84, -52], [168, 140, -50], [150, 188, -44], [114, 209, -36], [78, 210, -34], [46, 204, -36], [34, 170, -40],
]; // prettier-ignore
const frontHair: readonly Node[] = [
  // Outside, from the right temple over the crown to the left one.
  [-129, 30, 0], [-142, -22, -8], [-155, -82, -14], [-137, -148, -14], [-84, -192, -10], [-8, -208, 0], [70, -197, -8], [130, -156, -14], [155, -88, -14], [143, -22, -8], [129, 30, 0],
  // Hairline with the parting right of the middle of the picture.
  [126, -14, 10], [117, -62, 26], [92, -97, 48], [56, -120, 66], [34, -137, 70], [8, -112, 78], [-38, -88, 74], [-84, -72, 52], [-113, -52, 28], [-125, -14, 10],
]; // prettier-ignore

function mirrored(half: readonly Node[]): Node[] {
  const other = half.filter(([x]) => x !== 0).map(([x, y, z]): Node => [-x, y, z]);
  return [...half, ...other.reverse()];
}

/** Moves a point of the skull's outline as jaw and cheeks move it. */
function withJaw(e: Expression, [x, y, z]: Node): Node {
  const share = rise(62, 172, y);
  const side: Side = x < 0 ? -1 : 1;
  const puff = 15 * e.cheekPuff * hill(y - 82, 46);
  const smile =
    4 * sided(e, 'mouthSmile', side) * hill(y - 62, 34) +
    2 * sided(e, 'cheekSquint', side) * hill(y - 40, 26);
  const slim = 5 * e.jawOpen * hill(y - 110, 40) + 3 * e.mouthPucker * hill(y - 108, 32);
  const outward = x === 0 ? 0 : side * (puff + smile - slim);
  const jawWide = 1 + 0.045 * e.jawForward * share;
  return [
    x * jawWide + outward + 17 * (e.jawLeft - e.jawRight) * share,
    y + share * (jawTravel * e.jawOpen + 4.5 * e.jawForward - 4 * e.mouthShrugLower),
    z + share * 10 * e.jawForward,
  ];
}

export function headShape(e: Expression, place: Place, still: Place): HeadShape {
  const put = ([x, y, z]: Node): Point => place(x, y, z);
  const sides: readonly Side[] = [-1, 1];
  const strand = (width: number, ...nodes: Node[]): { line: Point[]; width: number } => ({
    line: nodes.map(put),
    width,
  });
  const [chinX, chinY, chinZ] = withJaw(e, [0, 156, 84]);
  const neckTop = (side: Side): Point[] => [place(side * 54, 96, -6), place(side * 50, 150, -10)];
  const neckBase = (side: Side): Point[] => [
    still(side * 55, 210, 0),
    still(side * 66, 238, 0),
    still(side * 70, 300, 0),
  ];
  return {
    face: mirrored(faceHalf).map((node) => put(withJaw(e, node))),
    ears: sides.map((side) => ({
      outline: earHalf.map(([x, y, z]) => place(side * x, y, z)),
      inner: [
        place(side * 130, -8, -10),
        place(side * 139, -4, -13),
        place(side * 139, 14, -13),
        place(side * 131, 26, -9),
      ],
      stud: place(side * 131, 41, -7),
    })),
    backHair: mirrored(backHairHalf).map(put),
    frontHair: frontHair.map(put),
    hairShadow: frontHair.map(([x, y, z]) => place(x * 0.975, y + 10, z)),
    strands: [
      strand(5, [26, -150, 66], [-22, -150, 66], [-78, -128, 50], [-118, -80, 20], [-129, -30, 4]),
      strand(3, [22, -165, 52], [-34, -168, 50], [-92, -142, 30], [-131, -86, 4], [-135, -36, -4]),
      strand(2, [28, -142, 70], [-12, -130, 72], [-66, -104, 62], [-108, -74, 30]),
      strand(4, [44, -148, 62], [86, -134, 44], [118, -96, 22], [130, -36, 2]),
      strand(2, [48, -164, 46], [96, -148, 26], [131, -98, 2], [136, -44, -4]),
    ],
    neck: [...neckTop(-1), ...neckBase(-1), ...neckBase(1).reverse(), ...neckTop(1).reverse()],
    chin: place(chinX, chinY, chinZ),
    chinFold: [-1, 0, 1].map((u) =>
      place(chinX + u * 19, chinY - 13 + 4.5 * u * u - 3 * e.mouthShrugLower, chinZ),
    ),
    chinFoldStrength: Math.min(
      1,
      0.16 + 0.75 * e.mouthShrugLower + 0.35 * e.jawForward + 0.25 * (e.mouthFrownLeft + e.mouthFrownRight),
    ),
    forehead: place(0, -66, 100),
    centre: place(0, 10, 60),
  };
}
