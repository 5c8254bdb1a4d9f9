/**
 * The row that the media session writes and every renderer reads: the 52 ARKit
 * weights in Apple's header order, then the head pose.
 *
 * Width 55: [0..51] weights in [0, 1]; [52] yaw, [53] pitch, [54] roll, radians.
 * Positive yaw turns the face to its own left, positive pitch looks up,
 * positive roll tilts the head to its own left shoulder.
 */
export const weightCount = 52;
export const frameWidth = 55;
export const yawIndex = 52;
export const pitchIndex = 53;
export const rollIndex = 54;

/** Channel names in Apple's ARKit header order (ARFaceAnchor.BlendShapeLocation). */
export const arkitNames = [
  'eyeBlinkLeft', 'eyeLookDownLeft', 'eyeLookInLeft', 'eyeLookOutLeft', 'eyeLookUpLeft', 'eyeSquintLeft', 'eyeWideLeft',
  'eyeBlinkRight', 'eyeLookDownRight', 'eyeLookInRight', 'eyeLookOutRight', 'eyeLookUpRight', 'eyeSquintRight', 'eyeWideRight',
  'jawForward', 'jawLeft', 'jawRight', 'jawOpen',
  'mouthClose', 'mouthFunnel', 'mouthPucker', 'mouthLeft', 'mouthRight', 'mouthSmileLeft', 'mouthSmileRight',
  'mouthFrownLeft', 'mouthFrownRight', 'mouthDimpleLeft', 'mouthDimpleRight', 'mouthStretchLeft', 'mouthStretchRight',
  'mouthRollLower', 'mouthRollUpper', 'mouthShrugLower', 'mouthShrugUpper', 'mouthPressLeft', 'mouthPressRight',
  'mouthLowerDownLeft', 'mouthLowerDownRight', 'mouthUpperUpLeft', 'mouthUpperUpRight',
  'browDownLeft', 'browDownRight', 'browInnerUp', 'browOuterUpLeft', 'browOuterUpRight',
  'cheekPuff', 'cheekSquintLeft', 'cheekSquintRight', 'noseSneerLeft', 'noseSneerRight', 'tongueOut',
] as const; // prettier-ignore

export type ArkitName = (typeof arkitNames)[number];

/** Column of a channel in a weight frame. */
export const arkitIndex: Readonly<Record<ArkitName, number>> = Object.fromEntries(
  arkitNames.map((name, index) => [name, index]),
) as Record<ArkitName, number>;
