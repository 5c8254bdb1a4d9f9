import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { MediaChild } from '../child.js';
import { FacewireError } from '../errors.js';

/** A program that draws: reads requests from its standard input and writes pictures to its standard output. */
export interface EngineCommand {
  readonly command: string;
  readonly args?: readonly string[];
  /** More environment. Of ours it gets only what programs need to run and to find a screen, never a secret. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Two ends of a connection, for example both those of a socket. */
export interface EngineStreams {
  readonly requests: Writable;
  readonly pictures: Readable;
}

/** A program that is started, or a function that connects to an engine; called again when the engine was lost. */
export type Engine = EngineCommand | (() => EngineStreams | Promise<EngineStreams>);

/** One life of an engine. */
export interface EngineLink extends EngineStreams {
  /** Resolves when there is no more of it, with how it ended. Never rejects. */
  readonly ended: Promise<string>;
  /** What it said last, for the error message. */
  tail(): string;
  /** Ends it at once. */
  kill(): void;
  /** Lets it end by itself first. */
  close(): Promise<void>;
}

/** What a program may need of our environment: where programs, libraries, screens and cards are. */
const passed = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'],
  ...['DYLD_LIBRARY_PATH', 'DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR'],
  ...['CUDA_VISIBLE_DEVICES'],
];
const patienceMs = 500;

export async function linkTo(engine: Engine): Promise<EngineLink> {
  if (typeof engine !== 'function') return startProgram(engine);
  const { requests, pictures } = await engine();
  const kill = (): void => {
    requests.destroy();
    pictures.destroy();
  };
  // Ends of connections report a loss as an error; the end of `pictures` says it.
  for (const stream of [requests, pictures]) stream.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    for (const event of ['end', 'close']) pictures.once(event, () => resolve('the connection ended'));
  });
  return { requests, pictures, ended, tail: () => '', kill, close: async () => kill() };
}

function startProgram({ command, args = [], env = {} }: EngineCommand): EngineLink {
  const own = Object.fromEntries(
    passed.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const child = new MediaChild(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...own, ...env } });
  const { stdin, stdout } = child.process as Partial<ChildProcess>;
  // Node makes no pipes for a program that it has no file descriptors for.
  if (!stdin || !stdout) throw new FacewireError('ERR_RENDERER_FAILED', `${command} could not be started`);
  return {
    requests: stdin,
    pictures: stdout,
    ended: child.exited.then(({ code, signal, error }) =>
      error === undefined ? `it ended with ${signal ?? `code ${code}`}` : error.message,
    ),
    tail: () => child.tail,
    kill: () => child.kill(),
    close: async () => {
      stdin.end();
      stdout.resume();
      await child.stop(patienceMs);
    },
  };
}
