import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where a PortAudio may be. */
export interface PortAudioCandidate {
  /** A path, or a name that the system's loader looks up. */
  readonly path: string;
  readonly origin: 'setting' | 'naudiodon2' | 'naudiodon' | 'system';
}

/** What the choice depends on; tests give another machine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Folder of an installed package, undefined when it is not there. */
  readonly packageFolder: (name: string) => string | undefined;
  readonly exists: (path: string) => boolean;
}

/**
 * The file inside naudiodon or naudiodon2, for the processors that it was built
 * for, by `platform-arch`. There is none for ARM64 Linux: what lies there is x86-64.
 */
const bundled: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['portaudio', 'bin', 'libportaudio.so.2'],
  'linux-arm': ['portaudio', 'bin_armhf', 'libportaudio.so.2'],
  'win32-x64': ['portaudio', 'bin', 'portaudio_x64.dll'],
  'darwin-x64': ['portaudio', 'bin', 'libportaudio.dylib'],
};

const systemNames: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['libportaudio.so.2', 'libportaudio.so'],
  darwin: [
    '/opt/homebrew/lib/libportaudio.2.dylib',
    '/usr/local/lib/libportaudio.2.dylib',
    'libportaudio.2.dylib',
  ],
  win32: ['portaudio_x64.dll', 'portaudio.dll'],
};

/** A setting alone when there is one; else what naudiodon2 or naudiodon carries for this processor, then the system's. */
export function portAudioCandidates(
  setting: string | undefined,
  machine: Machine = thisMachine,
): PortAudioCandidate[] {
  if (setting !== undefined && setting !== '') return [{ path: setting, origin: 'setting' }];
  const found: PortAudioCandidate[] = [];
  for (const origin of ['naudiodon2', 'naudiodon'] as const) {
    const folder = machine.packageFolder(origin);
    const path = folder === undefined ? undefined : bundledPath(origin, folder, machine);
    if (path !== undefined && machine.exists(path)) found.push({ path, origin });
  }
  const names = systemNames[machine.platform] ?? [];
  return [...found, ...names.map((path) => ({ path, origin: 'system' as const }))];
}

function bundledPath(origin: string, folder: string, { platform, arch }: Machine): string | undefined {
  // Only naudiodon2's library for the Mac has code for both processors.
  const key = origin === 'naudiodon2' && platform === 'darwin' ? 'darwin-x64' : `${platform}-${arch}`;
  const parts = bundled[key];
  return parts === undefined ? undefined : join(folder, ...parts);
}

const require = createRequire(import.meta.url);

const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  packageFolder: (name) => {
    try {
      return dirname(require.resolve(`${name}/package.json`));
    } catch {
      return undefined;
    }
  },
  exists: existsSync,
};
