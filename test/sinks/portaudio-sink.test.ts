import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type * as addon from '../../src/media/load-addon.js';
import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import type { DeviceChange, DeviceOptions } from '../../src/sinks/device/device-options.js';
import { PortAudioSink } from '../../src/sinks/device/portaudio-sink.js';
import { lookMs, stallMs } from '../../src/sinks/device/stall-watch.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import { FakeSound } from './fake-sound.js';
import { smallFormat } from './synthetic.js';

let sound = new FakeSound();
vi.mock('../../src/media/load-addon.js', async (original) => {
  const { loadAddon } = await original<typeof addon>();
  // The card alone is not the native one.
  return { loadAddon: () => ({ ...loadAddon(), sound: sound.calls }) };
});
vi.mock('../../src/sinks/device/probe.js', () => ({ probePortAudio: () => sound.probe() }));

const rate = 48_000;
const ms = rate / 1000;

/** Frames that were given out, and when. */
class FrameTimes extends NullSink {
  readonly atMs: number[] = [];

  override write(): void {
    this.atMs.push(performance.now());
  }
}

class Stage {
  readonly changes: { readonly change: DeviceChange['change']; readonly atMs: number }[] = [];
  readonly failures: string[] = [];
  readonly frames = new FrameTimes();
  readonly card: PortAudioSink;
  readonly session = new MediaSession({ sampleRate: rate, idleSeed: -1 });
  readonly player: Player;

  constructor(options: DeviceOptions = {}) {
    this.card = new PortAudioSink({
      ...options,
      onChange: ({ change }) => this.changes.push({ change, atMs: performance.now() }),
    });
    this.player = new Player({ session: this.session, sinks: [this.card, this.frames] });
    this.player.on('sinkFailed', ({ error }) => this.failures.push(error.message));
  }

  /** When this was told, after `sinceMs`; NaN when it was not. */
  told(change: DeviceChange['change'], sinceMs: number): number {
    return (
      (this.changes.find((each) => each.change === change && each.atMs >= sinceMs)?.atMs ?? NaN) - sinceMs
    );
  }

  /** Frames of the time from `fromMs` to `toMs`. */
  framesIn(fromMs: number, toMs: number): number {
    return this.frames.atMs.filter((at) => at > fromMs && at <= toMs).length;
  }
}

const pass = (time: number): Promise<unknown> => vi.advanceTimersByTimeAsync(time);

