import { afterEach, describe, expect, it } from 'vitest';
import { faceActions } from '../../../src/avatar/face-actions.js';
import { frameWidth, pitchIndex, yawIndex } from '../../../src/frame.js';
import { MediaSession } from '../../../src/media/session.js';
import { ActingSession } from '../../../src/server/interactive/acting-session.js';
import { Warnings } from '../../../src/server/interactive/warnings.js';

const rate = 48_000;
const step = rate / 25;
let media: MediaSession | undefined;
afterEach(() => media?.close());

/** A session that speaks three seconds of sound from its first frame on, and an idle life of none. */
function speaking(): ActingSession {
  media = new MediaSession({ sampleRate: rate, idleSeed: -1 });
  const pcm = Buffer.alloc(2 * 3 * 24_000);
  media.begin();
  media.pushParsed({ audio: pcm.toString('base64'), sampleRate: 24_000, sentenceStart: true, final: true });
  return new ActingSession(media);
}

/** The pitch and yaw of frame after frame. */
function play(session: ActingSession, from: number, frames: number): { pitch: number; yaw: number }[] {
  return Array.from({ length: frames }, (_, n) => {
    const sample = (from + n) * step;
    session.commit(sample + step);
    const row = new Float32Array(frameWidth);
    session.frameAt(sample, row, sample + step);
    return { pitch: row[pitchIndex] ?? 0, yaw: row[yawIndex] ?? 0 };
  });
}

describe('ActingSession', () => {
  it('performs an action from the picture on in which its sample is heard, and once', () => {
    const session = speaking();
    session.perform(faceActions.bow, rate);
    const frames = play(session, 0, 75);
    expect(frames.slice(0, 26).every(({ pitch }) => pitch === 0)).toBe(true);
    expect(frames[26]?.pitch).toBeLessThan(0);
    expect(Math.min(...frames.map(({ pitch }) => pitch))).toBeCloseTo(-0.36, 2);
    // 1.7 s later all is as before.
    expect(frames.slice(25 + 43).every(({ pitch }) => pitch === 0)).toBe(true);
  });

  it('performs two at a time', () => {
    const session = speaking();
    session.perform(faceActions.bow, 0);
    session.perform(faceActions.shake_head, 0);
    const frames = play(session, 0, 20);
    expect(Math.min(...frames.map(({ pitch }) => pitch))).toBeLessThan(-0.3);
    expect(Math.max(...frames.map(({ yaw }) => yaw))).toBeGreaterThan(0.15);
  });

  it('lets go within 240 ms of an interrupt, without a jump, and forgets what waits', () => {
    const session = speaking();
    session.perform(faceActions.bow, 0);
    session.perform(faceActions.shake_head, 2 * rate);
    const before = play(session, 0, 18);
    session.interrupt(18 * step);
    const after = play(session, 18, 60);
    const pitches = [...before, ...after].map(({ pitch }) => pitch);
    pitches.forEach((pitch, n) => expect(Math.abs(pitch - (pitches[n - 1] ?? 0))).toBeLessThan(0.08));
    expect(after[0]?.pitch).toBeLessThan(-0.3);
    expect(after.slice(6).every(({ pitch, yaw }) => pitch === 0 && yaw === 0)).toBe(true);
  });

  it('remembers no more than 64 that wait', () => {
    const session = speaking();
    session.perform(faceActions.bow, 0);
    for (let n = 0; n < 64; n++) session.perform(faceActions.wink, 2.9 * rate);
    expect(play(session, 0, 20).every(({ pitch }) => pitch === 0)).toBe(true);
  });
});

describe('Warnings', () => {
  it('tells each once, and no more than 200', () => {
    const told: string[] = [];
    const { warn } = new Warnings((message) => told.push(message));
    for (let n = 0; n < 300; n++) for (let again = 0; again < 2; again++) warn(`no ${n}`);
    expect(told).toHaveLength(200);
    expect(new Set(told).size).toBe(200);
  });
});
