import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { Box } from '../../src/avatar/geometry/face.js';
import { interiorArea, mouthRegion } from '../../src/avatar/mouth-region.js';
import { describeWith } from '../tools.js';
import { KioskBox, post, until } from './box.js';

const width = 640;
const height = 360;

describeWith(['chromium'], 'the page of a kiosk in a real browser', () => {
  const box = new KioskBox();
  let browser: Browser;
  // Whoever runs this as root cannot have the sandbox; the page is our own.
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  }, 60_000);
  afterEach(() => box.stop());
  afterAll(async () => {
    await browser.close();
    await box.remove();
  });

  /** Pixels of a part of the screen, RGBA. */
  async function look(page: Page, { x, y, width, height }: Box): Promise<Uint8Array> {
    const data = `document.querySelector('canvas').getContext('2d').getImageData(${x}, ${y}, ${width}, ${height}).data`;
    return Uint8Array.from(await page.evaluate<number[]>(`[...${data}]`));
  }

  /** The inside of the mouth as a share of the mouth's place. */
  async function opening(page: Page): Promise<number> {
    const region = mouthRegion(width, height);
    const whole = { x: 0, y: 0, width: region.width, height: region.height };
    const pixels = await look(page, region);
    return interiorArea(pixels, region.width, whole, 4) / (region.width * region.height);
  }

  async function untilOpening(page: Page, wanted: (share: number) => boolean): Promise<void> {
    while (!wanted(await opening(page)));
  }

  it(
    'shows a mouth that opens in speech and closes after it, and comes back',
    { timeout: 60_000 },
    async () => {
      const first = await box.start('card: false\nhttp: { port: 0 }\n');
      const page = await browser.newPage({ viewport: { width, height } });
      const faults: string[] = [];
      page.on('pageerror', ({ message }) => faults.push(message));
      page.on('console', (message) => (message.type() === 'error' ? faults.push(message.text()) : undefined));
      await page.goto(first.url);
      await until(first.url, ({ page: shown }) => shown?.viewers === 1);
      // Red before green before blue: skin, as soon as the first picture is there.
      const spot = { x: 300, y: 130, width: 1, height: 1 };
      let [red = 0, green = 0, blue = 0, alpha = 0] = await look(page, spot);
      while (alpha === 0) [red = 0, green = 0, blue = 0, alpha = 0] = await look(page, spot);
      expect(alpha).toBe(255);
      expect(red > green && green > blue).toBe(true);
      await untilOpening(page, (share) => share === 0);
      const saying = post(`${first.url}/say`, { text: 'Ah, far and far away.' });
      await untilOpening(page, (share) => share > 0.03);
      expect(await saying).toMatchObject([200, { outcome: 'finished' }]);
      await untilOpening(page, (share) => share === 0);
      expect(faults).toEqual([]);

      // The box starts again on its port; the page finds it by itself.
      await box.stop();
      const port = Number(new URL(first.url).port);
      const second = await box.start(`card: false\nhttp: { port: ${port} }\n`);
      await until(second.url, ({ page: shown }) => shown?.viewers === 1);
      const again = post(`${second.url}/say`, { text: 'Ah, far and far away.' });
      await untilOpening(page, (share) => share > 0.03);
      expect(await again).toMatchObject([200, { outcome: 'finished' }]);
      await page.close();
    },
  );
});
