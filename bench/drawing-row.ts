import type { CanvasModule } from '../dist/avatar/canvas-loader.js';
import { loadCanvas } from '../dist/avatar/canvas-loader.js';
import { DrawingList } from '../dist/avatar/drawing-list.js';
import { FramePainter, type Slot } from '../dist/avatar/frame-painter.js';
import { boundsOf, faceGeometry, unionOf, type Box } from '../dist/avatar/geometry/face.js';
import { placementFor } from '../dist/avatar/geometry/pose.js';
import { paintFace } from '../dist/avatar/paint/face.js';
import { ScenePainter } from '../dist/avatar/scene-painter.js';
import { arkitIndex, frameWidth, weightCount } from '../dist/frame.js';
import { MediaSession } from '../dist/media/index.js';
import { PictureDrawer } from '../dist/picture-drawer.js';
import { convertToYuv, yuvBytes } from '../dist/yuv-picture.js';

import { contest, median, type Contestant } from './contest.js';
import { inTurn } from './material.js';
import { ours, ways, type Context, type Row, type RowResult } from './row.js';

const [width, height] = [1280, 720];
const frameRate = 25;
/** Buffers that pictures take turns in, as in the product. */
const buffers = 6;
const canvasName = '@napi-rs/canvas, read back';

/** The built-in face while it speaks and sways, from the weights to YUV. */
export const drawingRow: Row = { name: 'picture of the face, 720p', uncounted: true, run };

async function run({ effort }: Context): Promise<RowResult> {
  const work = 'one picture of the built-in face, speaking and swaying, and its YUV where it changed';
  let canvas: CanvasModule;
  try {
    canvas = await loadCanvas();
  } catch (thrown) {
    return { work, ways: [], checks: [], skipped: [{ name: ours, reason: String(thrown) }] };
  }
  const rows = spokenRows(effort.size === 'smoke' ? 30 : 400);
  const painter = new FramePainter(canvas, width, height, 'studio');
  const before = new CanvasReader(canvas);
  assertAlike(painter, before, rows);

  const timings = contest(
    [
      { name: ours, run: converted(rows, (row, slot) => painter.paint(row, slot)) },
      { name: canvasName, run: converted(rows, (row, slot) => before.paint(row, slot)) },
      ...stages(painter, rows),
    ],
    effort,
  );
  const own = timings.find(({ name }) => name === ours);
  return {
    work,
    ways: ways(timings),
    checks: [
      {
        what: 'a picture',
        unit: 'ms',
        measured: median(own?.rounds ?? []) / 1000,
        bound: 'at most',
        must: 4,
      },
    ],
    skipped: [],
  };
}

/** Weight rows of a session: speech-like features with idle life and head. */
function spokenRows(count: number): Float32Array[] {
  const seconds = Math.ceil(count / frameRate) + 2;
  const session = new MediaSession({ maxBufferedSeconds: 60, featureOrder: 'arkit', idleSeed: 1 });
  const features = new Float32Array(frameRate * seconds * weightCount);
  for (let row = 0; row < frameRate * seconds; row++) {
    const wave = (hz: number): number => 0.5 + 0.5 * Math.sin((2 * Math.PI * hz * row) / frameRate);
    features[row * weightCount + arkitIndex.jawOpen] = 0.7 * wave(3.1);
    features[row * weightCount + arkitIndex.mouthPucker] = 0.6 * wave(1.3);
    features[row * weightCount + arkitIndex.mouthSmileLeft] = 0.4 * wave(0.4);
    features[row * weightCount + arkitIndex.browInnerUp] = 0.5 * wave(0.7);
  }
  const pcm = Int16Array.from(
    { length: 24_000 * seconds },
    (_, i) => 6000 * Math.sin(i / 20) * Math.sin(i / 3000),
  );
  session.begin();
  session.pushParsed({
    ...{ audio: Buffer.from(pcm.buffer).toString('base64'), features, sampleRate: 24_000 },
    ...{ featureDimension: weightCount, sentenceStart: true, sentenceFinal: true },
    ...{ featuresFinal: true, final: true },
  });
  const span = session.sampleRate / frameRate;
  const rows = Array.from({ length: count }, (_, frame) => {
    session.commit((frame + 1) * span);
    const row = new Float32Array(frameWidth);
    session.frameAt(frame * span, row, (frame + 1) * span);
    return row;
  });
  session.close();
  if (!rows.some((row) => row[arkitIndex.jawOpen] > 0.2)) throw new Error('the face does not speak');
  return rows;
}

