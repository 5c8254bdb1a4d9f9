// An engine as somebody else would write it: reads requests, writes pictures. Upper half: the number of the
// frame in 16 bars, lowest bit left, -1 as 65535; lower half: red, green, blue, grey, each a quarter wide.
// Arguments: things that go wrong at a frame, for example die=20 hang=20 short=20 extra=20 lie=20; slow=MS always.
import { existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { Buffer } from 'node:buffer';

const faults = Object.fromEntries(process.argv.slice(2).map((word) => word.split('=')));
// A fault strikes once, and when it is given a file to remember, one engine and not the next. A busy player may leave
// a frame out, so it is the first one from then on.
let struck = faults.once !== undefined && existsSync(faults.once);
const strikes = (name, frame) => {
  if (struck || faults[name] === undefined || frame < Number(faults[name])) return false;
  struck = true;
  if (faults.once !== undefined) writeFileSync(faults.once, '');
  return true;
};
if (faults.environment !== undefined) writeFileSync(faults.environment, JSON.stringify(process.env));
if (faults.fail !== undefined) {
  process.stderr.write('no licence for this engine\n');
  process.exit(3);
}

const patches = [
  [220, 30, 30, 255],
  [30, 200, 60, 128],
  [40, 50, 210, 0],
  [128, 128, 128, 255],
];

function pixel(frame, x, y, width, height) {
  if (y >= height / 2) return patches[Math.floor((4 * x) / width)];
  const bit = Math.floor((16 * x) / width);
  const on = ((frame & 0xffff) >> bit) & 1;
  return on ? [255, 255, 255, 255] : [0, 0, 0, 255];
}

function yuv([r, g, b]) {
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return [
    Math.round(16 + (luma * 219) / 255),
    Math.round(128 + (((b - luma) / 1.8556) * 224) / 255),
    Math.round(128 + (((r - luma) / 1.5748) * 224) / 255),
  ];
}

function draw(frame, width, height, format) {
  const pixels = width * height;
  if (format === 'RGBA' || format === 'BGRA') {
    const out = Buffer.alloc(4 * pixels);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [r, g, b, a] = pixel(frame, x, y, width, height);
        out.set(format === 'RGBA' ? [r, g, b, a] : [b, g, r, a], 4 * (y * width + x));
      }
    }
    return out;
  }
  const out = Buffer.alloc((pixels * 3) / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [luma, blue, red] = yuv(pixel(frame, x, y, width, height));
      out[y * width + x] = luma;
      if (x % 2 !== 0 || y % 2 !== 0) continue;
      const at = (y / 2) * (width / 2) + x / 2;
      if (format === 'NV12') out.set([blue, red], pixels + 2 * at);
      else {
        out[pixels + at] = blue;
        out[(pixels * 5) / 4 + at] = red;
      }
    }
  }
  return out;
}

const shared = process.env.FACEWIRE_FRAMES;
const file = shared === undefined ? undefined : openSync(shared, 'r+');
let waiting = Buffer.alloc(0);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

for await (const bytes of process.stdin) {
  waiting = Buffer.concat([waiting, bytes]);
  while (waiting.length >= 8 && waiting.length >= waiting.readUInt32LE(4)) {
    const request = waiting.subarray(0, waiting.readUInt32LE(4));
    waiting = waiting.subarray(request.length);
    if (request.toString('latin1', 0, 4) !== 'FWR1') process.exit(4);
    const frame = request.readDoubleLE(8);
    const [width, height] = [request.readUInt16LE(24), request.readUInt16LE(26)];
    const picture = draw(frame, width, height, request.toString('latin1', 28, 32));
    if (strikes('die', frame)) process.kill(process.pid, 'SIGKILL');
    if (strikes('hang', frame)) await new Promise(() => setInterval(() => undefined, 1000));
    if (faults.slow !== undefined) await sleep(Number(faults.slow));
    if (strikes('late', frame)) await sleep(600);
    if (strikes('short', frame)) {
      process.stdout.write(picture.subarray(0, 1000), () => process.exit(0));
      await new Promise(() => undefined);
    }
    if (strikes('extra', frame)) process.stdout.write(Buffer.alloc(8 * picture.length));
    if (file === undefined) process.stdout.write(picture);
    else {
      writeSync(file, picture, 0, picture.length, request.readUInt32LE(32) * picture.length);
      const receipt = Buffer.alloc(4);
      receipt.writeUInt32LE(strikes('lie', frame) ? 77777 : request.readUInt32LE(36));
      process.stdout.write(receipt);
    }
  }
}
