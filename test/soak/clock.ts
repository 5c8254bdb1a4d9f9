/**
 * A sound card as the clock, and beside it a push, a recording, a WAV file and
 * a timeline: how far sound and picture are apart at each of them.
 *
 *     npm run soak:clock -- [minutes, default 30] [unplug: the card is taken away in the middle and comes back]
 *
 * Needs pulseaudio, PortAudio and ffmpeg. The card is a null sink of a PulseAudio of our own, with real-time priority
 * (as on a desktop) when FACEWIRE_SOAK_REALTIME=1.
 */
import './link-addon.js';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { DrawnFace } from '../../src/avatar/drawn-face.js';
import { mouthMeter } from '../../src/avatar/mouth-region.js';
import { arkitIndex } from '../../src/frame.js';
import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { MediaSession } from '../../src/media/session.js';
import { percentile } from '../../src/metrics/percentiles.js';
import { Player } from '../../src/player/player.js';
import { PortAudioSink } from '../../src/sinks/device/portaudio-sink.js';
import { EncodedSink } from '../../src/sinks/encoded-sink.js';
import { locateFfmpeg } from '../../src/sinks/ffmpeg-locate.js';
import { Mp4Output } from '../../src/sinks/mp4-sink.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import { RtmpOutput } from '../../src/sinks/rtmp-sink.js';
import type { Span } from '../../src/sinks/sink.js';
import { TimelineSink } from '../../src/sinks/timeline-sink.js';
import { WavSink } from '../../src/sinks/wav-sink.js';
import { decodePictures, decodeSound, readPackets } from '../../src/verify/decode.js';
import { PulseRig } from '../integration/pulse.js';
import { Envelope, marksIn, offsets, secondOfMarks, soundRate } from './marks.js';
import { residentMb } from './resident.js';

const minutes = Number(process.argv[2] ?? 30);
const unplugs = process.argv[3] === 'unplug';
const [width, height, frameRate] = [320, 180, 25];
/** Frames go out so long before the card lets their sound be heard. */
const frameLeadMs = 20;
const lateMs = 120;
/** Decoded sound is looked at in windows of 2 ms; this is enough for a tone of 1 kHz. */
const decodedRate = 8000;

/** When each frame was handed on, and how far its mouth was open. */
class Observer extends NullSink {
  override readonly name: string;
  readonly handedMs: number[] = [];
  readonly sampleMs: number[] = [];
  readonly jaw: number[] = [];

  constructor(name: string) {
    super();
    this.name = name;
  }

  override write(span: Span): void {
    super.write(span);
    this.handedMs.push(performance.now());
    this.sampleMs.push((1000 * span.sampleIndex) / soundRate);
    this.jaw.push(span.weights[arkitIndex.jawOpen]);
  }

  /** When the marks of the face were handed on. */
  get marks(): number[] {
    return marksIn(this.sampleMs, this.jaw).map((mark) => {
      const frame = Math.floor((mark * frameRate) / 1000);
      return this.handedMs[frame] + mark - this.sampleMs[frame];
    });
  }
}

/** What the monitor of the card recorded. */
class Heard {
  readonly #envelope = new Envelope(soundRate);
  readonly #arrivals: { readonly atMs: number; readonly untilMs: number }[] = [];
  #frames = 0;

  readonly take = (bytes: Buffer): void => {
    for (let at = 0; at + 4 <= bytes.length; at += 4) this.#envelope.push(bytes.readInt16LE(at));
    this.#frames += bytes.length / 4;
    this.#arrivals.push({ atMs: performance.now(), untilMs: (1000 * this.#frames) / soundRate });
  };

  /** When the marks were recorded, performance.now(). A piece may come late, never early: the promptest of 10 s counts. */
  get marks(): number[] {
    let from = 0;
    return this.#envelope.marks.map((mark) => {
      while (from < this.#arrivals.length && (this.#arrivals[from]?.untilMs ?? 0) < mark - 5000) from += 1;
      let least = Infinity;
      for (let i = from; i < this.#arrivals.length; i++) {
        const { atMs, untilMs } = this.#arrivals[i] ?? { atMs: 0, untilMs: 0 };
        if (untilMs > mark + 5000) break;
        least = Math.min(least, atMs - untilMs);
      }
      return mark + least;
    });
  }
}

