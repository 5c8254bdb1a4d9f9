import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';

import { systemClock, type Clock } from './clock.js';

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error: Error | undefined;
}

export interface MediaChildOptions {
  readonly stdio: StdioOptions;
  /** Values that must never appear in `tail`; replaced by three asterisks. */
  readonly secrets?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /**
   * The program starts others, or is a script that starts the real one: SIGKILL is for all of them, and
   * what the program leaves behind when it ends is killed. On Windows for the program alone.
   */
  readonly family?: boolean;
  /** Time for stop(); for tests. */
  readonly clock?: Clock;
}

const tailLines = 20;
const maxLineLength = 400;

const living = new Set<MediaChild>();
let exitHooked = false;

/** The last resort when our process exits without closing; a killed process relies on the child seeing end of file. */
function killAtExit(child: MediaChild): void {
  if (!exitHooked) {
    exitHooked = true;
    process.on('exit', () => {
      for (const other of living) other.kill();
    });
  }
  living.add(child);
}

/**
 * A child process whose stderr is always drained and whose last lines are kept
 * for the error message. Never a shell. On POSIX it has a session of its own,
 * so that Ctrl-C reaches us alone and we can finish files; when we die, the end
 * of its input (or of its IPC channel) ends it.
 */
export class MediaChild {
  readonly process: ChildProcess;
  /** Resolves when the process has gone and all its pipes are closed. Never rejects. */
  readonly exited: Promise<ChildExit>;
  readonly #secrets: readonly string[];
  readonly #clock: Clock;
  readonly #family: boolean;
  readonly #lines: string[] = [];
  #partial = '';
  #gone = false;

  constructor(command: string, args: readonly string[], options: MediaChildOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#family = options.family === true && process.platform !== 'win32';
    this.#secrets = (options.secrets ?? []).filter((secret) => secret !== '');
    const child = spawn(command, args, {
      stdio: options.stdio,
      windowsHide: true,
      detached: process.platform !== 'win32',
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    this.process = child;
    if (child.pid !== undefined) killAtExit(this);
    if (this.#family) child.once('exit', () => this.#endFamily());
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => this.#note(text));
    // A pipe whose other end has gone reports EPIPE; the exit below says why.
    // Without file descriptors Node makes no pipes at all.
    for (const pipe of (child.stdio as typeof child.stdio | undefined) ?? [])
      pipe?.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      let error: Error | undefined;
      child.once('error', (thrown) => {
        error = thrown;
        if (child.pid === undefined) this.#settle(resolve, { code: null, signal: null, error });
      });
      child.once('close', (code, signal) => this.#settle(resolve, { code, signal, error }));
    });
  }

  get running(): boolean {
    return !this.#gone;
  }

  /** The last lines of stderr, secrets removed. */
  get tail(): string {
    return [...this.#lines, this.#redact(this.#partial)].filter((line) => line !== '').join('\n');
  }

  /**
   * Waits `patienceMs` for the child to end by itself (its input is at an end),
   * then asks with TERM, asks again after 2 s, and kills it 1 s after that.
   */
  async stop(patienceMs: number): Promise<ChildExit> {
    const steps: readonly [number, NodeJS.Signals | undefined][] = [
      [patienceMs, undefined],
      [2000, 'SIGTERM'],
      [1000, 'SIGTERM'],
      [2000, 'SIGKILL'],
    ];
    for (const [waitMs, signal] of steps) {
      if (signal === 'SIGKILL') this.kill();
      else if (signal !== undefined) this.process.kill(signal);
      if (await this.#gonesWithin(waitMs)) break;
    }
    return this.exited;
  }

  kill(): void {
    if (this.#gone) return;
    if (this.#family) this.#killAll();
    else this.process.kill('SIGKILL');
  }

  #endFamily(): void {
    this.#killAll();
    // Who has left the group may still hold our pipes; that must not keep us waiting.
    const cancel = this.#clock.after(1000, () => {
      for (const pipe of this.process.stdio) pipe?.destroy();
    });
    void this.exited.then(cancel);
  }

  /** Its process group, which is named after it and stays its own while anybody is left in it. */
  #killAll(): void {
    const { pid } = this.process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }

  #settle(resolve: (exit: ChildExit) => void, exit: ChildExit): void {
    this.#gone = true;
    living.delete(this);
    resolve(exit);
  }

  async #gonesWithin(waitMs: number): Promise<boolean> {
    if (this.#gone) return true;
    let cancel = (): void => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#clock.after(waitMs, () => resolve(false));
    });
    const gone = await Promise.race([this.exited.then(() => true), late]);
    cancel();
    return gone;
  }

  #note(text: string): void {
    let from = lastLines(text);
    if (from > 0) this.#partial = '';
    for (let at = from; at < text.length; at++) {
      if (!isLineEnd(text.charCodeAt(at))) continue;
      this.#extend(text, from, at);
      this.#keep(this.#partial);
      this.#partial = '';
      from = at + 1;
    }
    this.#extend(text, from, text.length);
  }

  /** A line that never ends must not grow without limit. */
  #extend(text: string, from: number, to: number): void {
    const room = maxLineLength - this.#partial.length;
    const part = text.slice(from, Math.min(to, from + room));
    // A part of a text holds all of it in memory; a copy does not.
    this.#partial += Buffer.from(part).toString();
  }

  #keep(line: string): void {
    if (line === '') return;
    this.#lines.push(this.#redact(line));
    if (this.#lines.length > tailLines) this.#lines.shift();
  }

  #redact(line: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
  }
}

/** Where the last lines begin that can be kept; of a flood the others need not be looked at. */
function lastLines(text: string): number {
  let lines = 0;
  for (let at = text.length - 1; at >= 0; at--)
    if (isLineEnd(text.charCodeAt(at)) && ++lines > tailLines) return at + 1;
  return 0;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}
