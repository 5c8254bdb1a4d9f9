import { arkitIndex, frameWidth, MediaSession } from '../../src/media/index.js';
import { trackColumns, type Shape } from '../../src/score/reference-motion.js';

/** A session that has heard a whole track of silence with `rows` on it, nothing leading or idling. */
export function sessionOf(rows: readonly Shape[], rowsPerSecond: number): MediaSession {
  const session = new MediaSession({
    mouthLeadMs: 0,
    idleSeed: -1,
    featureHopMs: 1000 / rowsPerSecond,
    featureOrder: trackColumns,
  });
  const seconds = rows.length / rowsPerSecond;
  session.begin('');
  for (let second = 0; second < seconds; second++) {
    session.pushParsed({
      audio: Buffer.alloc(48_000).toString('base64'),
      features: rows.slice(second * rowsPerSecond, (second + 1) * rowsPerSecond).flat(),
      sampleRate: 24_000,
      final: second + 1 >= seconds,
    });
  }
  return session;
}

const row = new Float32Array(frameWidth);

/** The columns of a track at `seconds`, shown until `nextSeconds` when given. */
export function shapeAt(session: MediaSession, seconds: number, nextSeconds = 0): number[] {
  session.frameAt(
    Math.round(seconds * session.sampleRate),
    row,
    Math.round(nextSeconds * session.sampleRate),
  );
  return trackColumns.map((name) => row[arkitIndex[name]]);
}
