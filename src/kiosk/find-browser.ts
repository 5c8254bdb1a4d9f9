import { existsSync } from 'node:fs';

import { FacewireError } from '../errors.js';
import { candidatesOf, firstThatWorks, outputOf, whyItFailed, type Candidate } from '../find-program.js';

/** A Chromium, or one of its kin. */
export interface Browser {
  /** Path, or the bare name when it was found in PATH. */
  readonly path: string;
  /** What it says of itself; empty on Windows, where it opens a window when it is asked. */
  readonly version: string;
  /** Where it was found: setting, FACEWIRE_BROWSER, PATH or the applications of the system. */
  readonly origin: string;
}

/** What is asked of the machine; for tests. */
export interface BrowserMachine {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly exists: (path: string) => boolean;
  /** What a program prints; rejects as execFile does. */
  readonly run: (path: string, args: readonly string[]) => Promise<string>;
}

const thisMachine: BrowserMachine = {
  platform: process.platform,
  environment: process.env,
  exists: existsSync,
  run: outputOf,
};

const commands = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'brave-browser',
] as const;
const applications = ['Chromium', 'Google Chrome', 'Microsoft Edge', 'Brave Browser'] as const;
const windowsPrograms = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
  'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
] as const;

/**
 * Finds a browser: `setting`, then FACEWIRE_BROWSER, then PATH (Linux) or the usual places of applications
 * (macOS, Windows). A setting or FACEWIRE_BROWSER that does not work is an error, not a reason to take another
 * in silence. Throws ERR_BROWSER_MISSING.
 */
export async function findBrowser(setting?: string, machine: BrowserMachine = thisMachine): Promise<Browser> {
  const candidates = candidatesOf(setting, 'FACEWIRE_BROWSER', machine.environment, () => usual(machine));
  const result = await firstThatWorks(candidates, async (path, origin) => ({
    path,
    version: await versionOf(path, machine),
    origin,
  }));
  if ('found' in result) return result.found;
  throw new FacewireError(
    'ERR_BROWSER_MISSING',
    `no browser was found for the screen; tried ${result.tried}`,
    {
      expected: 'Chromium, Chrome, Edge or Brave',
      received: result.tried,
    },
  );
}

async function versionOf(path: string, { platform, exists, run }: BrowserMachine): Promise<string> {
  if (platform === 'win32') {
    if (!exists(path)) throw new Error('not found');
    return '';
  }
  let version: string;
  try {
    version = (await run(path, ['--version'])).trim();
  } catch (thrown) {
    throw new Error(whyItFailed(thrown));
  }
  // Another browser would not understand our arguments, nor end with us.
  if (!/chrom|edge|brave/i.test(version)) throw new Error('not a Chromium');
  return version.split(/\r?\n/, 1)[0] ?? '';
}

function usual({ platform, environment, exists }: BrowserMachine): readonly Candidate[] {
  const there = (path: string): string | undefined => (exists(path) ? path : undefined);
  if (platform === 'darwin') {
    return applications.map((name) => ({
      origin: name,
      path: there(`/Applications/${name}.app/Contents/MacOS/${name}`),
    }));
  }
  if (platform === 'win32') {
    const roots = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap(
      (name) => environment[name] ?? [],
    );
    return windowsPrograms.map((program) => ({
      origin: program,
      path: roots.map((root) => there(`${root}\\${program}`)).find((path) => path !== undefined),
    }));
  }
  return commands.map((name) => ({ origin: 'PATH', path: name }));
}
