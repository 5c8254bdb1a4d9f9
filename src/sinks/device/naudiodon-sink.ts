import { allowNaudiodon } from './backends.js';
import { patternText, type SoundDevice } from './pick-device.js';
import { listInChild, ProcessSink, type ProcessSinkOptions } from './process-sink.js';

const script = 'naudiodon-process';

export interface NaudiodonOptions extends ProcessSinkOptions {
  /** Which device; see pickDevice(). Default: the system's default. */
  readonly device?: string | RegExp;
  /** Package with naudiodon's interface. Default naudiodon. */
  readonly module?: string;
}

/** Plays on a sound card through naudiodon's stream. Throws ERR_DEVICE_FAILED on ARM64 Linux. */
export class NaudiodonSink extends ProcessSink {
  constructor(options: NaudiodonOptions = {}) {
    allowNaudiodon(process);
    const { device = '', module = 'naudiodon' } = options;
    super({ script, module, device: typeof device === 'string' ? device : patternText(device) }, options);
  }
}

/** The devices that can play, as naudiodon finds them. An empty list when there is none. As NaudiodonSink on ARM64 Linux. */
export async function listNaudiodonDevices(module = 'naudiodon'): Promise<SoundDevice[]> {
  allowNaudiodon(process);
  return listInChild(script, module);
}
