import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { loadCanvas } from '../../../src/avatar/canvas-loader.js';
import { FlvReader } from '../../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../../src/ingest/local-ingest.js';
import { PipeRenderer } from '../../../src/renderers/pipe-renderer.js';
import type { PictureOptions } from '../../../src/server/interactive/face-stage.js';
import { startLocalCloud } from '../../../src/server/local-cloud.js';
import {
  at,
  engine,
  expectColour,
  height,
  loudPictures,
  numberIn,
  picturesOf,
  stripChanges,
  width,
  yuvOf,
} from '../../renderers/film.js';
import { describeWith } from '../../tools.js';
import { ToneVoice } from '../../tools/tone-voice.js';
import { ChannelClient, of, paths, ready } from './client.js';

const words = 'One two three four five six seven eight nine ten eleven twelve.';
const count = words.split(' ').length;

describeWith(['ffmpeg', 'canvas'], 'what is drawn over the picture of a session', () => {
  const folder = mkdtempSync(join(tmpdir(), 'facewire-words-'));
  const ingest = new LocalIngest();
  beforeAll(async () => {
    await ingest.start();
    const canvas = (await loadCanvas()).createCanvas(60, 60);
    const context = canvas.getContext('2d');
    context.fillStyle = '#ff0000';
    context.fillRect(0, 0, 60, 60);
    writeFileSync(join(folder, 'logo.png'), canvas.toBuffer('image/png'));
  });
  afterAll(async () => {
    await ingest.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the ingest of a client receives while its session says the words. */
  async function filmed(
    name: string,
    picture: PictureOptions,
  ): Promise<{ file: string; pictures: Buffer[] }> {
    const file = join(folder, `${name}.flv`);
    const cloud = await startLocalCloud({
      voice: new ToneVoice(),
      interactive: { picture: { width, height, ...picture } },
    });
    const reader = new FlvReader(ingest.flvUrl(name), { record: file });
    await reader.open();
    const { id } = await ready(cloud.connection, {
      ProtocolOption: { CssCustomPushUrl: ingest.pushUrl(name) },
    });
    const channel = await ChannelClient.connect(cloud.connection, id);
    await channel.has(channel.text(words), 'TextOver');
    await of(cloud.connection, paths.close, id);
    await reader.close();
    await cloud.close();
    return { file, pictures: await picturesOf(file) };
  }

  it('are its words, each when it is heard, and a logo', { timeout: 60_000 }, async () => {
    const logo = { file: join(folder, 'logo.png') };
    const { file, pictures } = await filmed('face', { subtitles: true, logo, background: '#204060' });
    expectColour(at(pictures[5], 290, 20), yuvOf([255, 0, 0]), 'logo');
    expectColour(at(pictures[5], 8, 8), yuvOf([0x20, 0x40, 0x60]), 'backdrop');
    const changes = stripChanges(pictures, 0.8);
    const loud = (await loudPictures(file, 25)).indexOf(true);
    // The clause stands there from 60 ms before its first word on. A machine that is busy shows some again.
    expect(changes.length).toBeGreaterThan(count / 2);
    expect(changes[0]).toBeGreaterThanOrEqual(loud - 3);
    // Whoever sees every change sees each in its frame.
    for (let word = 1; changes.length > count && word < count; word++)
      expect(Math.abs(changes[1 + word] - loud - 2.5 * word)).toBeLessThanOrEqual(2);
  });

  it('are the same over the pictures of another engine', { timeout: 60_000 }, async () => {
    const { pictures } = await filmed('engine', {
      subtitles: true,
      renderer: (size) => new PipeRenderer({ ...size, format: 'i420', engine: engine() }),
    });
    const numbers = pictures.map(numberIn);
    numbers.forEach((number, i) =>
      expect(number === i || number === numbers[i - 1] || (i === 0 && number === 0xffff)).toBe(true),
    );
    expect(stripChanges(pictures, 0.8).length).toBeGreaterThan(count / 2);
  });
});
