import { FacewireError, toFacewireError } from '../errors.js';

/** Exit codes of every command. */
export const exitCode = { done: 0, failed: 1, usage: 2 } as const;

/** Where a command writes: progress, warnings and errors to stderr, its one result to stdout. */
export class Output {
  readonly #json: boolean;
  readonly #startMs = performance.now();
  #answered = false;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** One line of progress with the seconds since the command began; silent with --json. */
  progress(text: string): void {
    if (this.#json) return;
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${text}\n`);
  }

  /** The command's result, once: lines for people, or the object for machines. */
  result(human: readonly string[], json: Readonly<Record<string, unknown>>): void {
    this.#answered = true;
    process.stdout.write(this.#json ? `${JSON.stringify(json)}\n` : `${human.join('\n')}\n`);
  }

  warn(text: string): void {
    process.stderr.write(`warning: ${text}\n`);
  }

  /**
   * Says what went wrong and what to do about it, and sets the exit code.
   * @param more what else the JSON object should hold, for example what was kept.
   */
  failure(thrown: unknown, more: Readonly<Record<string, unknown>> = {}): void {
    const error = readable(thrown);
    process.exitCode = isUsage(error) ? exitCode.usage : exitCode.failed;
    // Whoever reads JSON wants one value; after a result, people are told.
    if (this.#json && !this.#answered) {
      this.#answered = true;
      process.stdout.write(`${JSON.stringify({ error: describe(error), ...more })}\n`);
      return;
    }
    const lines = [`error ${error.code}: ${error.message}`];
    if (error.expected !== undefined) lines.push(`  expected:   ${error.expected}`);
    if (error.received !== undefined) lines.push(`  received:   ${error.received}`);
    if (error.remoteCode !== undefined) lines.push(`  far end:    code ${error.remoteCode}`);
    lines.push(`  what to do: ${error.remedy}`);
    if (process.env['FACEWIRE_DEBUG'] === '1') lines.push(stackOf(error));
    process.stderr.write(`${lines.join('\n')}\n`);
  }
}

/** A failure that nobody foresaw says how to get its stack, which is no help to most readers. */
function readable(thrown: unknown): FacewireError {
  if (thrown instanceof FacewireError) return thrown;
  const { message } = toFacewireError(thrown);
  return new FacewireError('ERR_INTERNAL', message, {
    cause: thrown,
    remedy:
      'This is a fault of Facewire: run the command again with FACEWIRE_DEBUG=1 and report what it prints.',
  });
}

/** True when the command line is wrong, not the world. */
function isUsage(error: FacewireError): boolean {
  return error.code === 'ERR_OPTION_INVALID' || error.code === 'ERR_RTMP_URL';
}

function stackOf(error: FacewireError): string {
  return error.cause instanceof Error ? (error.cause.stack ?? '') : (error.stack ?? '');
}

function describe(error: FacewireError): Record<string, unknown> {
  const { code, message, expected, received, remoteCode, position, remedy } = error;
  return { code, message, expected, received, remoteCode, position, remedy };
}
