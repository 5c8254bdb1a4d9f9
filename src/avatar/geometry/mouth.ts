import { sided, type Expression } from './expression.js';
import { faceDepth } from './pose.js';
import { hill, mix, rise, type Place, type Point, type Side } from './point.js';

/** Height of the closed lips' seam below the eyes, in design pixels. */
export const mouthY = 110;
/** How far the chin drops at jawOpen 1, in design pixels. */
export const jawTravel = 46;
/** How far the lower lip drops at aperture 1, in design pixels. */
const lipTravel = 60;
const stations = 17;

export interface MouthShape {
  /** Left to right in the picture, the same count for all four. */
  readonly outerTop: readonly Point[];
  readonly innerTop: readonly Point[];
  readonly innerBottom: readonly Point[];
  readonly outerBottom: readonly Point[];
  /** Greatest distance between the lips, in design pixels; 0 when they touch. */
  readonly opening: number;
  readonly upperTeeth: readonly Point[];
  readonly lowerTeeth: readonly Point[];
  readonly tongue: readonly Point[];
  /** The part of the tongue in front of the lips; empty while it is inside. */
  readonly tongueTip: readonly Point[];
  readonly tongueGroove: readonly Point[];
  /** How much the corners are pressed in, by side. */
  readonly dents: readonly { readonly at: Point; readonly strength: number; readonly side: Side }[];
  /** 0 to 1: how far the lower lip stands out and shades the chin. */
  readonly pout: number;
  readonly lowerShade: Point;
  readonly lipLight: Point;
  readonly width: number;
}

interface Profile {
  readonly x: number;
  readonly outerTop: number;
  readonly innerTop: number;
  readonly innerBottom: number;
  readonly outerBottom: number;
}

/** Distance between the lips that jaw and mouthClose ask for, 0 when they meet. */
export function apertureOf(expression: Expression): number {
  return Math.max(0, expression.jawOpen - expression.mouthClose);
}

function corner(e: Expression, side: Side): { x: number; y: number } {
  const smile = sided(e, 'mouthSmile', side);
  const frown = sided(e, 'mouthFrown', side);
  const stretch = sided(e, 'mouthStretch', side);
  const dimple = sided(e, 'mouthDimple', side);
  const press = sided(e, 'mouthPress', side);
  const round = Math.min(1.25, e.mouthPucker + 0.62 * e.mouthFunnel);
  const spread = 10 * smile + 13 * stretch + 6 * dimple + 2.5 * press + 2 * frown;
  const x = (46 + spread) * (1 - 0.42 * round) - 5 * apertureOf(e);
  const toSide = e.mouthLeft - e.mouthRight;
  const y =
    -5 * (1 - frown) * (1 - e.mouthPucker) -
    12 * smile +
    11 * frown +
    4 * stretch -
    3.5 * dimple -
    3 * Math.max(0, toSide * side) +
    13 * e.jawOpen * (1 - 0.25 * smile);
  return { x, y };
}

