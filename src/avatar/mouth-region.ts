import type { Box } from './geometry/face.js';
import { mouthY } from './geometry/mouth.js';
import { placementFor } from './geometry/pose.js';
import { palette } from './paint/palette.js';

/** Half width and reach above and below the seam, in design pixels: jaw wide open plus idle sway. */
const halfWidth = 70;
const above = 38;
const below = 84;

/**
 * Where the mouth of the built-in face lies in a picture of this size, with
 * room for idle sway. Edges are even, so a 4:2:0 picture can be cropped to it.
 */
export function mouthRegion(width: number, height: number): Box {
  const { scale, originX, originY } = placementFor(width, height);
  const even = (value: number): number => 2 * Math.round(value / 2);
  const x = Math.max(0, even(originX - halfWidth * scale));
  const y = Math.max(0, even(originY + (mouthY - above) * scale));
  return {
    x,
    y,
    width: Math.min(width - (width % 2) - x, even(2 * halfWidth * scale)),
    height: Math.min(height - (height % 2) - y, even((above + below) * scale)),
  };
}

interface Chroma {
  readonly luma: number;
  readonly blue: number;
  readonly red: number;
}

function chromaOf(red: number, green: number, blue: number): Chroma {
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  return { luma, blue: 0.564 * (blue - luma), red: 0.713 * (red - luma) };
}

function parsed(colour: string): Chroma {
  const value = Number.parseInt(colour.slice(1), 16);
  return chromaOf(value >> 16, (value >> 8) & 255, value & 255);
}

const p = palette;
const interior = [p.cavity, p.cavityDeep, p.teeth, p.teethShade, p.tongue, p.tongueLight].map(parsed);
const exterior = [
  p.skin, p.skinLight, p.skinShade, p.skinDeep, p.skinLine, p.lipUpper, p.lipLower, p.lipLight, p.lipLine, p.blush, p.hair, p.hairDark, p.hairBack,
].map(parsed); // prettier-ignore

/** Chroma says more than luma here: skin and lips share a hue that no inner part has. */
const chromaWeight = 2;

function nearest(colour: Chroma, prototypes: readonly Chroma[]): number {
  let least = Infinity;
  for (const other of prototypes) {
    const distance =
      (colour.luma - other.luma) ** 2 +
      chromaWeight * ((colour.blue - other.blue) ** 2 + (colour.red - other.red) ** 2);
    if (distance < least) least = distance;
  }
  return least;
}

/** Whether a colour (0 to 255 each) is cavity, teeth or tongue rather than skin, lips or hair. */
export function isMouthInterior(red: number, green: number, blue: number): boolean {
  const colour = chromaOf(red, green, blue);
  return nearest(colour, interior) < nearest(colour, exterior);
}

/** Pixels of a picture (3 or 4 bytes each, rows without padding) that show the inside of the mouth. */
export function interiorArea(pixels: Uint8Array, width: number, area: Box, bytesPerPixel: 3 | 4): number {
  let count = 0;
  for (let y = area.y; y < area.y + area.height; y++) {
    for (let x = area.x; x < area.x + area.width; x++) {
      const i = (y * width + x) * bytesPerPixel;
      if (isMouthInterior(pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0)) count++;
    }
  }
  return count;
}

/** Measures the opening of the built-in face's mouth in decoded pictures that were cropped to `region()`. */
export const mouthMeter = {
  region: mouthRegion,
  /** Share of a cropped picture (rgb24) that shows the inside of the mouth, 0 to 1. */
  measure(rgb: Uint8Array, width: number, height: number): number {
    return interiorArea(rgb, width, { x: 0, y: 0, width, height }, 3) / (width * height);
  },
} as const;
