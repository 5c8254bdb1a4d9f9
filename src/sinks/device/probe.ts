import { fileURLToPath } from 'node:url';

import { MediaChild } from '../../child.js';
import { entryUrl } from '../../entry-url.js';
import { FacewireError, type ErrorCode } from '../../errors.js';
import type { SoundDevice } from './pick-device.js';
import { portAudioCandidates, type Machine, type PortAudioCandidate } from './portaudio-library.js';

/** A PortAudio that works on this machine, and what it finds. */
export interface Probed {
  readonly library: PortAudioCandidate;
  readonly devices: readonly SoundDevice[];
}

const probeTimeoutMs = 10_000;

/** Lists the devices in a process of its own. Throws ERR_DEVICE_FAILED, or ERR_DEVICE_MISSING when that process died. */
export async function probeLibrary(path: string): Promise<SoundDevice[]> {
  const script = fileURLToPath(entryUrl('sinks/device/probe-process'));
  const child = new MediaChild(process.execPath, [script, path], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let devices: SoundDevice[] | undefined;
  let failed: { code: ErrorCode; message: string } | undefined;
  child.process.on('message', (message: { devices?: SoundDevice[]; failed?: typeof failed }) => {
    devices = message.devices ?? devices;
    failed = message.failed ?? failed;
  });
  const timer = setTimeout(() => child.kill(), probeTimeoutMs);
  const { code, signal } = await child.exited;
  clearTimeout(timer);
  if (failed !== undefined) throw new FacewireError(failed.code, failed.message, { received: path });
  if (code === 0 && devices !== undefined) return devices;
  // PortAudio aborts its process on some machines without any sound system.
  const why = `looking for sound devices ended with ${signal ?? `code ${code}`}`;
  throw new FacewireError('ERR_DEVICE_MISSING', why, { expected: 'an end with code 0', received: path });
}

/** The first PortAudio that lists devices without harm; the error of the last one otherwise. */
export async function probePortAudio(setting: string | undefined, machine?: Machine): Promise<Probed> {
  const tried: string[] = [];
  let last: FacewireError | undefined;
  for (const library of portAudioCandidates(setting, machine)) {
    try {
      return { library, devices: await probeLibrary(library.path) };
    } catch (thrown) {
      if (!(thrown instanceof FacewireError)) throw thrown;
      last = thrown;
      tried.push(thrown.message);
    }
  }
  throw new FacewireError(last?.code ?? 'ERR_DEVICE_FAILED', tried.join('; ') || 'PortAudio was not found', {
    expected: 'a PortAudio library that works here',
    received: tried.length === 0 ? 'none' : `${tried.length} that do not`,
    remedy:
      'Install PortAudio (apt install libportaudio2, brew install portaudio) or run: npm install naudiodon',
  });
}
