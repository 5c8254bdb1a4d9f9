/** Different warnings that are told; what comes from clients must not fill a log. */
const most = 200;

/** Tells each warning once. */
export class Warnings {
  readonly #tell: (message: string) => void;
  readonly #told = new Set<string>();

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  readonly warn = (message: string): void => {
    if (this.#told.has(message) || this.#told.size >= most) return;
    this.#told.add(message);
    this.#tell(message);
  };
}
