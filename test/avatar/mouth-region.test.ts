import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { interiorArea, isMouthInterior, mouthMeter, mouthRegion } from '../../src/avatar/mouth-region.js';
import { pair, type PoseSketch } from '../../src/avatar/poses.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { describeWith } from '../tools.js';
import { Studio, type Image } from './pictures.js';

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    const [da, db] = [value - meanA, (b[i] ?? 0) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  });
  return ab / Math.sqrt(aa * bb);
}

const areaOf = (image: Image): number =>
  interiorArea(image.pixels, image.width, mouthRegion(image.width, image.height), 4);
const apertures = Array.from({ length: 15 }, (_, i) => i * 0.05);

describe('mouthRegion', () => {
  it('has even edges inside the picture', () => {
    for (const [width, height] of [[1280, 720], [1920, 1080], [640, 360], [853, 481]] as const) {
      const { x, y, width: w, height: h } = mouthRegion(width, height);
      expect([x % 2, y % 2, w % 2, h % 2]).toEqual([0, 0, 0, 0]);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + w).toBeLessThanOrEqual(width);
      expect(y + h).toBeLessThanOrEqual(height);
    } // prettier-ignore
  });

  it('tells the inner mouth from skin and lips by colour', () => {
    expect(isMouthInterior(74, 10, 32)).toBe(true);
    expect(isMouthInterior(250, 250, 246)).toBe(true);
    expect(isMouthInterior(243, 197, 162)).toBe(false);
    expect(isMouthInterior(194, 96, 90)).toBe(false);
  });
});

describeWith(['canvas'], 'the inner mouth in drawn pictures', () => {
  it.each([[1280, 720], [1920, 1080], [640, 360]])('grows with the aperture at %i × %i', async (width, height) => {
    const studio = await Studio.open(width, height);
    const areas = apertures.map((jawOpen) => areaOf(studio.draw({ jawOpen })));
    expect(areas[0]).toBe(0);
    // Lips part by 60 px at aperture 1 in 720 lines; less than two pixels cannot be told from the seam.
    const resolvable = 2 / ((60 * height) / 720);
    areas.slice(1).forEach((area, i) => {
      expect(area).toBeGreaterThanOrEqual(areas[i] ?? Infinity);
      if ((apertures[i + 1] ?? 0) >= resolvable) expect(area).toBeGreaterThan(areas[i] ?? Infinity);
    });
    expect(correlation(apertures, areas)).toBeGreaterThan(0.98);
  }); // prettier-ignore

  it('follows jawOpen minus mouthClose', async () => {
    const studio = await Studio.open();
    const areas = apertures.map((aperture) =>
      areaOf(studio.draw({ jawOpen: 0.7, mouthClose: 0.7 - aperture })),
    );
    expect(areas[0]).toBe(0);
    expect(correlation(apertures, areas)).toBeGreaterThan(0.98);
  });

  const closed: [string, PoseSketch][] = [
    ['pressed', pair('mouthPress', 1)], ['smiling', pair('mouthSmile', 1)], ['pursed', { mouthPucker: 1 }], ['rolled in', { mouthRollLower: 1, mouthRollUpper: 1 }],
    ['over-closed', { mouthClose: 1 }], ['turned', { yaw: 0.08 }], ['lowered', { pitch: -0.08 }], ['raised', { pitch: 0.08 }], ['tilted', { roll: 0.06 }],
  ]; // prettier-ignore
  it.each(closed)('measures nothing while the lips touch: %s', async (_name, sketch) => {
    expect(areaOf((await Studio.open()).draw(sketch))).toBe(0);
  });
});

/** Runs ffmpeg with one input buffer and returns what it writes. */
function convert(ffmpeg: string, input: Buffer, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'error', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(Buffer.concat(chunks)) : reject(new Error(`ffmpeg ended with ${code}`)),
    );
    child.stdin.on('error', reject);
    child.stdin.end(input);
  });
}

describeWith(['canvas', 'ffmpeg'], 'the inner mouth after H.264 at 2.5 Mbit/s', () => {
  // Half opening, half closing at the speed of speech, with a swaying head.
  const track = Array.from({ length: 60 }, (_, i) => 0.35 * (1 - Math.cos((2 * Math.PI * i) / 12)));
  let measured: number[] = [];
  beforeAll(async () => {
    const studio = await Studio.open();
    const frames = track.map(
      (jawOpen, i) =>
        studio.draw({ jawOpen, yaw: 0.04 * Math.sin(i / 9), roll: 0.03 * Math.cos(i / 11) }).pixels,
    );
    const { path, passthrough } = await locateFfmpeg();
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgba', '-video_size', '1280x720', '-framerate', '30'];
    const coder = [
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-tune',
      'zerolatency',
      '-pix_fmt',
      'yuv420p',
      '-b:v',
      '2500k',
      '-maxrate',
      '2500k',
      '-bufsize',
      '2500k',
    ];
    const stream = await convert(path, Buffer.concat(frames), [
      ...raw,
      '-i',
      'pipe:0',
      ...coder,
      '-threads',
      '1',
      '-f',
      'h264',
      'pipe:1',
    ]);
    const { x, y, width, height } = mouthMeter.region(1280, 720);
    const crop = [
      '-vf',
      `crop=${width}:${height}:${x}:${y}`,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      ...passthrough,
      'pipe:1',
    ];
    const decoded = await convert(path, stream, ['-f', 'h264', '-i', 'pipe:0', ...crop]);
    const size = width * height * 3;
    measured = Array.from({ length: decoded.length / size }, (_, i) =>
      mouthMeter.measure(decoded.subarray(i * size, (i + 1) * size), width, height),
    );
  });

  it('still follows the aperture', () => {
    expect(measured.length).toBe(track.length);
    expect(correlation(track, measured)).toBeGreaterThan(0.98);
  });

  it('is next to nothing at every closure', () => {
    const most = Math.max(...measured);
    track.forEach((aperture, i) => {
      if (aperture === 0) expect(measured[i]).toBeLessThan(most * 0.02);
    });
  });
});
