/**
 * Sessions that speak and push the drawn face by RTMP to an ingest on this
 * machine: how late frames are, what drawing takes, and what the processors do.
 *
 *     npm run soak:sessions -- [sessions, default 4] [seconds, default 60] [width, default 1280] [height, default 720] [fps, default 25]
 */
import './link-addon.js';
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { DrawnFace } from '../../src/avatar/drawn-face.js';
import { arkitIndex, weightCount } from '../../src/frame.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { MediaSession } from '../../src/media/session.js';
import { percentile } from '../../src/metrics/percentiles.js';
import { Player } from '../../src/player/player.js';
import { isMedia, tagType } from '../../src/sinks/flv.js';
import { EncodedSink, type TagOutput } from '../../src/sinks/encoded-sink.js';
import { RtmpOutput } from '../../src/sinks/rtmp-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import { checkLimit } from './limits.js';

const [sessions = 4, seconds = 60, width = 1280, height = 720, frameRate = 25] = process.argv
  .slice(2)
  .map(Number);
/** What happens before is start-up, and told apart. */
const startSeconds = 3;
const ticksPerSecond = 100;

/** Sound and features of somebody who never stops to talk. */
function talk(length: number): { readonly audio: string; readonly features: Float32Array } {
  const pcm = Int16Array.from(
    { length: 24_000 * length },
    (_, i) => 6000 * Math.sin(i / 20) * Math.sin(i / 3000),
  );
  const features = new Float32Array(25 * length * weightCount);
  for (let row = 0; row < 25 * length; row++) {
    const wave = (hz: number): number => 0.5 + 0.5 * Math.sin((2 * Math.PI * hz * row) / 25);
    features[row * weightCount + arkitIndex.jawOpen] = 0.7 * wave(3.1);
    features[row * weightCount + arkitIndex.mouthPucker] = 0.6 * wave(1.3);
    features[row * weightCount + arkitIndex.mouthSmileLeft] = 0.4 * wave(0.4);
    features[row * weightCount + arkitIndex.browInnerUp] = 0.5 * wave(0.7);
  }
  return { audio: Buffer.from(pcm.buffer).toString('base64'), features };
}

/** When frames came by, of the clock, by number. */
type Times = number[];

class Watched extends EncodedSink {
  readonly written: Times = [];
  readonly drawMs: number[] = [];
  face: DrawnFace | undefined;

  override write(span: Span): void {
    this.written[span.frameIndex] = performance.now();
    this.drawMs.push(this.face?.lastDrawMs ?? NaN);
    super.write(span);
  }
}

async function one(ingest: LocalIngest, name: string) {
  const startedAt = performance.now();
  const session = new MediaSession({ maxBufferedSeconds: 120, featureOrder: 'arkit' });
  const stepped: Times = [];
  const encoded: Times = [];
  const watch: TagOutput = {
    name: 'watch',
    onError: undefined,
    open: () => Promise.resolve(),
    write: (tag) => void (tag.type === tagType.video && isMedia(tag) && encoded.push(performance.now())),
    close: () => Promise.resolve(),
  };
  const push = new RtmpOutput(ingest.pushUrl(name));
  const sink = new Watched({ outputs: [push, watch] });
  const face = new DrawnFace({ width, height });
  sink.face = face;
  const player = new Player({ session, sinks: [sink], renderer: face, frameRate });
  const commit = session.commit.bind(session);
  session.commit = (...args) => {
    stepped.push(performance.now());
    return commit(...args);
  };
  await player.start();
  const onAirMs = performance.now() - startedAt;
  session.begin();
  const { audio, features } = talk(seconds + 10);
  session.pushParsed({
    ...{ audio, features, sampleRate: 24_000, featureDimension: weightCount, sentenceStart: true },
    ...{ sentenceFinal: true, featuresFinal: true, final: true },
  });
  return { session, player, push, sink, stepped, encoded, onAirMs };
}

/** How late each was after its own deadline, start-up left out. The earliest one is in time. */
function lateness(times: Times, begin: number): number[] {
  return times.flatMap((at, frame) =>
    frame < startSeconds * frameRate ? [] : [at - begin - (frame * 1000) / frameRate],
  );
}

function line(name: string, values: readonly number[]): void {
  const at = (share: number): string => percentile(values, share).toFixed(1);
  console.log(
    `${name.padEnd(52)} p50 ${at(50)}  p95 ${at(95)}  p99 ${at(99)}  max ${at(100)}  n ${values.length}`,
  );
}

/** Processor time of a process, in seconds. */
function used(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

const ingest = new LocalIngest();
await ingest.start();
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}, load before ${loadavg()[0]?.toFixed(1)}`,
);
console.log(
  `${sessions} sessions of ${width} × ${height} at ${frameRate}/s, ${seconds} s after the first ${startSeconds}`,
);
const lives: Awaited<ReturnType<typeof one>>[] = [];
for (let i = 0; i < sessions; i++) lives.push(await one(ingest, `s${i}`));
await sleep(startSeconds * 1000);
const pids = [
  ...[...lives.flatMap(({ sink }) => sink.encoderPids), ingest.pid ?? 0].map((pid, i, all) => ({
    pid,
    kind: i === all.length - 1 ? 'ingest' : i % 2 === 0 ? 'pictures' : 'sound',
  })),
  { pid: process.pid, kind: 'Node' },
];
const before = pids.map(({ pid }) => used(pid));
const from = performance.now();
await sleep(seconds * 1000);
const passed = (performance.now() - from) / 1000;
const spent = new Map<string, number>();
for (const [i, { pid, kind }] of pids.entries())
  spent.set(kind, (spent.get(kind) ?? 0) + (used(pid) - (before[i] ?? 0)));
for (const { player, session } of lives) {
  await player.stop();
  session.close();
}
await ingest.stop();

line(
  'on the air after, ms',
  lives.map(({ onAirMs }) => onAirMs),
);
const late = { stepped: [] as number[], written: [] as number[], encoded: [] as number[] };
for (const { stepped, sink, encoded } of lives) {
  const begin = Math.min(...stepped.map((at, frame) => at - (frame * 1000) / frameRate));
  late.stepped.push(...lateness(stepped, begin));
  late.written.push(...lateness(sink.written, begin));
  late.encoded.push(...lateness(encoded, begin));
}
line('a frame is begun late by, ms', late.stepped);
checkLimit('a frame is begun late by, p99 ms', percentile(late.stepped, 99), 10);
line('it is drawn, converted and with the encoder after, ms', late.written);
line('it is encoded and with the push after, ms', late.encoded);
line(
  'drawing and conversion, ms',
  lives.flatMap(({ sink }) => sink.drawMs.slice(startSeconds * frameRate)),
);
console.log(
  `pictures repeated because drawing was late: ${lives.map(({ player }) => player.repeatedFrames).join(' ')}`,
);
for (const { push, sink } of lives)
  console.log(
    `  ${JSON.stringify({ encoder: sink.encoderCounts, sent: push.counts.sent, dropped: push.counts.dropped })}`,
  );
for (const [kind, time] of spent)
  console.log(`  ${kind.padEnd(10)} ${((100 * time) / passed).toFixed(0)} % of a core`);
console.log(`load after ${loadavg()[0]?.toFixed(1)}`);
