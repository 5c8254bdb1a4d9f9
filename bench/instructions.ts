import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { InstructionCounter } from './contest.js';
import type { Rivals } from './rivals.js';

export interface CallgrindRun {
  readonly status: number;
  /** What it printed, when that was kept. */
  readonly output: string;
}

/**
 * The second witness, which no neighbour on the machine disturbs: this program
 * again, with the same options, under callgrind. It counts what its thread
 * executes of each contestant, JavaScript included. Says why when it cannot be.
 */
export function runUnderCallgrind(options: readonly string[], keep: boolean): CallgrindRun | string {
  try {
    execFileSync('valgrind', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'install valgrind';
  }
  const folder = mkdtempSync(join(tmpdir(), 'facewire-bench-'));
  try {
    const { status, stdout } = spawnSync(
      'valgrind',
      [
        ...['-q', '--tool=callgrind', '--instr-atstart=no', '--collect-atstart=no'],
        `--callgrind-out-file=${join(folder, 'out')}`,
        // Else V8's compiler may still be waiting for its turn when the counting begins.
        ...[process.execPath, '--single-threaded', fileURLToPath(new URL('main.js', import.meta.url))],
        ...[...options, '--dumps', folder],
      ],
      { stdio: ['ignore', keep ? 'pipe' : 'inherit', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    return { status: status ?? 1, output: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts inside callgrind, which writes its dumps into `folder`. */
export function callgrindCounter({ addon }: Rivals, folder: string): InstructionCounter | string {
  if (addon === undefined) return 'it needs the rivals addon';
  if (!addon.count(() => undefined)) return "install valgrind's headers and remove build-rivals";
  return {
    count(run) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      addon.count(run);
      // One dump, "out.N"; "totals:" is what was collected.
      const totals = readdirSync(folder)
        .map((name) => /^totals: (\d+)$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1])
        .filter((total) => total !== undefined);
      if (totals.length !== 1) throw new Error(`callgrind wrote ${totals.length} counts instead of one`);
      return Number(totals[0]);
    },
  };
}
