import { createRequire } from 'node:module';
import { FacewireError } from '../errors.js';
import type { NativeAddon } from './binding.js';

const require = createRequire(import.meta.url);

/** Builds of the addon, in the order they are tried. The same from src/media and from dist/media. */
const candidates = ['../../build/Release/facewire.node', '../../build/Debug/facewire.node'] as const;

let loaded: NativeAddon | undefined;

/**
 * The native addon, loaded at the first call. Every worker thread loads its own.
 * Throws ERR_ADDON_MISSING with what was tried and what to do.
 */
export function loadAddon(): NativeAddon {
  loaded ??= firstThatLoads(candidates);
  return loaded;
}

/** Loads the first of `paths` (relative to this module, or absolute) that works. */
export function firstThatLoads(paths: readonly string[]): NativeAddon {
  const failures: string[] = [];
  for (const path of paths) {
    try {
      return require(path) as NativeAddon;
    } catch (thrown) {
      // The first line says it all; the rest is Node's require stack.
      const reason = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n', 1)[0] ?? '';
      failures.push(`${path}: ${reason}`);
    }
  }
  throw new FacewireError(
    'ERR_ADDON_MISSING',
    `the native addon does not load:\n  ${failures.join('\n  ')}`,
    {
      expected: 'build/Release/facewire.node, built for this platform',
      received: failures.join('; '),
      remedy: [
        '1. Install cmake (3.21 or newer) and a C++20 compiler, for example: apt install cmake g++.',
        '2. Build it: npm rebuild facewire (in a clone: npm run build).',
        '3. If npm was run with --ignore-scripts, or the folder came from another platform or libc, run step 2 here.',
      ].join('\n'),
    },
  );
}
