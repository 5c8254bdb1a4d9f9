import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import { DeviceSink, listDevices } from '../../src/sinks/device-sink.js';
import { PortAudioSink } from '../../src/sinks/device/portaudio-sink.js';
import { makeSpan, nextError, smallFormat } from '../sinks/synthetic.js';
import { describeLong } from '../tools.js';
import { counter, counterSamples, firstCounter, isRamp, largestStep, silentStart } from './counter.js';
import { feed, span } from './feed.js';
import { PulseRig, type Recording } from './pulse.js';

const library = 'libportaudio.so.2';

describeLong(['pulseaudio', 'portaudio'], 'the sound card through PortAudio', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start()));
  afterEach(() => rig.useConfig('asound.conf'));
  afterAll(() => rig.stop());

  /** Waits until `sample` is in the recording; a sample that never comes runs into the limit of the test. */
  async function recorded(recording: Recording, sample: number): Promise<Int16Array> {
    while (recording.samples().lastIndexOf(sample) < 0) await sleep(20);
    return recording.stop();
  }

  let heldUpMs = 0;

  /** Blocks the event loop, as a busy program does. */
  function block(ms: number): void {
    const until = performance.now() + ms;
    while (performance.now() < until);
    lastTurn = performance.now();
  }
  let lastTurn = 0;

  /**
   * Runs `play` until the machine left it alone. When it starves the card for longer than its buffer, frames are lost
   * that nobody can save (PortAudio tells); when it holds up this process, the test itself feeds too late. What such a
   * run shows says nothing, unless it shows it five times.
   */
  async function undisturbed(play: () => Promise<PortAudioSink>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      heldUpMs = 0;
      lastTurn = performance.now();
      const watch = setInterval(() => {
        heldUpMs = Math.max(heldUpMs, performance.now() - lastTurn);
        lastTurn = performance.now();
      }, 5);
      try {
        const { cardUnderruns } = (await play()).counters;
        if (cardUnderruns === 0) return;
        console.log(`attempt ${attempt}: the card ran dry ${cardUnderruns} times`);
        expect(attempt).toBeLessThan(5);
      } catch (error) {
        if (heldUpMs < 30 || attempt === 5) throw error;
        console.log(`attempt ${attempt}: held up for ${heldUpMs.toFixed(0)} ms: ${String(error)}`);
      } finally {
        clearInterval(watch);
      }
    }
  }

  it('plays every sample in order and does not cut the end', async () => {
    await undisturbed(async () => {
      const recording = await rig.record();
      const sink = new PortAudioSink({ library });
      await sink.open(smallFormat);
      await feed(sink, 0, 75);
      const report = await sink.close();
      expect(report.audioFrames).toBe(75 * span);
      const last = 75 * span - silentStart;
      const samples = await recorded(recording, counterSamples(last - 1));
      if (sink.counters.cardUnderruns > 0) return sink;
      const start = firstCounter(samples);
      for (let k = 0; k < last; k++) {
        if (samples[start + k] !== counterSamples(k)) expect.fail(`sample ${k} is ${samples[start + k]}`);
      }
      expect(sink.counters).toMatchObject({ starvedEvents: 0, playedFrames: 75 * span });
      return sink;
    });
  });

  it('does not stop while the event loop is blocked for 500 ms with enough sound in the ring', async () => {
    await undisturbed(async () => {
      const recording = await rig.record();
      const sink = new PortAudioSink({ library, bufferMs: 700 });
      await sink.open(smallFormat);
      await feed(sink, 0, 30);
      // The silence of the beginning may run dry between the first two writes of a busy machine.
      const before = sink.counters.starvedEvents;
      block(500);
      await feed(sink, 30, 60);
      await sink.close();
      const last = 60 * span - silentStart;
      const samples = await recorded(recording, counterSamples(last - 1));
      if (sink.counters.cardUnderruns > 0) return sink;
      const start = firstCounter(samples);
      for (let k = 0; k < last; k++) {
        if (samples[start + k] !== counterSamples(k)) expect.fail(`sample ${k} is ${samples[start + k]}`);
      }
      expect(sink.counters.starvedEvents).toBe(before);
      return sink;
    });
  });

  it('with too little in the ring is silent for that time, counts it, and loses nothing', async () => {
    await undisturbed(async () => {
      const recording = await rig.record();
      const sink = new PortAudioSink({ library, bufferMs: 120 });
      await sink.open(smallFormat);
      await feed(sink, 0, 15);
      block(500);
      await feed(sink, 15, 40);
      const { starvedEvents, starvedFrames } = sink.counters;
      await sink.close();
      const last = 40 * span - silentStart;
      const samples = await recorded(recording, counterSamples(last - 1));
      if (sink.counters.cardUnderruns > 0) return sink;
      expect(starvedEvents).toBe(1);
      expect(starvedFrames).toBeGreaterThan(0.3 * 48000);
      const start = firstCounter(samples);
      // Up to the stop exact, then the fade, silence of the counted length, and the rest behind a ramp.
      let k = 0;
      while (samples[start + k] === counterSamples(k)) k += 1;
      const stop = start + k;
      expect((k + silentStart) % span).toBe(0);
      const again = stop + starvedFrames;
      expect(samples.subarray(stop + 480, again).every((sample) => sample === 0)).toBe(true);
      expect(isRamp(samples.subarray(again, again + 480))).toBe(true);
      for (let i = 480; k + i < last; i++) {
        if (samples[again + i] !== counterSamples(k + i))
          expect.fail(`sample ${k + i} is ${samples[again + i]}`);
      }
      return sink;
    });
  });

  it('plays on through a player whose event loop is blocked for 500 ms, with 700 ms received', async () => {
    await undisturbed(async () => {
      const recording = await rig.record();
      const session = new MediaSession({ idleSeed: -1 });
      const sink = new PortAudioSink({ library });
      const player = new Player({ session, sinks: [sink] });
      await player.start();
      const said = player.follow('counter');
      session.begin();
      said.begin(0);
      const send = (from: number, count: number, final: boolean): void => {
        const pcm = Int16Array.from({ length: count }, (_, i) => counterSamples(from + i));
        session.pushParsed({ audio: Buffer.from(pcm.buffer).toString('base64'), sampleRate: 48_000, final });
      };
      const started = once(player, 'started');
      // Behind some silence, for the monitor loses its beginning.
      while (player.position < silentStart) await sleep(4);
      send(0, 33_600, false);
      await started;
      block(500);
      send(33_600, 52_800, true);
      said.end(86_400);
      await said.finished;
      await player.stop();
      session.close();
      const samples = await recorded(recording, counterSamples(86_399));
      if (sink.counters.cardUnderruns > 0) return sink;
      const start = firstCounter(samples);
      for (let k = 0; k < 86_400; k++) {
        if (samples[start + k] !== counterSamples(k)) expect.fail(`sample ${k} is ${samples[start + k]}`);
      }
      expect(sink.counters.starvedEvents).toBe(0);
      return sink;
    });
  });

  it('cuts at the very frame that it tells, without a click, and plays what comes next', async () => {
    await undisturbed(async () => {
      const recording = await rig.record();
      const sink = new PortAudioSink({ library, bufferMs: 600 });
      await sink.open(smallFormat);
      await feed(sink, 0, 25);
      while (sink.heard < 8 * span) await sleep(2);
      const heard = sink.heard;
      const at = sink.cut();
      expect(sink.cut()).toBeGreaterThanOrEqual(at);
      const latency = (sink.counters.latencyMs * 48) | 0;
      expect(at).toBeGreaterThanOrEqual(heard);
      expect(at).toBeLessThanOrEqual(heard + latency + 960);
      // A second of silence, then the counter anew.
      for (let frame = 25; frame < 50; frame++) {
        while (sink.room < span) await sleep(4);
        sink.write(makeSpan(frame, smallFormat, () => 0));
      }
      for (let frame = 0; frame < 10; frame++) {
        while (sink.room < span) await sleep(4);
        sink.write(makeSpan(frame, smallFormat, counter));
      }
      await sink.close();
      const samples = await recorded(recording, counterSamples(10 * span - silentStart - 1));
      if (sink.counters.cardUnderruns > 0) return sink;
      const start = firstCounter(samples);
      const cut = at - silentStart;
      for (let k = 0; k < cut; k++) {
        if (samples[start + k] !== counterSamples(k)) expect.fail(`sample ${k} is ${samples[start + k]}`);
      }
      expect(samples[start + cut]).toBeLessThan(counterSamples(cut));
      expect(largestStep(samples.subarray(start + cut - 1, start + cut + 481))).toBeLessThan(100);
      expect(samples.subarray(start + cut + 480, start + cut + 48000).every((sample) => sample === 0)).toBe(
        true,
      );
      return sink;
    });
  });

  it('lists the devices and finds one by a part of its name or a pattern', async () => {
    const devices = await listDevices({ library });
    expect(devices.map(({ name }) => name)).toContain('pulse');
    expect(devices.find(({ isDefault }) => isDefault)?.name).toBe('default');
    for (const device of ['PUL', /^p.*e$/, '/^P/i']) {
      const sink = new PortAudioSink({ library, device });
      await sink.open(smallFormat);
      expect(sink.device?.name).toBe('pulse');
      await sink.close();
    }
  });

  it('says which devices there are when the name fits none', async () => {
    const opening = new DeviceSink({ library, device: 'no such card' }).open(smallFormat);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_DEVICE_MISSING', message: /pulse/ });
  });

  it('refuses a card without a clock', async () => {
    await rig.writeConfig('null.conf', 'pcm.!default { type null }\nctl.!default { type null }\n');
    rig.useConfig('null.conf');
    const sink = new PortAudioSink({ library });
    const failing = nextError(sink);
    await sink.open(smallFormat);
    sink.write(makeSpan(0, smallFormat));
    expect(await failing).toMatchObject({ code: 'ERR_DEVICE_FAILED', message: /no clock/ });
    await sink.close();
  });

  it('survives a machine without any sound system', async () => {
    await rig.writeConfig('nothing.conf', 'ctl.!default { type null }\n');
    rig.useConfig('nothing.conf');
    const opening = new PortAudioSink({ library }).open(smallFormat);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_DEVICE_MISSING' });
  });

  it('follows a clock that is not its own', async () => {
    const sink = new PortAudioSink({ library, isClock: false, bufferMs: 100 });
    expect(sink.isClock).toBe(false);
    await sink.open(smallFormat);
    const start = performance.now();
    for (let frame = 0; frame < 75; frame++) {
      await sleep(Math.max(0, start + frame * 40 - performance.now()));
      sink.write(makeSpan(frame, smallFormat));
    }
    expect(sink.waiting).toBeGreaterThan(0);
    expect(sink.heard).toBeGreaterThan(0);
    // The ratio is corrected, within its range.
    expect(sink.counters.driftPpm).not.toBe(0);
    expect(Math.abs(sink.counters.driftPpm)).toBeLessThan(401);
    await sink.close();
  });

  it('converts to a rate that the card has', async () => {
    const recording = await rig.record();
    const sink = new PortAudioSink({ library });
    await sink.open({ ...smallFormat, sampleRate: 24000 });
    for (let frame = 0; frame < 25; frame++) {
      while (sink.room < 960) await sleep(4);
      sink.write(makeSpan(frame, { ...smallFormat, sampleRate: 24000 }));
    }
    await sink.close();
    while (recording.length < 48000) await sleep(20);
    expect((await recording.stop()).some((sample) => sample > 7000)).toBe(true);
  });
});

describe('a PortAudio that is not there', () => {
  it('is a coded error that says what to install', async () => {
    const sink = new DeviceSink({ library: '/no/such/library.so', backend: 'portaudio' });
    await expect(sink.open(smallFormat)).rejects.toMatchObject({
      code: 'ERR_DEVICE_FAILED',
      remedy: /libportaudio2/,
    });
  });
});
