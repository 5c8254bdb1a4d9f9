import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, expectColour, picturesOf, yuvOf } from '../renderers/film.js';
import { Model } from '../server/answers/model.js';
import { describeLong } from '../tools.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Every block of TypeScript with the name that stands before it. */
const examples = [
  ...readme.matchAll(/(?:<!-- example: (\w+) -->\s*)?```(?:ts|typescript)\n([\s\S]*?)```/g),
].map(([, name, code]) => ({ name: name ?? '', code }));

describe('the examples of the README', () => {
  it('have a name each, and are all there is', () => {
    expect(examples.map(({ name }) => name)).toEqual([
      'model',
      'chain',
      'events',
      'talk',
      'media',
      'avatar',
      'renderer',
    ]);
    for (const { code } of examples) expect(code).toContain("from 'facewire");
  });
});

/** What a program printed; its failure shows everything. */
async function run(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  let said = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (all += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}\n${all}`);
  return said;
}

// A check of types and seven programs, some at the pace of speech.
describeLong(['ffmpeg', 'canvas'], 'each example of the README', () => {
  let folder = '';
  let model: Model;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facewire-readme-'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    mkdirSync(join(folder, 'node_modules'));
    // As an installed package; what is run is dist, as of the last tsc.
    symlinkSync(root, join(folder, 'node_modules/facewire'), 'junction');
    symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'), 'junction');
    for (const { name, code } of examples) writeFileSync(join(folder, `${name}.ts`), code);
    model = await Model.start();
    await run(folder, [
      join(root, 'node_modules/typescript/bin/tsc'),
      ...['--module', 'NodeNext', '--target', 'ES2022', '--strict', '--types', 'node', '--skipLibCheck'],
      ...examples.map(({ name }) => `${name}.ts`),
    ]);
  }, 120_000);

  afterAll(async () => {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const program = (name: string): Promise<string> => run(folder, [`${name}.js`], { CHAT_URL: model.url });

  it('has right types', () => expect(statSync(join(folder, 'avatar.js')).size).toBeGreaterThan(100));

  it('model: prints what the language model answers', async () => {
    const printed = program('model');
    const request = await model.next();
    expect(request.asked.messages.at(-1)?.content).toBe('What can you do?');
    request.say('I can speak. ', 'I can listen.');
    request.end();
    expect(await printed).toBe('I can speak.\nI can listen.\n');
  });

  it('chain: writes a film', async () => {
    await program('chain');
    expect(readFileSync(join(folder, 'hello.mp4')).includes('ftyp')).toBe(true);
  });

  it('events: tells the words that are heard', async () => {
    expect(await program('events')).toBe('Hello\nfrom\nFacewire.\n');
    expect(statSync(join(folder, 'hello.wav')).size).toBeGreaterThan(50_000);
  });

  it('talk: says a text, a stream and an answer, and is interrupted', async () => {
    const [answer, interrupted] = (await program('talk')).trim().split('\n').slice(-2);
    expect(answer).toContain('I am an echo');
    expect(interrupted).toBe('ERR_INTERRUPTED');
    expect(statSync(join(folder, 'talk.wav')).size).toBeGreaterThan(100_000);
  });

  it('media: needs nothing else', async () => {
    expect(await program('media')).toBe('');
  });

  it('renderer: films a mouth over green', async () => {
    await program('renderer');
    const pictures = await picturesOf(join(folder, 'mouth.mp4'), 640, 360);
    expect(pictures.length).toBeGreaterThan(25);
    const heights = pictures.map((picture) => {
      expectColour(at(picture, 20, 20, 640, 360), yuvOf([0, 0xb1, 0x40]), 'green');
      return Array.from({ length: 360 }, (_, y) => picture[y * 640 + 240]).filter((luma) => luma > 200)
        .length;
    });
    expect(Math.max(...heights)).toBeGreaterThan(Math.min(...heights) + 10);
  });

  it('avatar: is created, driven in every way and closed', async () => {
    const [address, ...answer] = (await program('avatar')).trim().split('\n');
    expect(address).toMatch(/^rtmp:\/\/127\.0\.0\.1/);
    expect(answer.join(' ')).toContain('I am an echo');
    expect(readFileSync(join(folder, 'talk.jsonl'), 'utf8')).toContain('"call":"close"');
  });
});
