import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { DrawnFace } from '../../src/avatar/drawn-face.js';
import type { FacewireError } from '../../src/errors.js';
import { frameWidth } from '../../src/frame.js';
import { RevivingRenderer } from '../../src/kiosk/reviving-renderer.js';
import type { Picture } from '../../src/sinks/sink.js';
import { dyingCanvas } from '../avatar/dying-canvas.js';
import { describeWith } from '../tools.js';

const size = { width: 160, height: 90 };
const rest = new Float32Array(frameWidth);
const moment = { frameIndex: 0, sampleIndex: 0, sampleEnd: 1920, isLive: true };

async function draw(renderer: RevivingRenderer, row: Float32Array): Promise<Picture> {
  const picture = await renderer.draw(row, moment);
  if (picture === undefined) expect.unreachable('there is no picture');
  return picture;
}

describeWith(['canvas'], 'a renderer that is made anew when it breaks', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'facewire-revive-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('shows the picture before until it draws again', async () => {
    const canvasPackage = await dyingCanvas(folder, 2);
    const errors: FacewireError[] = [];
    let made = 0;
    let back: () => void = () => undefined;
    const isBack = new Promise<void>((resolve) => (back = resolve));
    const renderer = new RevivingRenderer({
      make: () => new DrawnFace({ ...size, ...(made++ === 0 && { canvasPackage }) }),
      onBroken: (error) => errors.push(error),
      onBack: back,
    });
    await renderer.open();
    const first = await draw(renderer, rest);
    const looks = first.pixels.slice();
    const open = rest.slice();
    open.fill(1, 0, 52);
    // The thread dies at the second and third.
    const held = await Promise.all([draw(renderer, open), draw(renderer, open)]);
    for (const picture of held) {
      expect(picture.pixels).toEqual(looks);
      picture.release();
    }
    first.release();
    expect(errors.map(({ code }) => code)).toEqual(['ERR_INTERNAL']);
    expect(renderer.isUp).toBe(false);
    await isBack;
    expect([renderer.isUp, made]).toEqual([true, 2]);
    const drawn = await draw(renderer, open);
    expect(drawn.pixels).not.toEqual(looks);
    drawn.release();
    await renderer.close();
  });

  it('draws the very first picture anew when the thread died at it', async () => {
    const canvasPackage = await dyingCanvas(folder, 1);
    let made = 0;
    const renderer = new RevivingRenderer({
      make: () => new DrawnFace({ ...size, ...(made++ === 0 && { canvasPackage }) }),
    });
    await renderer.open();
    const picture = await draw(renderer, rest);
    expect(made).toBe(2);
    picture.release();
    await renderer.close();
  });

  it('gives up when it is closed', async () => {
    const canvasPackage = await dyingCanvas(folder, 1);
    const renderer = new RevivingRenderer({ make: () => new DrawnFace({ ...size, canvasPackage }) });
    await renderer.open();
    const drawing = expect(draw(renderer, rest)).rejects.toMatchObject({ code: 'ERR_STATE' });
    await renderer.close();
    await drawing;
  });

  it('does not open when the first one does not', async () => {
    const renderer = new RevivingRenderer({
      make: () => new DrawnFace({ ...size, canvasPackage: 'facewire-no-such-canvas' }),
    });
    await expect(renderer.open()).rejects.toMatchObject({ code: 'ERR_CANVAS_MISSING' });
    await renderer.close();
  });
});
