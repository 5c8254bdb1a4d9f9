/**
 * How soon a push is on the air again, and what a break costs: real encoders at
 * the pace of the wall clock, and ingests that go and come back.
 *
 *     npm run soak:push -- [breaks of our own ingest, default 100] [of nginx, default 20] [pushes at once, default 4]
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { percentile } from '../../src/metrics/percentiles.js';
import { EncodedSink, type TagOutput } from '../../src/sinks/encoded-sink.js';
import { isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { RtmpOutput } from '../../src/sinks/rtmp-sink.js';
import type { PushCounts, PushEvent } from '../../src/sinks/rtmp/push-events.js';
import { startNginx } from '../integration/nginx.js';
import { feedLive, randomNumbers } from '../sinks/synthetic.js';
import { missingTools } from '../tools.js';
import { TestIngest } from '../tools/rtmp-ingest.js';

const format = {
  sampleRate: 48000,
  frameRateNumerator: 25,
  frameRateDenominator: 1,
  width: 320,
  height: 180,
};
const breaks = Number(process.argv[2] ?? 100);
const nginxBreaks = Number(process.argv[3] ?? 20);
const pushes = Number(process.argv[4] ?? 4);
const random = randomNumbers(2026);
const kinds = ['restart', 'reset', 'busy', 'freeze'] as const;
/** A sound that is never the same again, so that every tag can be told from every other. */
const chirp = (index: number): number => 0.2 * Math.sin(index * index * 1e-7);

/** A push with its own record of what was encoded. */
class Push {
  readonly output: RtmpOutput;
  readonly sink: EncodedSink;
  readonly #times = new Map<string, number>();
  #waiting: { readonly type: PushEvent['type']; readonly resolve: () => void }[] = [];
  #stop: () => void = () => undefined;
  #fed: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.output = new RtmpOutput(url, { onEvent: ({ type }) => this.#note(type) });
    const copy: TagOutput = {
      name: 'copy',
      onError: undefined,
      open: () => Promise.resolve(),
      write: (tag) => this.#remember(tag),
      close: () => Promise.resolve(),
    };
    // A machine that is busy with other things must not end the soak.
    this.sink = new EncodedSink({ outputs: [this.output, copy], maxQueuedFrames: 250 });
    this.sink.onError = (error) => {
      console.error(`\nthe push has ended: ${error.code}: ${error.message}`);
      process.exit(1);
    };
  }

  async open(): Promise<void> {
    await this.sink.open(format);
    const stopped = new Promise<void>((resolve) => (this.#stop = resolve));
    this.#fed = feedLive(this.sink, format, stopped, chirp);
  }

  next(type: PushEvent['type']): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ type, resolve }));
  }

  /** By how much a tag is not where the encoder had put it, in ms; NaN for one that was never encoded. */
  errorOf(tag: FlvTag): number {
    return tag.timestampMs - (this.#times.get(tag.payload.toString('latin1')) ?? NaN);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#fed;
    await this.sink.close();
  }

  #remember(tag: FlvTag): void {
    if (!isMedia(tag)) return;
    this.#times.set(tag.payload.toString('latin1'), tag.timestampMs);
    // A minute is enough, and must not look like a leak.
    const [oldest] = this.#times.keys();
    if (this.#times.size > 4500 && oldest !== undefined) this.#times.delete(oldest);
  }

  #note(type: PushEvent['type']): void {
    const due = this.#waiting.filter((waiting) => waiting.type === type);
    this.#waiting = this.#waiting.filter((waiting) => waiting.type !== type);
    for (const { resolve } of due) resolve();
  }
}

function line(name: string, values: readonly number[]): string {
  const at = (share: number): string => Math.round(percentile(values, share)).toString();
  return `${name.padEnd(44)} n ${values.length}  p50 ${at(50)}  p95 ${at(95)}  max ${at(100)}`;
}

function residentMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
}

interface Findings {
  readonly backMs: Map<string, number[]>;
  readonly noticedMs: number[];
  /** Of the time stamps, in ms. */
  readonly errors: number[];
  disorder: number;
}

