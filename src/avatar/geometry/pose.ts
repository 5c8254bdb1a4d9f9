import type { Pose } from './expression.js';
import type { Place } from './point.js';

/**
 * Head space: design pixels of a 720-line picture, x to the right and y down in
 * the picture, z towards the viewer; the origin lies between the eyes on the
 * head's axis. A neutral pose maps (x, y, z) straight to (x, y).
 */
export interface Placement {
  /** Picture pixels per design pixel. */
  readonly scale: number;
  readonly originX: number;
  readonly originY: number;
}

const designHeight = 720;
/** Narrowest design width that still shows both shoulders. */
const designWidth = 620;
const eyeLine = 300;
const focalLength = 1500;
/** Height of the joint around which the head nods, at the ears. */
const nodY = 50;
/** Height of the joint around which the head tilts, in the neck. */
const tiltY = 205;

/** Puts the character in the middle, standing on the lower edge. */
export function placementFor(width: number, height: number): Placement {
  const scale = Math.min(height / designHeight, width / designWidth);
  return { scale, originX: width / 2, originY: height - (designHeight - eyeLine) * scale };
}

/**
 * A turned head in 2.5D: every point has a depth and is turned in space, so the
 * nose runs ahead of the cheeks and the hair behind falls back.
 */
export function placeWith(pose: Pose, placement: Placement): Place {
  const { scale, originX, originY } = placement;
  const [sinYaw, cosYaw] = [Math.sin(pose.yaw), Math.cos(pose.yaw)];
  const [sinPitch, cosPitch] = [Math.sin(pose.pitch), Math.cos(pose.pitch)];
  const [sinRoll, cosRoll] = [Math.sin(pose.roll), Math.cos(pose.roll)];
  return (x, y, z) => {
    const yawedX = x * cosYaw + z * sinYaw;
    const yawedZ = z * cosYaw - x * sinYaw;
    const nodded = y - nodY;
    const pitchedY = nodY + nodded * cosPitch - yawedZ * sinPitch;
    const pitchedZ = yawedZ * cosPitch + nodded * sinPitch;
    const nearness = 1 + (pitchedZ - z) / focalLength;
    const nearX = yawedX * nearness;
    const nearY = pitchedY * nearness - tiltY;
    return {
      x: originX + scale * (nearX * cosRoll - nearY * sinRoll),
      y: originY + scale * (tiltY + nearX * sinRoll + nearY * cosRoll),
    };
  };
}

/** Depth of the skin at (x, y), for what lies on the face. */
export function faceDepth(x: number, y: number): number {
  return 112 * Math.sqrt(Math.max(0.04, 1 - (x / 160) ** 2 - ((y - 25) / 270) ** 2));
}