function freshSlots(): Slot[] {
  return Array.from({ length: buffers }, () => ({
    pixels: new Uint8Array(new SharedArrayBuffer(width * height * 4)),
    painted: undefined,
  }));
}

/** Draws and converts the next row at each call. */
function converted(rows: readonly Float32Array[], paint: (row: Float32Array, slot: Slot) => Box): () => void {
  const [row, slot] = [inTurn(rows), inTurn(freshSlots())];
  const yuv = new Uint8Array(new SharedArrayBuffer(yuvBytes(width, height)));
  return () => {
    const to = slot();
    convertToYuv(to.pixels, width, height, paint(row(), to), yuv);
  };
}

/** What a picture is made of, each for itself. */
function stages(painter: FramePainter, rows: readonly Float32Array[]): Contestant[] {
  const placement = placementFor(width, height);
  const row = inTurn(rows);
  const face = inTurn(rows.map((each) => faceGeometry(each, placement)));
  const list = new DrawingList();
  const noted = inTurn(
    rows.slice(0, 25).map((each) => {
      const own = new DrawingList();
      paintFace(own, faceGeometry(each, placement), () => own.overlay());
      return own;
    }),
  );
  const clear = new Uint8Array(width * height * 4);
  const drawer = new PictureDrawer(
    width,
    height,
    clear.map(() => 255),
    clear,
  );
  const slot = freshSlots()[0];
  painter.paint(rows[0], slot);
  const area = painter.paint(rows[1], slot);
  const yuv = new Uint8Array(yuvBytes(width, height));
  return [
    { name: `${ours}: geometry`, run: () => void faceGeometry(row(), placement) },
    {
      name: `${ours}: steps of the paint code`,
      run: () => {
        list.clear();
        paintFace(list, face(), () => list.overlay());
      },
    },
    {
      name: `${ours}: drawing, without the body`,
      run: () => {
        const { numbers, count } = noted();
        drawer.draw(numbers, count, area, slot.pixels);
      },
    },
    { name: `${ours}: YUV`, run: () => convertToYuv(slot.pixels, width, height, area, yuv) },
  ];
}

/** The way before: the canvas draws, and its pixels are read back in pieces. */
class CanvasReader {
  readonly #scene: ScenePainter;

  constructor(canvas: CanvasModule) {
    this.#scene = new ScenePainter(canvas, width, height, 'studio');
  }

  paint(row: Float32Array, slot: Slot): Box {
    const face = this.#scene.geometry(row);
    const bounds = boundsOf(face, width, height);
    const area = slot.painted === undefined ? { x: 0, y: 0, width, height } : unionOf(slot.painted, bounds);
    this.#scene.draw(face, area);
    const rowBytes = area.width * 4;
    // Reading more at once makes the allocator map and unmap memory for every picture.
    const lines = Math.max(1, Math.floor(100_000 / rowBytes));
    for (let top = area.y; top < area.y + area.height; top += lines) {
      const count = Math.min(lines, area.y + area.height - top);
      const tile = this.#scene.context.getImageData(area.x, top, area.width, count).data;
      for (let line = 0; line < count; line++)
        slot.pixels.set(
          tile.subarray(line * rowBytes, (line + 1) * rowBytes),
          ((top + line) * width + area.x) * 4,
        );
    }
    slot.painted = bounds;
    return area;
  }
}

/** Both draw the same picture, but for the noise of edges. */
function assertAlike(painter: FramePainter, before: CanvasReader, rows: readonly Float32Array[]): void {
  const [one, other] = freshSlots();
  for (const row of [rows[0], rows[rows.length >> 1]]) {
    painter.paint(row, one);
    before.paint(row, other);
    let sum = 0;
    for (let i = 0; i < one.pixels.length; i++) sum += (one.pixels[i] - other.pixels[i]) ** 2;
    const psnr = 10 * Math.log10((255 ** 2 * one.pixels.length) / Math.max(1, sum));
    if (psnr < 46) throw new Error(`the pictures differ: ${psnr.toFixed(1)} dB`);
  }
}
