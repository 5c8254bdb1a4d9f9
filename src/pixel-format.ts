import { loadAddon } from './media/load-addon.js';
import { convertToYuv, yuvBytes } from './yuv-picture.js';

/**
 * How the bytes of a picture lie, rows top to bottom, no padding.
 * `rgba`, `bgra`: four bytes a pixel. `i420`: luma, then blue and red chroma at
 * half the size. `nv12`: luma, then the two chromas in turn. YUV is BT.709,
 * limited range, of even width and height.
 */
export const pixelFormats = ['rgba', 'bgra', 'nv12', 'i420'] as const;
export type PixelFormat = (typeof pixelFormats)[number];

/** `straight`: colour is that of the opaque part; `premultiplied`: it was multiplied by alpha. */
export type AlphaKind = 'straight' | 'premultiplied';

export function hasAlpha(format: PixelFormat): boolean {
  return format === 'rgba' || format === 'bgra';
}

/** Bytes of one picture. */
export function pictureBytes(format: PixelFormat, width: number, height: number): number {
  return hasAlpha(format) ? 4 * width * height : yuvBytes(width, height);
}

/** What is seen through a picture, or nothing at all. */
export interface Behind {
  readonly alpha: AlphaKind;
  /** Red, green, blue as 0xrrggbb. */
  readonly colour: number;
}

/** Where a picture goes: into a YUV 4:2:0 picture of its height and at least its width, from an even column on. */
export interface YuvTarget {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly column: number;
}

/** RGBA or BGRA to YUV 4:2:0, over a colour; without one, alpha is ignored. */
export function composeYuv(
  pixels: Uint8Array,
  format: 'rgba' | 'bgra',
  width: number,
  height: number,
  behind: Behind | undefined,
  out: YuvTarget,
): void {
  const alpha = behind === undefined ? 0 : behind.alpha === 'straight' ? 1 : 2;
  const order = format === 'rgba' ? 0 : 1;
  const colour = behind?.colour ?? 0;
  loadAddon().video.compose(pixels, width, height, order, alpha, colour, out.bytes, out.width, out.column);
}

/** A picture of any format as YUV 4:2:0 of the same size; alpha is ignored. */
export function toYuv(
  pixels: Uint8Array,
  format: PixelFormat,
  width: number,
  height: number,
  out: Uint8Array,
): void {
  if (format === 'rgba') convertToYuv(pixels, width, height, { x: 0, y: 0, width, height }, out);
  else if (format === 'bgra')
    composeYuv(pixels, format, width, height, undefined, { bytes: out, width, column: 0 });
  else if (format === 'nv12') loadAddon().video.fromNv12(pixels, width, height, out);
  else out.set(pixels);
}
