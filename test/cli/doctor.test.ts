import { mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';

import { describeWith } from '../tools.js';
import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

interface Examined {
  readonly ok: boolean;
  readonly findings: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly required: boolean;
    readonly detail: string;
    readonly remedy: string;
  }[];
}

describeWith(['ffmpeg', 'canvas'], 'doctor where nothing required is missing', () => {
  it('finds every required part by using it, and exits with 0', async () => {
    const { code, stdout } = await home.run(['doctor', '--json']);
    const { ok, findings } = JSON.parse(stdout) as Examined;
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    const required = findings.filter((finding) => finding.required);
    expect(required.map((finding) => finding.ok)).not.toContain(false);
    expect(required.find(({ name }) => name === 'English voice')?.detail).toMatch(/speaks \(\d+\.\d\d s/);
    for (const { ok: fine, detail, remedy } of findings)
      expect([detail !== '', remedy !== '']).toEqual([true, !fine]);
  });

  it('tells people in lines that stand below each other', async () => {
    const { code, stdout, stderr } = await home.run(['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of stdout.trimEnd().split('\n').slice(0, -1))
      expect(line).toMatch(/^(ok {6}|absent {2}| {8}) /);
    expect(stdout).toMatch(/Everything that the demo needs is here\. Try: npx facewire demo\n$/);
  });
});

describe('doctor where things are missing', () => {
  it('says what to do about each, and exits with 1', async () => {
    // A PATH that holds node alone: no cmake, no compiler, no ffmpeg.
    mkdirSync(home.file('bin'));
    symlinkSync(process.execPath, home.file('bin', 'node'));
    const env = { PATH: home.file('bin'), FFMPEG_BIN: home.file('none') };
    const { code, stdout } = await home.run(['doctor', '--json'], env);
    const { ok, findings } = JSON.parse(stdout) as Examined;
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    const found = (part: string): Examined['findings'][number] | undefined =>
      findings.find(({ name }) => name.startsWith(part));
    expect(found('ffmpeg')).toMatchObject({ ok: false, required: true });
    expect(found('ffmpeg')?.remedy).toContain('apt install ffmpeg');
    expect(found('cmake')).toMatchObject({ ok: false, required: false });
    expect(found('cmake')?.remedy).toContain('apt install cmake');
    expect(found('C++ compiler')).toMatchObject({ ok: false });
    const { stdout: lines } = await home.run(['doctor'], env);
    expect(lines).toMatch(/^MISSING {2}ffmpeg.+\n {9}Install ffmpeg/m);
    expect(lines).toMatch(/1 required part is missing/);
  });
});
