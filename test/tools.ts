import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';

const require = createRequire(import.meta.url);

const checks: Record<string, () => boolean> = {
  nginx: () => inPath('nginx') && existsSync('/usr/lib/nginx/modules/ngx_rtmp_module.so'),
  pulseaudio: () => inPath('pulseaudio') && inPath('parec') && inPath('pacat'),
  // The system's; in a process of its own, as the product does it.
  portaudio: () =>
    runs(process.execPath, '-e', "require('./build/Release/facewire.node').sound.list('libportaudio.so.2')"),
  // In a process of its own: it may be there without its binary, and loading it changes signal handlers.
  naudiodon: () => runs(process.execPath, '-e', "require('naudiodon')"),
  'audio-io': () => resolves('@echogarden/audio-io'),
  // Any ffmpeg that the product itself would find; the integration tests use the same search.
  ffmpeg: () =>
    inPath('ffmpeg') || resolves('@ffmpeg-installer/ffmpeg') || process.env['FFMPEG_BIN'] !== undefined,
  canvas: () => resolves('@napi-rs/canvas'),
  'espeak-ng': () => resolves('@echogarden/espeak-ng-emscripten'),
  registry: () => runs('npm', 'view', 'ws', 'version', '--fetch-retries=0', '--fetch-timeout=10000'),
  openssl: () => inPath('openssl'),
  python3: () => inPath('python3'),
  tmpfs: () => process.platform === 'linux' && mounts(),
  setpriv: () => inPath('setpriv'),
  chromium: () => inPath('chromium') && resolves('playwright-core'),
};

function inPath(command: string): boolean {
  try {
    execFileSync(process.platform === 'win32' ? 'where' : 'which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function mounts(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'facewire-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 20_000, shell: process.platform === 'win32' });
    return true;
  } catch {
    return false;
  }
}

function resolves(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Whether nothing is left out: `--mode all`. */
export const isAll = process.env['FACEWIRE_TEST_ALL'] === '1';

export type Tool = keyof typeof checks;

/** Names of the tools in `tools` that this machine lacks. */
export function missingTools(tools: readonly string[]): string[] {
  return tools.filter((tool) => {
    const check = checks[tool];
    if (check === undefined) throw new Error(`unknown tool ${tool}`);
    return !check();
  });
}

/**
 * A describe() that needs programs beyond Node, cmake and a compiler. Without
 * them it is skipped and its name says what is missing; with
 * FACEWIRE_TEST_ALL=1 (CI) it runs and so fails, because nothing may be skipped there.
 */
export function describeWith(tools: readonly string[], name: string, body: () => void): void {
  const missing = missingTools(tools);
  if (missing.length === 0 || isAll) describe(name, body);
  else describe.skip(`${name} [needs ${missing.join(', ')}]`, body);
}

/** A describe() of what takes long, skipped without FACEWIRE_TEST_ALL=1; with it as describeWith(). */
export function describeLong(tools: readonly string[], name: string, body: () => void): void {
  if (isAll) describeWith(tools, name, body);
  else describe.skip(`${name} [takes long, needs --mode all]`, body);
}

/** An it() of what takes long, skipped without FACEWIRE_TEST_ALL=1. */
export function itLong(name: string, body: () => Promise<void> | void, timeoutMs?: number): void {
  if (isAll) it(name, body, timeoutMs);
  else it.skip(`${name} [takes long, needs --mode all]`, body);
}
