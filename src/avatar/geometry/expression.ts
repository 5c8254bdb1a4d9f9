import { arkitNames, pitchIndex, rollIndex, weightCount, yawIndex, type ArkitName } from '../../frame.js';
import type { Side } from './point.js';

/** The 52 weights by name, each in [0, 1]. */
export type Expression = Readonly<Record<ArkitName, number>>;

/** Head pose in radians, signs as in frame.ts. */
export interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/** Largest turn that a drawn (not modelled) head still shows well, in radians. */
export const poseLimit: Pose = { yaw: 0.5, pitch: 0.4, roll: 0.4 };

/** Reads a weight row; what is not a number counts as 0, what is out of range is clamped. */
export function expressionOf(row: Float32Array): Expression {
  const expression = {} as Record<ArkitName, number>;
  for (let index = 0; index < weightCount; index++) {
    const name = arkitNames[index];
    if (name !== undefined) expression[name] = limited(row[index], 0, 1);
  }
  return expression;
}

export function poseOf(row: Float32Array): Pose {
  return {
    yaw: limited(row[yawIndex], -poseLimit.yaw, poseLimit.yaw),
    pitch: limited(row[pitchIndex], -poseLimit.pitch, poseLimit.pitch),
    roll: limited(row[rollIndex], -poseLimit.roll, poseLimit.roll),
  };
}

type Sided<Name> = Name extends `${infer Stem}Left` ? (Stem extends 'jaw' | 'mouth' ? never : Stem) : never;
/** Names of the channels that come as a left and a right one, without the side. */
export type SidedName = Sided<ArkitName>;

/** The weight of a paired channel on one side. */
export function sided(expression: Expression, name: SidedName, side: Side): number {
  return side > 0 ? expression[`${name}Left`] : expression[`${name}Right`];
}

function limited(value: number | undefined, least: number, most: number): number {
  if (value === undefined || !Number.isFinite(value)) return 0;
  return Math.min(most, Math.max(least, value));
}
