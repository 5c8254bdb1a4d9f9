import { sided, type Expression } from './expression.js';
import { faceDepth } from './pose.js';
import { mix, type Place, type Point, type Side } from './point.js';

/** Distance of an eye's centre from the middle of the face, in design pixels. */
export const eyeX = 59;

export interface EyeShape {
  readonly side: Side;
  /** Inner corner to outer corner along each lid; the same count for all. */
  readonly upperLid: readonly Point[];
  readonly lowerLid: readonly Point[];
  /** The fold over the lid. */
  readonly crease: readonly Point[];
  /** Skin between brow bone and lash line, where the lid shows when it falls. */
  readonly lidTop: readonly Point[];
  /** Fold under the eye and its strength, 0 to 1. */
  readonly bag: readonly Point[];
  readonly bagStrength: number;
  readonly iris: Point;
  /** Radii of the iris in picture pixels; turning the head narrows it. */
  readonly irisRadius: number;
  /** 0 closed to about 1.3 wide. */
  readonly opening: number;
  readonly outerLash: readonly Point[];
}

const halfWidth = 32;
const stations = 11;

export function eyeShape(e: Expression, side: Side, place: Place, scale: number): EyeShape {
  const blink = sided(e, 'eyeBlink', side);
  const squint = sided(e, 'eyeSquint', side);
  const cheek = sided(e, 'cheekSquint', side);
  const wide = sided(e, 'eyeWide', side);
  const down = sided(e, 'eyeLookDown', side);
  const up = sided(e, 'eyeLookUp', side);
  const outward = sided(e, 'eyeLookOut', side) - sided(e, 'eyeLookIn', side);

  const at = (x: number, y: number, extra = 0): Point =>
    place(side * (eyeX + x), y, faceDepth(eyeX + x, y) + extra);
  const openTop =
    -18 - 6.5 * wide + 4.5 * squint + 7 * down * (1 - blink) - 3 * up * (1 - blink) + 1.5 * cheek;
  const openBottom = 12.5 + 2.5 * wide - 7.5 * squint - 4.5 * cheek + 2.5 * down - 1 * up;
  const closedAt = 9.5 - 3 * squint - 3 * cheek;
  const top = mix(openTop, closedAt, blink);
  const bottom = mix(openBottom, closedAt + 0.6, blink);
  const line = (height: number, skew: number): Point[] => {
    const points: Point[] = [];
    for (let i = 0; i < stations; i++) {
      const u = (2 * i) / (stations - 1) - 1;
      const base = mix(5.5, -2.5 + 3 * blink, (u + 1) / 2);
      const arch = Math.max(0, 1 - Math.abs(u - skew * (1 - u * u)) ** 2.15);
      points.push(at(u * halfWidth, base + (height - base * 0.4) * arch));
    }
    return points;
  };
  const creaseLift = mix(-8, -22, blink) - 2 * wide + 3.5 * squint + 1.5 * down;
  const lid = line(top, 0.1);
  const outer = lid[stations - 1] ?? at(halfWidth, -2);
  const wing = at(halfWidth + 8.5, mix(-10, 3, blink) - 2 * wide + 3 * squint);
  return {
    side,
    upperLid: lid,
    lowerLid: line(bottom, -0.04),
    crease: line(top * mix(1, 0.2, blink) + creaseLift + 3.5, 0.08).slice(1),
    lidTop: line(openTop - 3, 0.1),
    bag: [
      at(-20, 21 - 4 * cheek - 3 * squint),
      at(-2, 26.5 - 5 * cheek - 4 * squint),
      at(18, 21.5 - 5 * cheek - 4 * squint),
    ],
    bagStrength: Math.min(1, 0.12 + 0.6 * squint + 0.75 * cheek),
    iris: at(10.5 * outward, -2.5 - 8.5 * up + 8.5 * down, -4),
    irisRadius: 17 * scale,
    opening: Math.max(0, bottom - top) / 32.5,
    outerLash: [outer, wing],
  };
}
