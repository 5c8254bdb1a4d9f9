import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWith } from '../tools.js';
import { Home, small } from './run.js';

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

  it('record the answer to a question', async () => {
    const made = await home.run([
      'record', 'asked.jsonl', '--', 'say', '--chat', 'Are you there?', '--voice', 'kal16', '--out', 'a.wav', '--json',
    ]); // prettier-ignore
    expect(made.code).toBe(0);
    const { digest } = JSON.parse(made.stdout) as Result;
    const checked = await home.run(['replay', 'asked.jsonl', '--check', '--json']);
    expect(JSON.parse(checked.stdout)).toMatchObject({ digest, damaged: 0, drives: [{}] });
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

describeWith(['ffmpeg', 'canvas'], 'facewire session', () => {
  it('is recorded with its calls, texts and sound, and listed at any speed, without secrets', async () => {
    const sound = Buffer.alloc(44 + 3200);
    sound.write('RIFF', 0, 'latin1');
    sound.writeUInt32LE(36 + 3200, 4);
    sound.write('WAVEfmt ', 8, 'latin1');
    [16, 0x10001, 16_000, 32_000, 0x100002].forEach((value, i) => sound.writeUInt32LE(value, 16 + 4 * i));
    sound.write('data', 36, 'latin1');
    sound.writeUInt32LE(3200, 40);
    sound.fill(7, 44);
    writeFileSync(home.file('s.wav'), sound);
    const made = await home.run([
      'record', 'talk.jsonl', '--', 'session', 'Hello.', '--sound', 's.wav', ...small, '--json',
    ]); // prettier-ignore
    expect(made.stderr + made.stdout).not.toContain('error');
    const { drives, sessionId } = JSON.parse(made.stdout) as {
      drives: { kind: string; requestId: string; statuses: string[] }[];
      sessionId: string;
    };
    expect(drives.map(({ kind, statuses }) => [kind, statuses.at(-1)])).toEqual([
      ['text', 'text-over'],
      ['audio', 'audio-over'],
    ]);
    const digest = createHash('sha256').update(sound.subarray(44)).digest('hex');
    for (const speed of [[], ['--speed', '20']]) {
      const { stdout, code } = await home.run(['replay', 'talk.jsonl', ...speed]);
      expect(code).toBe(0);
      for (const part of ['→ createByProject', '← createByProject HTTP 200', '→ start', '→ close'])
        expect(stdout).toContain(part);
      expect(stdout).toContain(`→ text ${drives[0].requestId} text="Hello." asIs=true`);
      expect(stdout).toMatch(new RegExp(`← status ${drives[1].requestId} status="audio-over"`));
      expect(stdout).toContain(`sound ${drives[1].requestId}: 0.10 s at 16 kHz, sha256 ${digest}`);
      expect(stdout).toContain(sessionId);
    }
    expect(readFileSync(home.file('talk.jsonl'), 'utf8')).not.toMatch(/signature|appkey/i);
  });

  it('needs something to say', async () => {
    expect((await home.fails(['session'])).error.code).toBe('ERR_OPTION_INVALID');
    expect((await home.fails(['session', '--sound', 'none.wav'])).error.code).toBe('ERR_INPUT_UNREADABLE');
  });
});