function line(name: string, values: readonly number[], marks: number): void {
  const all = values.map(Math.abs);
  const at = (share: number): string => percentile(all, share).toFixed(1);
  const middle = percentile(values, 50).toFixed(1);
  console.log(
    `${name.padEnd(44)} |A/V| p50 ${at(50)}  p99 ${at(99)}  max ${at(100)} ms  (signed p50 ${middle})  ${values.length} of ${marks} marks`,
  );
}

/** Marks of the decoded sound and of the decoded pictures, by the times that the container tells. */
async function decodedOffsets(file: string): Promise<{ found: number[]; marks: number }> {
  const ffmpeg = await locateFfmpeg();
  const packets = await readPackets(ffmpeg, file);
  const envelope = new Envelope(decodedRate);
  for (const sample of await decodeSound(ffmpeg, file, decodedRate)) envelope.push(sample);
  // A sample has the time of its packet, so that a gap in the stream is one here, too.
  const packetMs = (1000 * 1024) / soundRate;
  const sounds = envelope.marks.map((mark) => {
    const packet = Math.min(Math.floor(mark / packetMs), packets.audio.length - 1);
    return packets.audio[packet].ptsMs + mark - packet * packetMs;
  });
  const region = mouthMeter.region(width, height);
  const open: number[] = [];
  await decodePictures(ffmpeg, file, region, (rgb) =>
    open.push(mouthMeter.measure(rgb, region.width, region.height)),
  );
  const times = packets.video.slice(0, open.length).map(({ ptsMs }) => ptsMs);
  return { found: offsets(sounds, marksIn(times, open)), marks: sounds.length };
}

async function fileOffsets(wav: string, timeline: string): Promise<{ found: number[]; marks: number }> {
  const bytes = await readFile(wav);
  const envelope = new Envelope(soundRate);
  for (let at = 44; at + 1 < bytes.length; at += 2) envelope.push(bytes.readInt16LE(at));
  const rows = (
    JSON.parse(await readFile(timeline, 'utf8')) as { timeline: { sample: number; weights: number[] }[] }
  ).timeline;
  const faces = marksIn(
    rows.map(({ sample }) => (1000 * sample) / soundRate),
    rows.map(({ weights }) => weights[arkitIndex.jawOpen]),
  );
  const sounds = envelope.marks;
  return { found: offsets(sounds, faces), marks: sounds.length };
}

