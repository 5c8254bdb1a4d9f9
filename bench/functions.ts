import { arch, cpus, platform, release, totalmem } from 'node:os';

import Benchmark from 'benchmark';

import { loadAddon } from '../dist/media/load-addon.js';
import * as plain from './plain-js.js';

export interface Row {
  readonly what: string;
  readonly way: string;
  /** Microseconds an operation. */
  readonly micros: number;
  /** How many times faster than the plain JavaScript row of the same `what`. */
  readonly ratio: number;
}

export function machine(): Record<string, string> {
  return {
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'} × ${cpus().length}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    kernels: loadAddon().availableKernels.join(', '),
  };
}

/** One second of something like speech: 24 kHz s16 and 25 rows of 52 sparse weights. */
export function material(milliseconds: number): { pcm: Int16Array; features: Float32Array } {
  const pcm = new Int16Array((24_000 * milliseconds) / 1000);
  for (let i = 0; i < pcm.length; i++)
    pcm[i] = 9000 * Math.sin(i / 7) * Math.sin(i / 1900) + 3000 * Math.sin(i / 2.3);
  const features = new Float32Array((milliseconds / 40) * 52);
  for (let i = 0; i < features.length; i++)
    features[i] = i % 5 < 2 ? 0 : Math.round(1e6 * Math.abs(Math.sin(i * 12.9898))) / 1e6;
  return { pcm, features };
}

export function measure(what: string, ways: Readonly<Record<string, () => void>>, quick: boolean): Row[] {
  const micros: Record<string, number[]> = {};
  // Rounds in rotating order: a slow minute of the machine hits every way alike.
  const rounds = quick ? 2 : 5;
  for (let round = 0; round < rounds; round++) {
    for (const [way, body] of Object.entries(ways)) {
      const bench = new Benchmark(way, body, { maxTime: quick ? 0.15 : 0.5, minSamples: 5 }).run();
      (micros[way] ??= []).push(bench.stats.mean * 1e6);
    }
  }
  const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
  const base = median(micros['plain JS']);
  return Object.entries(micros).map(([way, values]) => ({
    what,
    way,
    micros: median(values),
    ratio: base / median(values),
  }));
}

export function functionRows(quick: boolean): Row[] {
  const addon = loadAddon();
  const { pcm, features } = material(1000);
  const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const text = bytes.toString('base64');
  const textBytes = Buffer.from(text);
  const rows: Row[] = [];

  const decoded = new Uint8Array(bytes.length + 3);
  rows.push(
    ...measure(
      'base64 → s16, 1 s at 24 kHz',
      {
        'plain JS': () => void plain.decodeBase64(text),
        ...Object.fromEntries(
          addon.availableKernels.map((table) => [
            table,
            () => void addon.bench.decodeBase64(table, textBytes, decoded),
          ]),
        ),
      },
      quick,
    ),
  );

  const resampled = new Float32Array(48_000 + 4096);
  for (const [from, to] of [
    [24_000, 48_000],
    [24_000, 44_100],
  ] as const) {
    const rival = new plain.PlainResampler(from, to);
    rows.push(
      ...measure(
        `resample 1 s, ${from / 1000} → ${to / 1000} kHz`,
        {
          'plain JS': () => void rival.process(pcm),
          ...Object.fromEntries(
            addon.availableKernels.map((table) => [
              table,
              () => void addon.bench.resample(table, from, to, pcm, resampled),
            ]),
          ),
        },
        quick,
      ),
    );
  }

  const row = new Float32Array(52);
  let position = 0;
  const next = (): number => (position = (position + 0.37) % 20);
  rows.push(
    ...measure(
      'interpolate one row of 52 weights',
      {
        'plain JS': () => plain.interpolate(features, 52, 1 + next(), row),
        ...Object.fromEntries(
          addon.availableKernels.map((table) => [
            table,
            () => addon.bench.interpolate(table, features, 52, 1 + next(), row),
          ]),
        ),
      },
      quick,
    ),
  );

  return rows;
}
