import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';

import { DeviceSink } from '../../src/sinks/device-sink.js';
import { backendsFor } from '../../src/sinks/device/backends.js';
import { listNaudiodonDevices, NaudiodonSink } from '../../src/sinks/device/naudiodon-sink.js';
import { portAudioCandidates, type Machine } from '../../src/sinks/device/portaudio-library.js';
import { codeOf } from '../code-of.js';

/** A machine with naudiodon and naudiodon2, and every file in them. */
function machine(platform: NodeJS.Platform, arch: string, packages = ['naudiodon', 'naudiodon2']): Machine {
  return {
    platform,
    arch,
    packageFolder: (name) => (packages.includes(name) ? join('/modules', name) : undefined),
    exists: () => true,
  };
}

describe('backendsFor', () => {
  const wish = { backend: 'auto', isClock: true, isNamed: false } as const;

  it('tries PortAudio first, then what packages bring along', () => {
    expect(backendsFor(wish, machine('linux', 'x64'))).toEqual(['portaudio', 'naudiodon', 'audio-io']);
  });

  it('never loads naudiodon on ARM64 Linux, where it carries x86-64 code', () => {
    expect(backendsFor(wish, machine('linux', 'arm64'))).toEqual(['portaudio', 'audio-io']);
    expect(backendsFor({ ...wish, isNamed: true }, machine('linux', 'arm64'))).toEqual(['portaudio']);
  });

  it('refuses naudiodon there to whoever asks for it by name, and loads nothing', async () => {
    const asked = { ...wish, backend: 'naudiodon' } as const;
    expect(codeOf(() => backendsFor(asked, machine('linux', 'arm64')))).toBe('ERR_DEVICE_FAILED');
    for (const [platform, arch] of [
      ['linux', 'x64'],
      ['darwin', 'arm64'],
      ['win32', 'x64'],
    ] as const)
      expect(backendsFor(asked, machine(platform, arch))).toEqual(['naudiodon']);
    const elsewhere = { platform: { value: 'linux' }, arch: { value: 'arm64' } };
    vi.stubGlobal('process', Object.create(process, elsewhere));
    try {
      for (const module of ['naudiodon', 'naudiodon2']) {
        expect(codeOf(() => new DeviceSink({ backend: 'naudiodon', module }))).toBe('ERR_DEVICE_FAILED');
        expect(codeOf(() => new NaudiodonSink({ module }))).toBe('ERR_DEVICE_FAILED');
        await expect(listNaudiodonDevices(module)).rejects.toMatchObject({
          code: 'ERR_DEVICE_FAILED',
          received: 'linux-arm64',
          remedy: /audio-io/,
        });
      }
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('asks audio-io only for the default device, and only PortAudio to follow another clock', () => {
    expect(backendsFor({ ...wish, isNamed: true }, machine('darwin', 'arm64'))).toEqual([
      'portaudio',
      'naudiodon',
    ]);
    expect(backendsFor({ ...wish, isClock: false }, machine('linux', 'x64'))).toEqual(['portaudio']);
  });

  it('tries nothing but what is asked for', () => {
    expect(backendsFor({ ...wish, backend: 'audio-io' }, machine('linux', 'x64'))).toEqual(['audio-io']);
  });
});

describe('portAudioCandidates', () => {
  it('takes the setting alone', () => {
    expect(portAudioCandidates('/opt/libpa.so', machine('linux', 'x64'))).toEqual([
      { path: '/opt/libpa.so', origin: 'setting' },
    ]);
  });

  it('looks into naudiodon2, naudiodon and the system, in this order', () => {
    const origins = portAudioCandidates(undefined, machine('linux', 'x64')).map(({ origin }) => origin);
    expect(origins).toEqual(['naudiodon2', 'naudiodon', 'system', 'system']);
  });

  it('never takes a library of naudiodon on ARM64 Linux, where it is for x86-64', () => {
    const found = portAudioCandidates('', machine('linux', 'arm64'));
    expect(found.map(({ path }) => path)).toEqual(['libportaudio.so.2', 'libportaudio.so']);
    expect(found.every(({ origin }) => origin === 'system')).toBe(true);
  });

  it('takes the library for 32-bit ARM from its own folder', () => {
    const [first] = portAudioCandidates(undefined, machine('linux', 'arm', ['naudiodon']));
    expect(first?.path).toMatch(/bin_armhf/);
  });

  it('on a Mac with an ARM processor takes only the library that was built for both', () => {
    const found = portAudioCandidates(undefined, machine('darwin', 'arm64'));
    expect(found.filter(({ origin }) => origin !== 'system').map(({ origin }) => origin)).toEqual([
      'naudiodon2',
    ]);
  });

  it('leaves out a package without the file', () => {
    const bare = { ...machine('win32', 'x64'), exists: (path: string) => !path.includes('naudiodon2') };
    const [first] = portAudioCandidates(undefined, bare);
    expect(first?.origin).toBe('naudiodon');
    expect(first?.path).toMatch(/portaudio_x64\.dll$/);
  });

  it('is empty where nobody knows a name', () => {
    expect(portAudioCandidates(undefined, machine('aix', 'ppc64'))).toEqual([]);
  });
});
