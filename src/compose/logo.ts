import { readBackground } from '../avatar/background-image.js';
import type { CanvasModule } from '../avatar/canvas-loader.js';
import { evenBelow, makeOverlay, type Overlay } from './overlay.js';
import type { LogoOptions } from './overlay-options.js';

/** Part of width and height at each edge that old screens hide. */
const safe = 0.04;

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