/** One push, and an ingest of its own that fails it in all ways, in turn. */
async function suffer(rounds: number, found: Findings): Promise<PushCounts> {
  const ingest = await new TestIngest().listen();
  const push = new Push(ingest.url('soak'));
  await push.open();
  const last = { [tagType.audio]: -1, [tagType.video]: -1 };
  const judge = (): void => {
    for (const { tags } of ingest.visits.splice(0)) {
      for (const tag of tags.filter(isMedia)) {
        found.errors.push(Math.abs(push.errorOf(tag)));
        const kind = tag.type === tagType.audio ? tagType.audio : tagType.video;
        if (tag.timestampMs <= last[kind]) found.disorder += 1;
        last[kind] = tag.timestampMs;
      }
    }
  };
  await sleep(3000);
  for (let round = 0; round < rounds; round++) {
    const kind = kinds[round % kinds.length] ?? 'reset';
    const outageMs = 200 + random() * 5800;
    const broken = ingest.visits.length;
    const down = push.next('down');
    const brokenAt = performance.now();
    if (kind === 'restart') {
      await ingest.stop();
      await sleep(outageMs);
      await ingest.listen();
    } else if (kind === 'busy') {
      ingest.manner = () => 'busy';
      ingest.reset();
      await sleep(outageMs);
      ingest.manner = () => 'accept';
    } else if (kind === 'freeze') {
      ingest.freeze();
      await down;
      found.noticedMs.push(performance.now() - brokenAt);
      await sleep(outageMs);
      ingest.thaw();
    }
    const returnedAt = performance.now();
    if (kind === 'reset') ingest.reset();
    await down;
    const isBack = (): boolean =>
      ingest.visits.slice(broken).some(({ tags }) => tags.some(({ isKeyframe }) => isKeyframe));
    while (!isBack()) await sleep(5);
    found.backMs.get(kind)?.push(performance.now() - returnedAt);
    await sleep(1500 + random() * 1000);
    // What is judged is forgotten; the connection that is open is judged at the end.
    const open = ingest.visits.pop();
    judge();
    if (open !== undefined) ingest.visits.push(open);
  }
  await push.close();
  judge();
  await ingest.stop();
  return push.output.counts;
}

async function ownIngest(): Promise<void> {
  const found: Findings = {
    backMs: new Map(kinds.map((kind) => [kind, []])),
    noticedMs: [],
    errors: [],
    disorder: 0,
  };
  const before = residentMb();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss / 2 ** 20);
    const done = [...found.backMs.values()].flat().length;
    process.stderr.write(`\r${done} of ${breaks} `);
  }, 1000);
  const counts = await Promise.all(
    Array.from({ length: pushes }, (_, i) => suffer(Math.floor((breaks + i) / pushes), found)),
  );
  clearInterval(watch);
  const after = residentMb();
  console.log(`\nOur own ingests, ${breaks} breaks of ${pushes} pushes at once`);
  console.log(line('  back on the air, ms after the ingest', [...found.backMs.values()].flat()));
  for (const [kind, values] of found.backMs) if (values.length > 0) console.log(line(`    ${kind}`, values));
  if (found.noticedMs.length > 0) console.log(line('  standstill noticed, ms', found.noticedMs));
  const greatest = found.errors.reduce((a, b) => Math.max(a, b), 0);
  console.log(
    `  time stamps: ${found.errors.length} tags, greatest error ${greatest} ms, ${found.disorder} out of order`,
  );
  console.log(
    `  memory: ${before.toFixed(1)} MB before, ${most.toFixed(1)} at most, ${after.toFixed(1)} after`,
  );
  for (const each of counts) console.log(`  ${JSON.stringify(each)}`);
}

async function nginxIngest(): Promise<void> {
  if (missingTools(['nginx']).length > 0) return console.log('nginx with its rtmp module is not here');
  const nginx = await startNginx();
  const push = new Push(`rtmp://127.0.0.1:${nginx.port}/live/soak`);
  await push.open();
  const backMs: number[] = [];
  for (let round = 0; round < nginxBreaks; round++) {
    await sleep(1500 + random() * 1000);
    const back = push.next('back');
    await nginx.kill();
    await sleep(200 + random() * 5800);
    await nginx.start();
    const returnedAt = performance.now();
    await back;
    backMs.push(performance.now() - returnedAt);
    process.stderr.write(`\r${round + 1} of ${nginxBreaks} `);
  }
  await push.close();
  await nginx.close();
  console.log(`\nnginx-rtmp, killed and started again ${nginxBreaks} times`);
  console.log(line('  taken again, ms after nginx answers', backMs));
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
if (breaks > 0) await ownIngest();
if (nginxBreaks > 0) await nginxIngest();
