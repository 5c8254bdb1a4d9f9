import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { DeviceSink, type DeviceChange } from '../../src/sinks/device-sink.js';
import { PortAudioSink } from '../../src/sinks/device/portaudio-sink.js';
import { smallFormat } from '../sinks/synthetic.js';
import { describeLong } from '../tools.js';
import { feed, keepFeeding, span } from './feed.js';
import { PulseRig } from './pulse.js';

const library = 'libportaudio.so.2';

describeLong(['pulseaudio', 'portaudio'], 'a sound card that is not always there', () => {
  let rig: PulseRig;
  beforeAll(async () => (rig = await PulseRig.start()));
  afterEach(() => rig.useConfig('asound.conf'));
  afterAll(() => rig.stop());

  it('goes on silently while the card is away, and aloud when it is back', async () => {
    const changes: DeviceChange['change'][] = [];
    let wake: () => void = () => undefined;
    const sink = new PortAudioSink({
      library,
      bufferMs: 200,
      onChange: ({ change }) => {
        changes.push(change);
        wake();
      },
    });
    const changed = async (change: DeviceChange['change']): Promise<void> => {
      while (!changes.includes(change)) await new Promise<void>((resolve) => (wake = resolve));
    };
    await sink.open(smallFormat);
    const stop = keepFeeding(sink);
    while (sink.heard < 5 * span) await sleep(10);

    await rig.unplug();
    await changed('lost');
    expect(sink.device).toBeUndefined();
    const heard = sink.heard;
    while (sink.heard < heard + 5 * span) await sleep(10);
    expect(sink.counters.unheardFrames).toBeGreaterThan(0);

    await rig.plug();
    await changed('back');
    expect(sink.device?.name).toBe('default');
    const recording = await rig.record();
    const played = sink.counters.playedFrames;
    while (sink.counters.playedFrames < played + 20 * span) await sleep(10);
    await stop();
    await sink.close();
    const samples = await recording.stop();
    expect(samples.some((sample) => sample > 0)).toBe(true);
    expect(sink.counters.losses).toBe(1);
    expect(changes.filter((change) => change !== 'stalled')).toEqual(['lost', 'back']);
  });

  it('goes on silently while the sound server stands still, and aloud on the same stream when it runs again', async () => {
    const changes: DeviceChange['change'][] = [];
    const sink = new PortAudioSink({
      library,
      bufferMs: 200,
      onChange: ({ change }) => changes.push(change),
    });
    await sink.open(smallFormat);
    const stop = keepFeeding(sink);
    // Later than the first 3 s, in which a sound server may pause for longer.
    while (sink.counters.playedFrames < 100 * span) await sleep(10);
    rig.freeze();
    const { heard } = sink;
    while (sink.heard < heard + 30 * span) await sleep(10);
    rig.thaw();
    const { playedFrames, unheardFrames } = sink.counters;
    expect(unheardFrames).toBeGreaterThan(0);
    while (sink.counters.playedFrames < playedFrames + 30 * span) await sleep(10);
    await stop();
    await sink.close();
    expect(sink.counters.losses).toBe(0);
    expect(new Set(changes)).toEqual(new Set(['stalled']));
  });

  it('moves along when another card becomes the default', async () => {
    const index = rig.control('load-module', 'module-null-sink', 'sink_name=other', 'rate=48000').trim();
    rig.keepAwake('other');
    const sink = new PortAudioSink({ library });
    await sink.open(smallFormat);
    await feed(sink, 0, 20);
    rig.control('set-default-sink', 'other');
    const recording = await rig.record('other');
    let frame = 20;
    while (!recording.samples().some((sample) => sample > 0)) await feed(sink, frame, ++frame);
    await recording.stop();
    await sink.close();
    expect(sink.counters.losses).toBe(0);
    rig.control('set-default-sink', 'nullsink');
    rig.control('unload-module', index);
  });

  it('waits on a silent clock for a card that is not there at the start', async () => {
    await rig.writeConfig('nothing.conf', 'ctl.!default { type null }\n');
    rig.useConfig('nothing.conf');
    let back: () => void = () => undefined;
    const isBack = new Promise<void>((resolve) => (back = resolve));
    const onChange = ({ change }: DeviceChange): void => (change === 'back' ? back() : undefined);
    const sink = new DeviceSink({ library, whenMissing: 'silent', onChange });
    await sink.open(smallFormat);
    await feed(sink, 0, 10);
    rig.useConfig('asound.conf');
    await isBack;
    await feed(sink, 10, 20);
    await sink.close();
    expect((sink.card as PortAudioSink).counters.playedFrames).toBeGreaterThan(0);
  });
});
