import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { FacewireError, toFacewireError } from '../errors.js';
import { loadCanvas } from './canvas-loader.js';
import { FramePainter, type Slot } from './frame-painter.js';
import { mouthPoses, moods, rowOf, type PoseSketch } from './poses.js';

const width = 1280;
const height = 720;
/** The head and shoulders within a 720p picture. */
const crop = { x: 440, y: 80, width: 400, height: 480 };
const columns = 4;
const cell = { width: 260, height: 312 };
const gap = 8;
const caption = 26;

/** Draws the face in its moods and mouth shapes, one labelled cell each. Returns a PNG. */
export async function contactSheet(): Promise<Buffer> {
  const canvas = await loadCanvas();
  const painter = new FramePainter(canvas, width, height, 'studio');
  const slot: Slot = { pixels: new Uint8Array(width * height * 4), painted: undefined };
  const poses: [string, PoseSketch][] = [
    ...Object.entries(moods),
    ...Object.entries(mouthPoses).filter(([name]) => name !== 'closed'),
  ];
  const rows = Math.ceil(poses.length / columns);
  const sheet = canvas.createCanvas(
    columns * (cell.width + gap) + gap,
    rows * (cell.height + caption + gap) + gap,
  );
  const context = sheet.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, sheet.width, sheet.height);
  const whole = canvas.createCanvas(width, height);
  const wholeContext = whole.getContext('2d');
  for (const [index, [name, sketch]] of poses.entries()) {
    painter.paint(rowOf(sketch), slot);
    const image = wholeContext.createImageData(width, height);
    image.data.set(slot.pixels);
    wholeContext.putImageData(image, 0, 0);
    const x = gap + (index % columns) * (cell.width + gap);
    const y = gap + Math.floor(index / columns) * (cell.height + caption + gap);
    context.drawImage(whole, crop.x, crop.y, crop.width, crop.height, x, y, cell.width, cell.height);
    context.fillStyle = '#33464d';
    context.font = '15px sans-serif';
    context.textAlign = 'center';
    context.fillText(name, x + cell.width / 2, y + cell.height + 18);
  }
  return sheet.toBuffer('image/png');
}

async function main(): Promise<void> {
  const file = process.argv[2] ?? 'docs/faces.png';
  const png = await contactSheet();
  await writeFile(file, png).catch((cause: unknown) => {
    throw new FacewireError('ERR_OUTPUT_UNWRITABLE', `${file} cannot be written`, { cause });
  });
  console.log(`wrote ${file} (${png.length} bytes)`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((thrown: unknown) => {
    const error = toFacewireError(thrown);
    console.error(`${error.code}: ${error.message}\n${error.remedy}`);
    process.exitCode = 1;
  });
}
