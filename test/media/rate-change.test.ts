import { describe, expect, it } from 'vitest';
import { MediaSession } from '../../src/media/index.js';

const outputRate = 48_000;

/** Sums of sines of 300 ms at one rate, then 300 ms at another, as if nothing had happened. */
function clickOf(before: number, after: number, tones: readonly number[], pieceMs: number): number {
  using session = new MediaSession({ sampleRate: outputRate, idleSeed: -1 });
  const signal = (seconds: number): number =>
    tones.reduce((sum, hertz, i) => sum + Math.sin(2 * Math.PI * hertz * seconds + i), 0) *
    (0.5 / tones.length);
  session.begin();
  let frames = 0;
  for (const [rate, startSeconds] of [
    [before, 0],
    [after, 0.3],
  ]) {
    const total = Math.round(0.3 * rate);
    for (let from = 0; from < total;) {
      const count = Math.min(Math.round((pieceMs * rate) / 1000), total - from);
      const pcm = Buffer.alloc(count * 2);
      for (let i = 0; i < count; i++)
        pcm.writeInt16LE(Math.round(32_768 * signal(startSeconds + (from + i) / rate)), i * 2);
      session.pushParsed({ audio: pcm.toString('base64'), sampleRate: rate });
      from += count;
    }
    frames += Math.ceil((total * outputRate) / rate);
  }
  session.end();
  expect(session.readySamples()).toBe(frames);
  session.commit(frames);
  const out = new Float32Array(frames);
  session.readAudio(0, out);
  let worst = 0;
  for (let i = Math.round(0.29 * outputRate); i < 0.31 * outputRate; i++)
    worst = Math.max(worst, Math.abs(out[i] - signal(i / outputRate)));
  return 20 * Math.log10(worst);
}

describe('a change of the sample rate inside an utterance', () => {
  it.each([
    [24_000, 16_000],
    [16_000, 24_000],
    [8_000, 24_000],
    [24_000, 48_000],
    [48_000, 16_000],
    [22_050, 24_000],
    [24_000, 44_100],
    [44_100, 8_000],
  ])('from %i to %i Hz loses no sample and clicks at most at -60 dBFS', (before, after) => {
    let worst = -Infinity;
    for (const tones of [[440], [1000], [3000], [200, 730, 1900], [120, 240, 361, 1210, 2503]])
      for (const pieceMs of [5, 20, 171, 300])
        worst = Math.max(worst, clickOf(before, after, tones, pieceMs));
    console.log(`${before} to ${after} Hz: at most ${worst.toFixed(1)} dBFS from the unbroken tones`);
    expect(worst).toBeLessThanOrEqual(-60);
  });
});
