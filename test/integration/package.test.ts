import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeLong } from '../tools.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const typescript = join(root, 'node_modules/typescript/bin/tsc');

/** The code of the README's example with this name, as a reader would copy it. */
function example(name: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const match = new RegExp(`<!-- example: ${name} -->\\s*\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(readme);
  if (match === null) throw new Error(`README has no example ${name}`);
  return match[1];
}

/** Runs a program to its end; a failure shows everything it said. */
function run(folder: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 280_000,
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

function consumer(tarball: string, ...flags: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'facewire-consumer-'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  // Types of Node are the consumer's own choice; our declarations name Buffer and EventEmitter.
  run(folder, 'npm', 'install', '--omit=dev', '--no-audit', '--no-fund', ...flags, tarball, '@types/node@20');
  return folder;
}

function checkAndRun(folder: string, name: string): string {
  writeFileSync(join(folder, `${name}.ts`), example(name));
  const options = [
    '--module',
    'NodeNext',
    '--target',
    'ES2022',
    '--strict',
    '--skipLibCheck',
    'false',
    '--types',
    'node',
  ];
  run(folder, process.execPath, typescript, ...options, `${name}.ts`);
  return run(folder, process.execPath, `${name}.js`);
}

// The addon is compiled twice.
describeLong(['registry'], 'the packed package in an empty folder', () => {
  const folders: string[] = [];
  let tarball = '';

  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'facewire-pack-'));
    folders.push(folder);
    run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) as string);
  });

  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('runs the media example with no ffmpeg and no canvas installed', { timeout: 300_000 }, () => {
    const folder = consumer(tarball, '--omit=optional');
    folders.push(folder);
    expect(existsSync(join(folder, 'node_modules/@napi-rs/canvas'))).toBe(false);
    expect(existsSync(join(folder, 'node_modules/@ffmpeg-installer'))).toBe(false);
    checkAndRun(folder, 'media');
  });

  it('runs the whole chain', { timeout: 300_000 }, () => {
    const folder = consumer(tarball);
    folders.push(folder);
    checkAndRun(folder, 'chain');
    expect(checkAndRun(folder, 'events')).toBe('Hello\nfrom\nFacewire.\n');
    expect(readFileSync(join(folder, 'hello.mp4')).includes('ftyp')).toBe(true);
  });
});

it('the package depends on no GPL package', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(manifest.dependencies)) {
    const licence =
      (
        JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
          license?: string;
        }
      ).license ?? '';
    expect(licence, name).not.toMatch(/GPL/);
  }
});
