import { loadAddon } from '../dist/media/load-addon.js';
import { MediaSession } from '../dist/media/session.js';

import { contest, type Contestant } from './contest.js';
import { inTurn, speechMessages } from './material.js';
import { compareWays, glueName, messageWays, outputRate, speexName } from './message-ways.js';
import { decodeBase64, readMessage } from './plain-js.js';
import { measureQuality, shortStream } from './quality.js';
import { faster, ours, ways, type Check, type Context, type Row, type RowResult, type Skip } from './row.js';
import { SpeexWasm } from './speex-wasm.js';

interface Goals {
  readonly milliseconds: number;
  /** How many different messages take turns; about 20,000 different numbers in all. */
  readonly messages: number;
  readonly overGlue: readonly [must: number, stretch: number];
  readonly overSpeex: readonly [must: number, stretch?: number];
}

const list: readonly Goals[] = [
  { milliseconds: 1000, messages: 16, overGlue: [2, 2.8], overSpeex: [12, 18] },
  { milliseconds: 200, messages: 64, overGlue: [2, 2.6], overSpeex: [11] },
  { milliseconds: 40, messages: 256, overGlue: [1.7, 2], overSpeex: [9.5, 11] },
];

export const messageRows: readonly Row[] = [
  ...list.map((goals) => ({
    name: `whole message of ${goals.milliseconds} ms`,
    run: (context: Context) => wholeMessage(goals, context),
  })),
  { name: 'parsed message of 1000 ms', run: parsedMessage },
];

async function wholeMessage(goals: Goals, context: Context): Promise<RowResult> {
  const all = await messageWays(context.rivals);
  compareWays(all, goals.milliseconds);
  const { requestId, messages } = speechMessages(goals.milliseconds, goals.messages);
  const contestants: Contestant[] = [...all.make].map(([name, create]) => {
    const way = create(requestId);
    const next = inTurn(messages);
    return { name, run: () => void way.push(next()) };
  });
  const timings = contest(contestants, context.effort);
  return {
    work: `${messages[0].length} bytes → 48 kHz floats and ${goals.milliseconds / 40} rows of 52 features; ${goals.messages} messages take turns`,
    ways: ways(timings),
    checks: [
      ...faster(timings, glueName, ...goals.overGlue),
      ...faster(timings, speexName, ...goals.overSpeex),
      ...(context.effort.counter === undefined ? qualityChecks() : []),
    ],
    skipped: all.skipped,
  };
}

/** What a session's sound is worth: that of the converter that it has. */
function qualityChecks(): Check[] {
  const { bench, availableKernels } = loadAddon();
  const { thdnDb, delayMs } = measureQuality(
    () =>
      shortStream(() => {
        const stream = bench.createResampler(availableKernels[0], 24_000, outputRate);
        return (input, to) => bench.resampleChunks(stream, input, input.length, to);
      }),
    24_000,
    outputRate,
  );
  return [
    { what: 'THD+N', unit: 'dB', measured: thdnDb, bound: 'at most', must: -100 },
    { what: 'delay', unit: 'ms', measured: delayMs.most, bound: 'at most', must: 1.5 },
  ];
}

async function parsedMessage({ effort }: Context): Promise<RowResult> {
  const { messages } = speechMessages(1000, 16);
  const parsed = messages.map((message) => readMessage(message));
  const skipped: Skip[] = [];
  const audio = new Float32Array(4 * outputRate);

  const session = new MediaSession({ sampleRate: outputRate });
  session.begin();
  const nextOwn = inTurn(parsed);
  const push = (): number => {
    const report = session.pushParsed(nextOwn());
    if (report.kind !== 'speech') throw new Error(`a message was ${report.kind}`);
    return session.readReady(audio);
  };
  const contestants: Contestant[] = [{ name: ours, run: () => void push() }];

  const speex = await SpeexWasm.load();
  const rival = 'Buffer + speex wasm q5';
  if (typeof speex === 'string') skipped.push({ name: rival, reason: speex });
  else {
    const process = speex.create(24_000, outputRate, 5);
    const next = inTurn(parsed);
    const run = (): number => {
      const message = next();
      const frames = process(decodeBase64(message.audio), audio);
      Float32Array.from(message.features);
      return frames;
    };
    const [own, other] = [push() + push(), run() + run()];
    if (Math.abs(own - other) > 0.01 * outputRate) throw new Error(`${own} and ${other} frames of the same`);
    contestants.push({ name: rival, run: () => void run() });
  }
  const timings = contest(contestants, effort);
  return {
    work: 'base64 string and number[] → 48 kHz floats and 25 rows of 52 features',
    ways: ways(timings),
    checks: faster(timings, rival, 3),
    skipped,
  };
}
