/**
 * How soon a push is on the air again, and what a break costs: streams of
 * 2.5 Mbit/s at the pace of the wall clock, and ingests that go and come back.
 *
 *     npm run soak:push -- [breaks of our own ingest, default 100] [of nginx, default 20] [pushes at once, default 8] \
 *       [seconds on half a line, default 60] [standstills of node-media-server at each rate, default 5]
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { percentile } from '../../src/metrics/percentiles.js';
import { isMedia, makeTag, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { RtmpOutput } from '../../src/sinks/rtmp-sink.js';
import type { PushCounts, PushEvent } from '../../src/sinks/rtmp/push-events.js';
import { startNginx } from '../integration/nginx.js';
import { randomNumbers } from '../sinks/synthetic.js';
import { missingTools } from '../tools.js';
import { FaultProxy } from '../tools/fault-proxy.js';
import { TestIngest } from '../tools/rtmp-ingest.js';
import { checkLimit } from './limits.js';
import { residentMb } from './resident.js';

const format = {
  sampleRate: 48000,
  frameRateNumerator: 25,
  frameRateDenominator: 1,
  width: 320,
  height: 180,
};
const breaks = Number(process.argv[2] ?? 100);
const nginxBreaks = Number(process.argv[3] ?? 20);
const pushes = Number(process.argv[4] ?? 8);
const halfSeconds = Number(process.argv[5] ?? 60);
const standstills = Number(process.argv[6] ?? 5);
const random = randomNumbers(2026);
const kinds = ['restart', 'reset', 'busy', 'freeze'] as const;

/** Sound and pictures, of 2.5 Mbit/s unless told otherwise, at the pace of the wall clock, as an encoder would make them. Each tag holds its number. */
class Push {
  readonly output: RtmpOutput;
  readonly #share: number;
  /** When each frame of sound was given to the push. */
  readonly soundAt: number[] = [];
  #waiting: { readonly type: PushEvent['type']; readonly resolve: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pictures = 0;
  #sounds = 0;

  constructor(url: string, mbits = 2.5) {
    this.#share = mbits / 2.5;
    this.output = new RtmpOutput(url, { onEvent: ({ type }) => this.#note(type) });
    this.output.onError = (error) => {
      console.error(`\nthe push has ended: ${error.code}: ${error.message}`);
      process.exit(1);
    };
  }

  async open(): Promise<void> {
    await this.output.open({ ...format, videoKbps: 2500 * this.#share, audioKbps: 128 * this.#share });
    this.output.write(makeTag(tagType.video, 0, Buffer.from([0x17, 0, 0, 0, 0, 1])));
    this.output.write(makeTag(tagType.audio, 0, Buffer.from([0xaf, 0, 1])));
    const start = performance.now();
    this.#timer = setInterval(() => {
      const seconds = (performance.now() - start) / 1000;
      while (this.#sounds < (seconds * 48_000) / 1024) this.#write(tagType.audio, this.#sounds++);
      while (this.#pictures < seconds * 25) this.#write(tagType.video, this.#pictures++);
    }, 10);
  }

  next(type: PushEvent['type']): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ type, resolve }));
  }

  /** By how much a tag is not where it was put, in ms. */
  static errorOf({ type, timestampMs, payload }: FlvTag): number {
    return timestampMs - timeOf(type, payload.readUInt32BE(type === tagType.video ? 5 : 2));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.output.close();
  }

  #write(type: number, number: number): void {
    const isKey = number % 50 === 0;
    const size = type === tagType.audio ? 341 : isKey ? 60_000 : 11_500;
    const payload = Buffer.alloc(Math.round(size * this.#share));
    if (type === tagType.audio) this.soundAt.push(performance.now());
    payload.set(type === tagType.audio ? [0xaf, 1] : [isKey ? 0x17 : 0x27, 1, 0, 0, 0]);
    payload.writeUInt32BE(number, type === tagType.video ? 5 : 2);
    this.output.write(makeTag(type, timeOf(type, number), payload));
  }

  #note(type: PushEvent['type']): void {
    const due = this.#waiting.filter((waiting) => waiting.type === type);
    this.#waiting = this.#waiting.filter((waiting) => waiting.type !== type);
    for (const { resolve } of due) resolve();
  }
}

