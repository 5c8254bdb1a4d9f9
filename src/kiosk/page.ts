export interface PageContent {
  readonly background: string;
  /** Whether captions come and are written. */
  readonly subtitles: boolean;
  /** Whether there is an image at /logo. */
  readonly logo: boolean;
}

/** The page for a browser in full screen: draws the built-in face from the weight rows that come over a WebSocket. */
export function pageHtml({ background, subtitles, logo }: PageContent): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Facewire</title>
<link rel="icon" href="data:,">
<style>
  html, body { margin: 0; height: 100%; background: #10131a; overflow: hidden; cursor: none }
  canvas { display: block; width: 100vw; height: 100vh; position: fixed; top: 0; left: 0 }
  img { position: fixed; top: 4vh; right: 4vw; width: 12vw; height: 50vh; object-fit: contain; object-position: top }
</style>
<canvas id="face"></canvas>${logo ? '\n<img src="/logo" alt="">' : ''}${subtitles ? '\n<canvas id="words"></canvas>' : ''}
<script type="module">
import { ScenePainter } from '/code/avatar/scene-painter.js';
import { boundsOf, unionOf } from '/code/avatar/geometry/face.js';
import { CaptionDrawing } from '/code/compose/caption-drawing.js';

const shown = document.getElementById('face');
const screen = shown.getContext('2d');
const over = document.getElementById('words')?.getContext('2d');
const maker = { createCanvas: (width, height) => new OffscreenCanvas(width, height) };
let painter, last, row, captions, caption, box, told = -1000;

function fit() {
  shown.width = Math.round(innerWidth * devicePixelRatio);
  shown.height = Math.round(innerHeight * devicePixelRatio);
  painter = new ScenePainter(maker, shown.width, shown.height, ${JSON.stringify(background).replaceAll('<', '\\u003c')});
  last = undefined;
  if (over === undefined) return;
  over.canvas.width = shown.width;
  over.canvas.height = shown.height;
  captions = new CaptionDrawing(maker, shown.width, shown.height, {}, console.warn);
  box = undefined;
}

function write() {
  const next = captions.paint(caption);
  if (next === box) return;
  over.clearRect(0, 0, shown.width, shown.height);
  box = next;
  if (box === undefined) return;
  const { x, y, width, height } = box;
  over.drawImage(captions.canvas, 0, 0, width, height, x, y, width, height);
}

// The newest row is drawn when the screen asks for a picture; rows between two pictures are left out.
function paint() {
  requestAnimationFrame(paint);
  if (row === undefined) return;
  const face = painter.geometry(row);
  const bounds = boundsOf(face, shown.width, shown.height);
  const all = { x: 0, y: 0, width: shown.width, height: shown.height };
  const area = last === undefined ? all : unionOf(last, bounds);
  painter.draw(face, area);
  const { x, y, width, height } = area;
  screen.drawImage(painter.canvas, x, y, width, height, x, y, width, height);
  if (over !== undefined) write();
  last = bounds;
  row = undefined;
}

function connect() {
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/face' + location.search);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => { caption = undefined };
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') caption = JSON.parse(data) ?? undefined;
    else row = new Float32Array(data, 8);
    // The kiosk that opened this page itself wants to hear each second that it is there.
    if (location.search === '' || performance.now() - told < 1000) return;
    told = performance.now();
    socket.send('');
  };
  socket.onclose = () => setTimeout(connect, 500);
}

addEventListener('resize', fit);
fit();
connect();
paint();
</script>
</html>
`;
}
