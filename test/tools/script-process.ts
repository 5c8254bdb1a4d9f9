import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * A script in a process of its own. It says something once it is ready, answers
 * each order with one message, and ends when it is told 'end'.
 */
export class ScriptProcess<Greeting = unknown> {
  readonly #child: ChildProcess;
  readonly #first: Promise<unknown[]>;
  #greeting: { readonly value: Greeting } | undefined;

  constructor(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    this.#child = fork(script, args, { execArgv: ['--expose-gc'], env: { ...process.env, ...env } });
    this.#first = once(this.#child, 'message');
  }

  /** Resolves when the script is ready. */
  async ready(): Promise<this> {
    const [value] = (await this.#first) as [Greeting];
    this.#greeting = { value };
    return this;
  }

  /** What the script said when it was ready. */
  get greeting(): Greeting {
    if (this.#greeting === undefined) throw new Error('the script is not ready');
    return this.#greeting.value;
  }

  async ask<Answer>(order: string): Promise<Answer> {
    const answer = once(this.#child, 'message');
    this.#child.send(order);
    return ((await answer) as [Answer])[0];
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send('end');
    await ended;
  }
}
