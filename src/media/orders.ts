import { arkitNames, type ArkitName } from '../frame.js';

/** Builds an order from another one by swapping pairs of neighbours in place. */
function swapped(
  order: readonly ArkitName[],
  ...pairs: (readonly [ArkitName, ArkitName])[]
): readonly ArkitName[] {
  const names = [...order];
  for (const [one, other] of pairs) {
    const at = names.indexOf(one);
    const to = names.indexOf(other);
    names[at] = other;
    names[to] = one;
  }
  return names;
}

/**
 * The orders in which the 52 ARKit blend shapes are found on wires and in
 * files. The names are one set everywhere; only the places differ, and a wrong
 * order fails silently, so columns are always mapped by name.
 */
export const featureOrders = {
  /** Apple's header order: Azure Speech, NVIDIA Audio2Face-3D, the Live Link Face protocol. */
  arkit: arkitNames,
  /** Columns of Live Link Face CSV recordings. */
  'live-link-face': swapped(arkitNames, ['jawLeft', 'jawRight'], ['mouthLeft', 'mouthRight']),
  /** Sorted by name: Unity, BEAT, LAM; MediaPipe without tongueOut. */
  alphabetical: [...arkitNames].sort(),
  /** Audio2Exp of the Tencent Effect SDK. */
  'tencent-effect': swapped(arkitNames, ['mouthLeft', 'mouthRight'], ['mouthFrownLeft', 'mouthFrownRight']),
  /** `ThFeat` of the digital human service with `RealThType` 3D_standard. */
  'tencent-3d-standard': [
    'mouthLowerDownRight', 'mouthRollLower', 'cheekSquintRight', 'mouthStretchRight', 'mouthSmileLeft',
    'mouthDimpleRight', 'noseSneerRight', 'jawOpen', 'mouthPucker', 'mouthFunnel', 'mouthStretchLeft',
    'cheekSquintLeft', 'mouthPressRight', 'mouthDimpleLeft', 'cheekPuff', 'mouthClose', 'mouthPressLeft',
    'jawRight', 'mouthUpperUpLeft', 'mouthLowerDownLeft', 'mouthLeft', 'mouthShrugUpper', 'mouthFrownLeft',
    'mouthFrownRight', 'mouthRight', 'noseSneerLeft', 'mouthShrugLower', 'mouthUpperUpRight', 'mouthRollUpper',
    'jawForward', 'jawLeft', 'mouthSmileRight', 'eyeSquintRight', 'browOuterUpRight', 'eyeLookUpRight',
    'eyeWideRight', 'eyeLookDownLeft', 'browInnerUp', 'eyeLookOutRight', 'browDownLeft', 'eyeLookUpLeft',
    'browDownRight', 'eyeBlinkLeft', 'eyeLookInLeft', 'eyeLookOutLeft', 'eyeSquintLeft', 'tongueOut',
    'eyeBlinkRight', 'browOuterUpLeft', 'eyeLookDownRight', 'eyeWideLeft', 'eyeLookInRight',
  ],
} as const satisfies Record<string, readonly ArkitName[]>; // prettier-ignore

export type FeatureOrderName = keyof typeof featureOrders;
