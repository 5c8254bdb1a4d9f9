import { writeFileSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { loadCanvas } from '../../src/avatar/canvas-loader.js';
import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { at, expectColour, loudPictures, picturesOf, stripChanges, yuvOf } from '../renderers/film.js';
import { describeLong } from '../tools.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { KioskBox, post, until } from './box.js';

const [width, height] = [320, 180];
// A tenth of a second each.
const words = [
  'One',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const text = `${words.join(' ')}.`;

const box = new KioskBox();
const logo = box.home.file('logo.png');
afterEach(() => box.stop());
afterAll(() => box.remove());

async function writeLogo(): Promise<void> {
  const canvas = (await loadCanvas()).createCanvas(60, 60);
  const context = canvas.getContext('2d');
  context.fillStyle = '#ff0000';
  context.fillRect(0, 0, 60, 60);
  writeFileSync(logo, canvas.toBuffer('image/png'));
}

/** The file of a kiosk whose cloud takes a tenth of a second for each word. */
function fileFor({ connection }: LocalCloud, picture: string): string {
  const { url, appkey, projectId } = connection;
  return `card: false
http: { port: 0 }
cloud: { url: ${url}, appkey: ${appkey}, project: ${projectId} }
picture: { ${picture}, subtitles: true, logo: ${logo}, background: '#204060' }
`;
}

describeLong(['ffmpeg', 'canvas'], 'subtitles and logo of a kiosk', () => {
  const ingest = new LocalIngest();
  let cloud: LocalCloud;
  beforeAll(async () => {
    cloud = await startLocalCloud({ voice: new ToneVoice(), interactive: false });
    await writeLogo();
    await ingest.start();
  });
  afterAll(async () => {
    await ingest.stop();
    await cloud.close();
  });

  it('are in its push, each word when it is heard', { timeout: 120_000 }, async () => {
    const recording = box.home.file('push.flv');
    const { url } = await box.start(
      fileFor(cloud, `page: false, rtmp: true, width: ${width}, height: ${height}`),
      { FACEWIRE_RTMP_URL: ingest.pushUrl('words'), FACEWIRE_ACCESSTOKEN: cloud.connection.accessToken },
    );
    await until(url, (now) => now.push?.isUp === true && now.cloud === 'up');
    const reader = new FlvReader(ingest.flvUrl('words'), { record: recording });
    await reader.open();
    const before = await until(url, ({ frames }) => frames > 10);
    expect(await post(`${url}/say`, { text })).toMatchObject([
      200,
      { outcome: 'finished', sources: ['cloud'] },
    ]);
    // The words stay a little.
    const said = (await until(url, ({ frames }) => frames > 0)).frames;
    const after = await until(url, ({ frames }) => frames > said + 40);
    await reader.close();
    const again = after.repeatedFrames - before.repeatedFrames;

    const pictures = await picturesOf(recording, width, height);
    expectColour(at(pictures[5], 292, 20, width, height), yuvOf([255, 0, 0]), 'logo');
    expectColour(at(pictures[5], 8, 8, width, height), yuvOf([0x20, 0x40, 0x60]), 'backdrop');
    const changes = stripChanges(pictures, 0.8, width, height);
    // The clause, its words, and the end of it; a machine that stands still shows a picture again.
    expect(changes.length).toBeGreaterThanOrEqual(Math.max(3, words.length + 2 - again));
    const loud = (await loudPictures(recording, 25)).indexOf(true);
    // The clause stands there 60 ms before its first word, which is white when it is heard.
    expect(Math.abs(changes[1] - loud)).toBeLessThanOrEqual(1 + again);
    // A word is two and a half frames; the clause goes 0.8 s after its last sample.
    for (let word = 1; again === 0 && word < words.length; word++)
      expect(Math.abs(changes[1 + word] - changes[1] - 2.5 * word)).toBeLessThanOrEqual(1);
  });

  it('make a push of key and fill', { timeout: 120_000 }, async () => {
    const recording = box.home.file('key.flv');
    const { url } = await box.start(
      fileFor(cloud, `transparent: key-and-fill, page: false, rtmp: true, width: 320, height: 180`),
      { FACEWIRE_RTMP_URL: ingest.pushUrl('key'), FACEWIRE_ACCESSTOKEN: cloud.connection.accessToken },
    );
    await until(url, ({ push }) => push?.isUp === true);
    const reader = new FlvReader(ingest.flvUrl('key'), { record: recording });
    await reader.open();
    const { frames } = await until(url, (now) => now.frames > 10);
    await until(url, (now) => now.frames > frames + 25);
    await reader.close();
    const picture = (await picturesOf(recording, 640, 180))[5];
    expectColour(at(picture, 320 + 8, 8, 640, 180), [16, 128, 128], 'key beside the face');
    expectColour(at(picture, 480, 90, 640, 180), [235, 128, 128], 'key of the face');
    expectColour(at(picture, 320 + 292, 20, 640, 180), [235, 128, 128], 'key of the logo');
  });

  it('end its start when the logo cannot be read', async () => {
    for (const page of [true, false]) {
      const file = box.home.file('bad.yaml');
      writeFileSync(
        file,
        `card: false\npicture: { page: ${page}, rtmp: ${!page}, logo: ${file} }\nhttp: { port: 0 }\n`,
      );
      const running = box.home.start(['kiosk', '--config', file, '--json'], {
        FACEWIRE_RTMP_URL: ingest.pushUrl('x'),
      });
      const { code, stdout } = await running.finished;
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: 'ERR_INPUT_UNREADABLE', received: expect.any(String) as string },
      });
    }
  });
});

