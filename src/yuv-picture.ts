import { loadAddon } from './media/load-addon.js';

/** A part of a picture, in pixels. */
export interface PictureArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Bytes of a picture in YUV 4:2:0: luma, then blue and red chroma at half the size. Width and height are even. */
export function yuvBytes(width: number, height: number): number {
  return (width * height * 3) / 2;
}

/**
 * Converts RGBA to YUV 4:2:0 (BT.709, limited range), in the squares of four
 * pixels that `area` touches; the rest of `out` keeps what it has.
 */
export function convertToYuv(
  rgba: Uint8Array,
  width: number,
  height: number,
  area: PictureArea,
  out: Uint8Array,
): void {
  loadAddon().video.toYuv420(rgba, width, height, area.x, area.y, area.width, area.height, out);
}
