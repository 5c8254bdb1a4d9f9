import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { DrawnFace } from '../../src/avatar/drawn-face.js';
import { mouthMeter } from '../../src/avatar/mouth-region.js';
import { arkitIndex, weightCount } from '../../src/frame.js';
import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import { decodePictures } from '../../src/verify/decode.js';
import { describeLong } from '../tools.js';

const size = { width: 320, height: 180 };
const samplesPerFrame = 1920;
/** The mouth is at rest so many frames of 40 ms after the one in which the sound ends. */
const mostFrames = 3;
const cuts = 8;

/** A wide open, loud mouth for two seconds. */
function shout(session: MediaSession): void {
  const pcm = Int16Array.from({ length: 96_000 }, (_, i) => 9000 * Math.sin(i / 20));
  const features = new Float32Array(50 * weightCount);
  for (let row = 0; row < 50; row++) features[row * weightCount + arkitIndex.jawOpen] = 0.8;
  session.pushParsed({
    ...{ audio: Buffer.from(pcm.buffer).toString('base64'), sampleRate: 48_000 },
    ...{ features, featureDimension: weightCount, sentenceStart: true },
    ...{ sentenceFinal: true, featuresFinal: true, final: true },
  });
}

describeLong(['ffmpeg', 'canvas'], 'the mouth in a pushed stream', () => {
  const ingest = new LocalIngest();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facewire-cut-'));
    await ingest.start();
  });
  afterAll(async () => {
    await ingest.stop();
    await rm(folder, { recursive: true });
  });

  /** Shouts, and is interrupted, time and again. Returns what was received, and where it was cut. */
  async function push(name: string): Promise<{ flv: string; stops: number[]; repeated: number }> {
    const flv = join(folder, `${name}.flv`);
    const reader = new FlvReader(ingest.flvUrl(name), { record: flv });
    await reader.open();
    const session = new MediaSession({ idleSeed: -1, featureOrder: 'arkit' });
    const player = new Player({
      session,
      renderer: new DrawnFace(size),
      sinks: [new RtmpSink({ url: ingest.pushUrl(name) })],
    });
    const until = async (sample: number): Promise<void> => {
      while (player.position < sample) await sleep(5);
    };
    await player.start();
    const stops: number[] = [];
    for (let cut = 0; cut < cuts; cut++) {
      await until(player.position + 10 * samplesPerFrame);
      const said = player.follow(`${cut}`);
      session.begin();
      said.begin(session.sourceCommitted() + session.readySamples());
      const began = new Promise<void>((resolve) => player.once('started', () => resolve()));
      shout(session);
      await began;
      // Anywhere in a frame, with the mouth wide open.
      await until(player.position + 12 * samplesPerFrame);
      await sleep((40 * cut) / cuts);
      stops.push(player.interrupt());
      expect(await said.finished).toBe('interrupted');
    }
    await until(player.position + 10 * samplesPerFrame);
    await player.stop();
    session.close();
    await reader.ended;
    await reader.close();
    return { flv, stops, repeated: player.repeatedFrames };
  }

  it('is at rest within three frames of every interrupt', { timeout: 120_000 }, async () => {
    let pushed = await push('0');
    // A picture that a busy machine shows again says nothing of the mouth.
    for (let again = 1; pushed.repeated > 0 && again < 5; again++) pushed = await push(`${again}`);
    const opening: number[] = [];
    const region = mouthMeter.region(size.width, size.height);
    await decodePictures(await locateFfmpeg(), pushed.flv, region, (rgb) =>
      opening.push(mouthMeter.measure(rgb, region.width, region.height)),
    );
    const rest = Math.max(...opening.slice(0, 8));
    expect(pushed.stops).toHaveLength(cuts);
    for (const stop of pushed.stops) {
      const frame = Math.floor(stop / samplesPerFrame);
      expect(opening[frame - 1]).toBeGreaterThan(rest + 0.05);
      const closed = opening.findIndex((share, i) => i > frame && share <= rest + 0.002);
      expect(closed - frame).toBeLessThanOrEqual(mostFrames);
      // And stays so until the next one is said.
      for (const share of opening.slice(closed, closed + 6)) expect(share).toBeLessThanOrEqual(rest + 0.002);
    }
  });
});
