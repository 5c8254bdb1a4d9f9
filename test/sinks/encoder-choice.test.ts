import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { Encoder } from '../../src/sinks/encoder.js';
import { isMedia, tagType } from '../../src/sinks/flv.js';
import { describeLong } from '../tools.js';
import { decode, expectOrder, expectPicturesInPlace, frameOf, Live } from './live-encoder.js';
import { randomNumbers, smallFormat, TestPicture } from './synthetic.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-choice-'));
});
afterAll(() => rm(folder, { recursive: true }));

/**
 * An ffmpeg that says it has NVENC. Asked for that, it writes down that it was,
 * and runs `instead`, with what is left of its arguments in "$@".
 */
async function withNvenc(name: string, instead: string): Promise<string> {
  const path = join(folder, name);
  const script = `#!/bin/sh
case "$*" in
*-encoders*) ffmpeg "$@" | grep -v h264_nvenc; echo ' V....D h264_nvenc NVIDIA NVENC H.264 encoder'; exit;;
*h264_nvenc*) ;;
*) exec ffmpeg "$@";;
esac
echo asked >> ${path}.log
n=$#
while [ "$n" -gt 0 ]; do
  case "$1" in
  -preset | -tune | -rc | -delay | -zerolatency | -forced-idr) shift 2; n=$((n - 2));;
  h264_nvenc) shift; set -- "$@" libx264; n=$((n - 1));;
  pipe:1) shift; set -- "$@" LAST; n=$((n - 1));;
  *) set -- "$@" "$1"; shift; n=$((n - 1));;
  esac
done
asArguments() { for word; do [ "$word" = LAST ] || printf '%s\\n' "$word"; done; }
IFS='
'
set -- $(asArguments "$@")
${instead}
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

const asked = async (path: string): Promise<number> =>
  (await readFile(`${path}.log`, 'utf8').catch(() => '')).split('asked').length - 1;

async function chosen(ffmpeg: string, videoEncoder: 'auto' | 'h264_nvenc'): Promise<string> {
  const live = new Live({ ffmpeg, videoEncoder });
  await live.open();
  await live.until(() => live.of(tagType.video).length > 5 || live.errors.length > 0);
  const name = live.encoder.videoEncoder;
  await live.stop();
  expect(live.errors).toEqual([]);
  expectPicturesInPlace(live.tags);
  return name;
}

const works = 'exec ffmpeg "$@" -preset ultrafast -tune zerolatency pipe:1';

describeLong(['ffmpeg'], 'the encoder of pictures', () => {
  it('is hardware that works, which is tried once for each size', async () => {
    const ffmpeg = await withNvenc('working', works);
    expect(await chosen(ffmpeg, 'h264_nvenc')).toBe('h264_nvenc');
    expect(await asked(ffmpeg)).toBe(2);
    expect(await chosen(ffmpeg, 'h264_nvenc')).toBe('h264_nvenc');
    expect(await asked(ffmpeg)).toBe(3);
  });

  it.each([
    ['does not run', 'exit 1'],
    ['holds pictures back', 'exec ffmpeg "$@" -preset veryslow pipe:1'],
    ['loses pictures', 'exec ffmpeg "$@" -preset ultrafast -tune zerolatency -frames:v 7 pipe:1'],
  ])('is software where hardware is there that %s', async (fault, instead) => {
    const ffmpeg = await withNvenc(fault.replaceAll(' ', '-'), instead);
    expect(await chosen(ffmpeg, 'h264_nvenc')).toBe('libx264');
    expect(await asked(ffmpeg)).toBe(1);
  });

  it('is software from then on when hardware that has worked fails twice', async () => {
    // Well when it is tried and at first; then the driver is gone.
    const ffmpeg = await withNvenc(
      'failing',
      `[ "$(grep -c asked ${join(folder, 'failing')}.log)" -gt 2 ] && exit 1; ${works}`,
    );
    const live = new Live({ ffmpeg, videoEncoder: 'h264_nvenc', random: () => 0.1 });
    await live.open();
    await live.until(() => live.of(tagType.video).length > 10);
    expect(live.encoder.videoEncoder).toBe('h264_nvenc');
    process.kill(live.encoder.pids[0], 'SIGKILL');
    await live.until(() => live.events.some(({ type }) => type === 'encoderBack'));
    expect(live.encoder.videoEncoder).toBe('libx264');
    await live.stop();
    expect(live.errors).toEqual([]);
    expectOrder(live.of(tagType.video));
    expectPicturesInPlace(live.tags);
  });

  it('shows the colours that were drawn', async () => {
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [240, 200, 180],
    ];
    const live = new Live({ preset: 'quality', videoKbps: 4000 }, (frame) => {
      const picture = new TestPicture(320, 180, frame);
      for (let i = 0; i < picture.pixels.length; i += 4)
        picture.pixels.set(colours[Math.floor(((i / 4) % 320) / 80)] ?? [], i);
      return picture;
    });
    await live.open();
    await live.until(() => live.of(tagType.video).length > 10);
    await live.stop();
    const rgb = decode(
      live.tags.filter(({ type }) => type === tagType.video),
      ...[
        '-frames:v',
        '1',
        '-vf',
        'scale=in_color_matrix=bt709:in_range=tv',
        '-pix_fmt',
        'rgb24',
        '-f',
        'rawvideo',
      ],
    );
    for (const [i, colour] of colours.entries())
      for (const [c, value] of colour.entries())
        expect(Math.abs(rgb[(90 * 320 + 80 * i + 40) * 3 + c] - value), `${i} ${c}`).toBeLessThan(8);
  });

  it('refuses settings that are none, and says which there are', () => {
    const make = (options: object): Encoder =>
      new Encoder(smallFormat, options, { onTag: () => undefined, onError: () => undefined });
    for (const options of [
      { preset: 'placebo' },
      { videoEncoder: 'h265' },
      { videoKbps: 99 },
      { videoKbps: 3000, maxVideoKbps: 2000 },
      { keyframeSeconds: 0 },
      { encoderStallMs: 10 },
    ])
      expect(() => make(options), JSON.stringify(options)).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION_INVALID' }) as Error,
      );
  });

  it.each(['latency', 'quality', 'superfast'] as const)(
    'of preset %s holds no picture back, and puts keyframes where it was told',
    async (preset) => {
      const live = new Live({ preset, keyframeSeconds: 0.8 });
      await live.open();
      await live.until(() => live.of(tagType.video).length > 50);
      await live.stop();
      expect(live.errors).toEqual([]);
      const video = live.of(tagType.video);
      expect(video.filter(({ isKeyframe }) => isKeyframe).map(frameOf)).toEqual(
        video.map(frameOf).filter((frame) => frame % 20 === 0),
      );
      expect(live.of(tagType.video)).toHaveLength(live.frames);
    },
  );
});

describeLong(['ffmpeg'], 'a bit rate that changes on the air', () => {
  it('begins with a keyframe and loses nothing, however often it changes', async () => {
    const random = randomNumbers(7);
    const noise = Array.from({ length: 8 }, () =>
      Uint8Array.from({ length: 320 * 180 * 4 }, () => random() * 255),
    );
    const live = new Live({ videoKbps: 3000, keyframeSeconds: 10 }, (frame) => {
      const picture = new TestPicture(320, 180, frame);
      picture.pixels.set(noise[frame % noise.length]);
      return picture;
    });
    await live.open();
    const bytesOf = async (pictures: number): Promise<number> => {
      const from = live.of(tagType.video).length;
      await live.until(() => live.of(tagType.video).length >= from + pictures);
      return live
        .of(tagType.video)
        .slice(from + pictures - 25)
        .reduce((sum, { payload }) => sum + payload.length, 0);
    };
    const before = await bytesOf(50);
    live.encoder.setVideoKbps(500);
    const after = await bytesOf(50);
    for (const kbps of [600, 700, 800, 900, 1000, 400]) live.encoder.setVideoKbps(kbps);
    await bytesOf(30);
    await live.stop();
    expect(live.errors).toEqual([]);
    expect(after).toBeLessThan(before / 3);
    const video = live.of(tagType.video);
    expect(video.map(frameOf)).toEqual(Array.from({ length: live.frames }, (_, i) => i));
    // The first picture, one for the change, and as many for the six at once as were begun.
    const keys = video.filter(({ isKeyframe }) => isKeyframe).length;
    expect(keys).toBeGreaterThanOrEqual(3);
    expect(live.encoder.counts).toMatchObject({ restarts: 0, lostPictures: { failure: 0, full: 0 } });
    expect(live.tags.filter((tag) => isMedia(tag)).length).toBeGreaterThan(video.length);
  });
});
