import { arkitIndex, frameWidth } from '../frame.js';
import { MediaSession } from '../media/session.js';
import { makeTrack, sampleTrack, styles, trackColumns, type Shape, type Style } from './reference-motion.js';
import { rootMeanSquare } from './smoothness.js';

/** Rates, in pictures per second, that rows of 25 a second are shown at. */
export const shownRates = [24, 30, 48, 50, 60, 90, 120] as const;
const rowsPerSecond = 25;

export interface Interpolated {
  /** Root mean square error as a share of that of holding each row until the next. */
  readonly ratio: number;
  /** The furthest that a value lies outside of the two rows around it. */
  readonly outside: number;
}

/** What is shown at a time, in seconds, of a track given as rows of 25 a second. */
export type Between = (rows: readonly Shape[]) => { at: (seconds: number) => Shape; close: () => void };

/** A media session whose mouth neither leads nor idles, given the rows as features beside silence. */
export const bySession: Between = (rows) => {
  const session = new MediaSession({ mouthLeadMs: 0, idleSeed: -1, featureOrder: trackColumns });
  const wireRate = 24_000;
  session.begin();
  const silence = Buffer.alloc(2 * wireRate).toString('base64');
  for (let at = 0; at < rows.length; at += rowsPerSecond) {
    const features = rows.slice(at, at + rowsPerSecond).flat();
    session.pushParsed({
      audio: silence,
      features,
      sampleRate: wireRate,
      final: at + rowsPerSecond >= rows.length,
    });
  }
  const row = new Float32Array(frameWidth);
  return {
    at: (seconds) => {
      session.frameAt(Math.round(seconds * session.sampleRate), row);
      return trackColumns.map((name) => row[arkitIndex[name]] ?? 0);
    },
    close: () => session.close(),
  };
};

/** The control: what the vendor's player does. */
export const byHolding: Between = (rows) => ({
  at: (seconds) => rowAt(rows, baseOf(seconds)),
  close: () => undefined,
});

/**
 * Test 9: rows of 25 a second shown at other rates, against the motion they were taken from, known
 * at 240 instants a second and between them. At 50 a second every other instant is a row, where
 * nobody errs, and the rest are the middles between rows, where every curve errs most.
 */
export function interpolation(
  rates: readonly number[] = shownRates,
  between: Between = bySession,
): Interpolated {
  const errors: number[] = [];
  const holding: number[] = [];
  let outside = 0;
  for (const style of Object.values(styles)) {
    const rows = sampleTrack(style, rowsPerSecond);
    const truth = truthOf(style);
    const shown = between(rows);
    for (const framesPerSecond of rates) {
      for (let frame = 0; frame < ((rows.length - 1) * framesPerSecond) / rowsPerSecond; frame++) {
        const seconds = frame / framesPerSecond;
        const [here, next] = [rowAt(rows, baseOf(seconds)), rowAt(rows, baseOf(seconds) + 1)];
        const wanted = truth(seconds);
        shown.at(seconds).forEach((value, column) => {
          const [a, b] = [here[column] ?? 0, next[column] ?? 0];
          errors.push(value - (wanted[column] ?? 0));
          holding.push(a - (wanted[column] ?? 0));
          outside = Math.max(outside, Math.min(a, b) - value, value - Math.max(a, b));
        });
      }
    }
    shown.close();
  }
  return { ratio: rootMeanSquare(errors) / rootMeanSquare(holding), outside };
}

/** The row of the 240 fps reference where there is one, else the curve that it was taken from. */
function truthOf(style: Style): (seconds: number) => Shape {
  const rows = sampleTrack(style, 240);
  const curve = makeTrack(style);
  return (seconds) => {
    const index = Math.round(seconds * 240);
    return Math.abs(seconds * 240 - index) < 1e-6 ? rowAt(rows, index) : curve(seconds);
  };
}

function baseOf(seconds: number): number {
  return Math.floor(seconds * rowsPerSecond + 1e-9);
}

function rowAt(rows: readonly Shape[], index: number): Shape {
  return rows[Math.min(rows.length - 1, index)] ?? [];
}
