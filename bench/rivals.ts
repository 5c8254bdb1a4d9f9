import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface RivalResampler {
  /** Feeds all of `input`, `chunkFrames` at a time, and returns the frames written. */
  process(input: Int16Array | Float32Array, chunkFrames: number, out: Float32Array): number;
}

interface Library {
  readonly name: string;
  /** Empty when it was not there when the addon was built. */
  readonly version: string;
  readonly remedy: string;
}

/** simdjson, simdutf and soxr HQ glued together. */
export interface Glue {
  /** False when the message is not good. `report`: frames written, features written, clause, dimension, flags. */
  push(message: Uint8Array, audio: Float32Array, features: Float32Array, report: Float64Array): boolean;
}

/** The addon of bench/rivals. */
interface RivalsAddon {
  libraries(): Library[];
  createResampler(
    library: string,
    setting: string,
    inputRate: number,
    outputRate: number,
    floats: boolean,
  ): RivalResampler | undefined;
  createGlue(outputRate: number, requestId: string): Glue | undefined;
  /** Numbers of a JSON array, -1 when it is none, undefined when there is no such parser. */
  parseFloats(parser: string, text: Uint8Array, out: Float32Array): number | undefined;
  /** Runs under callgrind: a dump with the instructions of `run` is written. False when this is not callgrind. */
  count(run: () => void): boolean;
  /** CPU nanoseconds of this thread since the call before, into laps[index]; false where there is no such clock. */
  cpuLap(laps: Float64Array, index: number): boolean;
  /** simdutf. Returns the bytes written or -1. */
  decodeBase64(text: Uint8Array, out: Uint8Array): number;
}

/** The rivals that are native libraries, or why there are none. */
export interface Rivals {
  readonly addon?: RivalsAddon;
  /** Why a library cannot be measured; undefined when it can. */
  readonly missing: (library: string) => string | undefined;
  readonly libraries: readonly Library[];
}

/** No native rivals, for a run that shall not build anything. */
export function noRivals(reason: string): Rivals {
  return { libraries: [], missing: () => reason };
}

/** Builds the addon of the native rivals with cmake, out of what is installed, and loads it. */
export function buildRivals(): Rivals {
  const root = packageRoot();
  const folder = join(root, 'build-rivals');
  try {
    const includes = ['node-api-headers/include', 'node-addon-api'].map((path) =>
      join(root, 'node_modules', path),
    );
    cmake(
      ...['-S', join(root, 'bench', 'rivals'), '-B', folder],
      `-DNODE_API_INCLUDES=${includes.join(';')}`,
      `-DSIMDJSON_DIR=${join(root, 'node_modules/@nozbe/simdjson/src')}`,
    );
    cmake('--build', folder, '--config', 'Release', '--parallel', '2');
    const addon = require(join(folder, 'rivals.node')) as RivalsAddon;
    const libraries = addon.libraries();
    return {
      addon,
      libraries,
      missing: (name) => {
        const library = libraries.find((candidate) => candidate.name === name);
        if (library === undefined) return 'the rivals addon does not know it';
        return library.version === '' ? library.remedy : undefined;
      },
    };
  } catch (thrown) {
    const { stderr, message } = thrown as Error & { stderr?: string };
    const reason = stderr?.split('\n').find((line) => /error/i.test(line)) ?? message;
    return noRivals(`bench/rivals does not build: ${reason.trim()}`);
  }
}

function cmake(...options: string[]): void {
  execFileSync('cmake', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The folder of package.json; this module runs from bench/ in the tests and from dist-bench/ otherwise. */
export function packageRoot(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}
