import { setTimeout as sleep } from 'node:timers/promises';

import { DrawnFace } from '../dist/avatar/drawn-face.js';
import { EndpointDriver } from '../dist/driver/index.js';
import { FacewireError } from '../dist/errors.js';
import { MediaSession } from '../dist/media/session.js';
import { percentile } from '../dist/metrics/percentiles.js';
import { perform } from '../dist/player/perform.js';
import { Player } from '../dist/player/player.js';
import { startLocalCloud } from '../dist/server/local-cloud.js';
import { NullSink } from '../dist/sinks/null-sink.js';
import type { Sink } from '../dist/sinks/sink.js';

import { ours, type Context, type Row, type RowResult } from './row.js';

interface Latency {
  readonly what: string;
  readonly drives: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

const optional: ReadonlySet<string> = new Set(['ERR_CANVAS_MISSING', 'ERR_VOICE_UNAVAILABLE']);

/** What a user waits for, with everything in one process. */
export const latencyRow: Row = {
  name: 'drives',
  uncounted: true,
  async run({ effort }: Context): Promise<RowResult> {
    const drives = effort.size === 'full' ? 100 : effort.size === 'quick' ? 30 : 1;
    const work =
      'the local cloud, the addon, the player and the drawn face at 720p25 in one process, voice warm';
    let list: Latency[];
    try {
      list = await latencies(drives);
    } catch (thrown) {
      // Optional packages.
      if (!(thrown instanceof FacewireError) || !optional.has(thrown.code)) throw thrown;
      return { work, ways: [], checks: [], skipped: [{ name: ours, reason: thrown.message }] };
    }
    return {
      work,
      ways: list.map(({ what, drives, p50, p95, p99 }) => ({
        name: what,
        more: {
          'p50 ms': p50.toFixed(0),
          'p95 ms': p95.toFixed(0),
          'p99 ms': p99.toFixed(0),
          drives: String(drives),
        },
      })),
      checks: [],
      skipped: [],
    };
  },
};

const sentences = [
  'Good morning, how can I help you?',
  'The next train leaves at ten past four.',
  'Please follow the signs to platform nine.',
  'Your order is ready at the counter.',
  'We close in a quarter of an hour.',
];

/** A sink that wants pictures and counts them, so that the face is really drawn. */
function drawingSink(): Sink {
  const sink: Sink = new NullSink();
  return Object.defineProperty(sink, 'wantsPictures', { value: true });
}

/** Drives one after the other through the local cloud, the addon, the player and the drawn face at 720p25. */
async function latencies(drives: number): Promise<Latency[]> {
  const cloud = await startLocalCloud();
  const driver = new EndpointDriver(cloud.connection);
  const session = new MediaSession();
  const player = new Player({
    session,
    renderer: new DrawnFace({ width: 1280, height: 720 }),
    sinks: [drawingSink()],
  });
  await player.start();
  const times: Record<string, number[]> = {};
  const note = (what: string, from: number, to: number | undefined): void => {
    if (to !== undefined) (times[what] ??= []).push(to - from);
  };
  try {
    for (let i = 0; i < drives; i++) {
      const drive = driver.text(sentences[i % sentences.length], { media: session });
      const started = new Promise<void>((resolve) => player.once('drawn', () => resolve()));
      const done = perform(drive, player, session);
      // The start is what counts; the rest of the sentence is cut so that many drives fit into a run.
      await Promise.race([started, done]);
      await sleep(120);
      drive.interrupt();
      player.interrupt();
      const { moments } = await done.catch(() => ({ moments: undefined }));
      if (moments === undefined) continue;
      note('request → first packet', moments.requestMs, moments.firstPacketMs);
      note('request → first sample due', moments.requestMs, moments.firstSampleMs);
      note('request → first frame drawn', moments.requestMs, moments.firstPictureMs);
      await sleep(80);
    }
  } finally {
    await player.stop();
    await driver.close();
    await cloud.close();
    session.close();
  }
  return Object.entries(times).map(([what, values]) => ({
    what,
    drives: values.length,
    p50: percentile(values, 50),
    p95: percentile(values, 95),
    p99: percentile(values, 99),
  }));
}
