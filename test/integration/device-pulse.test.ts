import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { DeviceSink } from '../../src/sinks/device-sink.js';
import { AudioIoSink } from '../../src/sinks/device/audio-io-sink.js';
import { listNaudiodonDevices, NaudiodonSink } from '../../src/sinks/device/naudiodon-sink.js';
import type { ProcessSink } from '../../src/sinks/device/process-sink.js';
import { RevivingCard } from '../../src/sinks/device/reviving-card.js';
import { makeSpan, smallFormat } from '../sinks/synthetic.js';
import { describeLong, describeWith } from '../tools.js';
import { counter, cycle, silentStart } from './counter.js';
import { PulseRig } from './pulse.js';

const module = 'naudiodon';
const counted = 96_000;

/** Process ids of our children that run a script. */
function playing(script: string): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', `${process.pid}`, '-f', script], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** Plays the counter once and returns what the monitor of the sink recorded, from its first sample on. */
async function playCounter(rig: PulseRig, sink: ProcessSink): Promise<number[]> {
  const recording = await rig.record();
  await sink.open(smallFormat);
  const frames = Math.ceil((silentStart + counted) / 1920);
  for (let frame = 0; frame < frames; frame++) {
    const span = makeSpan(frame, smallFormat, (k) => (k < silentStart + counted ? counter(k) : 0));
    while (sink.room < span.audio.length) await sleep(4);
    sink.write(span);
  }
  const report = await sink.close();
  expect(report.audioFrames).toBe(frames * 1920);

  const last = ((counted - 1) % cycle) + 1;
  const heard = (): Int16Array => {
    const samples = recording.samples();
    return samples.subarray(samples.indexOf(1));
  };
  // Without the end of the counter this never ends, and the test runs into its limit.
  while (heard().lastIndexOf(last) < counted - cycle / 2) await sleep(50);
  await recording.stop();
  return [...heard()].filter((sample) => sample !== 0);
}

/**
 * The system drops what it holds when the machine starves it for longer than its buffer, and these packages do not
 * tell; so a run with a hole is played again. The order holds in every run, and one run in four must be whole.
 */
async function expectWhole(rig: PulseRig, make: () => ProcessSink): Promise<void> {
  let sounded: number[] = [];
  for (let attempt = 1; attempt <= 4 && sounded.length !== counted; attempt++) {
    sounded = await playCounter(rig, make());
    // The counter wraps, so a step forward is one of less than half a cycle.
    const step = (k: number): number => (sounded[k] - sounded[k - 1] + cycle) % cycle;
    const backward = sounded.findIndex((_, k) => k > 0 && (step(k) === 0 || step(k) > cycle / 2));
    expect(backward).toBe(-1);
    expect(sounded.at(-1)).toBe(((counted - 1) % cycle) + 1);
  }
  expect(sounded).toHaveLength(counted);
  expect(sounded.findIndex((sample, k) => sample !== (k % cycle) + 1)).toBe(-1);
}

describeLong(['pulseaudio', 'audio-io'], 'the sound card through audio-io', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start()));
  afterAll(() => rig.stop());

  it('plays every sample in order and does not cut the end', async () => {
    await expectWhole(rig, () => new AudioIoSink({ bufferMs: 300 }));
  });

  it('is taken where no PortAudio and no naudiodon is', async () => {
    const sink = new DeviceSink({ library: '/no/such/library.so', module: 'facewire-no-such-package' });
    await sink.open(smallFormat);
    expect(sink.card).toBeInstanceOf(AudioIoSink);
    await sink.close();
  });

  it('plays on in another process when the one that plays was killed', async () => {
    const errors: string[] = [];
    const changes: string[] = [];
    const card = new RevivingCard({
      make: () => new AudioIoSink(),
      onBroken: ({ code }) => changes.push(code),
      onBack: () => changes.push('back'),
    });
    const session = new MediaSession({ idleSeed: -1 });
    const player = new Player({ session, sinks: [card] });
    player.on('sinkFailed', ({ error }) => errors.push(error.code));
    await player.start();
    session.begin();
    const pcm = Buffer.alloc(2 * 24_000 * 60, Buffer.from([0, 16, 0, 240]));
    session.pushParsed({ audio: pcm.toString('base64'), sampleRate: 24_000 });
    while (player.position < 24_000) await sleep(10);
    const pids = playing('audio-io-process');
    expect(pids).toHaveLength(1);
    process.kill(pids[0], 'SIGKILL');
    while (!changes.includes('ERR_DEVICE_FAILED')) await sleep(5);
    const { position } = player;
    while (!changes.includes('back')) await sleep(5);
    // Time went on, and it is heard.
    while (player.position < position + 24_000) await sleep(10);
    const recording = await rig.record();
    while (!recording.samples().some((sample) => Math.abs(sample) > 3000)) await sleep(20);
    await recording.stop();
    expect(playing('audio-io-process')).not.toEqual(pids);
    await player.stop();
    session.close();
    expect(changes).toEqual(['ERR_DEVICE_FAILED', 'back']);
    expect(errors).toEqual([]);
    expect(playing('audio-io-process')).toEqual([]);
  });
});

describeLong(['pulseaudio', 'naudiodon'], 'the sound card through naudiodon', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start()));
  afterEach(() => rig.useConfig('asound.conf'));
  afterAll(() => rig.stop());

  it('plays every sample in order and does not cut the end', async () => {
    await expectWhole(rig, () => new NaudiodonSink({ module, bufferMs: 300 }));
  });

  it('lists the devices and finds one by a part of its name', async () => {
    const names = (await listNaudiodonDevices(module)).map((device) => device.name);
    expect(names).toContain('pulse');
    const sink = new DeviceSink({ backend: 'naudiodon', module, device: 'PUL' });
    await sink.open(smallFormat);
    await sink.close();
  });

  it('says which devices there are when the name fits none', async () => {
    const opening = new NaudiodonSink({ module, device: 'no such card' }).open(smallFormat);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_DEVICE_MISSING', message: /pulse/ });
  });

  it('survives a machine without any sound system', async () => {
    await rig.writeConfig('nothing.conf', 'ctl.!default { type null }\n');
    rig.useConfig('nothing.conf');
    const opening = new NaudiodonSink({ module }).open(smallFormat);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_DEVICE_MISSING' });
  });

  it('reports once when the playing program dies', async () => {
    const sink = new NaudiodonSink({ module });
    const codes: string[] = [];
    const broken = new Promise<void>((resolve) => {
      sink.onError = (error) => {
        codes.push(error.code);
        resolve();
      };
    });
    await sink.open(smallFormat);
    process.kill(playing('naudiodon-process')[0], 'SIGKILL');
    await broken;
    await sink.close();
    expect(codes).toEqual(['ERR_DEVICE_FAILED']);
  });
});

describeWith([], 'a sound package that is not there', () => {
  it('is a coded error that names the command', async () => {
    const opening = new NaudiodonSink({ module: 'facewire-no-such-package' }).open(smallFormat);
    await expect(opening).rejects.toMatchObject({
      code: 'ERR_DEVICE_FAILED',
      remedy: 'Run: npm install facewire-no-such-package',
    });
  });
});
