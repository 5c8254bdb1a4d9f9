import { existsSync, readdirSync } from 'node:fs';
import { afterAll, expect } from 'vitest';

import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { readPackets } from '../../src/verify/decode.js';
import { describeWith, itLong } from '../tools.js';
import { Home } from './run.js';

const home = new Home();
afterAll(() => home.remove());

interface Shown {
  readonly file: string;
  readonly url: string;
  readonly staysSeconds: number;
  readonly waterfall: readonly unknown[];
  readonly report: { readonly video: { readonly frames: number; readonly gaps: number } };
}

describeWith(['ffmpeg', 'canvas'], 'demo', () => {
  const size = ['--size', '320x180'];

  itLong('speaks through the whole chain into a recording that verify judges the same', async () => {
    const { code, stdout, stderr } = await home.run(['demo', '--text', 'Hello.', '--json', ...size]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shown = JSON.parse(stdout) as Shown;
    expect(shown).toMatchObject({ file: 'out/first-light.mp4', staysSeconds: 2 });
    expect(shown.url).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/live\/first-light$/);
    expect(shown.waterfall.length).toBeGreaterThan(3);
    const packets = await readPackets(await locateFfmpeg(), home.file(shown.file));
    expect(packets.video).toHaveLength(shown.report.video.frames);

    const judged = await home.run(['verify', shown.file, '--json']);
    expect(judged.code).toBe(0);
    expect(JSON.parse(judged.stdout)).toEqual(shown.report);
  });

  itLong('tells people what it does, where the recording is and how to play it', async () => {
    const { code, stdout, stderr } = await home.run(['demo', '--text', 'Hello.', '--out', 'here', ...size]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/local ingest up on .+\n(.+\n)*.+saying: Hello\./);
    expect(stdout).toContain('From request to picture:');
    expect(stdout).toContain('What the ingest received:');
    expect(stdout).toContain('play it: ffplay here/first-light.mp4');
    expect(stdout).toMatch(/Stream: rtmp:.+ stays up for 2 more seconds/);
    expect(readdirSync(home.file('here')).filter((name) => name.includes('.part'))).toEqual([]);
    expect(existsSync(home.file('here', 'first-light.reference.json'))).toBe(true);
  });
});
