import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FacewireError } from '../errors.js';

const prefix = 'facewire-screen-';
/** Those of this process; another one that was killed may have had our number. */
const inUse = new Set<string>();

/** Makes a folder for one life of a browser, which only its owner can read. Throws ERR_OUTPUT_UNWRITABLE. */
export async function makeProfile(): Promise<string> {
  const start = join(tmpdir(), `${prefix}${process.pid}-`);
  try {
    const folder = await mkdtemp(start);
    inUse.add(folder);
    return folder;
  } catch (cause) {
    throw new FacewireError('ERR_OUTPUT_UNWRITABLE', `no folder ${start}… can be made for the browser`, {
      expected: 'a folder for temporary files with room in it',
      received: (cause as NodeJS.ErrnoException).code ?? 'an unknown failure',
      cause,
    });
  }
}

/** Never rejects: what cannot be removed now is when the next kiosk starts. */
export async function removeProfile(folder: string): Promise<void> {
  inUse.delete(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}

/** Removes what kiosks left that were killed. Never rejects. */
export async function removeLeftProfiles(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    const folder = join(tmpdir(), name);
    if (owner === undefined || inUse.has(folder)) continue;
    if (Number(owner) !== process.pid && isAlive(Number(owner))) continue;
    if (await isOurs(folder)) await removeProfile(folder);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    // Somebody else's.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The folder of temporary files is everybody's. */
async function isOurs(folder: string): Promise<boolean> {
  try {
    const { uid } = await lstat(folder);
    return process.getuid === undefined || uid === process.getuid();
  } catch {
    return false;
  }
}
