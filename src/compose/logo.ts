import { readBackground } from '../avatar/background-image.js';
import type { CanvasModule } from '../avatar/canvas-loader.js';
import { inRange } from '../sinks/option-range.js';
import { evenBelow, makeOverlay, type Overlay } from './overlay.js';
import { oneOf } from '../renderers/foreign-renderer.js';

export const logoPlaces = ['top-left', 'top-right', 'bottom-left', 'bottom-right'] as const;

export interface LogoOptions {
  /** A PNG, JPEG or WebP file of at most 32 MiB. open() fails with ERR_INPUT_UNREADABLE. */
  readonly file: string;
  /** Default `top-right`. */
  readonly place?: (typeof logoPlaces)[number];
  /** Width as a part of the picture's, 0.01 to 0.5. Default 0.12; less where it would be too high. */
  readonly width?: number;
  /** 0 to 1. Default 1. */
  readonly opacity?: number;
}

/** Part of width and height at each edge that old screens hide. */
const safe = 0.04;

/** Checks all but the file. */
export function checkLogo({ place, width, opacity }: LogoOptions): void {
  oneOf('place', logoPlaces, place ?? 'top-right');
  inRange('width of the logo', width ?? 0.12, 0.01, 0.5);
  inRange('opacity of the logo', opacity ?? 1, 0, 1);
}

/** The logo at its place in a picture of this size. */
export async function readLogo(
  canvas: CanvasModule,
  options: LogoOptions,
  width: number,
  height: number,
): Promise<Overlay> {
  const { file, place = 'top-right', width: part = 0.12, opacity = 1 } = options;
  const image = await readBackground(canvas, file, 'logo');
  const scale = Math.min((part * width) / image.width, (0.5 * height) / image.height);
  const columns = Math.max(2, evenBelow(image.width * scale));
  const rows = Math.max(2, evenBelow(image.height * scale));
  const context = canvas.createCanvas(columns, rows).getContext('2d');
  context.globalAlpha = opacity;
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, columns, rows);
  const { data } = context.getImageData(0, 0, columns, rows);
  const [left, top] = [evenBelow(safe * width), evenBelow(safe * height)];
  const x = place.endsWith('left') ? left : width - left - columns;
  const y = place.startsWith('top') ? top : height - top - rows;
  return makeOverlay(new Uint8Array(data.buffer, data.byteOffset, data.length), {
    x,
    y,
    width: columns,
    height: rows,
  });
}
