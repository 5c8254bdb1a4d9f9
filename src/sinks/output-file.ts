import { open, rm, stat, type FileHandle } from 'node:fs/promises';

import { FacewireError } from '../errors.js';

/** Throws ERR_OUTPUT_UNWRITABLE unless a file can be written at `path`. Leaves what is there untouched. */
export async function checkWritable(path: string): Promise<void> {
  try {
    const before = await stat(path).catch(() => undefined);
    const file = await open(path, 'a');
    await file.close();
    if (before === undefined) await rm(path, { force: true });
  } catch (thrown) {
    throw unwritable(path, thrown);
  }
}

export function unwritable(path: string, thrown: unknown): FacewireError {
  const code = (thrown as { code?: unknown }).code;
  const reason = typeof code === 'string' ? code : String(thrown);
  return new FacewireError('ERR_OUTPUT_UNWRITABLE', `cannot write ${path} (${reason})`, {
    expected: 'a writable file',
    received: reason,
    cause: thrown,
  });
}

/**
 * A file that is written in order without making the caller wait. What waits is
 * capped; the first failure is reported once and everything after it is dropped.
 */
export class OutputFile {
  readonly path: string;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #maxWaiting: number;
  #file: FileHandle | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #failure: FacewireError | undefined;

  /** @param maxWaiting most bytes that may wait for the disk. Default 32 MiB. */
  constructor(path: string, maxWaiting = 32 << 20) {
    this.path = path;
    this.#maxWaiting = maxWaiting;
  }

  /** Bytes that still fit before the cap. */
  get room(): number {
    return this.#maxWaiting - this.#waiting;
  }

  async open(): Promise<void> {
    try {
      this.#file = await open(this.path, 'w');
    } catch (thrown) {
      throw unwritable(this.path, thrown);
    }
  }

  /**
   * Writes at the end, or at `position` bytes from the start. `bytes` must not change afterwards.
   *
   * @param instead what the file ends with, from `position` on, when `bytes` cannot be written whole.
   */
  write(bytes: Buffer, position: number | null = null, instead?: Buffer): void {
    const file = this.#file;
    if (file === undefined || this.#failure !== undefined) return;
    if (this.#waiting + bytes.length > this.#maxWaiting) {
      this.#fail(new Error('the disk is too slow'));
      return;
    }
    this.#waiting += bytes.length;
    this.#last = this.#last.then(async () => {
      try {
        if (this.#failure !== undefined) return;
        for (let done = 0; done < bytes.length;) {
          const at = position === null ? null : position + done;
          done += (await file.write(bytes, done, bytes.length - done, at)).bytesWritten;
        }
      } catch (thrown) {
        if (position !== null && instead !== undefined) await endWith(file, position, instead);
        this.#fail(thrown);
      } finally {
        this.#waiting -= bytes.length;
      }
    });
  }

  /** Waits for what was written and closes. Throws the failure, if there was one. Idempotent. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await this.#last;
    try {
      await file?.close();
    } catch (thrown) {
      this.#fail(thrown);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(thrown: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = unwritable(this.path, thrown);
    this.onError?.(this.#failure);
  }
}

/** Makes the best of a file that cannot grow: what is cut off leaves room for the end. */
async function endWith(file: FileHandle, position: number, bytes: Buffer): Promise<void> {
  try {
    await file.truncate(position);
    await file.write(bytes, 0, bytes.length, position);
  } catch {
    // The failure that led here is told.
  }
}
