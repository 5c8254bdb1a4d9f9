import { FacewireError } from '../errors.js';

/**
 * Follows SIGINT and SIGTERM for one command. The first asks the command to
 * finish: files are completed and children ended. A second ends the process at
 * once; children that are left see their input close.
 */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #onSignal = (): void => {
    if (this.#controller.signal.aborted) process.exit(1);
    this.#controller.abort();
  };

  constructor() {
    process.on('SIGINT', this.#onSignal).on('SIGTERM', this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isStopped(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Throws ERR_INTERRUPTED when a signal has come. */
  check(): void {
    if (this.isStopped) throw stopped();
  }

  /** Resolves after `ms`, or when a signal comes; without `ms` only then. */
  wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.isStopped) return resolve();
      // A signal handler alone does not keep the process alive.
      const timer = setTimeout(() => finish(), ms ?? 2 ** 31 - 1);
      const finish = (): void => {
        clearTimeout(timer);
        this.#controller.signal.removeEventListener('abort', finish);
        resolve();
      };
      this.#controller.signal.addEventListener('abort', finish);
    });
  }

  close(): void {
    process.off('SIGINT', this.#onSignal).off('SIGTERM', this.#onSignal);
  }
}

export function stopped(): FacewireError {
  return new FacewireError('ERR_INTERRUPTED', 'stopped by a signal before the end', {
    remedy: 'Nothing to do: this is what was asked for; what was said until then is kept.',
  });
}
