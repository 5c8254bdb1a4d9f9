/** A place in the picture, in pixels from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Maps head space (design pixels, see pose.ts) into the picture. */
export type Place = (x: number, y: number, z: number) => Point;

/** −1 is the character's right (left half of the picture), +1 its left. */
export type Side = -1 | 1;

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function rise(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** A hill of height 1 around 0 that is negligible beyond ±2.5 widths. */
export function hill(distance: number, width: number): number {
  return Math.exp(-((distance / width) ** 2));
}