/** Heights of the four lip edges at station u, −1 (picture left corner) to 1. */
function profileAt(e: Expression, u: number): Profile {
  const side: Side = u < 0 ? -1 : 1;
  const [right, left] = [corner(e, -1), corner(e, 1)];
  // Sides blend in the middle, so a one-sided shape does not break the lip.
  const leftShare = rise(-0.55, 0.55, u);
  const both = (name: Parameters<typeof sided>[1]): number =>
    mix(sided(e, name, -1), sided(e, name, 1), leftShare);
  const away = Math.abs(u);
  const body = Math.max(0, 1 - away ** 2.3) ** 0.75;
  const round = Math.max(0, 1 - u * u) ** 0.5;
  const aperture = apertureOf(e);
  const overClosed = Math.max(0, e.mouthClose - e.jawOpen);
  const cornerAt = side < 0 ? right : left;
  const cornerPull = away ** 1.7 * cornerAt.y;
  const seamSag = (right.y + left.y) * 0.5 * (1 - away ** 1.7) * 0.18;
  const jawCarry = e.jawOpen * 17 * (1 - away ** 1.7) * Math.min(1, e.mouthClose / Math.max(0.05, e.jawOpen));
  const seam =
    cornerPull + seamSag + jawCarry - 4.5 * e.mouthShrugLower * (1 - 0.6 * away) - 1.5 * overClosed * body;

  // A wrinkled nose takes the upper lip along, but not off the lower one.
  const upperUp = both('mouthUpperUp') + 0.3 * both('noseSneer') * Math.min(1, aperture / 0.1);
  const lowerDown = both('mouthLowerDown');
  const press = both('mouthPress');
  const tonguePart = 15 * e.tongueOut * Math.max(0, 1 - aperture * 2.2) * hill(u, 0.62);
  const lift =
    (5 * aperture + 7 * e.mouthFunnel * (1 - 0.5 * e.mouthPucker)) * round +
    10 * upperUp * body +
    0.25 * tonguePart;
  const closing = 1 - 0.85 * Math.min(1, e.mouthClose * 1.2) * (aperture > 0 ? 0 : 1);
  const drop =
    lipTravel * aperture * mix(body, round, 0.5) +
    7.5 * e.mouthFunnel * (1 - 0.5 * e.mouthPucker) * round * closing +
    12 * lowerDown * body * (1 - 0.7 * e.mouthRollLower) +
    0.75 * tonguePart;
  // A rolled lower lip goes up behind the upper teeth.
  const tuck = Math.min(drop * 0.35, 4 * e.mouthRollLower * body);
  const innerTop = seam - lift * closing;
  const innerBottom = Math.max(innerTop, seam + drop - tuck);

  const full = 1 + 0.42 * e.mouthPucker + 0.5 * e.mouthFunnel;
  const thin = (1 - 0.4 * press) * (1 - 0.32 * overClosed);
  const flatten = 1 / (1 + 0.25 * Math.max(0, both('mouthSmile') + both('mouthStretch')));
  const bow = 10.5 - 2.6 * hill(u, 0.17) + 2.2 * hill(away - 0.3, 0.26);
  const upperThick =
    bow * body * full * thin * flatten * (1 - 0.72 * e.mouthRollUpper) * (1 + 0.35 * e.mouthShrugUpper);
  const lowerThick =
    (16 * round ** 1.25 * mix(1, body, 0.4) + 4 * e.jawForward * body) *
    full *
    thin *
    flatten *
    (1 - 0.72 * e.mouthRollLower) *
    (1 + 0.18 * e.mouthShrugLower);
  const upperShift = -5 * e.mouthShrugUpper * body;
  const x = u < 0 ? u * right.x : u * left.x;
  return {
    x: x * (1 + 0.02 * Math.cos(u * 3)),
    outerTop: innerTop - upperThick + upperShift - 1.5 * both('noseSneer') * body,
    innerTop,
    innerBottom,
    outerBottom: innerBottom + lowerThick,
  };
}