describeLong(['chromium', 'canvas'], 'subtitles and logo on the page of a kiosk', () => {
  let cloud: LocalCloud;
  let browser: Browser;
  beforeAll(async () => {
    cloud = await startLocalCloud({ voice: new ToneVoice(), interactive: false });
    await writeLogo();
    // Whoever runs this as root cannot have the sandbox; the page is our own.
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await cloud.close();
  });

  it(
    'are drawn over the face: more white with each word, and gone after the last',
    { timeout: 60_000 },
    async () => {
      const { url } = await box.start(fileFor(cloud, 'page: true'), {
        FACEWIRE_ACCESSTOKEN: cloud.connection.accessToken,
      });
      const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
      const faults: string[] = [];
      page.on('pageerror', ({ message }) => faults.push(message));
      page.on('console', (message) => (message.type() === 'error' ? faults.push(message.text()) : undefined));
      await page.goto(url);
      await until(url, (now) => now.page?.viewers === 1 && now.cloud === 'up');
      const place = await page.locator('img').boundingBox();
      expect(place?.x).toBeCloseTo(0.84 * 640, 0);
      expect(place?.y).toBeCloseTo(0.04 * 360, 0);
      expect(await page.evaluate<number>("document.querySelector('img').naturalWidth")).toBe(60);
      // How much of the words is white, and how much is drawn at all.
      const look = (): Promise<[number, number]> =>
        page.evaluate<[number, number]>(`(() => {
        const { width, height } = document.getElementById('words');
        const { data } = document.getElementById('words').getContext('2d').getImageData(0, 0, width, height);
        let [white, drawn] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] > 0) drawn += 1;
          if (data[i] > 240 && data[i + 3] > 240) white += 1;
        }
        return [white, drawn];
      })()`);
      expect(await look()).toEqual([0, 0]);
      const seen: [number, number][] = [];
      let isOver = false;
      const saying = post(`${url}/say`, { text: `${text} ${text}` }).finally(() => (isOver = true));
      while (!isOver) seen.push(await look());
      expect(await saying).toMatchObject([200, { outcome: 'finished' }]);
      for (let last = await look(); last[1] > 0; last = await look()) seen.push(last);
      expect(new Set(seen.map(([white]) => white)).size).toBeGreaterThan(4);
      expect(Math.max(...seen.map(([, drawn]) => drawn))).toBeGreaterThan(2000);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});
