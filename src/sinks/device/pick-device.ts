import { FacewireError } from '../../errors.js';

/** A sound device that can play. */
export interface SoundDevice {
  readonly name: string;
  /** The sound system behind it, for example ALSA or Windows WASAPI. */
  readonly host: string;
  /** Most channels that it plays. */
  readonly channels: number;
  /** The rate that it prefers, in Hz. */
  readonly sampleRate: number;
  /** The system's choice when nobody asks for another; false where that is not known. */
  readonly isDefault: boolean;
}

/**
 * The first device with exactly this name, else the first whose name holds it;
 * case does not matter. A pattern is searched in the name.
 */
export function pickDevice<Device extends { readonly name: string }>(
  devices: readonly Device[],
  wanted: string | RegExp,
): Device | undefined {
  // A pattern with the flag g or y would remember where it was.
  if (wanted instanceof RegExp) return devices.find(({ name }) => name.search(wanted) >= 0);
  const lower = wanted.toLowerCase();
  const exact = devices.find(({ name }) => name.toLowerCase() === lower);
  return exact ?? devices.find(({ name }) => name.toLowerCase().includes(lower));
}

/** A pattern as text, `/usb.*front/i`, that readPattern() reads again. */
export function patternText(pattern: RegExp): string {
  return String(pattern);
}

/** Text between slashes, perhaps with flags behind, is a pattern; any other text, or a broken pattern, a name. */
export function readPattern(text: string): string | RegExp {
  const [, source, flags] = /^\/(.+)\/([imsu]*)$/.exec(text) ?? [];
  if (source === undefined) return text;
  try {
    return new RegExp(source, flags);
  } catch {
    return text;
  }
}

/** What to open: an empty name is the default device, whichever that is then. Throws ERR_DEVICE_MISSING. */
export function chooseDevice(
  devices: readonly SoundDevice[],
  wanted: string | RegExp,
): { name: string; host: string } {
  if (devices.length === 0) throw new FacewireError('ERR_DEVICE_MISSING', 'there is no sound device');
  if (wanted === '') return { name: '', host: '' };
  const found = pickDevice(devices, wanted);
  if (found !== undefined) return found;
  const names = devices.map(({ name }) => JSON.stringify(name)).join(', ');
  const shown = typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted);
  throw new FacewireError('ERR_DEVICE_MISSING', `no device is called ${shown}; there are ${names}`);
}
