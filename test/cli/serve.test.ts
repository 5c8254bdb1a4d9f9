import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

import { ready } from '../server/interactive/client.js';
import { describeWith } from '../tools.js';
import { readWav } from './media.js';
import { descendants, hasProc, Home, mainFile, small, untilGone, type Running } from './run.js';

const home = new Home();
afterAll(() => home.remove());

interface Served {
  readonly url: string;
  readonly appkey: string;
  readonly projectId: string;
  readonly secrets: string;
  readonly created: boolean;
  readonly say: string;
}

async function serve(...args: string[]): Promise<{ running: Running; served: Served }> {
  const running = home.start(['serve', '--port', '0', '--json', ...args]);
  await running.until(({ stdout }) => stdout.includes('\n'));
  return { running, served: JSON.parse(running.stdout) as Served };
}

/** Runs a printed line in a shell as a user would paste it, with our compiled file for `npx facewire`. */
async function paste(line: string): Promise<void> {
  expect(line).toMatch(/^npx facewire say /);
  const command = line.replace('npx facewire', `"${process.execPath}" "${mainFile}"`);
  const env = { PATH: process.env['PATH'], HOME: home.path, XDG_CONFIG_HOME: home.file('config') };
  await promisify(execFile)('sh', ['-c', command], { cwd: home.path, env });
}

describe('serve', () => {
  it('makes a key pair at the first start only, and the line it prints works as it stands', async () => {
    const first = await serve();
    expect(first.served.created).toBe(true);
    expect(first.served.secrets).toBe(home.file('config', 'facewire', 'secrets.json'));
    expect(statSync(first.served.secrets).mode & 0o777).toBe(0o600);
    const { accessToken } = JSON.parse(readFileSync(first.served.secrets, 'utf8')) as { accessToken: string };
    await paste(`${first.served.say} --out served.wav`);
    expect(readWav(home.file('served.wav')).peak).toBeGreaterThan(0.1);
    first.running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await first.running.finished;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(accessToken);
    expect(stdout.trim().split('\n')).toHaveLength(1);

    const second = await serve();
    expect(second.served).toMatchObject({ created: false, appkey: first.served.appkey });
    second.running.pressCtrlC();
    expect((await second.running.finished).code).toBe(0);
  });

  it('shows people the same line, for a secrets file in a folder with a space too', async () => {
    const running = home.start(['serve', '--port', '0', '--secrets', 'my keys/it is.json']);
    await running.until(({ stdout }) => stdout.includes('Ctrl-C'));
    const [line] = /npx facewire say .+/.exec(running.stdout) as RegExpExecArray;
    await paste(`${line} --out spaced.wav --voice rms`);
    expect(readWav(home.file('spaced.wav')).peak).toBeGreaterThan(0.1);
    const { accessToken } = JSON.parse(readFileSync(home.file('my keys', 'it is.json'), 'utf8')) as {
      accessToken: string;
    };
    running.pressCtrlC();
    const { code, stdout, stderr } = await running.finished;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(accessToken);
  });

  it('says when its port is taken', async () => {
    const { running, served } = await serve();
    const failed = await home.fails(['serve', '--port', new URL(served.url).port]);
    expect(failed.error).toMatchObject({ code: 'ERR_PORT_UNAVAILABLE', received: 'EADDRINUSE' });
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
  });

  it('goes on when the reader of its output has left', async () => {
    const { running, served } = await serve();
    running.child.stdout.destroy();
    running.child.stderr.destroy();
    await paste(`${served.say} --out later.wav`);
    expect(readWav(home.file('later.wav')).peak).toBeGreaterThan(0.1);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
  });
});

describeWith(['ffmpeg', 'canvas'], 'serve with interactive sessions', () => {
  it.runIf(hasProc)(
    'says what it serves, renders a session, and leaves nothing when it is ended',
    async () => {
      const { running, served } = await serve('--sessions', '1', ...small);
      expect(served).toMatchObject({ maxSessions: 1, rest: served.url.replace('ws', 'http') });
      const { accessToken } = JSON.parse(readFileSync(served.secrets, 'utf8')) as { accessToken: string };
      const { state } = await ready({ ...served, accessToken });
      expect(state.Payload.PlayStreamAddr).toMatch(/^rtmp:/);
      const family = descendants(running.pid);
      expect(family.filter(({ command }) => command.includes('ffmpeg'))).toHaveLength(2);
      running.child.kill('SIGTERM');
      expect((await running.finished).code).toBe(0);
      await untilGone(family);
    },
  );
});
