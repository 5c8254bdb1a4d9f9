import { expressionOf, poseOf } from './expression.js';
import { eyeShape, type EyeShape } from './eye.js';
import {
  browShape,
  cheekShape,
  noseShape,
  type BrowShape,
  type CheekShape,
  type NoseShape,
} from './features.js';
import { headShape, type HeadShape } from './head.js';
import { mouthShape, type MouthShape } from './mouth.js';
import { placeWith, type Placement } from './pose.js';
import type { Point, Side } from './point.js';

/** Everything that moves, as points in the picture. */
export interface FaceGeometry {
  readonly scale: number;
  readonly roll: number;
  readonly head: HeadShape;
  readonly mouth: MouthShape;
  readonly eyes: readonly EyeShape[];
  readonly brows: readonly BrowShape[];
  readonly nose: NoseShape;
  readonly cheeks: readonly CheekShape[];
}

/** A rectangle in whole pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const sides: readonly Side[] = [-1, 1];

/** A weight row (frame.ts) as points. Depends on nothing but its arguments. */
export function faceGeometry(row: Float32Array, placement: Placement): FaceGeometry {
  const expression = expressionOf(row);
  const pose = poseOf(row);
  const place = placeWith(pose, placement);
  const still = placeWith({ yaw: 0, pitch: 0, roll: 0 }, placement);
  return {
    scale: placement.scale,
    roll: pose.roll,
    head: headShape(expression, place, still),
    mouth: mouthShape(expression, place),
    eyes: sides.map((side) => eyeShape(expression, side, place, placement.scale)),
    brows: sides.map((side) => browShape(expression, side, place)),
    nose: noseShape(expression, place),
    cheeks: sides.map((side) => cheekShape(expression, side, place)),
  };
}

/** Everything that the moving parts can touch, within the picture. */
export function boundsOf(face: FaceGeometry, width: number, height: number): Box {
  const { head, mouth, scale } = face;
  const points: Point[] = [
    ...head.face,
    ...head.backHair,
    ...head.frontHair,
    ...head.neck,
    ...mouth.tongueTip,
    ...head.ears.flatMap((ear) => ear.outline),
  ];
  // A spline through the points swings out a little between them.
  const margin = 12 * scale;
  const left = Math.max(0, Math.floor(Math.min(...points.map((p) => p.x)) - margin));
  const top = Math.max(0, Math.floor(Math.min(...points.map((p) => p.y)) - margin));
  const right = Math.min(width, Math.ceil(Math.max(...points.map((p) => p.x)) + margin));
  const bottom = Math.min(height, Math.ceil(Math.max(...points.map((p) => p.y)) + margin));
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

export function unionOf(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
