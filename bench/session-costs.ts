import { loadAddon } from '../dist/media/load-addon.js';
import { featureOrders } from '../dist/media/orders.js';
import { reportLength } from '../dist/media/binding.js';
import { MediaSession } from '../dist/media/session.js';
import { writePongFrame } from '../dist/wire/frames.js';

import { contest, median } from './contest.js';
import { ours, type Context, type Row, type RowResult } from './row.js';

/** What a session costs besides its work. */
export const sessionCostRows: readonly Row[] = [
  { name: 'crossing', run: crossing },
  { name: 'resampler state', uncounted: true, run: resamplerState },
];

const pushes = 1000;

/** The same pushes of a message with hardly any work, one by one from JavaScript and all in one crossing. */
function crossing({ effort }: Context): RowResult {
  const addon = loadAddon();
  const message = Buffer.from(writePongFrame({ requestId: 'r', streamId: 's' }));
  const session = new MediaSession();
  if (session.push(message).kind !== 'pong') throw new Error('the message is not what it should be');
  const native = addon.session.create(
    {
      sampleRate: 48_000,
      featureHopTicks: 400_000,
      featureOrder: [...featureOrders['tencent-3d-standard']],
      mouthLeadTicks: 0,
      maxBufferedSeconds: 120,
      maxMessageBytes: 1 << 24,
      idleSeed: 1,
    },
    new Float64Array(new SharedArrayBuffer(8 * reportLength)),
  );
  const [single, inOne] = contest(
    [
      { name: ours, run: () => void session.push(message) },
      { name: 'the same in one crossing', run: () => addon.bench.push(native, message, pushes) },
    ],
    effort,
  );
  session.close();
  addon.session.close(native);
  const work = inOne.rounds.map((micros) => micros / pushes);
  return {
    work: `push() of a sign of life, ${message.length} bytes`,
    ways: [
      { name: single.name, cost: median(single.rounds) },
      { name: inOne.name, cost: median(work) },
    ],
    checks: [
      {
        what: 'crossing over the work itself',
        unit: 'ns',
        measured: 1000 * median(single.rounds.map((micros, round) => micros - work[round])),
        bound: 'at most',
        must: 150,
        stretch: 60,
      },
    ],
    skipped: [],
  };
}

function resamplerState(): RowResult {
  const { bench, availableKernels } = loadAddon();
  const sizes = (
    [
      [24_000, 48_000],
      [16_000, 48_000],
      [24_000, 44_100],
      [44_100, 48_000],
    ] as const
  ).map(([from, to]) => ({
    name: `${from / 1000} → ${to / 1000} kHz`,
    bytes: bench.resamplerBytes(availableKernels[0], from, to),
  }));
  const told = sizes.every(({ bytes }) => bytes > 0);
  return {
    work: 'heap that one more converter takes, shared filters left out',
    ways: told ? sizes.map(({ name, bytes }) => ({ name, more: { bytes: bytes.toFixed(0) } })) : [],
    checks: told
      ? [
          {
            what: 'largest state',
            unit: 'bytes',
            measured: Math.max(...sizes.map(({ bytes }) => bytes)),
            bound: 'at most',
            must: 2000,
            stretch: 1000,
          },
        ]
      : [],
    skipped: told ? [] : [{ name: ours, reason: 'this C library does not tell what is in use' }],
  };
}
