/** The family name (`RealThType`) that goes with `standardFeatureOrder`. */
export const standardFeatureFamily = '3D_standard';

// prettier-ignore
/** Column names of the 52 mouth-shape features in the order of the wire; shorter rows are prefixes of it. */
export const standardFeatureOrder = [
  'mouthLowerDownRight', 'mouthRollLower', 'cheekSquintRight', 'mouthStretchRight', 'mouthSmileLeft', 'mouthDimpleRight',
  'noseSneerRight', 'jawOpen', 'mouthPucker', 'mouthFunnel', 'mouthStretchLeft', 'cheekSquintLeft', 'mouthPressRight',
  'mouthDimpleLeft', 'cheekPuff', 'mouthClose', 'mouthPressLeft', 'jawRight', 'mouthUpperUpLeft', 'mouthLowerDownLeft',
  'mouthLeft', 'mouthShrugUpper', 'mouthFrownLeft', 'mouthFrownRight', 'mouthRight', 'noseSneerLeft', 'mouthShrugLower',
  'mouthUpperUpRight', 'mouthRollUpper', 'jawForward', 'jawLeft', 'mouthSmileRight', 'eyeSquintRight', 'browOuterUpRight',
  'eyeLookUpRight', 'eyeWideRight', 'eyeLookDownLeft', 'browInnerUp', 'eyeLookOutRight', 'browDownLeft', 'eyeLookUpLeft',
  'browDownRight', 'eyeBlinkLeft', 'eyeLookInLeft', 'eyeLookOutLeft', 'eyeSquintLeft', 'tongueOut', 'eyeBlinkRight',
  'browOuterUpLeft', 'eyeLookDownRight', 'eyeWideLeft', 'eyeLookInRight',
] as const;