/** As the encoder counts: frames of 1024 samples, and pictures that begin one such frame later. */
function timeOf(type: number, number: number): number {
  return Math.round(type === tagType.audio ? (number * 1024) / 48 : number * 40 + 1024 / 48);
}

function line(name: string, values: readonly number[]): string {
  const at = (share: number): string => Math.round(percentile(values, share)).toString();
  return `${name.padEnd(44)} n ${values.length}  p50 ${at(50)}  p95 ${at(95)}  max ${at(100)}`;
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
        found.errors.push(Math.abs(Push.errorOf(tag)));
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
  checkLimit('back on the air, p95 ms', percentile([...found.backMs.values()].flat(), 95), 3000);
  if (found.noticedMs.length > 0) checkLimit('standstill noticed, ms', Math.max(...found.noticedMs), 5000);
  checkLimit('greatest error of a time stamp, ms', greatest, 0);
  checkLimit('tags out of order', found.disorder, 0);
  checkLimit('growth of memory per push, MB', (after - before) / pushes, 16);
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
  checkLimit('taken again by nginx, p95 ms', percentile(backMs, 95), 3000);
}

/** One ingest behind a line that is cut to half of the stream, and back. */
async function halfLine(): Promise<void> {
  const ingest = await new TestIngest().listen();
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: ingest.port });
  const push = new Push(`rtmp://127.0.0.1:${proxy.port}/live/half`);
  const lateMs: number[] = [];
  let seen = 0;
  ingest.on('change', () => {
    for (const { tags } of ingest.visits.slice(-1))
      for (; seen < tags.length; seen++) {
        const tag = tags[seen];
        if (tag?.type !== tagType.audio || !isMedia(tag)) continue;
        lateMs.push(performance.now() - (push.soundAt[tag.payload.readUInt32BE(2)] ?? NaN));
      }
  });
  await push.open();
  await sleep(5000);
  proxy.set({ kind: 'bandwidth', bytesPerSecond: (2_628_000 / 8) * 0.5 });
  await sleep(halfSeconds * 1000);
  proxy.set({ kind: 'pass' });
  await push.next('inTime');
  await push.close();
  console.log(`\nHalf of the line for ${halfSeconds} s`);
  console.log(`${line('  sound is late by, ms', lateMs)} of ${push.soundAt.length} frames`);
  console.log(`  ${JSON.stringify(push.output.counts)}`);
  await proxy.close();
  await ingest.stop();
}

/** An ingest that sends neither receipts nor answers to pings stops reading. */
async function silentIngest(): Promise<void> {
  console.log('\nnode-media-server stopped');
  for (const mbits of [2.5, 1, 0.5, 0.25]) {
    const noticedMs: number[] = [];
    for (let round = 0; round < standstills; round++) {
      const ingest = new LocalIngest();
      await ingest.start();
      const push = new Push(ingest.pushUrl('soak'), mbits);
      await push.open();
      await sleep(4000 + random() * 1000);
      const down = push.next('down');
      const stoppedAt = performance.now();
      process.kill(ingest.pid ?? NaN, 'SIGSTOP');
      await down;
      noticedMs.push(performance.now() - stoppedAt);
      process.kill(ingest.pid ?? NaN, 'SIGCONT');
      await push.close().catch(() => undefined);
      await ingest.stop();
    }
    console.log(line(`  noticed at ${mbits} Mbit/s, ms`, noticedMs));
    checkLimit(`standstill noticed at ${mbits} Mbit/s, ms`, Math.max(...noticedMs), 5000);
  }
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
if (breaks > 0) await ownIngest();
if (nginxBreaks > 0) await nginxIngest();
if (halfSeconds > 0) await halfLine();
if (standstills > 0) await silentIngest();
