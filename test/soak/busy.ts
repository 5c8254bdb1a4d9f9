import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus, setPriority } from 'node:os';

/** Keeps every core busy until stopped; FACEWIRE_SOAK_NICE makes that less (0, the default, to 19). */
export class BusyCores {
  readonly #children: ChildProcess[] = cpus().map(() =>
    spawn(
      process.execPath,
      [
        '-e',
        'process.stdin.on("end", () => process.exit()).resume(); for (;;) for (let i = 0; i < 1e9; i++);',
      ],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    ),
  );

  constructor() {
    const priority = Number(process.env['FACEWIRE_SOAK_NICE'] ?? 0);
    for (const { pid } of this.#children) if (pid !== undefined) setPriority(pid, priority);
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }
}
