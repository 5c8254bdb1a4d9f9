import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MediaChild } from '../../src/child.js';
import { tagType } from '../../src/sinks/flv.js';
import { describeLong, describeWith, itLong } from '../tools.js';
import { VirtualClock } from '../tools/virtual-clock.js';
import { expectOrder, expectPicturesInPlace, frameOf, Live, soundOffset } from './live-encoder.js';
import { firstSample, smallFormat } from './synthetic.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-faults-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** An ffmpeg that behaves badly in its first `times` runs as an encoder, and well from then on. */
async function badFfmpeg(name: string, times: number, badly: string): Promise<string> {
  const path = join(folder, name);
  const script = `#!/bin/sh
case "$*" in
*rawvideo*pipe:0*)
  n=$(cat ${path}.runs 2>/dev/null || echo 0)
  echo $((n + 1)) > ${path}.runs
  if [ "$n" -lt ${times} ]; then ${badly}; fi;;
esac
exec ffmpeg "$@"
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

/** An encoder whose time goes on by a frame with each frame that was written and, while ffmpeg is well, encoded. */
class Stepped {
  readonly clock = new VirtualClock();
  readonly live = new Live({ clock: this.clock, random: () => 0.999 });

  async play(frames: number): Promise<void> {
    for (let i = 0; i < frames; i++) {
      this.live.write();
      this.clock.advance(40);
      const { lostPictures } = this.live.encoder.counts;
      const missing = this.live.frames - lostPictures.failure - lostPictures.full - 2;
      await this.live.until(() => this.live.of(tagType.video).length >= missing);
    }
  }

  /** Ends the encoder; time goes on meanwhile. Returns the media time, in ms, that has no pictures. */
  async gap(): Promise<number> {
    await this.live.stop();
    expect(this.live.errors).toEqual([]);
    expect(this.live.events.map(({ type }) => type)).toEqual(['encoderDown', 'encoderBack']);
    const pictures = this.live.of(tagType.video);
    expectPicturesInPlace(this.live.tags);
    const gaps = pictures.slice(1).map((tag, i) => tag.timestampMs - (pictures[i]?.timestampMs ?? NaN) - 40);
    const widest = Math.max(...gaps);
    expect(pictures[gaps.indexOf(widest) + 1]?.isKeyframe).toBe(true);
    return widest;
  }
}

describeLong(['ffmpeg'], 'an encoder whose ffmpeg is killed', () => {
  it.each([0, 1, 2])('has pictures again within 3 s of media, though %i after it die, too', async (more) => {
    const stepped = new Stepped();
    const { live } = stepped;
    await live.encoder.open();
    await stepped.play(30);
    for (let death = 0; death <= more; death++) {
      const { restarts } = live.encoder.counts;
      process.kill(live.encoder.pids[0], 'SIGKILL');
      // No time passes until it is dead, but the pictures of the wait for the next one are lost.
      await live.until(() => live.encoder.queuedFrames === Infinity);
      while (live.encoder.counts.restarts === restarts) {
        live.write();
        stepped.clock.advance(40);
      }
    }
    await stepped.play(30);
    expect(await stepped.gap()).toBeLessThanOrEqual(3000);
  });

  it('goes on with pictures on a keyframe, each at its own time, and loses no sound', async () => {
    const live = new Live();
    await live.open();
    for (let round = 1; round <= 2; round++) {
      await live.until(() => live.of(tagType.video).length > 30 * round);
      process.kill(live.encoder.pids[0], 'SIGKILL');
      await live.until(() => live.events.length === 2 * round);
    }
    await live.until(() => live.of(tagType.video).length > 90);
    await live.stop();
    expect(live.errors).toEqual([]);
    expect(live.events.map(({ type, kind }) => `${type} ${kind}`)).toEqual(
      Array(2).fill(['encoderDown pictures', 'encoderBack pictures']).flat(),
    );
    const video = live.of(tagType.video);
    expectOrder(video);
    for (const [i, tag] of video.slice(1).entries())
      if (frameOf(tag) !== frameOf(video[i]) + 1) expect(tag.isKeyframe).toBe(true);
    expectPicturesInPlace(live.tags);
    const { restarts, lostPictures } = live.encoder.counts;
    expect(restarts).toBe(2);
    expect(video.length + lostPictures.failure + lostPictures.full).toBe(live.frames);
    // Sound has another ffmpeg, of which nobody has heard.
    const sounds = live.of(tagType.audio);
    const length = firstSample(live.frames, smallFormat);
    expect(Math.abs((sounds.length - 1) * 1024 - length)).toBeLessThanOrEqual(1024);
    expect(live.pictures.filter(({ holders }) => holders > 0)).toEqual([]);
  });

  it('goes on with sound in step to the millisecond', async () => {
    const live = new Live();
    await live.open();
    await live.until(() => live.of(tagType.audio).length > 40);
    process.kill(live.encoder.pids[1], 'SIGKILL');
    await live.until(() => live.events.length === 2);
    const before = live.of(tagType.audio).length;
    await live.until(() => live.of(tagType.audio).length > before + 40);
    await live.stop();
    expect(live.errors).toEqual([]);
    const sounds = live.of(tagType.audio);
    expectOrder(sounds);
    for (const { timestampMs } of sounds) {
      const place = Math.round((timestampMs * 48) / 1024) * 1024;
      expect(Math.abs(timestampMs - place / 48)).toBeLessThanOrEqual(1);
    }
    const gap = sounds.findIndex((tag, i) => i > 0 && tag.timestampMs - sounds[i - 1].timestampMs > 22);
    expect(gap).toBeGreaterThan(0);
    const config = live.tags.find(({ type, isConfig }) => type === tagType.audio && isConfig)!;
    expect(Math.abs(soundOffset(config, sounds.slice(0, gap)))).toBeLessThanOrEqual(48);
    expect(Math.abs(soundOffset(config, sounds.slice(gap)))).toBeLessThanOrEqual(48);
    expect(live.of(tagType.video)).toHaveLength(live.frames);
    expect(live.encoder.counts.lostSound.failure).toBeGreaterThan(0);
  });
});

describeWith(['ffmpeg'], 'an encoder whose ffmpeg', () => {
  itLong('hangs has pictures again within 5 s of media', async () => {
    const stepped = new Stepped();
    const { live } = stepped;
    await live.encoder.open();
    await stepped.play(30);
    process.kill(live.encoder.pids[0], 'SIGSTOP');
    const hungAt = stepped.clock.now();
    while (live.events.length === 0) {
      live.write();
      stepped.clock.advance(40);
      // The other ffmpeg, that of the sound, is well.
      await live.until(() => live.of(tagType.audio).length * 1024 >= (live.frames - 3) * 1920);
    }
    expect(stepped.clock.now() - hungAt).toBeLessThanOrEqual(5000);
    await stepped.play(30);
    expect(await stepped.gap()).toBeLessThanOrEqual(5000);
  });

  it('hangs replaces it, with what waits counted and not kept', async () => {
    const live = new Live({ encoderStallMs: 500, maxQueuedFrames: 4 });
    await live.open();
    await live.until(() => live.of(tagType.video).length > 20);
    process.kill(live.encoder.pids[0], 'SIGSTOP');
    // More than its pipe holds, at once.
    for (let frame = 0; frame < 30; frame++) live.write();
    await live.until(() => live.events.length === 2);
    const [down] = live.events;
    expect(down).toMatchObject({
      type: 'encoderDown',
      reason: expect.stringMatching(/nothing for \d+ ms/) as string,
    });
    await live.stop();
    expect(live.errors).toEqual([]);
    const { lostPictures } = live.encoder.counts;
    expect(lostPictures.full).toBeGreaterThan(0);
    expect(live.of(tagType.video).length + lostPictures.full + lostPictures.failure).toBe(live.frames);
    expectPicturesInPlace(live.tags);
    expect(live.pictures.filter(({ holders }) => holders > 0)).toEqual([]);
  });

  it('writes nonsense replaces it', async () => {
    const ffmpeg = await badFfmpeg('nonsense', 1, 'echo this is no FLV at all; exec sleep 60');
    const live = new Live({ ffmpeg });
    await live.open();
    await live.until(() => live.of(tagType.video).length > 5);
    await live.stop();
    expect(live.events.map(({ type }) => type)).toContain('encoderDown');
    expect(live.errors).toEqual([]);
  });

  it('prints 10 MB of complaints is read all the time, and little of it is kept', async () => {
    const complain = `head -c 9000000 /dev/zero | tr '\\0' 'x' >&2; yes complaint | head -c 1000000 >&2`;
    const ffmpeg = await badFfmpeg('chatty', 1, complain);
    const live = new Live({ ffmpeg });
    await live.open();
    // It encodes when all of that has been read.
    await live.until(() => live.of(tagType.video).length > 5);
    await live.stop();
    expect(live.errors).toEqual([]);
    const child = new MediaChild('sh', ['-c', complain], { stdio: ['ignore', 'ignore', 'pipe'] });
    await child.exited;
    expect(child.tail).toBe(Array(20).fill('complaint').join('\n'));
  });

  it('never works is given up at once, with its last words', async () => {
    const ffmpeg = await badFfmpeg('broken', 9, 'echo no encoder today >&2; exit 3');
    const live = new Live({ ffmpeg });
    await live.open();
    await live.until(() => live.errors.length > 0);
    await live.stop();
    expect(live.errors).toHaveLength(1);
    expect(live.errors[0]).toMatchObject({
      code: 'ERR_FFMPEG_FAILED',
      message: expect.stringMatching(/code 3; its last lines: no encoder today/) as string,
    });
  });

  it('dies again and again is given up in the end, and not started faster and faster', async () => {
    const ffmpeg = await badFfmpeg('dying', 99, 'kill -9 $$');
    const live = new Live({ ffmpeg, random: () => 0.1 });
    await live.open();
    await live.until(() => live.errors.length > 0);
    await live.stop();
    expect(live.errors.map(({ code }) => code)).toEqual(['ERR_FFMPEG_FAILED']);
    expect(live.encoder.counts.restarts).toBe(8);
    expect(live.pictures.filter(({ holders }) => holders > 0)).toEqual([]);
  });
});
