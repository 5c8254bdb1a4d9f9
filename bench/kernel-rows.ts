import { loadAddon } from '../dist/media/load-addon.js';

import { contest, type Contestant } from './contest.js';
import { speechLike, sparseFeatures } from './material.js';
import { decodeBase64, interpolate, rgbaToYuv } from './plain-js.js';
import { ours, ways, type Context, type Row, type RowResult } from './row.js';

/** Single kernels that no goal is set for, on every table of this CPU. */
export const kernelRows: readonly Row[] = [
  { name: 'base64 → s16', run: base64 },
  { name: 'interpolate one row of 52 weights', run: interpolation },
  { name: 'RGBA → YUV 4:2:0, 720p', run: yuvPicture },
];

function base64({ effort, rivals }: Context): RowResult {
  const { bench, availableKernels } = loadAddon();
  const pcm = speechLike(24000, 1);
  const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const text = bytes.toString('base64');
  const textBytes = Buffer.from(text);
  const decoded = new Uint8Array(bytes.length + 3);
  const contestants: Contestant[] = availableKernels.map((table, index) => ({
    name: tableName(table, index),
    run: () => void bench.decodeBase64(table, textBytes, decoded),
  }));
  const { addon } = rivals;
  const reason = rivals.missing('simdutf');
  if (addon !== undefined && reason === undefined)
    contestants.push({ name: 'simdutf', run: () => void addon.decodeBase64(textBytes, decoded) });
  for (const { name, run } of contestants) {
    decoded.fill(0);
    run();
    if (!bytes.equals(decoded.subarray(0, bytes.length))) throw new Error(`${name} decodes other bytes`);
  }
  contestants.push({ name: 'plain JS', run: () => void decodeBase64(text) });
  return {
    work: 'one second of 24 kHz s16, 64,000 characters',
    ways: ways(contest(contestants, effort)),
    checks: [],
    skipped: reason === undefined ? [] : [{ name: 'simdutf', reason }],
  };
}

function interpolation({ effort }: Context): RowResult {
  const { bench, availableKernels } = loadAddon();
  const features = sparseFeatures(25, 9);
  const frames = Float32Array.from(features);
  const row = new Float32Array(52);
  let position = 0;
  const next = (): number => (position = (position + 0.37) % 20);
  const contestants: Contestant[] = [
    ...availableKernels.map((table, index) => ({
      name: tableName(table, index),
      run: () => bench.interpolate(table, frames, 52, 1 + next(), row),
    })),
    { name: 'plain JS (straight line)', run: () => interpolate(frames, 52, 1 + next(), row) },
  ];
  return {
    work: 'monotone cubic, a crossing each',
    ways: ways(contest(contestants, effort)),
    checks: [],
    skipped: [],
  };
}

function yuvPicture({ effort }: Context): RowResult {
  const { video, availableKernels } = loadAddon();
  const [width, height] = [1280, 720];
  const rgba = Uint8Array.from({ length: width * height * 4 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const out = new Uint8Array((width * height * 3) / 2);
  const expected = new Uint8Array(out.length);
  rgbaToYuv(rgba, width, height, expected);
  const contestants: Contestant[] = [
    ...availableKernels.map((table, index) => ({
      name: tableName(table, index),
      run: () => video.toYuv420(rgba, width, height, 0, 0, width, height, out, table),
    })),
    { name: 'plain JS', run: () => rgbaToYuv(rgba, width, height, out) },
  ];
  for (const { name, run } of contestants) {
    out.fill(0);
    run();
    if (!Buffer.from(out).equals(expected)) throw new Error(`${name} converts to other bytes`);
  }
  return {
    work: 'one picture, BT.709, a crossing each',
    ways: ways(contest(contestants, effort)),
    checks: [],
    skipped: [],
  };
}

function tableName(table: string, index: number): string {
  return index === 0 ? ours : `${ours} (${table})`;
}