/** The mouth for one expression. Upper teeth belong to the skull, lower teeth and tongue to the jaw. */
export function mouthShape(e: Expression, place: Place): MouthShape {
  const shift = 15 * (e.mouthLeft - e.mouthRight);
  const jawShift = 11 * (e.jawLeft - e.jawRight);
  const forward = 6 * e.mouthPucker + 5 * e.mouthFunnel;
  const at = (x: number, y: number, extra: number): Point =>
    place(x, mouthY + y, faceDepth(x, mouthY) + 6 + extra + forward);
  const profiles: Profile[] = [];
  for (let i = 0; i < stations; i++) profiles.push(profileAt(e, (2 * i) / (stations - 1) - 1));
  const lowerShift = (u: number): number => shift + jawShift * (1 - u * u) + 0.25 * jawShift;
  const upperAt = (y: (p: Profile) => number, extra: number): Point[] =>
    profiles.map((p) => at(p.x + shift + 0.25 * jawShift, y(p), extra));
  const lowerAt = (y: (p: Profile) => number, extra: number): Point[] =>
    profiles.map((p, i) =>
      at(p.x + lowerShift((2 * i) / (stations - 1) - 1), y(p), extra + 5 * e.jawForward),
    );
  const opening = Math.max(...profiles.map((p) => p.innerBottom - p.innerTop));
  const middle = profiles[(stations - 1) / 2] ?? profileAt(e, 0);
  const jaw = e.jawOpen * jawTravel * 1.12;

  const inside = -14;
  const teeth = (halfWidth: number, edge: number, gum: number, sag: number, dx: number): Point[] => {
    const points: Point[] = [];
    for (let i = -6; i <= 6; i++) {
      const u = i / 6;
      points.push(at(u * halfWidth + dx, edge + sag * u * u, inside + 6 * (1 - u * u)));
    }
    points.push(at(halfWidth + dx, gum, inside), at(-halfWidth + dx, gum, inside));
    return points;
  };
  // Lips that only just part show a dark gap, not a row of teeth.
  const bared = Math.min(1, Math.max(opening / 7, e.mouthRollLower));
  const tongueTop = mix(jaw * 0.66, jaw * 0.5, e.tongueOut) + 8;
  const tongueFloor = Math.max(middle.innerBottom + 10, tongueTop + 22);
  const tongue = [
    at(-36 + jawShift, tongueFloor, inside), at(-29 + jawShift, tongueTop + 9, inside), at(-12 + jawShift, tongueTop, inside),
    at(jawShift, tongueTop + 2.5, inside), at(12 + jawShift, tongueTop, inside), at(29 + jawShift, tongueTop + 9, inside), at(36 + jawShift, tongueFloor, inside),
  ]; // prettier-ignore
  const reach = 44 * e.tongueOut - 7;
  const root = middle.innerBottom - Math.min(9, 0.55 * (middle.innerBottom - middle.innerTop));
  const tipX = shift + jawShift;
  const half = 23 * (1 - 0.3 * e.mouthPucker);
  const tongueTip =
    reach <= 0
      ? []
      : [
          at(tipX - half, root, 4), at(tipX - half * 1.02, root + reach * 0.55, 12), at(tipX - half * 0.62, middle.innerBottom + reach * 0.95, 18),
          at(tipX, middle.innerBottom + reach * 1.05, 20),
          at(tipX + half * 0.62, middle.innerBottom + reach * 0.95, 18), at(tipX + half * 1.02, root + reach * 0.55, 12), at(tipX + half, root, 4),
        ]; // prettier-ignore
  const sides: readonly Side[] = [-1, 1];
  return {
    outerTop: upperAt((p) => p.outerTop, 0),
    innerTop: upperAt((p) => p.innerTop, 2),
    innerBottom: lowerAt((p) => p.innerBottom, 2),
    outerBottom: lowerAt((p) => p.outerBottom, 0),
    opening,
    upperTeeth: teeth(50, 3.8 - 4.5 * (1 - bared), -24, -7.5, 0),
    lowerTeeth: teeth(39, jaw + 2.2, jaw + 34, 4.2, jawShift),
    tongue,
    tongueTip,
    tongueGroove: reach <= 0 ? [] : [at(tipX, root + 2, 8), at(tipX, middle.innerBottom + reach * 0.75, 19)],
    dents: sides.map((side) => {
      const end = corner(e, side);
      return {
        at: at(side * (end.x + 5) + shift, end.y, 0),
        strength: Math.min(
          1,
          sided(e, 'mouthDimple', side) +
            0.75 * sided(e, 'mouthPress', side) +
            0.55 * sided(e, 'mouthSmile', side) +
            0.35 * sided(e, 'mouthStretch', side),
        ),
        side,
      };
    }),
    pout: Math.min(1, 0.45 + 0.4 * e.mouthPucker + 0.3 * e.mouthShrugLower + 0.4 * e.jawForward),
    lowerShade: at(lowerShift(0), middle.outerBottom + 6, 0),
    lipLight: at(lowerShift(0), mix(middle.innerBottom, middle.outerBottom, 0.42), 4),
    width: corner(e, -1).x + corner(e, 1).x,
  };
}
