import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { RawFrame } from './raw-frames.js';

/** Where Linux keeps files in memory. */
const memory = '/dev/shm';

/**
 * A file with room for each picture. Read, not mapped: a file that the engine cut short is a short read here, and
 * would be a deadly signal in mapped memory.
 */
export class SharedFile {
  /** Of the file; empty before open(). */
  path = '';
  readonly #bytes: number;
  readonly #count: number;
  #file: number | undefined;

  constructor(bytes: number, count: number) {
    this.#bytes = bytes;
    this.#count = count;
  }

  open(): void {
    // Only its owner can look into the folder.
    this.path = join(mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'facewire-')), 'frames');
    this.#file = openSync(this.path, 'wx+', 0o600);
    ftruncateSync(this.#file, this.#bytes * this.#count);
  }

  read(frame: RawFrame): void {
    if (this.#file === undefined) return;
    const got = readSync(this.#file, frame.bytes, 0, this.#bytes, frame.slot * this.#bytes);
    if (got !== this.#bytes) throw new Error(`the shared file holds ${got} of ${this.#bytes} bytes`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.path !== '') rmSync(dirname(this.path), { recursive: true, force: true });
  }
}
