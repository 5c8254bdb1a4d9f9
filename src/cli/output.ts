import { FacewireError, toFacewireError } from '../errors.js';

/** Where a command writes: progress and errors to stderr, its result to stdout. */
export class Output {
  readonly #json: boolean;
  readonly #startMs = performance.now();

  constructor(json: boolean) {
    this.#json = json;
  }

  /** One line of progress with the seconds since the command began; silent with --json. */
  progress(text: string): void {
    if (this.#json) return;
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(1).padStart(5);
    process.stderr.write(`${seconds} s  ${text}\n`);
  }

  /** The command's result: lines for people, or the object for machines. */
  result(human: readonly string[], json: Readonly<Record<string, unknown>>): void {
    process.stdout.write(this.#json ? `${JSON.stringify(json)}\n` : `${human.join('\n')}\n`);
  }

  warn(text: string): void {
    process.stderr.write(`warning: ${text}\n`);
  }

  /** Says what went wrong and what to do about it. */
  failure(thrown: unknown): void {
    const error = toFacewireError(thrown);
    if (this.#json) {
      process.stdout.write(`${JSON.stringify({ error: describe(error) })}\n`);
      return;
    }
    const lines = [`error ${error.code}: ${error.message}`];
    if (error.expected !== undefined) lines.push(`  expected: ${error.expected}`);
    if (error.received !== undefined) lines.push(`  received: ${error.received}`);
    if (error.remoteCode !== undefined) lines.push(`  code of the far end: ${error.remoteCode}`);
    lines.push(`  what to do: ${error.remedy}`);
    if (error.code === 'ERR_INTERNAL' && error.cause instanceof Error) lines.push(error.cause.stack ?? '');
    process.stderr.write(`${lines.join('\n')}\n`);
  }
}

function describe(error: FacewireError): Record<string, unknown> {
  const { code, message, expected, received, remoteCode, position, remedy } = error;
  return { code, message, expected, received, remoteCode, position, remedy };
}
