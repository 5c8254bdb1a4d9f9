import { describe, expect, it } from 'vitest';

import { readSettings } from '../../src/sinks/device/device-options.js';
import { pickDevice, readPattern } from '../../src/sinks/device/pick-device.js';
import { lookMs, stallMs, StallWatch } from '../../src/sinks/device/stall-watch.js';
import { codeOf } from '../code-of.js';

describe('pickDevice', () => {
  const devices = [{ name: 'HDMI 0' }, { name: 'USB Audio (Front)' }, { name: 'usb audio' }];

  it('prefers the whole name to a part of one', () => {
    expect(pickDevice(devices, 'USB AUDIO')).toBe(devices[2]);
    expect(pickDevice(devices, 'front')).toBe(devices[1]);
  });

  it('searches a pattern, again and again', () => {
    const pattern = /u.b/gi;
    expect(pickDevice(devices, pattern)).toBe(devices[1]);
    expect(pickDevice(devices, pattern)).toBe(devices[1]);
  });

  it('finds nothing where nothing fits', () => {
    expect(pickDevice(devices, 'Bluetooth')).toBeUndefined();
    expect(pickDevice([], /./)).toBeUndefined();
  });
});

describe('readPattern', () => {
  it('takes text between slashes for a pattern', () => {
    expect(readPattern('/usb.*front/i')).toEqual(/usb.*front/i);
  });

  it('takes everything else for a name', () => {
    for (const text of ['usb', '/dev/dsp', '/(/', '//', '']) expect(readPattern(text)).toBe(text);
  });
});

describe('readSettings', () => {
  it('has defaults for everything', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({ device: '', bufferMs: 800, silenceMs: 40, latencyMs: 60, blockMs: 10 });
    expect(readSettings({ isClock: false }).bufferMs).toBe(120);
  });

  it.each([{ bufferMs: 59 }, { bufferMs: NaN }, { latencyMs: -1 }, { blockMs: 201 }, { defaultCheckMs: -1 }])(
    'refuses %o',
    (options) => {
      expect(codeOf(() => readSettings(options))).toBe('ERR_OPTION_INVALID');
    },
  );
});

describe('StallWatch', () => {
  it('counts a pause once and forgets it when the card goes on', () => {
    const watch = new StallWatch();
    expect([10, 260, 310, 360, 5, 10].map((age) => watch.look(age))).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(watch.count).toBe(1);
    expect(watch.isHopeless).toBe(false);
  });

  it('takes one look after a long sleep of the process for nothing', () => {
    const watch = new StallWatch();
    watch.look(3_600_000);
    expect(watch.isCalm).toBe(true);
    expect(watch.look(4)).toBe(false);
    expect(watch.count).toBe(0);
  });

  it('lets time go on within a second of the last callback, and gives a device up within 5.1 s', () => {
    const watch = new StallWatch();
    for (let look = 0; look < 60; look++) watch.look(10);
    let age = 10;
    while (!watch.isLong) watch.look((age += lookMs));
    expect(age + lookMs).toBeLessThanOrEqual(1000);
    expect(age).toBeGreaterThan(2 * stallMs);
    expect(watch.isHopeless).toBe(false);
    while (!watch.isHopeless) watch.look((age += lookMs));
    expect(age).toBeGreaterThan(4500);
    expect(age + lookMs).toBeLessThanOrEqual(5100);
    // One that is back begins within a second, too.
    watch.restart(true);
    for (let look = 0; look < 19; look++) watch.look(-1);
    expect(watch.isHopeless).toBe(false);
    watch.look(-1);
    expect(watch.isHopeless).toBe(true);
  });

  it('gives a stream that has just begun more than two seconds', () => {
    const watch = new StallWatch();
    for (let look = 0; look < 50; look++) watch.look(10);
    let age = 10;
    while (!watch.isLong) watch.look((age += lookMs));
    expect(age).toBeGreaterThan(2000);
    expect(age + lookMs).toBeLessThanOrEqual(2500);
    expect(watch.isHopeless).toBe(false);
    // Another stream begins anew.
    for (let look = 0; look < 60; look++) watch.look(10);
    watch.restart(true);
    watch.look(10);
    for (let look = 0; look < 39; look++) watch.look(300);
    expect(watch.isLong).toBe(false);
    watch.look(300);
    expect(watch.isLong).toBe(true);
  });

  it('gives up a device that never began after 100 looks', () => {
    const watch = new StallWatch();
    for (let look = 0; look < 99; look++) watch.look(-1);
    expect(watch.isHopeless).toBe(false);
    watch.look(-1);
    expect(watch.isHopeless).toBe(true);
    expect(watch.count).toBe(0);
    watch.restart(false);
    expect(watch.isHopeless).toBe(false);
  });
});
