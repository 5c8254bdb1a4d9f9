import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { DrawnFace } from '../../src/avatar/drawn-face.js';
import { mouthMeter } from '../../src/avatar/mouth-region.js';
import { EndpointDriver } from '../../src/driver/index.js';
import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { MediaSession } from '../../src/media/session.js';
import { perform } from '../../src/player/perform.js';
import { Player } from '../../src/player/player.js';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { locateFfmpeg, type Ffmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import type { Reference } from '../../src/verify/reference.js';
import { verifyRecording, type VerifyReport } from '../../src/verify/report.js';
import { WireTap } from '../../src/verify/wire-tap.js';
import { describeLong, describeWith } from '../tools.js';
import { startNginx, type Nginx } from './nginx.js';

const text =
  'Bob made a map of the farm. We move both lips for papa, mama and baby, and open wide for far and now.';
const mouthLeadMs = 40;

/** Speaks `text` through the whole chain into the ingest at `url`; what was sent, and how many frames. */
async function push(url: string): Promise<{ reference: Reference; frames: number; repeated: number }> {
  const cloud = await startLocalCloud();
  const driver = new EndpointDriver(cloud.connection);
  const session = new MediaSession({ mouthLeadMs });
  const tap = new WireTap(session);
  const player = new Player({
    session,
    renderer: new DrawnFace({ width: 640, height: 360 }),
    sinks: [new RtmpSink({ url })],
  });
  await player.start();
  await sleep(400);
  await perform(driver.text(text, { media: tap }), player, session);
  await sleep(400);
  const [report] = await player.stop();
  await driver.close();
  await cloud.close();
  session.close();
  return {
    reference: tap.reference(text, mouthLeadMs),
    frames: report?.videoFrames ?? 0,
    repeated: report?.repeatedFrames ?? 0,
  };
}

/**
 * Pushes until the machine had time to draw (nearly) every frame, three times at the most: a repeated picture is
 * what the player is meant to do on a busy machine, but then the mouth is not what this test is about.
 */
async function pushUndisturbed(
  url: (attempt: number) => string,
): Promise<Awaited<ReturnType<typeof push>> & { attempt: number }> {
  for (let attempt = 1; ; attempt++) {
    const pushed = await push(url(attempt));
    if (pushed.repeated <= pushed.frames / 50 || attempt === 3) return { ...pushed, attempt };
  }
}

/** What must hold of a recording at the far end, whichever ingest made it. */
function judge(report: VerifyReport, frames: number): void {
  expect(report.video.frames).toBe(frames);
  expect(report.video.gaps).toBe(0);
  expect(report.video.backward).toBe(0);
  expect(report.audio.gaps).toBe(0);
  expect(Math.abs(report.tailDifferenceMs)).toBeLessThan(65);
  expect(report.sync?.soundCorrelation).toBeGreaterThanOrEqual(0.95);
  expect(report.sync?.mouthCorrelation).toBeGreaterThanOrEqual(0.9);
  expect(Math.abs(report.sync?.offsetMs ?? Infinity)).toBeLessThanOrEqual(20);
}

describeWith(['ffmpeg', 'canvas'], 'proof from the far end: node-media-server', () => {
  let folder: string;
  let ffmpeg: Ffmpeg;
  let ingest: LocalIngest;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facewire-proof-'));
    ffmpeg = await locateFfmpeg();
    ingest = new LocalIngest();
    await ingest.start();
  });
  afterAll(async () => {
    await ingest.stop();
    await rm(folder, { recursive: true });
  });

  it(
    'receives every frame, the voice, and a mouth that is in time; sound shifted by 80 ms reads as 80 ms',
    { timeout: 150_000 },
    async () => {
      const readers = [1, 2, 3].map(
        (n) => new FlvReader(ingest.flvUrl(`proof-${n}`), { record: join(folder, `received-${n}.flv`) }),
      );
      for (const reader of readers) await reader.open();
      const { reference, frames, attempt } = await pushUndisturbed((n) => ingest.pushUrl(`proof-${n}`));
      await readers[attempt - 1].ended;
      for (const reader of readers) await reader.close();
      const file = join(folder, `received-${attempt}.flv`);
      const report = await verifyRecording(ffmpeg, file, mouthMeter, reference);
      judge(report, frames);

      const shifted = join(folder, 'shifted.mp4');
      const inputs = ['-i', `file:${file}`, '-itsoffset', '0.08', '-i', `file:${file}`];
      execFileSync(ffmpeg.path, [
        '-v',
        'error',
        '-nostdin',
        ...inputs,
        '-map',
        '0:v',
        '-map',
        '1:a',
        '-c',
        'copy',
        `file:${shifted}`,
      ]);
      const control = await verifyRecording(ffmpeg, shifted, mouthMeter, reference);
      expect(Math.abs((control.sync?.offsetMs ?? 0) + 80)).toBeLessThanOrEqual(10);
    },
  );
});

describeLong(['nginx', 'ffmpeg', 'canvas'], 'proof from the far end: nginx-rtmp', () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx();
  });
  afterAll(async () => {
    await nginx.close();
  });

  it('recorded every frame, the voice, and a mouth that is in time', { timeout: 150_000 }, async () => {
    const { reference, frames, attempt } = await pushUndisturbed(
      (n) => `rtmp://127.0.0.1:${nginx.port}/live/proof-${n}`,
    );
    judge(
      await verifyRecording(
        await locateFfmpeg(),
        await nginx.recording(`proof-${attempt}`),
        mouthMeter,
        reference,
      ),
      frames,
    );
  });
});
