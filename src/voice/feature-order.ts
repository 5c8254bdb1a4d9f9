import type { ArkitName } from '../frame.js';

// prettier-ignore
/** Columns of the mouth-shape features of family `3D_standard`, in wire order. */
export const standardFeatureOrder: readonly ArkitName[] = [
  'mouthLowerDownRight', 'mouthRollLower', 'cheekSquintRight', 'mouthStretchRight', 'mouthSmileLeft', 'mouthDimpleRight',
  'noseSneerRight', 'jawOpen', 'mouthPucker', 'mouthFunnel', 'mouthStretchLeft', 'cheekSquintLeft',
  'mouthPressRight', 'mouthDimpleLeft', 'cheekPuff', 'mouthClose', 'mouthPressLeft', 'jawRight',
  'mouthUpperUpLeft', 'mouthLowerDownLeft', 'mouthLeft', 'mouthShrugUpper', 'mouthFrownLeft', 'mouthFrownRight',
  'mouthRight', 'noseSneerLeft', 'mouthShrugLower', 'mouthUpperUpRight', 'mouthRollUpper', 'jawForward',
  'jawLeft', 'mouthSmileRight', 'eyeSquintRight', 'browOuterUpRight', 'eyeLookUpRight', 'eyeWideRight',
  'eyeLookDownLeft', 'browInnerUp', 'eyeLookOutRight', 'browDownLeft', 'eyeLookUpLeft', 'browDownRight',
  'eyeBlinkLeft', 'eyeLookInLeft', 'eyeLookOutLeft', 'eyeSquintLeft', 'tongueOut', 'eyeBlinkRight',
  'browOuterUpLeft', 'eyeLookDownRight', 'eyeWideLeft', 'eyeLookInRight',
];
