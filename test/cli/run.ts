import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { entryUrl } from '../../src/entry-url.js';

export const mainFile = fileURLToPath(entryUrl('cli/main'));
/** Small pictures, few of them: what matters is the way, not the beauty. */
export const small = ['--size', '160x90', '--fps', '10'];

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What --json prints when a command fails. */
export interface Failed {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly expected?: string;
    readonly received?: string;
    readonly remedy: string;
  };
  readonly seconds?: number;
  readonly outputs?: readonly {
    readonly name: string;
    readonly place: string;
    readonly failed?: true;
    readonly audioFrames: number;
    readonly videoFrames: number;
  }[];
}

/** An empty folder that is also the home of the commands run in it. */
export class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'facewire-cli-'));
  readonly #running = new Set<Running>();

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  /**
   * Starts the compiled command line. Secrets of the test's own environment are kept away from it.
   *
   * @param files most file descriptors that it may have. Default as many as we.
   */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, files?: number): Running {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(FACEWIRE_|FFMPEG_BIN$|CI$|NODE_OPTIONS$)/.test(name),
      ),
    );
    const own = { ...clean, HOME: this.path, XDG_CONFIG_HOME: this.file('config'), ...env };
    const running = new Running(args, this.path, own, files);
    this.#running.add(running);
    return running;
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Promise<Finished> {
    const running = this.start(args, env);
    running.child.stdin.end(input);
    return running.finished;
  }

  /** Runs a command that must fail, with --json; checks the form of the answer and returns it. */
  async fails(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Failed> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], env);
    const failed = JSON.parse(stdout) as Failed;
    const wanted = failed.error.code === 'ERR_OPTION_INVALID' || failed.error.code === 'ERR_RTMP_URL' ? 2 : 1;
    if (code !== wanted) throw new Error(`exit code ${code} with ${stdout}`);
    if (failed.error.remedy === '') throw new Error(`no remedy in ${stdout}`);
    if (/^\s+at /m.test(stdout + stderr)) throw new Error(`a stack trace in ${stdout}${stderr}`);
    return failed;
  }

  /** Ends what still runs. */
  async stop(): Promise<void> {
    for (const running of this.#running) {
      running.child.kill('SIGKILL');
      await running.finished;
    }
    this.#running.clear();
  }

  /** Ends what still runs and removes the folder. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** One command that runs. */
export class Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly finished: Promise<Finished>;
  stdout = '';
  stderr = '';
  #wake: (() => void) | undefined;

  constructor(
    args: readonly string[],
    cwd: string,
    env: Record<string, string | undefined>,
    files: number | undefined,
  ) {
    const words = [process.execPath, mainFile, ...args];
    const limit = ['sh', '-c', `ulimit -n ${files}; exec "$0" "$@"`];
    const [command = '', ...rest] = files === undefined ? words : [...limit, ...words];
    this.child = spawn(command, rest, {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that Ctrl-C can be sent as a terminal does.
      detached: true,
    });
    this.child.stdin.on('error', () => undefined);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake?.();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake?.();
    });
    this.finished = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
        this.#wake?.();
      });
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** What Ctrl-C does: the signal goes to the command and to its children in the same group. */
  pressCtrlC(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** Resolves when `test` holds for what was printed; rejects when the command ends first. */
  async until(test: (running: Running) => boolean): Promise<void> {
    while (!test(this)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`the command ended early: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Whether this system shows its processes in /proc. */
export const hasProc = existsSync('/proc/self/cmdline');

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process, as anybody on this machine sees it. */
export function processes(): Process[] {
  const found: Process[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name in brackets may hold anything; what follows the last bracket is plain.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      found.push({ pid: Number(name), parent: Number(parent), command });
    } catch {
      continue;
    }
  }
  return found;
}

/** The children of a process, and theirs. */
export function descendants(root: number): Process[] {
  const all = processes();
  const family = new Set([root]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => pid !== root && family.has(pid));
}

/** Resolves when none of these processes is left; the test's own limit says when that is too late. */
export async function untilGone(those: readonly Process[]): Promise<void> {
  for (;;) {
    const alive = processes();
    // A pid may be given to a stranger meanwhile; its command tells them apart.
    if (!those.some((old) => alive.some((now) => now.pid === old.pid && now.command === old.command))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
