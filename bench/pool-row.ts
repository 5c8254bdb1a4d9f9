import { MediaSession, SessionPool, poolFlag } from '../dist/media/index.js';
import { loadAddon } from '../dist/media/load-addon.js';

import { contest, type Contestant, type Timing } from './contest.js';
import { inTurn, sparseFeatures, speechMessages } from './material.js';
import { PlainPool, rowsWithSlopes } from './plain-pool.js';
import { faster, ours, ways, type Context, type Row, type RowResult } from './row.js';

const width = 52;
/** Rows of every track: as many as the cubic between the middle two of them needs. */
const rows = 4;
const rate = 16_000;

/** Due frames of many sessions in one call, 60 a second out of 25. */
export const poolRow: Row = { name: 'frames of a pool of 1000 sessions', run };

function run({ effort }: Context): RowResult {
  // Counting is slow, and the count of a row is the same in a small pool.
  const sessions = effort.size === 'smoke' ? 10 : effort.counter === undefined ? 1000 : 50;
  const { bench, availableKernels } = loadAddon();
  const table = availableKernels[0];

  const tracks = Array.from({ length: sessions }, (_, i) =>
    Float32Array.from(sparseFeatures(rows, 9, i + 1)),
  );
  const all = rowsWithSlopes(tracks, width);
  const plain = new PlainPool(tracks, width);
  const [out, expected] = [new Float32Array(sessions * width), new Float32Array(sessions * width)];
  const next = instants(sessions);
  const cubic = (positions: Float64Array): void => bench.cubicRows(table, all, width, rows, positions, out);
  assertSame(cubic, (positions) => plain.frames(positions, expected, width), next(), out, expected);

  const copied = out.slice();
  const { draw, close } = wholePool(sessions);
  const contestants: Contestant[] = [
    { name: ours, run: () => cubic(next()) },
    { name: 'plain JS', run: () => plain.frames(next(), expected, width) },
    { name: copying, run: () => out.set(copied) },
    { name: `${ours}, SessionPool.frames()`, run: draw },
  ];
  const timings = contest(contestants, effort);
  close();
  return {
    work:
      `${sessions} rows of ${width} weights, monotone cubic; SessionPool.frames() draws whole pictures, ` +
      'that is with the constraints of the mouth, idle life and the head',
    ways: ways(
      timings,
      Object.fromEntries(timings.map((timing) => [timing.name, perRow(timing, sessions, effort.counter)])),
    ),
    checks: [...faster(timings, 'plain JS', 10), ...faster(timings, copying, undefined, 1)],
    skipped: [],
  };
}

const copying = 'copying the rows';

function perRow({ rounds }: Timing, sessions: number, counter: unknown): Record<string, string> {
  const each = [...rounds].sort((a, b) => a - b)[rounds.length >> 1] / sessions;
  return counter === undefined
    ? { 'ns a row': (1000 * each).toFixed(1) }
    : { 'instructions a row': each.toFixed(0) };
}

/**
 * Positions of all sessions in turn, a sixtieth of a second on from one to the next; each session began at a
 * time of its own. They stay between the middle rows: those just received are what a real pool reads, too, and
 * they are in the caches.
 */
function instants(sessions: number): () => Float64Array {
  // After twelve frames of 60 a second, five rows of 25, all begins anew.
  const frames = Array.from({ length: 12 }, (_, frame) =>
    Float64Array.from({ length: sessions }, (_, i) => 1 + ((i * 0.618 + (frame * 25) / 60) % 1)),
  );
  return inTurn(frames);
}

/** A pool of real sessions in mid-speech, and a call that draws their next pictures. */
function wholePool(sessions: number): { draw: () => void; close: () => void } {
  const pool = new SessionPool();
  const { requestId, messages } = speechMessages(1000, 8);
  const members = Array.from({ length: sessions }, (_, i) => {
    const session = new MediaSession({ sampleRate: rate, maxBufferedSeconds: 4, idleSeed: i });
    session.begin(requestId);
    for (let second = 0; second < 3; second++) session.push(messages[(i + second) % messages.length]);
    session.commit(session.readySamples());
    pool.add(session);
    return session;
  });
  const frameWidth = 55;
  const pictures = new Float32Array(sessions * frameWidth);
  const flags = new Uint8Array(sessions);
  const step = Math.round(rate / 60);
  const samples = new Float64Array(sessions);
  const following = new Float64Array(sessions);
  const first = (i: number): number => Math.round(((i * 0.618) % 1) * rate);
  for (let i = 0; i < sessions; i++) samples[i] = first(i);
  const draw = (): void => {
    for (let i = 0; i < sessions; i++) {
      samples[i] += step;
      if (samples[i] > 2.5 * rate) samples[i] = first(i);
      following[i] = samples[i] + step;
    }
    pool.frames(samples, pictures, flags, following);
  };
  for (let i = 0; i < 60; i++) draw();
  if (flags.some((flag) => flag !== (poolFlag.live | poolFlag.speaking)))
    throw new Error('a session of the pool does not speak');
  return {
    draw,
    close: () => {
      for (const session of members) session.close();
    },
  };
}

/** The same weights, but for the rounding of floats. */
function assertSame(
  one: (positions: Float64Array) => void,
  other: (positions: Float64Array) => void,
  positions: Float64Array,
  out: Float32Array,
  expected: Float32Array,
): void {
  one(positions);
  other(positions);
  const wrong = out.findIndex((weight, i) => !(Math.abs(weight - expected[i]) < 1e-6));
  if (wrong >= 0) throw new Error(`${out[wrong]} and ${expected[wrong]} are not the same weight`);
}
