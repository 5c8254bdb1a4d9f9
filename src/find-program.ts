import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { isOutOfDescriptors } from './descriptors.js';

const run = promisify(execFile);

/** A place where a program may be. */
export interface Candidate {
  /** Where the path comes from, for the reader of an error. */
  readonly origin: string;
  /** Path, or a bare name for PATH; undefined when this place names none. */
  readonly path: string | undefined;
}

/**
 * Where to look: a setting or a variable that is there is the only place, because one that does not work is
 * an error, not a reason to take another in silence.
 */
export function candidatesOf(
  setting: string | undefined,
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
  others: () => readonly Candidate[],
): readonly Candidate[] {
  if (setting !== undefined && setting !== '') return [{ origin: 'setting', path: setting }];
  const path = environment[variable];
  return path !== undefined && path !== '' ? [{ origin: variable, path }] : others();
}

/**
 * The first candidate that passes the check, or what was tried in vain.
 *
 * @param check throws an Error whose message says in a few words what is wrong with it.
 */
export async function firstThatWorks<Found>(
  candidates: readonly Candidate[],
  check: (path: string, origin: string) => Promise<Found>,
): Promise<{ readonly found: Found } | { readonly tried: string }> {
  const tried: string[] = [];
  for (const { origin, path } of candidates) {
    if (path === undefined) {
      tried.push(`${origin}: not installed`);
      continue;
    }
    try {
      return { found: await check(path, origin) };
    } catch (thrown) {
      tried.push(`${origin} (${path}): ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  return { tried: tried.join('; ') };
}

/** What a program prints; rejects as execFile does, and when it takes more than 10 s. */
export async function outputOf(path: string, args: readonly string[]): Promise<string> {
  return (await run(path, args, { timeout: 10_000, maxBuffer: 4 << 20, windowsHide: true })).stdout;
}

/** Why outputOf() failed, in a few words. */
export function whyItFailed(thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  if (code === 'ENOENT') return 'not found';
  if (code === 'EACCES') return 'not executable';
  return isOutOfDescriptors(thrown) ? `could not be started (${String(code)})` : 'does not run here';
}
