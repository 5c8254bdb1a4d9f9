import { FacewireError } from '../../errors.js';
import { LocalIngest, type LocalIngestOptions } from '../../ingest/local-ingest.js';

/** The built-in ingest of one server: started when the first session needs it. */
export class PlayIngest {
  readonly #options: LocalIngestOptions;
  #starting: Promise<LocalIngest> | undefined;
  #dead: LocalIngest | undefined;
  #closed = false;

  constructor(options: LocalIngestOptions) {
    this.#options = options;
  }

  /** Resolves when it can be pushed to. A start that failed is tried again by the next caller. */
  async ready(): Promise<LocalIngest> {
    if (this.#closed) throw new FacewireError('ERR_STATE', 'the server is closing');
    this.#starting ??= this.#start(this.#options);
    const ingest = await this.#starting;
    if (ingest.isRunning) return ingest;
    // It was killed from outside: its folder goes, and another one takes its place where viewers look for it.
    if (this.#dead !== ingest) {
      this.#dead = ingest;
      const { rtmpPort, httpPort } = ingest;
      this.#starting = ingest.stop().then(() => this.#startAgain(rtmpPort, httpPort));
    }
    return this.ready();
  }

  /** Process id of the ingest while it runs. */
  async pid(): Promise<number | undefined> {
    const ingest = await this.#starting?.catch(() => undefined);
    return ingest?.pid;
  }

  async stop(): Promise<void> {
    this.#closed = true;
    const ingest = await this.#starting?.catch(() => undefined);
    await ingest?.stop();
  }

  /** On the same ports, or on others if they are taken by now. */
  async #startAgain(rtmpPort: number, httpPort: number): Promise<LocalIngest> {
    const same = await this.#start({ ...this.#options, rtmpPort, httpPort }).catch(() => undefined);
    if (same !== undefined) return same;
    this.#starting = this.#start(this.#options);
    return this.#starting;
  }

  async #start(options: LocalIngestOptions): Promise<LocalIngest> {
    const ingest = new LocalIngest(options);
    try {
      await ingest.start();
      return ingest;
    } catch (thrown) {
      this.#starting = undefined;
      throw thrown;
    }
  }
}
