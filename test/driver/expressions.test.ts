import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EndpointDriver } from '../../src/driver/index.js';
import { arkitIndex, frameWidth, MediaSession, type FeatureOrderName } from '../../src/media/index.js';
import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';

let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startLocalCloud({ voice: 'slt', interactive: false, pace: 'asap' });
}, 60_000);
afterAll(() => cloud.close());

/** Speaks a text into a session and returns the largest weight of a channel, and the warnings of the drive. */
async function speak(
  text: string,
  session: MediaSession,
  speech: { emotion?: string } = {},
): Promise<{ rows: Float32Array[]; warnings: string[] }> {
  const driver = new EndpointDriver({ ...cloud.connection });
  const warnings: string[] = [];
  const rows: Float32Array[] = [];
  try {
    const drive = driver.text(text, { media: session, speech });
    for await (const event of drive)
      if (event.type === 'warning') warnings.push(`${event.code}: ${event.message}`);
    await drive.done;
    while (session.readySamples() > 0) {
      const sample = session.committed();
      session.commit(sample + 1920);
      const row = new Float32Array(frameWidth);
      session.frameAt(sample, row);
      rows.push(row);
    }
  } finally {
    await driver.close();
  }
  return { rows, warnings };
}

describe('the expression of a drive', () => {
  it('reaches the face of the session, from the event and not from the features', async () => {
    using session = new MediaSession({ idleSeed: -1, expressions: { happy: { cheekPuff: 0.9 } } });
    const { rows } = await speak('One here. Two there.', session, { emotion: 'happy' });
    const puff = rows.map((row) => row[arkitIndex.cheekPuff]);
    expect(Math.max(...puff)).toBeCloseTo(0.9, 5);
    expect(puff[0]).toBe(0);
    // One over both clauses, not one for each.
    const full = puff.map((value) => value > 0.89);
    expect(full.slice(full.indexOf(true), full.lastIndexOf(true)).every(Boolean)).toBe(true);
    for (let i = 1; i < puff.length; i++) expect(Math.abs(puff[i] - puff[i - 1])).toBeLessThanOrEqual(0.15);
  }, 60_000);
});

describe('a stream in another order than it is read in', () => {
  const text =
    'Please wait a moment while I look for the answer. The weather report promises sun in the morning and heavy rain at night. Thank you for waiting.';
  it.each(['arkit', 'alphabetical', 'tencent-3d-standard'] as const)(
    'is told once, as a warning, when it is read as %s',
    async (featureOrder: FeatureOrderName) => {
      using session = new MediaSession({ featureOrder });
      const { warnings } = await speak(text, session);
      const right = featureOrder === 'tencent-3d-standard';
      expect(session.suspectedOrder).toBe(right ? undefined : 'tencent-3d-standard');
      expect(warnings).toEqual(
        right ? [] : [expect.stringMatching(/^features-order: .*in the order tencent-3d-standard/)],
      );
    },
    60_000,
  );
});
