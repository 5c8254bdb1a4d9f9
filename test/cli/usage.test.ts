import { afterAll, describe, expect, it } from 'vitest';

import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

describe('help', () => {
  it.each(['say', 'serve', 'verify', 'plot', 'doctor', 'demo'])(
    'of %s shows examples and --json',
    async (command) => {
      const { code, stdout, stderr } = await home.run([command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: facewire ${command}`);
      expect(stdout).toMatch(/Examples:\n {2}(npx facewire|npm start)/);
      expect(stdout).toContain('--json');
    },
  );

  it('of all names every command and the exit codes', async () => {
    const { code, stdout } = await home.run(['--help']);
    expect(code).toBe(0);
    for (const command of ['say', 'serve', 'verify', 'plot', 'doctor', 'demo'])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('Exit codes: 0 done, 1 something failed, 2 the command line is wrong.');
  });

  it('shows the version of the package', async () => {
    const { code, stdout } = await home.run(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong command line', () => {
  it.each([
    ['no command', [], 'no command was given'],
    ['an unknown command', ['sing'], "unknown command 'sing'"],
    ['an unknown option', ['say', 'Hello', '--loud'], "unknown option '--loud'"],
    ['no text', ['say'], "missing required argument 'text'"],
    ['too many words', ['say', 'Hello', 'there'], 'too many arguments'],
    ['an odd size', ['say', 'Hello', '--size', '161x90'], 'even numbers from 64x64 to 3840x2160'],
    ['a size that is no size', ['demo', '--size', 'big'], 'Expected WIDTHxHEIGHT'],
    ['no number', ['say', 'Hello', '--fps', 'fast'], 'whole number from 5 to 120'],
    ['a number out of range', ['say', 'Hello', '--fps', '500'], 'whole number from 5 to 120'],
    ['a port out of range', ['serve', '--port', '70000'], 'whole number from 0 to 65535'],
    ['a host that is none', ['serve', '--port', '0', '--push-hosts', 'public,a b'], 'entry that is none'],
    ['an unknown kind of file', ['say', 'Hello', '--out', 'x.avi'], 'kind of file is not known'],
    ['an unknown voice', ['say', 'Hello', '--out', 'x.wav', '--voice', 'elvis'], 'no voice of that name'],
    ['an empty text', ['say', ' \n', '--out', 'x.wav'], 'nothing to say'],
    [
      'a cloud without its key',
      ['say', 'Hello', '--cloud', 'ws://127.0.0.1:1'],
      'needs --appkey and --project',
    ],
    ['a delay of nothing', ['say', 'Hello', '--delay', 'wav=80'], 'rtmp=MS or device=MS, 0 to 1000 ms'],
    ['a delay too long', ['say', 'Hello', '--delay', 'rtmp=1001'], 'rtmp=MS or device=MS, 0 to 1000 ms'],
    [
      'a delay of an output that is not there',
      ['say', 'Hello', '--out', 'x.wav', '--delay', 'rtmp=80'],
      '--delay is of rtmp, which is no output',
    ],
    ['--rtmp without an address', ['say', 'Hello', '--rtmp'], '--rtmp has no address'],
  ])('%s: says so, and exits with 2', async (_, args, message) => {
    const failed = await home.fails(args);
    expect(failed.error).toMatchObject({ code: 'ERR_OPTION_INVALID' });
    expect(failed.error.message).toContain(message);
  });

  it('tells people on stderr what to do, and prints nothing on stdout', async () => {
    const { code, stdout, stderr } = await home.run(['say', 'Hello', '--out', 'x.avi']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error ERR_OPTION_INVALID: .+\n {2}expected: .+\n {2}received: +x\.avi\n {2}what to do: .+\n$/,
    );
  });

  it('an unusable push address is not repeated', async () => {
    const failed = await home.fails(['say', 'Hello', '--rtmp', 'http://host/live/canary-key-4711']);
    expect(failed.error.code).toBe('ERR_RTMP_URL');
    expect(JSON.stringify(failed)).not.toContain('canary');
  });

  it.each([
    ['nonsense', 'ERR_OPTION_INVALID'],
    ['ws://127.0.0.1:1/?token=canary-token', 'ERR_OPTION_INVALID'],
    ['ws://user:canary-token@127.0.0.1:1', 'ERR_OPTION_INVALID'],
  ])('a cloud address that is none (%s) is not repeated', async (url, code) => {
    const args = ['say', 'Hello', '--out', 'x.wav', '--cloud', url, '--appkey', 'a', '--project', 'p'];
    const failed = await home.fails(args, { FACEWIRE_ACCESSTOKEN: 'canary-token' });
    expect(failed.error.code).toBe(code);
    expect(failed.error.expected).toContain('ws://host[:port]');
    expect(JSON.stringify(failed)).not.toContain('canary');
  });
});
