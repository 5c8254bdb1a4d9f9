import { FacewireError } from '../../errors.js';
import type { Machine } from './portaudio-library.js';

export type Backend = 'portaudio' | 'naudiodon' | 'audio-io';

export interface BackendWish {
  readonly backend: 'auto' | Backend;
  /** The player follows the card; only PortAudio can also follow another clock. */
  readonly isClock: boolean;
  /** A device is asked for by name; audio-io knows the default one alone. */
  readonly isNamed: boolean;
}

type Platform = Pick<Machine, 'platform' | 'arch'>;

/** On ARM64 Linux naudiodon and its like carry code for x86-64. */
function isForeignToNaudiodon({ platform, arch }: Platform): boolean {
  return platform === 'linux' && arch === 'arm64';
}

/** Throws ERR_DEVICE_FAILED where naudiodon must not be loaded, whoever asks for it. */
export function allowNaudiodon(machine: Platform): void {
  if (!isForeignToNaudiodon(machine)) return;
  throw new FacewireError('ERR_DEVICE_FAILED', 'naudiodon has no code for ARM64 Linux', {
    expected: 'a machine that naudiodon was built for',
    received: `${machine.platform}-${machine.arch}`,
    remedy:
      'Leave the backend out, or ask for portaudio (apt install libportaudio2) or audio-io (npm install @echogarden/audio-io).',
  });
}

/** What to try, in this order. naudiodon is left out where it must not be loaded; asked for by name it is refused. */
export function backendsFor({ backend, isClock, isNamed }: BackendWish, machine: Platform): Backend[] {
  if (backend === 'naudiodon') allowNaudiodon(machine);
  if (backend !== 'auto') return [backend];
  if (!isClock) return ['portaudio'];
  const isForeign = isForeignToNaudiodon(machine);
  const all: Backend[] = ['portaudio', ...(isForeign ? [] : ['naudiodon' as const]), 'audio-io'];
  return isNamed ? all.filter((each) => each !== 'audio-io') : all;
}
