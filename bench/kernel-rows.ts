import { loadAddon } from '../dist/media/load-addon.js';

import { contest, type Contestant } from './contest.js';
import { speechLike, sparseFeatures } from './material.js';
import { decodeBase64, interpolate } from './plain-js.js';
import { ours, ways, type Context, type Row, type RowResult } from './row.js';

/** Single kernels that no goal is set for, on every table of this CPU. */
export const kernelRows: readonly Row[] = [
  { name: 'base64 → s16', run: base64 },
  { name: 'interpolate one row of 52 weights', run: interpolation },
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

function tableName(table: string, index: number): string {
  return index === 0 ? ours : `${ours} (${table})`;
}
