import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

interface Result {
  readonly seconds: number;
  readonly digest: string;
  readonly damaged: number;
}

describe('facewire record and replay', () => {
  it('say again what was said, to the bit, at any speed', async () => {
    const made = await home.run([
      'record', 'hello.jsonl', '--', 'say', 'Hello there.', '--voice', 'kal16', '--out', 'one.wav', '--json',
    ]); // prettier-ignore
    expect(made.code).toBe(0);
    const { digest } = JSON.parse(made.stdout) as Result;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const checked = await home.run(['replay', 'hello.jsonl', '--check', '--json']);
    expect(JSON.parse(checked.stdout)).toMatchObject({ digest, damaged: 0, drives: [{}] });
    const again = await home.run(['replay', 'hello.jsonl', '--out', 'two.wav', '--speed', '3', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ digest });
    expect(Buffer.compare(readFileSync(home.file('one.wav')), readFileSync(home.file('two.wav')))).toBe(0);
  });

  it('tell what is wrong with the command line or the file', async () => {
    expect((await home.fails(['record', 'x.jsonl', '--', 'serve'])).error.code).toBe('ERR_OPTION_INVALID');
    expect(existsSync(home.file('x.jsonl'))).toBe(false);
    expect((await home.fails(['replay', 'none.jsonl', '--out', 'kept.wav'])).error).toMatchObject({
      code: 'ERR_INPUT_UNREADABLE',
      received: 'ENOENT',
    });
    expect(existsSync(home.file('kept.wav'))).toBe(false);
    expect((await home.fails(['replay', 'none.jsonl', '--speed', '0'])).error.code).toBe(
      'ERR_OPTION_INVALID',
    );
    expect(
      (await home.fails(['record', 'no/such/x.jsonl', '--', 'say', 'Hi.', '--out', 'y.wav'])).error,
    ).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE', received: 'ENOENT' });
  });
});
