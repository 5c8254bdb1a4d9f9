import type { Machine } from './portaudio-library.js';

export type Backend = 'portaudio' | 'naudiodon' | 'audio-io';

export interface BackendWish {
  readonly backend: 'auto' | Backend;
  /** The player follows the card; only PortAudio can also follow another clock. */
  readonly isClock: boolean;
  /** A device is asked for by name; audio-io knows the default one alone. */
  readonly isNamed: boolean;
}

/** What to try, in this order. naudiodon is left out on ARM64 Linux, where it carries code for x86-64. */
export function backendsFor(
  { backend, isClock, isNamed }: BackendWish,
  { platform, arch }: Pick<Machine, 'platform' | 'arch'>,
): Backend[] {
  if (backend !== 'auto') return [backend];
  if (!isClock) return ['portaudio'];
  const isForeign = platform === 'linux' && arch === 'arm64';
  const all: Backend[] = ['portaudio', ...(isForeign ? [] : ['naudiodon' as const]), 'audio-io'];
  return isNamed ? all.filter((each) => each !== 'audio-io') : all;
}
