import { loadAddon } from '../media/load-addon.js';

/** Something that is put over pictures again and again, ready in YUV. */
export interface Overlay {
  /** Place of its corner in the picture, and its size: even numbers of pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Bytes of luma and alpha, and of both chromas and alpha at half the size. */
export function overlayBytes(width: number, height: number): number {
  return (width * height * 11) / 4;
}

/**
 * Prepares straight RGBA.
 *
 * @param into used again when it is large enough.
 */
export function makeOverlay(
  rgba: Uint8Array,
  place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  into?: Uint8Array,
): Overlay {
  const { x, y, width, height } = place;
  const size = overlayBytes(width, height);
  const bytes = into !== undefined && into.length >= size ? into : new Uint8Array(size);
  loadAddon().video.overlay(rgba, width, height, bytes);
  return { x, y, width, height, bytes };
}

/**
 * Puts it over a YUV picture.
 *
 * @param column of the picture at which the overlay's own picture begins.
 * @param isKey the picture is a key: what the overlay covers becomes opaque.
 */
export function putOverlay(
  { x, y, width, height, bytes }: Overlay,
  picture: Uint8Array,
  pictureWidth: number,
  pictureHeight: number,
  column = 0,
  isKey = false,
): void {
  loadAddon().video.put(bytes, width, height, picture, pictureWidth, pictureHeight, column + x, y, isKey);
}

/** The even number below. */
export function evenBelow(value: number): number {
  return 2 * Math.floor(value / 2);
}
