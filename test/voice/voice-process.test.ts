import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { VoiceProcess } from '../../src/voice/voice-process.js';
import { entryUrl } from '../../src/entry-url.js';

const script = (after: string): string => `
  import { FliteVoice } from ${JSON.stringify(entryUrl('voice/flite-voice').href)};
  const voice = new FliteVoice('kal');
  await voice.synthesize('Hello.');
  console.log(voice.pid);
  ${after}
`;

function run(after: string): {
  readonly pid: Promise<number>;
  readonly kill: () => void;
  readonly exit: Promise<number | null>;
} {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script(after)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = new Promise<number>((resolve) =>
    parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
  );
  const exit = new Promise<number | null>((resolve) => parent.once('exit', resolve));
  return { pid, kill: () => parent.kill('SIGKILL'), exit };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('VoiceProcess', () => {
  it('gives an engine up that hangs, after a second try', async () => {
    const engine = new VoiceProcess('voice/flite-child', 1);
    await expect(engine.speak('Hello.', 'kal', 1)).rejects.toMatchObject({ code: 'ERR_VOICE_FAILED' });
    await engine.close();
  });

  it('lets only so many clauses wait', async () => {
    const engine = new VoiceProcess('voice/flite-child');
    const all = Array.from({ length: 300 }, () => engine.speak('Hi.', 'kal', 1));
    const late = await all.at(-1)?.catch((error: unknown) => error);
    expect(late).toMatchObject({ code: 'ERR_VOICE_FAILED' });
    const results = Promise.allSettled(all);
    await engine.close();
    expect(
      (await results).every((result) => result.status === 'rejected' || result.value.pcm.length > 0),
    ).toBe(true);
  });

  it('does not keep an idle program running, and goes with it', async () => {
    const parent = run('');
    const pid = await parent.pid;
    expect(await parent.exit).toBe(0);
    await gone(pid);
  });

  it('ends when the parent is killed', async () => {
    const parent = run('setInterval(() => undefined, 1000);');
    const pid = await parent.pid;
    expect(alive(pid)).toBe(true);
    parent.kill();
    await parent.exit;
    await gone(pid);
  });
});
