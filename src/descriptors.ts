import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/**
 * Whether the process can open so many files, sockets or pipes more. It tries, because nothing that works
 * on every system tells how many are left; 16 take 0.1 ms.
 */
export function canOpen(count: number): boolean {
  const files: number[] = [];
  try {
    while (files.length < count) files.push(openSync(devNull, 'r'));
    return true;
  } catch (thrown) {
    return !isOutOfDescriptors(thrown);
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** Whether something failed because the process or the machine has no file descriptors left. */
export function isOutOfDescriptors(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'EMFILE' || code === 'ENFILE';
}
