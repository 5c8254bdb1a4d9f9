import {
  arkitIndex,
  frameWidth,
  pitchIndex,
  rollIndex,
  weightCount,
  yawIndex,
  type ArkitName,
} from '../frame.js';

type Channel = ArkitName | 'yaw' | 'pitch' | 'roll';
/** Milliseconds from the beginning, and what is added then: a weight, or radians as in frame.ts. */
type Key = readonly [atMs: number, value: number];

/** A movement of head and face. The built-in face has no hands. */
export interface FaceAction {
  /** For people. */
  readonly title: string;
  readonly durationMs: number;
  readonly curves: Readonly<Partial<Record<Channel, readonly Key[]>>>;
}

/** Up within `upMs`, held, and back at the end. */
function swell(value: number, upMs: number, downMs: number, endMs: number): readonly Key[] {
  return [[0, 0], [upMs, value], [downMs, value], [endMs, 0]]; // prettier-ignore
}

function both(name: string, keys: readonly Key[]): FaceAction['curves'] {
  return { [`${name}Left`]: keys, [`${name}Right`]: keys };
}

// Smiles stay small enough for lips that meet while something is said.
/** What the built-in face can perform, by the names that texts call them. */
export const faceActions = {
  nod: { title: 'Nod', durationMs: 1000, curves: { pitch: [[0, 0], [240, -0.17], [480, 0.03], [720, -0.11], [1000, 0]] } },
  shake_head: { title: 'Shake the head', durationMs: 1400, curves: { yaw: [[0, 0], [280, 0.18], [640, -0.18], [1000, 0.13], [1400, 0]], ...both('browDown', swell(0.2, 280, 1000, 1400)) } },
  bow: { title: 'Bow', durationMs: 1700, curves: { pitch: swell(-0.36, 560, 960, 1700), ...both('eyeBlink', swell(0.4, 560, 960, 1500)) } },
  tilt_head: { title: 'Tilt the head', durationMs: 1500, curves: { roll: swell(0.17, 400, 1000, 1500) } },
  greet: { title: 'Greet with a smile', durationMs: 1500, curves: { pitch: [[0, 0], [320, 0.06], [640, -0.14], [1100, 0]], ...both('mouthSmile', swell(0.34, 320, 1000, 1500)), ...both('cheekSquint', swell(0.3, 320, 1000, 1500)), ...both('browOuterUp', swell(0.4, 240, 560, 1100)) } },
  welcome: { title: 'Welcome', durationMs: 1900, curves: { pitch: swell(-0.15, 600, 1000, 1900), roll: swell(0.08, 600, 1000, 1900), ...both('mouthSmile', swell(0.34, 400, 1300, 1900)), ...both('cheekSquint', swell(0.3, 400, 1300, 1900)) } },
  emphasize: { title: 'Emphasize', durationMs: 800, curves: { pitch: [[0, 0], [200, 0.04], [400, -0.11], [800, 0]], browInnerUp: swell(0.4, 200, 440, 800), ...both('browOuterUp', swell(0.5, 200, 440, 800)) } },
  ask: { title: 'Ask', durationMs: 1400, curves: { roll: swell(0.11, 360, 900, 1400), pitch: swell(0.05, 360, 900, 1400), browInnerUp: swell(0.45, 300, 900, 1400), ...both('browOuterUp', swell(0.5, 300, 900, 1400)) } },
  smile: { title: 'Smile', durationMs: 2200, curves: { ...both('mouthSmile', swell(0.36, 400, 1600, 2200)), ...both('cheekSquint', swell(0.4, 400, 1600, 2200)), ...both('eyeSquint', swell(0.16, 400, 1600, 2200)) } },
  surprise: { title: 'Be surprised', durationMs: 1400, curves: { pitch: swell(0.07, 200, 800, 1400), browInnerUp: swell(0.6, 160, 900, 1400), ...both('browOuterUp', swell(0.6, 160, 900, 1400)), ...both('eyeWide', swell(0.6, 160, 900, 1400)) } },
  frown: { title: 'Frown', durationMs: 1700, curves: { ...both('browDown', swell(0.7, 300, 1100, 1700)), ...both('noseSneer', swell(0.16, 300, 1100, 1700)), ...both('eyeSquint', swell(0.25, 300, 1100, 1700)) } },
  wink: { title: 'Wink', durationMs: 640, curves: { eyeBlinkLeft: [[0, 0], [120, 1], [320, 1], [520, 0]], cheekSquintLeft: swell(0.5, 120, 320, 640), mouthSmileLeft: swell(0.25, 160, 360, 640) } },
} as const satisfies Readonly<Record<string, FaceAction>>; // prettier-ignore

export type FaceActionName = keyof typeof faceActions;

/** The action of this name, whatever its case; undefined when the face has no such action. */
export function faceActionOf(name: string): FaceAction | undefined {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(faceActions, key) ? faceActions[key as FaceActionName] : undefined;
}

const headColumns = { yaw: yawIndex, pitch: pitchIndex, roll: rollIndex } as const;

/**
 * Adds an action to a weight row (frame.ts), in place; weights stay at most 1.
 *
 * @param atMs since the action began; outside of it nothing is added.
 * @param strength 1 the whole action, 0 nothing of it.
 */
export function addFaceAction(row: Float32Array, action: FaceAction, atMs: number, strength = 1): void {
  if (atMs <= 0 || atMs >= action.durationMs || row.length !== frameWidth) return;
  for (const [name, keys] of Object.entries(action.curves) as [Channel, readonly Key[]][]) {
    const column =
      name in headColumns ? headColumns[name as keyof typeof headColumns] : arkitIndex[name as ArkitName];
    const value = (row[column] ?? 0) + strength * curveAt(keys, atMs);
    row[column] = column < weightCount ? Math.min(1, value) : value;
  }
}

/** Between two keys the value goes without a jump of its speed; outside of all it is 0. */
function curveAt(keys: readonly Key[], atMs: number): number {
  const next = keys.findIndex(([ms]) => ms > atMs);
  if (next <= 0) return 0;
  const [fromMs, from] = keys[next - 1];
  const [toMs, to] = keys[next];
  return from + (to - from) * (0.5 - 0.5 * Math.cos((Math.PI * (atMs - fromMs)) / (toMs - fromMs)));
}