const folder = await mkdtemp(join(tmpdir(), 'facewire-clock-'));
const file = (name: string): string => join(folder, name);
const rig = await PulseRig.start(process.env['FACEWIRE_SOAK_REALTIME'] === '1');
const ingest = new LocalIngest();
try {
  await ingest.start();
  const reader = new FlvReader(ingest.flvUrl('clock'), { record: file('push.flv') });
  await reader.open();
  const changes: string[] = [];
  const card = new PortAudioSink({
    library: process.env['FACEWIRE_PORTAUDIO'] ?? 'libportaudio.so.2',
    latencyMs: Number(process.env['FACEWIRE_SOAK_LATENCY_MS'] ?? 60),
    onChange: ({ change }) => changes.push(change),
  });
  const push = new RtmpOutput(ingest.pushUrl('clock'));
  const encoded = new EncodedSink({ outputs: [push, new Mp4Output(file('recording.mp4'))], videoKbps: 500 });
  const [prompt, late] = [new Observer('prompt'), new Observer('late')];
  const session = new MediaSession({ idleSeed: -1, mouthLeadMs: 0 });
  const player = new Player({
    session,
    sinks: [
      ...[card, encoded, prompt, late],
      ...[new WavSink({ path: file('x.wav') }), new TimelineSink({ path: file('x.json') })],
    ],
    delaysMs: new Map([[late, lateMs]]),
    renderer: new DrawnFace({ width, height }),
    frameRate,
  });
  player.on('sinkFailed', ({ sink, error }) =>
    console.log(`${sink} failed: ${error.code}: ${error.message}`),
  );
  let starved = 0;
  player.on('starved', ({ samples }) => (starved += samples));
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}, load before ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log(`${minutes} minutes${unplugs ? ', the card taken away in the middle' : ''}`);
  await player.start();
  const said = player.follow('marks');
  const listen = async (): Promise<{ heard: Heard; stop: () => Promise<unknown> }> => {
    const heard = new Heard();
    const recording = await rig.record();
    recording.follow(heard.take);
    return { heard, stop: () => recording.stop() };
  };
  let listening = await listen();
  const heards = [listening.heard];
  const marks = secondOfMarks();
  let sent = 0;
  session.begin('marks');
  said.begin(0);
  // Never less than a second and a half of it waits.
  const feeder = setInterval(() => {
    while (session.readySamples() < 1.5 * soundRate) {
      session.pushParsed({ ...marks, sampleRate: soundRate, sentenceStart: sent === 0 });
      sent += 1;
    }
  }, 100);
  const seconds = minutes * 60;
  const startedAt = performance.now();
  const passed = (): number => (performance.now() - startedAt) / 1000;
  while (passed() < Math.min(10, seconds / 4)) await sleep(200);
  const before = residentMb();
  let most = before;
  let hasUnplugged = false;
  while (passed() < seconds) {
    await sleep(1000);
    most = Math.max(most, process.memoryUsage.rss() / 2 ** 20);
    process.stderr.write(`\r${Math.round(passed())} s of ${seconds} `);
    if (!unplugs || hasUnplugged || passed() < seconds / 2) continue;
    hasUnplugged = true;
    await Promise.all([listening.stop(), rig.unplug()]);
    while (!changes.includes('lost')) await sleep(20);
    await sleep(5000);
    const pluggedAt = performance.now();
    await rig.plug();
    while (!changes.includes('back')) await sleep(20);
    console.log(`\nthe card is back ${Math.round(performance.now() - pluggedAt)} ms after it was plugged in`);
    listening = await listen();
    heards.push(listening.heard);
  }
  const after = residentMb();
  const { counters } = card;
  clearInterval(feeder);
  player.interrupt();
  await listening.stop();
  const reports = await player.stop();
  await reader.ended;
  await reader.close();
  session.close();

  console.log('');
  for (const [name, of] of [
    ['push, decoded', () => decodedOffsets(file('push.flv'))],
    ['recording (MP4), decoded', () => decodedOffsets(file('recording.mp4'))],
    ['WAV against timeline', () => fileOffsets(file('x.wav'), file('x.json'))],
  ] as const) {
    const { found, marks: count } = await of();
    line(name, found, count);
  }
  const faces = prompt.marks;
  for (const [i, heard] of heards.entries()) {
    const name = `card${heards.length === 1 ? '' : i === 0 ? ', before' : ', after'}`;
    const sounds = heard.marks;
    // A face is due 20 ms before its sound. The recorder's own path, some ms, is not taken out.
    line(
      name,
      offsets(sounds, faces).map((offset) => offset + frameLeadMs),
      sounds.length,
    );
  }
  // What is held goes out by the time at which it was due; what is not, when it is drawn.
  line(
    `frames ${lateMs} ms late, against the prompt ones`,
    late.handedMs.map((atMs, i) => atMs - prompt.handedMs[i] - lateMs),
    prompt.handedMs.length,
  );
  console.log(
    `card: ${JSON.stringify(counters)}\n  of these the rig's own: ${counters.cardUnderruns} underruns, ${counters.cardUnderrunFrames} frames lost to them; ours: ${counters.starvedFrames} frames starved`,
  );
  console.log(`session: ${starved} samples of silence put into speech; ${sent} s were sent`);
  console.log(
    `pictures repeated: ${player.repeatedFrames}; push: ${JSON.stringify({ sent: push.counts.sent, dropped: push.counts.dropped, breaks: push.counts.breaks })}; encoder: ${JSON.stringify(encoded.encoderCounts)}`,
  );
  console.log(
    `memory: ${before.toFixed(1)} MB when it ran, ${most.toFixed(1)} at most, ${after.toFixed(1)} at the end`,
  );
  console.log(
    reports
      .map(({ name, videoFrames, failed }) => `${name} ${videoFrames}${failed ? ' FAILED' : ''}`)
      .join(', '),
  );
  console.log(`load after ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await ingest.stop();
  await rig.stop();
  await rm(folder, { recursive: true, force: true });
}
