import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

const calibration = (channels: object): string =>
  JSON.stringify({ format: 'facewire-calibration-1', channels }, undefined, 2);

describe('--calibration and --rig', () => {
  it('change the face and leave the sound', async () => {
    writeFileSync(home.file('half.json'), calibration({ jawOpen: { gain: 0.5 } }));
    const said = await home.run([
      'say',
      'Hello there.',
      '--out',
      'one.wav',
      '--record',
      'one.jsonl',
      '--json',
    ]);
    expect(said.code, said.stderr).toBe(0);
    const digestOf = async (...options: string[]): Promise<string> => {
      const checked = await home.run(['replay', 'one.jsonl', '--check', '--json', ...options]);
      expect(checked.code, checked.stderr).toBe(0);
      return (JSON.parse(checked.stdout) as { digest: string }).digest;
    };
    const plain = await digestOf();
    expect(await digestOf('--rig', 'tencent-3d-standard')).toBe(plain);
    const fitted = await digestOf('--calibration', 'half.json');
    expect(fitted).not.toBe(plain);
    expect(await digestOf('--rig', 'arkit')).not.toBe(plain);
    const again = await home.run([
      'say',
      'Hello there.',
      '--out',
      'two.wav',
      '--calibration',
      'half.json',
      '--json',
    ]);
    expect(again.code, again.stderr).toBe(0);
  }, 120_000);

  it('say what is wrong before anything is said', async () => {
    writeFileSync(home.file('wrong.json'), calibration({ jawOpen: { gain: 9 } }));
    for (const command of [
      ['say', 'Hello'],
      ['replay', 'one.jsonl', '--check'],
      ['serve', '--port', '0'],
      ['demo'],
    ]) {
      const { error } = await home.fails([...command, '--calibration', 'wrong.json']);
      expect(error).toMatchObject({
        code: 'ERR_INPUT_UNREADABLE',
        message: 'wrong.json:5: channels.jawOpen.gain must be a number of 0 to 4',
        remedy: 'Correct that line; docs/rigs.md describes the file.',
      });
    }
    expect((await home.fails(['say', 'Hello', '--rig', 'apple'])).error.code).toBe('ERR_OPTION_INVALID');
  }, 120_000);
});
