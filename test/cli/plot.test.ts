import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';

import { describeWith } from '../tools.js';
import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

/** Width and height that a PNG says it has. */
function sizeOf(path: string): [number, number] {
  const bytes = readFileSync(path);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

interface Plotted {
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  readonly closures: number;
  readonly closed: number;
}

describeWith(['canvas'], 'facewire plot', () => {
  it('draws a text: every p b m, and the picture that it tells of', async () => {
    const path = home.file('text.png');
    const { code, stdout } = await home.run(['plot', path, '--text', 'Bob and Pam may come.', '--json']);
    const plotted = JSON.parse(stdout) as Plotted;
    expect({ code, closures: plotted.closures, closed: plotted.closed }).toEqual({
      code: 0,
      closures: 6,
      closed: 6,
    });
    expect(sizeOf(path)).toEqual([plotted.width, plotted.height]);
    expect(plotted.width).toBeGreaterThan(plotted.seconds * 200);
  });

  it('draws a part of a recording', async () => {
    const path = home.file('part.png');
    const recording = new URL('../fixtures/recordings/hi.jsonl', import.meta.url).pathname;
    const args = ['plot', path, '--recording', recording, '--from', '0.1', '--to', '0.6', '--json'];
    const { code, stdout } = await home.run(args);
    expect({ code, seconds: (JSON.parse(stdout) as Plotted).seconds }).toEqual({ code: 0, seconds: 0.5 });
    expect(sizeOf(path)[0]).toBeGreaterThan(200);
  });

  it('makes a person see something: the sheet is not blank', async () => {
    const canvas = await import('@napi-rs/canvas');
    const image = await canvas.loadImage(home.file('text.png'));
    const sheet = canvas.createCanvas(image.width, image.height);
    const context = sheet.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const colours = new Set<string>();
    for (let i = 0; i < data.length; i += 4) colours.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
    // Sound, three kinds of phones, bands, dots and six lines.
    for (const wanted of ['84,112,124', '244,199,195', '211,230,245', '47,143,78', '20,99,165'])
      expect(colours, wanted).toContain(wanted);
  });

  it.each([
    ['nothing to draw', [], 'one thing to draw'],
    ['two things', ['--text', 'Hi.', '--recording', 'x.jsonl'], 'one thing to draw'],
    ['a channel that is none', ['--text', 'Hi.', '--channels', 'jawOpen,jaw'], 'ARKit names'],
    ['an empty part', ['--text', 'Hi.', '--from', '9'], 'nothing in this part'],
  ])('refuses %s', async (_, args, message) => {
    const failed = await home.fails(['plot', home.file('x.png'), ...args]);
    expect(failed.error).toMatchObject({ code: 'ERR_OPTION_INVALID' });
    expect(failed.error.message).toContain(message);
  });

  it('refuses another kind of picture, a file that is no recording, and a folder that is not there', async () => {
    expect((await home.fails(['plot', 'x.jpg', '--text', 'Hi.'])).error.code).toBe('ERR_OPTION_INVALID');
    writeFileSync(home.file('no.jsonl'), 'no\n');
    const unreadable = await home.fails(['plot', home.file('x.png'), '--recording', home.file('no.jsonl')]);
    expect(unreadable.error.code).toBe('ERR_INPUT_UNREADABLE');
    const unwritable = await home.fails(['plot', home.file('no', 'x.png'), '--text', 'Hi.']);
    expect(unwritable.error.code).toBe('ERR_OUTPUT_UNWRITABLE');
  });
});
