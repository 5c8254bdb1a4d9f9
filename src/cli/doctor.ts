import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

import { errorTable, FacewireError, toFacewireError } from '../errors.js';
import { findBrowser } from '../kiosk/find-browser.js';
import { loadAddon } from '../media/load-addon.js';
import { locateFfmpeg } from '../sinks/ffmpeg-locate.js';
import { createVoice } from '../voice/create-voice.js';
import type { Output } from './output.js';

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** True when the chain to a file or a stream does not work without it. */
  readonly required: boolean;
  readonly detail: string;
  /** What to do; empty when all is well. */
  readonly remedy: string;
}

type Check = () => Promise<string>;

const run = promisify(execFile);
const require = createRequire(import.meta.url);

const checks: readonly { name: string; required: boolean; check: Check; remedy?: string }[] = [
  { name: 'Node.js 20 or newer', required: true, check: checkNode, remedy: 'Install Node.js 20, 22 or 24.' },
  {
    name: 'native addon',
    required: true,
    check: async () => `loaded, kernels: ${loadAddon().kernels}`,
    remedy: errorTable.ERR_ADDON_MISSING.remedy,
  },
  {
    name: 'cmake (to build the addon)',
    required: false,
    check: async () => firstLine('cmake', '--version'),
    remedy: 'Install cmake, for example: apt install cmake',
  },
  {
    name: 'C++ compiler (to build the addon)',
    required: false,
    check: checkCompiler,
    remedy: 'Install a C++20 compiler, for example: apt install g++',
  },
  { name: 'ffmpeg (pictures, MP4, RTMP)', required: true, check: checkFfmpeg },
  {
    name: 'drawing package (built-in face)',
    required: true,
    check: async () => installed('@napi-rs/canvas'),
    remedy: errorTable.ERR_CANVAS_MISSING.remedy,
  },
  { name: 'English voice', required: true, check: checkVoice },
  {
    name: 'voices for other languages',
    required: false,
    check: async () => installed('@echogarden/espeak-ng-emscripten'),
    remedy: 'For other languages: npm install @echogarden/espeak-ng-emscripten (its licence is GPL-3.0)',
  },
  {
    name: 'local RTMP ingest (demo)',
    required: true,
    check: async () => installed('node-media-server'),
    remedy: 'Run: npm install',
  },
  { name: 'browser (screen of a kiosk)', required: false, check: checkBrowser },
  { name: 'sound card', required: false, check: checkSound },
];

/** Looks at everything the chain needs and says what to do about what is missing. Exit code 1 when something required is. */
export async function doctor(output: Output): Promise<void> {
  const findings: Finding[] = [];
  for (const { name, required, check, remedy } of checks) {
    try {
      findings.push({ name, required, ok: true, detail: await check(), remedy: '' });
    } catch (thrown) {
      const error = toFacewireError(thrown);
      findings.push({ name, required, ok: false, detail: error.message, remedy: remedy ?? error.remedy });
    }
  }
  const broken = findings.filter((finding) => !finding.ok && finding.required);
  const lines = findings.flatMap(({ name, ok, required, detail, remedy }) => [
    `${ok ? 'ok      ' : required ? 'MISSING ' : 'absent  '} ${name}: ${detail.split('\n')[0]}`,
    ...(ok ? [] : [`         ${remedy}`]),
  ]);
  lines.push(
    broken.length === 0
      ? 'Everything that the demo needs is here. Try: npx facewire demo'
      : `${broken.length} required ${broken.length === 1 ? 'part is' : 'parts are'} missing; see above.`,
  );
  output.result(lines, { ok: broken.length === 0, findings });
  if (broken.length > 0) process.exitCode = 1;
}

async function checkNode(): Promise<string> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Error(`this is ${process.version}`);
  return process.version;
}

async function firstLine(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { timeout: 10_000 }).catch(() => {
    throw new Error('not found');
  });
  return stdout.split('\n')[0] ?? '';
}

async function checkCompiler(): Promise<string> {
  for (const command of ['c++', 'g++', 'clang++']) {
    try {
      return await firstLine(command, '--version');
    } catch {
      continue;
    }
  }
  if (process.platform === 'win32') return 'cmake finds Visual Studio by itself';
  throw new Error('none of c++, g++, clang++ found');
}

async function checkFfmpeg(): Promise<string> {
  const { version, origin } = await locateFfmpeg();
  return `${version} (${origin})`;
}

async function checkBrowser(): Promise<string> {
  const { path, version, origin } = await findBrowser();
  return `${version === '' ? path : version} (${origin})`;
}

async function installed(name: string): Promise<string> {
  try {
    require.resolve(name);
  } catch {
    throw new Error(`${name} is not installed`);
  }
  return name;
}

/** Speaks a word, because a voice that loads may still be mute. */
async function checkVoice(): Promise<string> {
  const voice = createVoice('slt');
  try {
    const { pcm, sampleRate } = await voice.synthesize('Hello.');
    return `slt speaks (${(pcm.length / sampleRate).toFixed(2)} s of sound for one word)`;
  } finally {
    await voice.close();
  }
}

async function checkSound(): Promise<string> {
  const { listDevices } = await import('../sinks/device-sink.js');
  const devices = await listDevices();
  if (devices.length === 0) {
    throw new FacewireError('ERR_DEVICE_MISSING', 'none found', {
      remedy: 'Nothing to do if this machine needs no sound: use --out or --rtmp.',
    });
  }
  return devices.map((device) => device.name).join(', ');
}
