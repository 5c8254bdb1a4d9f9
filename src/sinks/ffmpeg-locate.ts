import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

import { FacewireError } from '../errors.js';
import { candidatesOf, firstThatWorks, outputOf, whyItFailed } from '../find-program.js';

const require = createRequire(import.meta.url);

/** A working ffmpeg with the parts that Facewire needs. */
export interface Ffmpeg {
  /** Path, or the bare name when it was found in PATH. */
  readonly path: string;
  /** First line of `ffmpeg -version`. */
  readonly version: string;
  /** Where it was found: setting, FFMPEG_BIN, ffmpeg-static, PATH or @ffmpeg-installer/ffmpeg. */
  readonly origin: string;
  /** Options that keep one output frame for each input frame; their name changed in version 5.1. */
  readonly passthrough: readonly string[];
  /** Names of the encoders it was built with. */
  readonly encoders: ReadonlySet<string>;
}

/** What is asked of the machine; for tests. */
export interface FfmpegMachine {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What an npm package exports; throws when it is not installed. */
  readonly load: (name: string) => unknown;
  readonly exists: (path: string) => boolean;
  /** What a program prints; rejects as execFile does. */
  readonly run: (path: string, args: readonly string[]) => Promise<string>;
}

const thisMachine: FfmpegMachine = {
  environment: process.env,
  load: require,
  exists: existsSync,
  run: outputOf,
};
const checked = new WeakMap<FfmpegMachine, Map<string, Promise<Ffmpeg>>>();

/**
 * Finds ffmpeg: `setting`, then FFMPEG_BIN, ffmpeg-static, PATH and
 * @ffmpeg-installer/ffmpeg. Each candidate is run once; a setting or FFMPEG_BIN
 * that does not work is an error, not a reason to take another in silence.
 */
export async function locateFfmpeg(setting?: string, machine: FfmpegMachine = thisMachine): Promise<Ffmpeg> {
  const candidates = candidatesOf(setting, 'FFMPEG_BIN', machine.environment, () => [
    { origin: 'ffmpeg-static', path: staticPath(machine) },
    { origin: 'PATH', path: 'ffmpeg' },
    { origin: '@ffmpeg-installer/ffmpeg', path: installerPath(machine) },
  ]);
  const known = checked.get(machine) ?? new Map<string, Promise<Ffmpeg>>();
  checked.set(machine, known);
  const result = await firstThatWorks(candidates, (path, origin) => {
    let found = known.get(path);
    if (found === undefined) {
      found = check(machine, path, origin);
      known.set(path, found);
      // A failure is not remembered: the user may install ffmpeg while we run.
      found.catch(() => known.delete(path));
    }
    return found;
  });
  if ('found' in result) return result.found;
  throw new FacewireError('ERR_FFMPEG_MISSING', `no working ffmpeg was found; tried ${result.tried}`, {
    expected: 'ffmpeg with libx264, aac and flv',
    received: result.tried,
  });
}

async function check(machine: FfmpegMachine, path: string, origin: string): Promise<Ffmpeg> {
  let version: string;
  let encoders: string;
  let muxers: string;
  try {
    version = await machine.run(path, ['-hide_banner', '-version']);
    encoders = await machine.run(path, ['-hide_banner', '-encoders']);
    muxers = await machine.run(path, ['-hide_banner', '-muxers']);
  } catch (thrown) {
    throw new Error(whyItFailed(thrown));
  }
  const lacking = [
    ...['libx264', 'aac'].filter((name) => !new RegExp(`^ [VA]\\S* +${name} `, 'm').test(encoders)),
    ...['flv', 'mp4'].filter((name) => !new RegExp(`^ +\\S*E\\S* +${name} `, 'm').test(muxers)),
  ];
  if (lacking.length > 0) throw new Error(`lacks ${lacking.join(', ')}`);
  const library = /^libavutil\s+(\d+)\.\s*(\d+)\./m.exec(version);
  const major = Number(library?.[1] ?? 0);
  const renamed = major > 57 || (major === 57 && Number(library?.[2]) >= 28);
  return {
    path,
    version: version.split(/\r?\n/, 1)[0] ?? '',
    origin,
    encoders: new Set([...encoders.matchAll(/^ [VA]\S* +(\S+) /gm)].map(([, name = '']) => name)),
    passthrough: renamed ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'],
  };
}

/** ffmpeg-static names its file even when the download at install time failed. */
function staticPath(machine: FfmpegMachine): string | undefined {
  try {
    const path = machine.load('ffmpeg-static');
    return typeof path === 'string' && machine.exists(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function installerPath(machine: FfmpegMachine): string | undefined {
  try {
    const { path } = machine.load('@ffmpeg-installer/ffmpeg') as { path?: unknown };
    return typeof path === 'string' && machine.exists(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