let the: Stage;
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  sound = new FakeSound();
});
afterEach(async () => {
  const stopped = the.player.stop();
  await pass(10_000);
  await stopped;
  the.session.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** The callback stops for so long. */
async function stall(forMs: number): Promise<void> {
  sound.runs = false;
  await pass(forMs);
  sound.runs = true;
}

describe('a card that is lost', () => {
  const start = async (options?: DeviceOptions): Promise<number> => {
    the = new Stage(options);
    await the.player.start();
    await pass(4000);
    expect(the.changes).toEqual([]);
    return performance.now();
  };

  it.each([0, 7, 31])(
    'is noticed within 1 s, and played on within 2 s after its return (%i ms)',
    async (shift) => {
      await start();
      await pass(shift);
      const { devices } = sound;
      for (let round = 1; round <= 5; round++) {
        const lostMs = performance.now();
        sound.unplug();
        await pass(2000 + 137 * round);
        expect(the.told('lost', lostMs)).toBeLessThanOrEqual(1000);
        // Time goes on silently.
        expect(the.framesIn(lostMs, performance.now())).toBeGreaterThanOrEqual(
          (2000 + 137 * round - 1000) / 40,
        );
        const backMs = performance.now();
        sound.devices = devices;
        await pass(2000);
        expect(the.told('back', backMs)).toBeLessThanOrEqual(2000);
        expect(sound.opened).toHaveLength(1 + round);
        expect(the.card.device?.name).toBe('speakers');
      }
      expect(the.card.counters.losses).toBe(5);
      expect(the.failures).toEqual([]);
    },
  );

  it.each([0, 400, 2500])(
    'and whose callback stops without a word holds time for less than a second (closed in %i ms)',
    async (closeMs) => {
      const sinceMs = await start();
      sound.runs = false;
      sound.closeMs = closeMs;
      await pass(1000);
      expect(the.told('stalled', sinceMs)).toBeLessThanOrEqual(stallMs + 2 * lookMs + 10);
      // From then on a frame each 40 ms, also when it is given up, and while the system does not let go of it.
      const { heard } = the.card;
      const fromMs = performance.now();
      // Half a second later it is opened anew.
      const silentMs = 4400 + closeMs;
      await pass(400);
      expect(Math.abs(the.card.heard - heard - 400 * ms)).toBeLessThanOrEqual(20 * ms);
      await pass(silentMs - 400);
      expect(the.told('lost', sinceMs)).toBeGreaterThan(4500);
      expect(the.told('lost', sinceMs)).toBeLessThanOrEqual(5100);
      expect(the.framesIn(fromMs, fromMs + silentMs)).toBeGreaterThanOrEqual(silentMs / 40 - 2);
      // Frames come one by one, so up to one may be missing when it is asked for.
      expect(Math.abs(the.card.heard - heard - silentMs * ms)).toBeLessThanOrEqual(40 * ms);
      sound.runs = true;
      await pass(3000);
      expect(the.told('back', sinceMs)).toBeGreaterThan(0);
      const again = the.card.heard;
      await pass(1000);
      expect(Math.abs(the.card.heard - again - 1000 * ms)).toBeLessThanOrEqual(10 * ms);
      expect(the.failures).toEqual([]);
    },
  );

  it.each([1200, 2600, 4400])(
    'is not one whose callback stops for %i ms: it plays on at the sample that time has reached',
    async (pauseMs) => {
      const sinceMs = await start();
      const { heard } = the.card;
      await stall(pauseMs);
      await pass(2000);
      expect(the.changes.map(({ change }) => change)).toEqual(['stalled']);
      expect(sound.opened).toHaveLength(1);
      expect(the.card.counters.losses).toBe(0);
      // What was heard plus what passed: all but the time that was held.
      const heldMs = pauseMs + 2000 - (the.card.heard - heard) / ms;
      expect(heldMs).toBeGreaterThan(500);
      expect(heldMs).toBeLessThanOrEqual(1000);
      const gapMs = Math.max(...the.frames.atMs.slice(1).map((at, i) => at - the.frames.atMs[i]));
      expect(gapMs).toBeLessThanOrEqual(1000);
      // A later stall is held, and waited for, anew.
      const again = the.card.heard;
      await stall(400);
      await pass(600);
      expect(Math.abs(the.card.heard - again - 600 * ms)).toBeLessThanOrEqual(20 * ms);
      expect(the.told('lost', sinceMs)).toBeNaN();
      expect(the.failures).toEqual([]);
    },
  );

  it('and whose callback stops because it is gone is noticed within 1 s', async () => {
    // Linux ends the stream.
    vi.stubGlobal('process', Object.create(process, { platform: { value: 'darwin' } }));
    const sinceMs = await start({ defaultCheckMs: 0 });
    const { devices } = sound;
    // As systems do that do not end the stream.
    sound.runs = false;
    sound.devices = [];
    await pass(1000);
    expect(the.told('lost', sinceMs)).toBeLessThanOrEqual(1000);
    await pass(1000);
    sound.runs = true;
    sound.devices = devices;
    const backMs = performance.now();
    await pass(2000);
    expect(the.told('back', backMs)).toBeLessThanOrEqual(2000);
    expect(the.failures).toEqual([]);
  });

  it('holds time for a second at most when it is back without a callback', async () => {
    const sinceMs = await start();
    sound.runs = false;
    await pass(20_000);
    expect(sound.opened.length).toBeGreaterThan(5);
    const { atMs } = the.frames;
    const waits = atMs.slice(1).map((at, i) => at - atMs[i]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1200);
    expect(the.told('lost', sinceMs)).toBeGreaterThan(0);
  });

  it.each([100, 240, 400, 600])(
    'is not one whose callback pauses for %i ms, which is waited for',
    async (pauseMs) => {
      const sinceMs = await start();
      const { heard } = the.card;
      await stall(pauseMs);
      await pass(1000 - pauseMs);
      expect(the.told('lost', sinceMs)).toBeNaN();
      expect(the.told('stalled', sinceMs) > 0).toBe(pauseMs > stallMs + 2 * lookMs);
      // Nothing was heard meanwhile, and nothing is left out.
      expect(Math.abs(the.card.heard - heard - (1000 - pauseMs) * ms)).toBeLessThanOrEqual(20 * ms);
    },
  );

  it.each([500, 1000, 1800])('is not one that stalls for %i ms as it begins', async (stallsMs) => {
    the = new Stage();
    await the.player.start();
    await pass(300);
    const { heard } = the.card;
    await stall(stallsMs);
    await pass(1000);
    expect(the.changes.map(({ change }) => change)).toEqual(['stalled']);
    expect(the.card.counters.losses).toBe(0);
    expect(Math.abs(the.card.heard - heard - 1000 * ms)).toBeLessThanOrEqual(20 * ms);
  });

  it('holds time for less than 2.5 s when it stops as it begins', async () => {
    the = new Stage();
    await the.player.start();
    await pass(300);
    const { heard } = the.card;
    sound.runs = false;
    await pass(2000);
    expect(the.card.heard).toBe(heard);
    await pass(500);
    const later = the.card.heard;
    expect(later).toBeGreaterThan(heard);
    await pass(1000);
    expect(Math.abs(the.card.heard - later - 1000 * ms)).toBeLessThanOrEqual(20 * ms);
    expect(the.card.counters.losses).toBe(0);
  });

  it('that opens after it was closed is let go of', async () => {
    the = new Stage();
    const { card } = the;
    sound.openMs = 11_000;
    const opening = card.open(smallFormat);
    const refused = expect(opening).rejects.toMatchObject({ code: 'ERR_STATE' });
    await pass(5000);
    const closing = card.close();
    await pass(5000);
    await closing;
    expect(sound.isOpen).toBe(false);
    await pass(2000);
    await refused;
    expect(sound.opened).toHaveLength(1);
    expect(sound.isOpen).toBe(false);
  });

  it('may take 4 s until its first callback', async () => {
    sound.runs = false;
    the = new Stage();
    await the.player.start();
    await pass(4000);
    expect(the.changes).toEqual([]);
    sound.runs = true;
    await pass(500);
    expect(the.card.heard).toBeGreaterThan(300 * ms);
  });

  it('is told as failed when the system never lets go of it, and time goes on', async () => {
    const sinceMs = await start();
    sound.closeMs = 60_000;
    sound.unplug();
    await pass(5000);
    expect(the.failures).toEqual(['the sound system does not let go of the lost device']);
    expect(the.framesIn(sinceMs + 100, sinceMs + 5000)).toBeGreaterThanOrEqual(4900 / 40 - 4);
    sound.closeMs = 0;
    await pass(60_000);
  });
});

describe('another default device', () => {
  const on = async (platform: NodeJS.Platform, options?: DeviceOptions): Promise<void> => {
    vi.stubGlobal('process', Object.create(process, { platform: { value: platform } }));
    the = new Stage(options);
    await the.player.start();
    await pass(1000);
    sound.devices = sound.devices.map((each) => ({ ...each, isDefault: !each.isDefault }));
    await pass(8000);
  };

  it.each(['win32', 'darwin'] as const)('is taken within seconds on %s', async (platform) => {
    await on(platform);
    expect(the.changes.map(({ change }) => change)).toEqual(['lost', 'back']);
    expect(sound.opened).toEqual(['speakers', 'headphones']);
    expect(the.card.device?.name).toBe('headphones');
    // Nothing changes any more.
    await pass(30_000);
    expect(sound.opened).toHaveLength(2);
  });

  it('is left to the sound server on Linux, which is not asked', async () => {
    await on('linux');
    expect(the.changes).toEqual([]);
    expect(sound.probes).toBe(1);
  });

  it('does not matter to whoever asked for a device by name', async () => {
    await on('win32', { device: 'speakers' });
    expect(the.changes).toEqual([]);
    expect(sound.probes).toBe(1);
  });

  it('is looked for as often as was asked for, and no list is no change', async () => {
    vi.stubGlobal('process', Object.create(process, { platform: { value: 'win32' } }));
    the = new Stage({ defaultCheckMs: 200 });
    await the.player.start();
    await pass(2050);
    expect(sound.probes).toBe(11);
    sound.devices = [];
    await pass(1000);
    expect(the.changes).toEqual([]);
  });
});
