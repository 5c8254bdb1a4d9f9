import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { InstructionCounter } from './contest.js';
import type { Rivals } from './rivals.js';

/**
 * The second witness, which no neighbour on the machine disturbs: this program
 * again, with the same options, under callgrind. It counts what its thread
 * executes of each contestant, JavaScript included. Returns the exit code, or
 * says why it cannot be.
 */
export function runUnderCallgrind(options: readonly string[]): number | string {
  try {
    execFileSync('valgrind', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'install valgrind';
  }
  const folder = mkdtempSync(join(tmpdir(), 'facewire-bench-'));
  try {
    const { status } = spawnSync(
      'valgrind',
      [
        ...['-q', '--tool=callgrind', '--instr-atstart=no', '--collect-atstart=no'],
        `--callgrind-out-file=${join(folder, 'out')}`,
        // Else V8's compiler may still be waiting for its turn when the counting begins.
        ...[process.execPath, '--single-threaded', fileURLToPath(new URL('main.js', import.meta.url))],
        ...[...options, '--dumps', folder],
      ],
      { stdio: 'inherit' },
    );
    return status ?? 1;
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
