import { arkitIndex, frameWidth, pitchIndex, rollIndex, yawIndex, type ArkitName } from '../frame.js';

/** Weights by name, and the head pose in radians. What is left out is 0. */
export type PoseSketch = Partial<Record<ArkitName | 'yaw' | 'pitch' | 'roll', number>>;

const headColumns = { yaw: yawIndex, pitch: pitchIndex, roll: rollIndex } as const;

/** A weight row (frame.ts) from names. */
export function rowOf(sketch: PoseSketch): Float32Array {
  const row = new Float32Array(frameWidth);
  for (const [name, value] of Object.entries(sketch)) {
    const column =
      name in headColumns ? headColumns[name as keyof typeof headColumns] : arkitIndex[name as ArkitName];
    row[column] = value;
  }
  return row;
}

/** The same value for both sides of paired channels, for example `pair('eyeBlink', 1)`. */
export function pair(stem: string, value: number): PoseSketch {
  return { [`${stem}Left`]: value, [`${stem}Right`]: value };
}

/** Mouth shapes that a viewer must be able to tell apart. */
export const mouthPoses = {
  closed: {},
  f: { jawOpen: 0.08, mouthRollLower: 0.8, ...pair('mouthUpperUp', 0.35) },
  ah: { jawOpen: 0.6, ...pair('mouthLowerDown', 0.2) },
  oo: { jawOpen: 0.16, mouthPucker: 0.8, mouthFunnel: 0.2 },
  ee: {
    jawOpen: 0.12,
    ...pair('mouthStretch', 0.6),
    ...pair('mouthSmile', 0.35),
    ...pair('mouthUpperUp', 0.3),
    ...pair('mouthLowerDown', 0.3),
  },
} as const satisfies Record<string, PoseSketch>;

/** Whole-face poses for the contact sheet. */
export const moods = {
  neutral: {},
  smile: {
    ...pair('mouthSmile', 0.75),
    ...pair('cheekSquint', 0.5),
    ...pair('eyeSquint', 0.25),
    ...pair('browOuterUp', 0.2),
    roll: 0.06,
  },
  laugh: {
    jawOpen: 0.42,
    ...pair('mouthSmile', 0.9),
    ...pair('cheekSquint', 0.7),
    ...pair('mouthUpperUp', 0.35),
    ...pair('eyeSquint', 0.4),
    pitch: 0.06,
  },
  surprise: {
    jawOpen: 0.5,
    mouthFunnel: 0.35,
    browInnerUp: 0.9,
    ...pair('browOuterUp', 0.9),
    ...pair('eyeWide', 1),
  },
  doubt: {
    browDownLeft: 0.7,
    browOuterUpRight: 0.9,
    mouthLeft: 0.6,
    mouthPressLeft: 0.5,
    yaw: -0.16,
    roll: -0.08,
  },
  concern: { browInnerUp: 0.9, ...pair('mouthFrown', 0.6), mouthShrugLower: 0.4, pitch: -0.1 },
  think: {
    eyeLookUpLeft: 0.8,
    eyeLookUpRight: 0.8,
    eyeLookOutLeft: 0.6,
    eyeLookInRight: 0.6,
    mouthPucker: 0.3,
    mouthRight: 0.4,
    yaw: 0.2,
    roll: 0.05,
  },
  listen: { yaw: 0.3, pitch: -0.05, roll: 0.1, ...pair('mouthSmile', 0.3) },
} as const satisfies Record<string, PoseSketch>;
