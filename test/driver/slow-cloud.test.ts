import { expect } from 'vitest';

import type { DriveMedia, PushReportLike } from '../../src/driver/drive-media.js';
import { EndpointDriver } from '../../src/driver/endpoint-driver.js';
import { arkitIndex, frameWidth } from '../../src/frame.js';
import { MediaSession } from '../../src/media/session.js';
import { startLocalCloud } from '../../src/server/local-cloud.js';
import { itLong } from '../tools.js';

const rate = 16_000;
const frameMs = 40;
const frameSamples = (rate * frameMs) / 1000;
const text =
  'The rain came down on the old harbour for the whole of the night, and nobody who lived there went to bed, ' +
  'because the river had begun to climb over the lowest steps and the boats were pulling hard at their ropes.';

/** One message of the cloud, and the ends of words that were told behind it. */
interface Step {
  readonly bytes: Uint8Array;
  readonly ends: number[];
}

/** What a drive of the real cloud gives its media session. */
async function listen(): Promise<Step[]> {
  const cloud = await startLocalCloud();
  const driver = new EndpointDriver(cloud.connection);
  const session = new MediaSession({ sampleRate: rate });
  const steps: Step[] = [];
  const media: DriveMedia = {
    begin: (requestId) => session.begin(requestId),
    push: (bytes, arrivalTicks): PushReportLike => {
      steps.push({ bytes: Uint8Array.from(bytes), ends: [] });
      return session.push(bytes, arrivalTicks);
    },
    end: () => session.end(),
    mayRest: (ends) => steps.at(-1)?.ends.push(...ends),
  };
  for await (const event of driver.text(text, { media })) void event;
  await driver.close();
  await cloud.close();
  session.close();
  return steps;
}

interface Heard {
  /** Source samples at which speech stopped and went on. */
  readonly stops: number[];
  /** The widest mouth later than 120 ms into a pause. */
  readonly widest: number;
  readonly sent: number;
  readonly heard: number;
}

/** The same, when each message comes at 0.9 of the pace of its sound; on a clock that is only counted. */
function hear(steps: readonly Step[], tellsWords: boolean): Heard {
  const session = new MediaSession({ sampleRate: rate, idleSeed: -1, mouthLeadMs: 0 });
  const row = new Float32Array(frameWidth);
  const stops: number[] = [];
  session.begin('');
  let next = 0;
  let sent = 0;
  let silent = 0;
  let widest = 0;
  for (let frame = 0; frame < 3000; frame++) {
    const nowTicks = frame * frameMs * 10_000;
    // A message is there when all of its sound has been spoken, by a slow voice.
    while (next < steps.length && sent / rate <= (0.9 * frame * frameMs) / 1000) {
      const step = steps[next++];
      const report = session.push(step.bytes, nowTicks);
      if (report.kind === 'speech') sent = report.sourceEnd;
      if (tellsWords && step.ends.length > 0) session.mayRest(step.ends);
    }
    const before = session.sourceCommitted();
    session.commit((frame + 1) * frameSamples, nowTicks);
    const taken = session.sourceCommitted() - before;
    if (taken < frameSamples && silent === 0 && before > 0) stops.push(session.sourceCommitted());
    silent = taken < frameSamples ? silent + 1 : 0;
    session.frameAt(frame * frameSamples, row);
    const opening = (row[arkitIndex.jawOpen] ?? 0) - (row[arkitIndex.mouthClose] ?? 0);
    if (silent > 4 && before > 0) widest = Math.max(widest, opening);
  }
  const heard = session.sourceCommitted();
  session.close();
  // The last stop is the end.
  return { stops: stops.slice(0, -1), widest, sent, heard };
}

itLong('pauses between words with a closed mouth when the cloud speaks at 0.9 of real time', async () => {
  const steps = await listen();
  const ends = steps.flatMap((step) => step.ends).map((end) => Math.round((end * rate) / 1e7));
  expect(ends.length).toBeGreaterThan(30);
  const isBorder = (stop: number): boolean => ends.some((end) => Math.abs(end - stop) <= 1);
  const whole = hear(steps, true);
  expect(whole.heard).toBe(whole.sent);
  expect(whole.widest).toBeLessThanOrEqual(0.03);
  expect(whole.stops.length).toBeGreaterThanOrEqual(2);
  // The first one, in the middle of a word, tells that there will be more.
  const share = (stops: readonly number[]): number => stops.filter(isBorder).length / stops.length;
  expect(share(whole.stops)).toBeGreaterThanOrEqual(0.8);
  expect(share(hear(steps, false).stops)).toBeLessThan(0.5);
});
