import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { arkitIndex, frameWidth } from '../../src/frame.js';
import { PipeRenderer } from '../../src/renderers/pipe-renderer.js';
import { requestBytes } from '../../src/renderers/pipe-request.js';
import { describeWith } from '../tools.js';
import { optionsOf, root } from './source-options.js';

const page = readFileSync(join(root, 'docs/renderers.md'), 'utf8');

describe('docs/renderers.md', () => {
  it.each([
    ['renderers/foreign-renderer.ts', 'ForeignOptions'],
    ['renderers/foreign-renderer.ts', 'RendererCounts'],
    ['renderers/callback-renderer.ts', 'CallbackRendererOptions'],
    ['renderers/callback-renderer.ts', 'PictureRequest'],
    ['renderers/pipe-renderer.ts', 'PipeRendererOptions'],
    ['compose/composition.ts', 'CompositionOptions'],
    ['compose/overlay-options.ts', 'LogoOptions'],
    ['compose/overlay-options.ts', 'CaptionStyle'],
    ['player/subtitles.ts', 'SubtitlesOptions'],
  ])('names everything in %s %s', (file, name) => {
    const options = optionsOf(file, name);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter((option) => !new RegExp(`[\`{ ,]${option}[\`, :}]`).test(page))).toEqual([]);
  });

  it('tells the length of a request', () => {
    expect(page).toContain(`bytes of this request, ${requestBytes};`);
    expect(requestBytes).toBe(40 + 4 * 55);
  });
});

describeWith(['python3'], 'the engine in docs/renderers.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'facewire-engine-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('draws how far the jaw is open', async () => {
    const code = /<!-- example: engine\.py -->\n```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    writeFileSync(join(folder, 'engine.py'), code);
    const [width, height] = [64, 40];
    const renderer = new PipeRenderer({
      width,
      height,
      engine: { command: 'python3', args: [join(folder, 'engine.py')] },
    });
    await renderer.open();
    for (const jaw of [0, 0.5, 1]) {
      const weights = new Float32Array(frameWidth);
      weights[arkitIndex.jawOpen] = jaw;
      const moment = { frameIndex: 0, sampleIndex: 0, sampleEnd: 1920, isLive: false };
      const picture = await renderer.draw(weights, moment);
      const rows = Array.from({ length: height }, (_, y) => picture?.pixels[4 * y * width]);
      expect(rows.filter((red) => red === 255).length).toBe(jaw * height);
      picture?.release();
    }
    await renderer.close();
  });
});
