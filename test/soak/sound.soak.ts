import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { PortAudioSink } from '../../src/sinks/device/portaudio-sink.js';
import { counter, silentStart } from '../integration/counter.js';
import { PulseRig } from '../integration/pulse.js';
import { wireMessage } from '../reference/utterance.js';
import { makeSpan, smallFormat } from '../sinks/synthetic.js';
import { describeWith } from '../tools.js';
import { BusyCores } from './busy.js';
import { ControlStream } from './control-stream.js';
import { CounterFollower } from './counter-follower.js';

const library = process.env['FACEWIRE_PORTAUDIO'] ?? 'libportaudio.so.2';
const minutes = Number(process.env['FACEWIRE_SOAK_MINUTES'] ?? 30);
const tries = Number(process.env['FACEWIRE_SOAK_TRIES'] ?? 1000);
const latencyMs = Number(process.env['FACEWIRE_SOAK_LATENCY_MS'] ?? 60);
/** FACEWIRE_SOAK_REALTIME=1: the sound server runs with real-time priority, as on a desktop. Needs the right to it. */
const isRealtime = process.env['FACEWIRE_SOAK_REALTIME'] === '1';
const span = 1920;
const tiny = { ...smallFormat, width: 2, height: 2 };

async function report(name: string, numbers: Record<string, unknown>): Promise<void> {
  console.log(`${name}: ${JSON.stringify(numbers)}`);
  const folder = process.env['FACEWIRE_SOAK_FOLDER'];
  if (folder !== undefined) await writeFile(`${folder}/${name}.json`, JSON.stringify(numbers, undefined, 2));
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    Math.round(100 * (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN)) / 100
  );
}

