import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { readPackets } from '../../src/verify/decode.js';
import { describeLong } from '../tools.js';
import { TestIngest } from '../tools/rtmp-ingest.js';
import { expectOrder, expectPicturesInPlace, frameOf, soundOffset } from './live-encoder.js';

interface Outcome {
  readonly handed: readonly (readonly [frame: number, atMs: number, shown: number])[];
  readonly events: readonly string[];
  readonly counts: unknown;
  readonly encoder: unknown;
}

/** What the process says. */
interface Message extends Partial<Outcome> {
  /** The last frame that was handed out. */
  readonly frame?: number;
  /** How far its wall clock is ahead, in ms. */
  readonly now?: number;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facewire-standstill-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A player in a process of its own, that pushes to our ingest and records. */
class PlayerProcess {
  readonly ingest = new TestIngest();
  readonly file: string;
  frame = -1;
  #child!: ChildProcess;

  constructor(name: string) {
    this.file = join(folder, `${name}.mp4`);
  }

  async start(): Promise<void> {
    await this.ingest.listen();
    this.#child = fork(join(import.meta.dirname, 'player-process.mjs'), [this.ingest.url('x'), this.file]);
    this.#child.on('message', ({ frame }: Message) => (this.frame = frame ?? this.frame));
  }

  /** Resolves when so many frames more were handed out. */
  async frames(count: number): Promise<void> {
    const goal = this.frame + count;
    await this.#message(({ frame = -1 }) => frame >= goal);
  }

  /** Stops it as a shell or a sleeping machine does, for so long. */
  async stand(ms: number): Promise<void> {
    this.#child.kill('SIGSTOP');
    await sleep(ms);
    this.#child.kill('SIGCONT');
  }

  async shiftClock(shift: number): Promise<void> {
    this.#child.send({ shift });
    const { now = NaN } = await this.#message((message) => message.now !== undefined);
    // Two readings of it are a moment apart.
    expect(Math.abs(now - shift)).toBeLessThan(60_000);
  }

  async end(): Promise<Outcome> {
    const exited = once(this.#child, 'exit');
    this.#child.send({ end: true });
    const outcome = await this.#message((message) => message.handed !== undefined);
    await exited;
    await this.ingest.stop();
    return outcome as Outcome;
  }

  /** Resolves with the next message of the process that fits. */
  #message(fits: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      const look = (message: Message): void => {
        if (!fits(message)) return;
        this.#child.off('message', look);
        resolve(message);
      };
      this.#child.on('message', look);
    });
  }

  /** Checks all that must hold whatever happened, and returns the sound that came. */
  async check({ handed, events, counts, encoder }: Outcome): Promise<FlvTag[]> {
    const frames = handed.map(([frame]) => frame);
    expect(frames).toEqual(frames.map((_, i) => i));
    // Nobody was lost, blamed or replaced, and nothing given up.
    expect(events).toEqual(['live']);
    const none = { offAir: 0, late: 0, noKeyframe: 0, full: 0 };
    const dropped = { audio: none, video: none };
    expect(counts).toMatchObject({ connections: 1, breaks: 0, stalls: 0, dropped });
    expect(encoder).toMatchObject({ restarts: 0, lostPictures: { failure: 0, full: 0 } });
    const { tags } = this.ingest.last;
    const of = (type: number): FlvTag[] => tags.filter((tag) => tag.type === type && isMedia(tag));
    const video = of(tagType.video);
    expect(video.map(frameOf)).toEqual(frames);
    expectOrder(video);
    expectPicturesInPlace(tags, (frame) => handed[frame]?.[2] ?? NaN);
    const sounds = of(tagType.audio);
    expectOrder(sounds);
    const recorded = await readPackets(await locateFfmpeg(), this.file);
    expect(recorded.video).toHaveLength(frames.length);
    const steps = recorded.video.slice(1).map(({ ptsMs }, i) => ptsMs - (recorded.video[i]?.ptsMs ?? NaN));
    expect(Math.max(...steps.map((step) => Math.abs(step - 40)))).toBeLessThanOrEqual(1);
    return sounds;
  }

  /** By how many samples these sounds are beside their times. */
  offset(sounds: readonly FlvTag[]): number {
    const config = this.ingest.last.tags.find(({ type, isConfig }) => type === tagType.audio && isConfig);
    return soundOffset(config!, sounds);
  }
}

/** Samples of a millisecond. */
const perMs = 48;

describeLong(['ffmpeg'], 'a player whose process stands still for 5 s', () => {
  it.runIf(process.platform !== 'win32')(
    'goes on from now without a burst, in step to the millisecond, and blames nobody',
    async () => {
      const player = new PlayerProcess('stopped');
      await player.start();
      await player.frames(50);
      await player.stand(5000);
      await player.frames(50);
      const outcome = await player.end();
      const sounds = await player.check(outcome);
      const times = outcome.handed.map(([, atMs]) => atMs);
      const gap = times.findIndex((atMs, i) => i > 0 && atMs - (times[i - 1] ?? 0) > 4000);
      expect(gap).toBeGreaterThan(40);
      // From the first frame after it each has its own time again, and the 125 between are nobody's. That first one may
      // have been late itself, on a busy machine.
      const first = times[gap] ?? NaN;
      for (const [i, atMs] of times.slice(gap).entries())
        expect(atMs, `frame ${i} after the gap`).toBeGreaterThan(first + (i - 12) * 40);
      const after = sounds.filter(({ timestampMs }) => timestampMs > gap * 40);
      expect(after.length).toBeGreaterThan(40);
      expect(Math.abs(player.offset(sounds.slice(0, 40)))).toBeLessThanOrEqual(perMs);
      expect(Math.abs(player.offset(after))).toBeLessThanOrEqual(perMs);
    },
    120_000,
  );
});

describeLong(['ffmpeg'], 'a player whose wall clock jumps', () => {
  it('an hour ahead and two back does not notice', async () => {
    const player = new PlayerProcess('jumped');
    await player.start();
    const hourMs = 3_600_000;
    for (const shift of [hourMs, -hourMs, 0]) {
      await player.frames(25);
      await player.shiftClock(shift);
    }
    await player.frames(50);
    const outcome = await player.end();
    const sounds = await player.check(outcome);
    for (const from of [0, sounds.length - 45])
      expect(Math.abs(player.offset(sounds.slice(from, from + 40)))).toBeLessThanOrEqual(perMs);
  }, 120_000);
});
