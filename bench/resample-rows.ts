import { loadAddon } from '../dist/media/load-addon.js';

import { contest, type Contestant } from './contest.js';
import { speechLike } from './material.js';
import { PlainResampler } from './plain-js.js';
import { floatStream, measureQuality, shortStream, type MeteredStream, type Quality } from './quality.js';
import { faster, ours, ways, type Check, type Context, type Row, type RowResult, type Skip } from './row.js';
import { SpeexWasm } from './speex-wasm.js';

interface Goals {
  readonly inputRate: number;
  readonly outputRate: number;
  readonly quality: 'standard' | 'archive';
  readonly thdnDb: number;
  readonly delayMs: number;
  /** Times as fast as soxr HQ. */
  readonly overSoxr: readonly [must: number, stretch: number];
  readonly overSpeexdsp?: number;
}

const standard = { quality: 'standard', thdnDb: -100 } as const;

const list: readonly Goals[] = [
  { ...standard, inputRate: 24000, outputRate: 48000, delayMs: 1.4, overSoxr: [2.2, 3], overSpeexdsp: 10 },
  { ...standard, inputRate: 16000, outputRate: 48000, delayMs: 2, overSoxr: [2.2, 3] },
  { ...standard, inputRate: 24000, outputRate: 44100, delayMs: 2, overSoxr: [1.8, 3] },
  { ...standard, inputRate: 44100, outputRate: 48000, delayMs: 2, overSoxr: [1.8, 3] },
  {
    quality: 'archive',
    thdnDb: -128,
    inputRate: 24000,
    outputRate: 48000,
    delayMs: 2.3,
    overSoxr: [1.5, 2.2],
  },
];

export const resampleRows: readonly Row[] = list.map((goals) => ({
  name: `resample ${goals.inputRate / 1000} → ${goals.outputRate / 1000} kHz${goals.quality === 'standard' ? '' : `, ${goals.quality}`}`,
  run: (context) => runRow(goals, context),
}));

/** A contestant of a resampling row: how to time it, and how to meter what it puts out. */
interface Entry {
  readonly name: string;
  /** Feeds one second in chunks of 20 ms. Returns the frames written. */
  readonly second: () => number;
  readonly metered: () => MeteredStream;
}

async function runRow(goals: Goals, context: Context): Promise<RowResult> {
  const { entries, skipped } = await enter(goals, context);
  if (!entries.some(({ name }) => name === ours)) return { work, ways: [], checks: [], skipped };

  const qualities = new Map<string, Quality>();
  for (const { name, metered, second } of entries) {
    assertFrames(name, second, goals);
    if (context.effort.counter === undefined)
      qualities.set(name, measureQuality(metered, goals.inputRate, goals.outputRate));
  }
  const contestants: Contestant[] = entries.map(({ name, second }) => ({ name, run: () => void second() }));
  const timings = contest(contestants, context.effort);

  const own = qualities.get(ours);
  const atMost = (what: string, unit: string, measured: number, must: number): Check => ({
    what,
    unit,
    measured,
    bound: 'at most',
    must,
  });
  return {
    work,
    ways: ways(
      timings,
      Object.fromEntries([...qualities].map(([name, quality]) => [name, columns(quality)])),
    ),
    checks: [
      ...faster(timings, 'soxr HQ', ...goals.overSoxr),
      ...(goals.overSpeexdsp === undefined ? [] : faster(timings, 'speexdsp q5', goals.overSpeexdsp)),
      ...(own === undefined
        ? []
        : [
            atMost('THD+N', 'dB', own.thdnDb, goals.thdnDb),
            atMost('ripple', 'dB', own.rippleDb, 0.001),
            atMost('delay', 'ms', own.delayMs.most, goals.delayMs),
          ]),
    ],
    skipped,
  };
}

const work = 'one second of s16 mono to floats, in chunks of 20 ms';

function columns({ thdnDb, rippleDb, delayMs }: Quality): Record<string, string> {
  return {
    'THD+N dB': thdnDb.toFixed(1),
    'ripple dB': rippleDb < 0.0005 ? '<0.0005' : rippleDb.toFixed(rippleDb < 0.1 ? 4 : 2),
    'delay ms':
      delayMs.most - delayMs.least < 0.1
        ? delayMs.most.toFixed(2)
        : `${delayMs.least.toFixed(1)}..${delayMs.most.toFixed(1)}`,
  };
}

/** Ten seconds in must be ten seconds out, give or take what a filter holds. */
function assertFrames(name: string, second: () => number, { outputRate }: Goals): void {
  let frames = 0;
  for (let i = 0; i < 10; i++) frames += second();
  if (Math.abs(frames - 10 * outputRate) > 0.1 * outputRate)
    throw new Error(`${name} made ${frames} frames of ten seconds at ${outputRate} Hz`);
}

async function enter(goals: Goals, { rivals }: Context): Promise<{ entries: Entry[]; skipped: Skip[] }> {
  const { inputRate, outputRate } = goals;
  const pcm = speechLike(inputRate, 1);
  const chunk = inputRate / 50;
  const out = new Float32Array(3 * outputRate);
  const entries: Entry[] = [];
  const skipped: Skip[] = [];

  const { bench, availableKernels } = loadAddon();
  for (const [index, table] of availableKernels.entries()) {
    const name = index === 0 ? ours : `${ours} (${table})`;
    const create = () => bench.createResampler(table, inputRate, outputRate, goals.quality);
    try {
      const timed = create();
      entries.push({
        name,
        second: () => bench.resampleChunks(timed, pcm, chunk, out),
        metered: () =>
          shortStream(() => {
            const stream = create();
            return (input, to) => bench.resampleChunks(stream, input, input.length, to);
          }),
      });
    } catch (thrown) {
      skipped.push({ name, reason: (thrown as Error).message });
    }
  }

  for (const [library, setting, name] of [
    ['soxr', 'HQ', 'soxr HQ'],
    ['speexdsp', '5', 'speexdsp q5'],
  ] as const) {
    const { addon } = rivals;
    const reason = rivals.missing(library);
    const timed = addon?.createResampler(library, setting, inputRate, outputRate, false);
    if (reason !== undefined || addon === undefined || timed === undefined) {
      skipped.push({ name, reason: reason ?? `no setting ${setting}` });
      continue;
    }
    entries.push({
      name,
      second: () => timed.process(pcm, chunk, out),
      metered: () => {
        const stream = addon.createResampler(library, setting, inputRate, outputRate, true);
        return floatStream((input, to) => stream?.process(input, input.length, to) ?? 0);
      },
    });
  }

  const inChunks = (process: (input: Int16Array, at: number) => number) => () => {
    let written = 0;
    for (let at = 0; at < pcm.length; at += chunk) written += process(pcm.subarray(at, at + chunk), written);
    return written;
  };
  const speex = await SpeexWasm.load();
  if (typeof speex === 'string') skipped.push({ name: 'speex wasm q5', reason: speex });
  else {
    const process = speex.create(inputRate, outputRate, 5);
    entries.push({
      name: 'speex wasm q5',
      second: inChunks((input, at) => process(input, out.subarray(at))),
      metered: () => floatStream(speex.create(inputRate, outputRate, 5)),
    });
  }

  const plain = new PlainResampler(inputRate, outputRate);
  entries.push({
    name: 'plain JS',
    second: inChunks((input) => plain.process(input).length),
    metered: () =>
      shortStream(() => {
        const stream = new PlainResampler(inputRate, outputRate);
        return (input, to) => {
          const made = stream.process(input);
          to.set(made);
          return made.length;
        };
      }),
  });
  return { entries, skipped };
}
