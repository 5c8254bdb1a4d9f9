import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

import { ready } from '../server/interactive/client.js';
import { describeWith } from '../tools.js';
import { readWav } from './media.js';
import { descendants, hasProc, Home, mainFile, small, untilGone, type Failed, type Running } from './run.js';
import { Model } from '../server/answers/model.js';
import { repliesOf, TestClient } from '../server/client.js';

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
      const { running, served } = await serve('--sessions', '1', '--background', 'navy', ...small);
      expect(served).toMatchObject({ maxSessions: 1, rest: served.url.replace('ws', 'http') });
      const { accessToken } = JSON.parse(readFileSync(served.secrets, 'utf8')) as { accessToken: string };
      const { state } = await ready({ ...served, accessToken }, { Backgrounds: [{}] });
      expect(state.Payload.PlayStreamAddr).toMatch(/^rtmp:/);
      const family = descendants(running.pid);
      expect(family.filter(({ command }) => command.includes('ffmpeg'))).toHaveLength(2);
      running.child.kill('SIGTERM');
      const { code, stderr } = await running.finished;
      expect(code).toBe(0);
      expect(stderr).toMatch(/^warning: the layers of Backgrounds/m);
      await untilGone(family);
    },
  );
});

describe('the content of serve', () => {
  const refused = async (exitCode: number, ...args: string[]): Promise<Failed['error']> => {
    const running = home.start(['serve', '--port', '0', '--json', ...args]);
    const { code, stdout } = await running.finished;
    expect(code).toBe(exitCode);
    return (JSON.parse(stdout) as Failed).error;
  };

  it('comes from files and an endpoint, whose key is taken from the environment and shown nowhere', async () => {
    const key = 'sk-serve-secret-42';
    writeFileSync(home.file('script.yaml'), 'replies:\n  - match: notice\n    reply: This is the notice.\n');
    writeFileSync(
      home.file('answers.yaml'),
      'answers:\n  - questions: What time is it\n    answer: Tea time.\n',
    );
    writeFileSync(home.file('words.txt'), 'forbidden\n');
    const model = await Model.start();
    const running = home.start(
      ['serve', '--port', '0', '--json', '--script', 'script.yaml', '--answers', 'answers.yaml', '--sensitive-words', 'words.txt', '--chat-url', model.url, '--chat-model', 'tiny', '--voice', 'kal16'],
      { FACEWIRE_CHAT_KEY: key },
    ); // prettier-ignore
    await running.until(({ stdout }) => stdout.includes('\n'));
    const served = JSON.parse(running.stdout) as Served;
    const { accessToken } = JSON.parse(readFileSync(served.secrets, 'utf8')) as { accessToken: string };
    const client = await TestClient.connect({ ...served, accessToken });
    const chat = async (InputText: string): Promise<string[]> =>
      repliesOf(await client.finished(client.send({ DriverType: 'CHAT', InputText }))).map(
        (reply) => `${reply.ReplyType}: ${reply.ReplyDisplay}`,
      );
    expect(await chat('The notice?')).toEqual(['enhanceText: This is the notice.']);
    expect(await chat('what time is it?')).toEqual(['yunxiaowei: Tea time.']);
    expect((await chat('Something forbidden')).join()).toMatch(/^sensitive: /);
    const answer = chat('A riddle');
    const request = await model.next();
    expect(request.authorization).toBe(`Bearer ${key}`);
    request.say('No idea.');
    request.end();
    expect((await answer).join()).toContain('No idea.');
    await client.close();
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.finished;
    expect(code).toBe(0);
    expect(stdout + stderr + client.texts.join('')).not.toContain(key);
    await model.close();
  });

  it('is refused before the server starts when it is wrong', async () => {
    writeFileSync(home.file('bad.yaml'), 'replies:\n  - match: a\n    replay: b\n');
    expect(await refused(1, '--script', 'bad.yaml')).toMatchObject({
      code: 'ERR_INPUT_UNREADABLE',
      message: expect.stringContaining('bad.yaml:3: replies[0].replay') as string,
    });
    expect(await refused(1, '--answers', 'missing.yaml')).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    expect(await refused(1, '--background', 'missing.png')).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    expect(await refused(2, '--background', '#12')).toMatchObject({ code: 'ERR_OPTION_INVALID' });
    expect(await refused(2, '--chat-url', 'http://127.0.0.1:9/v1')).toMatchObject({
      code: 'ERR_OPTION_INVALID',
      message: expect.stringContaining('--chat-model') as string,
    });
  });

  it('is told by --help, the way of the key included', async () => {
    const { stdout } = await home.start(['serve', '--help']).finished;
    for (const part of [
      '--script',
      '--sensitive-words',
      '--answers',
      '--chat-url',
      '--chat-model',
      'FACEWIRE_CHAT_KEY',
    ]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain('--chat-key');
  });
});
