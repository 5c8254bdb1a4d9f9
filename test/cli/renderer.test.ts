import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { engineFile, height, numberIn, picturesOf, width } from '../renderers/film.js';
import { describeLong, describeWith, itLong } from '../tools.js';
import { descendants, hasProc, Home, untilGone } from './run.js';

const home = new Home();
afterAll(() => home.remove());

const size = ['--size', `${width}x${height}`];
/** The engine of the tests of PipeRenderer, which draws the number of the frame, as a stranger names it. */
const engine = (...faults: string[]): string[] => [
  ...['--renderer', process.execPath, '--renderer-arg', engineFile],
  ...faults.flatMap((fault) => ['--renderer-arg', fault]),
];

interface Result {
  readonly seconds: number;
  readonly outputs: readonly { videoFrames: number; repeatedFrames: number; audioFrames: number }[];
  readonly renderer: { drawn: number; late: number; failed: number; busy: number; restarts: number };
}

async function result(args: readonly string[]): Promise<Result & { stderr: string }> {
  const { code, stdout, stderr } = await home.run([...args, '--json']);
  expect(code, stderr + stdout).toBe(0);
  return { ...(JSON.parse(stdout) as Result), stderr };
}

describeWith(['ffmpeg'], '--renderer', () => {
  async function films(name: string, more: readonly string[]): Promise<void> {
    const film = `${name}.mp4`;
    const said = ['say', 'Hello there.', '--out', film, '--record', `${film}.jsonl`];
    const { outputs, renderer } = await result([...said, ...engine(), ...more, ...size]);
    const pictures = await picturesOf(home.file(film));
    expect(pictures.length).toBeGreaterThan(20);
    expect(pictures.map(numberIn)).toEqual(pictures.map((_, i) => i));
    expect(outputs).toMatchObject([{ videoFrames: pictures.length, repeatedFrames: 0 }]);
    // On our clock: a picture for each 40 ms of sound, whatever the engine does.
    expect(outputs[0].audioFrames).toBe(pictures.length * 1920);
    expect(renderer).toEqual({ drawn: pictures.length, late: 0, failed: 0, busy: 0, restarts: 0 });
  }
  const every = 'films the pictures of a program, every frame in its place';

  it(`${every}: bgra in shared memory`, () =>
    films('bgra', ['--renderer-format', 'bgra', '--renderer-shared-memory']));
  itLong(`${every}: rgba`, () => films('rgba', []));
  itLong(`${every}: i420`, () => films('i420', ['--renderer-format', 'i420']));

  it('is asked again for what is replayed, and goes on after it died', async () => {
    await result(['say', 'Hello there.', '--out', 'said.wav', '--record', 'said.jsonl']);
    const faults = ['die=12', `once=${home.file('struck')}`];
    const args = ['replay', 'said.jsonl', '--out', 'again.mp4', ...engine(...faults), ...size];
    const { renderer, stderr } = await result(args);
    const pictures = await picturesOf(home.file('again.mp4'));
    // A file waits for the next engine: nothing is missing.
    expect(pictures.map(numberIn)).toEqual(pictures.map((_, i) => i));
    expect(renderer).toMatchObject({ drawn: pictures.length, failed: 0, restarts: 1 });
    expect(stderr).toMatch(/ERR_RENDERER_FAILED: the engine was lost: it ended with SIGKILL/);
    expect(stderr).toContain('the renderer draws again');
  });

  itLong('reaches an engine that runs already over a socket', async () => {
    const path = home.file('engine.sock');
    const children: ReturnType<typeof spawn>[] = [];
    const server = createServer((socket: Socket) => {
      const child = spawn(process.execPath, [engineFile], { stdio: ['pipe', 'pipe', 'inherit'] });
      children.push(child);
      socket.pipe(child.stdin).on('error', () => undefined);
      child.stdout.pipe(socket).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const { renderer } = await result([
      ...['say', 'Hi.', '--out', 'socket.mp4', '--renderer', `unix:${path}`],
      ...size,
    ]);
    server.close();
    for (const child of children) child.kill();
    const pictures = await picturesOf(home.file('socket.mp4'));
    expect(pictures.map(numberIn)).toEqual(pictures.map((_, i) => i));
    expect(renderer.drawn).toBe(pictures.length);
  });

  it.runIf(hasProc)('ends its program when it is told to stop', async () => {
    const running = home.start(['serve', '--port', '0', ...engine('slow=1'), ...size]);
    await running.until(({ stdout }) => stdout.includes('Ctrl-C'));
    // It was tried once, and waits for sessions.
    expect(descendants(running.pid).filter(({ command }) => command.includes(engineFile))).toEqual([]);
    const family = descendants(running.pid);
    running.pressCtrlC();
    expect((await running.finished).code).toBe(0);
    await untilGone(family);
  });
});

describeLong(['ffmpeg'], '--renderer and a live stream', () => {
  const ingest = new LocalIngest();
  beforeAll(() => ingest.start());
  afterAll(() => ingest.stop());

  it('pushes the picture of each frame, or the one before', async () => {
    const recording = home.file('live.flv');
    const reader = new FlvReader(ingest.flvUrl('engine'), { record: recording });
    await reader.open();
    const { renderer, outputs } = await result([
      ...['say', 'Hello there.', '--rtmp', ingest.pushUrl('engine')],
      ...engine(),
      ...['--renderer-format', 'i420'],
      ...size,
    ]);
    await reader.close();
    const numbers = (await picturesOf(recording)).map(numberIn);
    expect(numbers.length).toBeGreaterThan(20);
    // The face at rest is 65535; a machine that stands still shows a picture again.
    numbers.forEach((number, i) =>
      expect(number === i || number === (numbers[i - 1] ?? 0xffff) || (i === 0 && number === 0xffff)).toBe(
        true,
      ),
    );
    expect(numbers.filter((number, i) => number === i).length).toBeGreaterThan(5);
    expect(renderer.drawn).toBeGreaterThan(5);
    expect(outputs[0].videoFrames).toBeGreaterThanOrEqual(numbers.length);
  }, 120_000);
});

describe('a renderer that cannot be used', () => {
  it.each([
    ['is not there', ['--renderer', './none'], /spawn \.\/none ENOENT/],
    ['ends at once', engine('fail=1'), /it ended with code 3; its last lines: no licence for this engine/],
    ['has no socket', ['--renderer', 'unix:none.sock'], /connect ENOENT none\.sock/],
    ['ends in its first picture', engine('short=-1'), /it ended with code 0/],
  ])('%s: says so, and leaves the film of yesterday', async (_, args, message) => {
    writeFileSync(home.file('old.mp4'), 'yesterday');
    const { error } = await home.fails(['say', 'Hi.', '--out', 'old.mp4', ...args, ...size]);
    expect(error).toMatchObject({ code: 'ERR_RENDERER_FAILED' });
    expect(error.message).toMatch(message);
    expect(readFileSync(home.file('old.mp4'), 'utf8')).toBe('yesterday');
  });

  it.each([
    ['an argument of nothing', ['--renderer-arg', 'x'], '--renderer-arg without --renderer'],
    ['a format of nothing', ['--renderer-format', 'nv12'], '--renderer-format without --renderer'],
    ['shared memory of nothing', ['--renderer-shared-memory'], '--renderer-shared-memory without --renderer'],
    ['no name', ['--renderer', ' '], '--renderer " "'],
    [
      'an argument of a socket',
      ['--renderer', 'unix:x', '--renderer-arg', 'x'],
      '--renderer-arg with a socket',
    ],
    ['a layout that is none', ['--renderer', 'x', '--renderer-format', 'yuv'], 'Allowed choices'],
    [
      'alpha that is not there',
      ['--renderer', 'x', '--renderer-format', 'i420', '--transparent', 'key-and-fill'],
      'pictures without alpha have no transparent parts',
    ],
  ])('%s: says so, and exits with 2', async (_, args, message) => {
    const { error } = await home.fails(['say', 'Hi.', '--out', 'x.mp4', ...args]);
    expect(error.code).toBe('ERR_OPTION_INVALID');
    expect(error.message).toContain(message);
  });

  it('is told before anybody waits for a session', async () => {
    const { error } = await home.fails(['session', 'Hi.', ...engine('fail=1'), ...size]);
    expect(error.code).toBe('ERR_RENDERER_FAILED');
    const logo = await home.fails(['serve', '--port', '0', '--logo', 'none.png']);
    expect(logo.error).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    const elsewhere = ['--cloud', 'http://127.0.0.1:9', '--appkey', 'k', '--project', 'p'];
    const env = { FACEWIRE_ACCESSTOKEN: 't' };
    const there = await home.fails(['session', 'Hi.', '--subtitles', ...elsewhere], env);
    expect(there.error.message).toContain('the pictures of another cloud are made there');
  });
});

describeWith(['python3', 'ffmpeg'], 'the commands in docs/renderers.md', () => {
  it('film the engine of that page: the white part is the open jaw', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/renderers.md'), 'utf8');
    const code = /<!-- example: engine\.py -->\n```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    writeFileSync(home.file('engine.py'), code);
    const line = /^npx facewire say "([^"]*)" (--out .*engine\.py)$/m.exec(page);
    expect(line).not.toBeNull();
    const [, text = '', rest = ''] = line ?? [];
    const { renderer } = await result(['say', text, ...rest.split(' '), ...size]);
    const pictures = await picturesOf(home.file('hello.mp4'));
    expect(renderer.drawn).toBe(pictures.length);
    const open = pictures.map((picture) => {
      const column = Array.from({ length: height }, (_, y) => picture[y * width + width / 2]);
      return column.filter((luma) => luma > 125).length / height;
    });
    expect(Math.max(...open)).toBeGreaterThan(0.15);
    expect(open.at(-1)).toBe(0);
  });
});