describeWith(['pulseaudio', 'portaudio'], 'sound for long', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start(isRealtime)));
  afterAll(() => rig.stop());

  it(`plays for ${minutes} minutes with all cores busy`, async () => {
    const busy = new BusyCores();
    const recording = await rig.record('nullsink', 200);
    const frames = minutes * 60 * 25;
    const follower = new CounterFollower(frames * span - silentStart);
    recording.follow((bytes) => follower.push(bytes));
    const control = await ControlStream.start(rig, frames * span, latencyMs);
    const sink = new PortAudioSink({ library, bufferMs: 600, latencyMs });
    await sink.open(smallFormat);
    for (let frame = 0; frame < frames; frame++) {
      while (sink.room < span) await sleep(10);
      sink.write(makeSpan(frame, tiny, counter));
    }
    const { counters } = sink;
    await sink.close();
    await sleep(1000);
    await recording.stop();
    const rigItself = await control.stop();
    await busy.stop();
    const { good, lost, repeated, breaks, silent } = follower;
    await report('sound-long', {
      minutes,
      written: frames * span - silentStart,
      good,
      lost,
      repeated,
      breaks,
      silent,
      counters,
      rigItself,
    });
    expect(counters.starvedFrames).toBe(0);
    expect(repeated).toBe(0);
    // What is lost while the card itself is not served in time is the rig's, and counted.
    expect(lost).toBeLessThanOrEqual(counters.cardUnderruns === 0 ? 0 : counters.cardUnderrunFrames);
  });

  it(`is silent soon after each of ${tries} cuts`, async () => {
    const silences: number[] = [];
    const paths: number[] = [];
    const recording = await rig.record();
    let arrived: { at: number; samples: Int16Array }[] = [];
    recording.follow((bytes) => {
      const samples = Int16Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readInt16LE(i * 4));
      arrived.push({ at: performance.now(), samples });
    });
    const session = new MediaSession({ idleSeed: -1 });
    const sink = new PortAudioSink({ library, bufferMs: 400, latencyMs });
    const player = new Player({ session, sinks: [sink] });
    await player.start();
    const loud = Buffer.from(new Int16Array(48_000).fill(8192).buffer);
    for (let attempt = 0; attempt < tries; attempt++) {
      // Silence, then loud: where that begins tells the length of the path in this very try.
      await sleep(100 + Math.random() * 100);
      arrived = [];
      const started = once(player, 'started') as Promise<[{ sample: number }]>;
      const said = say(player, session, `${attempt}`);
      said.push(loud, true);
      const [{ sample }] = await started;
      const callbackAt = performance.now() - (sink.heard - sample) / 48 - sink.counters.latencyMs;
      await sleep(50 + Math.random() * 40);
      const cutAt = performance.now();
      player.interrupt();
      await sleep(200);
      const edges = findEdges(arrived);
      if (edges === undefined) continue;
      const path = edges.begin - callbackAt;
      paths.push(path);
      silences.push(edges.end - cutAt - path);
    }
    const { counters } = sink;
    await player.stop();
    session.close();
    await recording.stop();
    const numbers = {
      tries,
      measured: silences.length,
      pathMs: { p50: percentile(paths, 0.5), p99: percentile(paths, 0.99) },
      silenceMs: {
        p50: percentile(silences, 0.5),
        p99: percentile(silences, 0.99),
        max: percentile(silences, 1),
      },
      counters,
    };
    await report('sound-cuts', numbers);
    expect(silences.length).toBeGreaterThan(0.95 * tries);
    // What the card says of its own latency is true.
    expect(Math.abs(numbers.pathMs.p50 - counters.latencyMs)).toBeLessThanOrEqual(5);
    expect(numbers.silenceMs.p50).toBeLessThanOrEqual(40);
    expect(numbers.silenceMs.p99).toBeLessThanOrEqual(100);
  });

  for (const packetMs of [40, 100, 400, 1000]) {
    it(`starts soon after the first packet of ${packetMs} ms`, async () => {
      const starts = Math.ceil(tries / 10);
      const session = new MediaSession({ idleSeed: -1 });
      const sink = new PortAudioSink({ library, latencyMs });
      const player = new Player({ session, sinks: [sink] });
      await player.start();
      const packet = Buffer.from(
        Int16Array.from({ length: 48 * packetMs }, (_, i) => 8000 * Math.sin(i / 9)).buffer,
      );
      const packets = Math.max(2, Math.ceil(400 / packetMs));
      const delays: number[] = [];
      for (let start = 0; start < starts; start++) {
        await sleep(100 + Math.random() * 100);
        const said = say(player, session, `${start}`);
        const started = once(player, 'started') as Promise<[{ sample: number }]>;
        const readAt = performance.now();
        const send = (async () => {
          for (let i = 0; i < packets; i++) {
            await sleep(Math.max(0, readAt + i * packetMs - performance.now()));
            said.push(packet, i === packets - 1);
          }
        })();
        const [{ sample }] = await started;
        // When the callback took it, not when it is heard: the card's own latency is told beside it.
        const ago = (sink.heard - sample) / 48 + sink.counters.latencyMs;
        delays.push(performance.now() - ago - readAt);
        await send;
        await said.finished;
      }
      const { counters } = sink;
      await player.stop();
      session.close();
      const numbers = {
        starts,
        packetMs,
        callbackMs: {
          p50: percentile(delays, 0.5),
          p95: percentile(delays, 0.95),
          max: percentile(delays, 1),
        },
        cardLatencyMs: counters.latencyMs,
        counters,
      };
      await report(`sound-start-${packetMs}`, numbers);
      expect(delays).toHaveLength(starts);
      expect(numbers.callbackMs.p95).toBeLessThanOrEqual(80);
    });
  }
});

/** One utterance, packet by packet as wire bytes: s16 at 48 kHz. */
function say(
  player: Player,
  session: MediaSession,
  id: string,
): { push: (audio: Buffer, final: boolean) => void; finished: Promise<unknown> } {
  const said = player.follow(id);
  session.begin(id);
  said.begin(session.sourceCommitted() + session.readySamples());
  let start = true;
  return {
    push: (audio, final) => {
      const piece = { sequence: 1, audio, features: [], start, final };
      session.push(wireMessage(piece, id, 48_000), Math.round(performance.now() * 10_000));
      start = false;
      if (final) said.end(session.sourceCommitted() + session.readySamples());
    },
    finished: said.finished,
  };
}

/** When the first loud sample, and the first under -60 dBFS behind it, came. */
function findEdges(
  arrived: readonly { at: number; samples: Int16Array }[],
): { begin: number; end: number } | undefined {
  let begin: number | undefined;
  for (const { at, samples } of arrived) {
    for (let i = 0; i < samples.length; i++) {
      // A piece comes when its last sample is there.
      const time = at - (samples.length - i) / 48;
      if (begin === undefined && Math.abs(samples[i]) > 33) begin = time;
      else if (begin !== undefined && Math.abs(samples[i]) < 33) return { begin, end: time };
    }
  }
  return undefined;
}
