import { writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';

import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { at, expectColour, picturesOf, yuvOf } from '../renderers/film.js';
import { describeWith, itLong } from '../tools.js';
import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

const size = ['--size', '320x180', '--fps', '10'];
const [width, height] = [320, 180];

describeWith(['ffmpeg', 'canvas'], '--subtitles, --logo and --transparent', () => {
  itLong(
    'are in the film that is said, and in one that is replayed',
    async () => {
      const canvas = (await loadCanvas()).createCanvas(60, 60);
      const context = canvas.getContext('2d');
      context.fillStyle = '#ff0000';
      context.fillRect(0, 0, 60, 60);
      writeFileSync(home.file('logo.png'), canvas.toBuffer('image/png'));
      const extras = ['--subtitles', '--logo', 'logo.png', '--transparent', '#0000ff', ...size];
      const said = await home.run([
        'say',
        'Hello there.',
        '--out',
        'a.mp4',
        '--record',
        'a.jsonl',
        ...extras,
      ]);
      expect(said.code, said.stderr).toBe(0);
      const again = await home.run(['replay', 'a.jsonl', '--out', 'b.mp4', ...extras]);
      expect(again.code, again.stderr).toBe(0);
      for (const file of ['a.mp4', 'b.mp4']) {
        const pictures = await picturesOf(home.file(file), width, height);
        const picture = pictures[5];
        expectColour(at(picture, 8, 90, width, height), yuvOf([0, 0, 255]), 'backdrop');
        expectColour(at(picture, 292, 20, width, height), yuvOf([255, 0, 0]), 'logo');
        // Left of the clothes, where only letters are bright.
        const bright = (of: Buffer): number =>
          Array.from({ length: width * 40 }, (_, i) => of[(height - 48) * width + i]).filter(
            (luma) => luma > 225,
          ).length;
        expect(Math.max(...pictures.map(bright))).toBeGreaterThan(50);
      }
    },
    120_000,
  );

  it('key and fill are twice as wide', async () => {
    const said = await home.run(['say', 'Hi.', '--out', 'key.mp4', '--transparent', 'key-and-fill', ...size]);
    expect(said.code, said.stderr).toBe(0);
    const [picture] = await picturesOf(home.file('key.mp4'), 2 * width, height);
    expectColour(at(picture, width + 8, 8, 2 * width, height), [16, 128, 128], 'key beside the face');
    expectColour(at(picture, 480, 90, 2 * width, height), [235, 128, 128], 'key of the face');
  }, 120_000);

  it('say what is wrong', async () => {
    const { error } = await home.fails(['say', 'Hi.', '--out', 'c.mp4', '--logo', 'none.png', ...size]);
    expect(error).toMatchObject({
      code: 'ERR_INPUT_UNREADABLE',
      message: 'the logo none.png cannot be read',
    });
    const colour = await home.fails(['say', 'Hi.', '--transparent', 'green']);
    expect(colour.error).toMatchObject({ code: 'ERR_OPTION_INVALID' });
  });
});
