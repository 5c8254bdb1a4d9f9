import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/media/index.js';
import { reportLength, type NativeAddon } from '../../src/media/binding.js';
import { isAll } from '../tools.js';

const script = new URL('./digest.mjs', import.meta.url);

interface Digest {
  readonly sound: string;
  readonly weights: string;
  readonly some: readonly number[];
}

function inChild(kernels?: string): Digest & { readonly kernels: string } {
  const env = { ...process.env, ...(kernels !== undefined && { FACEWIRE_KERNELS: kernels }) };
  const printed = execFileSync(process.execPath, [fileURLToPath(script)], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return JSON.parse(printed) as Digest & { kernels: string };
}

describe('kernel tables', () => {
  const reference = inChild();

  it('prefer the best one', () => {
    expect(reference.kernels).toBe(loadAddon().availableKernels[0]);
  });

  it.each(loadAddon().availableKernels)(
    '%s gives the same weights, bit for bit, and the same samples within the tolerance',
    (name) => {
      const { kernels, weights, some } = inChild(name);
      expect(kernels).toBe(name);
      expect(weights).toBe(reference.weights);
      expect(some).toHaveLength(reference.some.length);
      // kFilterTolerance of kernel_table.h, times the magnitudes of a row of a sinc.
      const worst = Math.max(...some.map((sample, i) => Math.abs(sample - reference.some[i])));
      expect(worst).toBeLessThanOrEqual(5 / 2 ** 20);
    },
  );
});

describe('worker threads', () => {
  it('have sessions of their own and compute the same', async () => {
    const { sound, weights, some } = inChild();
    const expected = { sound, weights, some };
    const workers = [1, 2, 3].map((id) => new Worker(script, { workerData: id }));
    const digests = await Promise.all(
      workers.map(async (worker) => (await once(worker, 'message')) as [Digest]),
    );
    expect(digests.flat()).toEqual([expected, expected, expected]);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('can be terminated in the middle of their work, again and again', () => {
    const child = fileURLToPath(new URL('./terminate.mjs', import.meta.url));
    expect(execFileSync(process.execPath, [child, isAll ? '160' : '40'], { encoding: 'utf8' })).toBe('done');
  }, 60_000);
});

describe('several copies of the addon', () => {
  it('live side by side in one process', () => {
    const folder = mkdtempSync(join(tmpdir(), 'facewire-copy-'));
    try {
      const copy = join(folder, 'facewire.node');
      copyFileSync(fileURLToPath(new URL('../../build/Release/facewire.node', import.meta.url)), copy);
      const other = createRequire(import.meta.url)(copy) as NativeAddon;
      const here = loadAddon();
      expect(other.session).not.toBe(here.session);
      const options = {
        sampleRate: 16000,
        featureHopTicks: 400_000,
        featureOrder: ['jawOpen'],
        mouthLeadTicks: 0,
        maxBufferedSeconds: 1,
        maxMessageBytes: 4096,
        idleSeed: 1,
      };
      const rows = [here, other].map(({ session: calls }) => {
        const session = calls.create(options, new Float64Array(new SharedArrayBuffer(8 * reportLength)));
        const row = new Float32Array(55);
        calls.frameAt(session, 123_456, row, 0);
        calls.close(session);
        return row;
      });
      expect(rows[0]).toEqual(rows[1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
