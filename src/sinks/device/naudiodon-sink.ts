import { patternText, type SoundDevice } from './pick-device.js';
import { listInChild, ProcessSink, type ProcessSinkOptions } from './process-sink.js';

const script = 'naudiodon-process';

export interface NaudiodonOptions extends ProcessSinkOptions {
  /** Which device; see pickDevice(). Default: the system's default. */
  readonly device?: string | RegExp;
  /** Package with naudiodon's interface. Default naudiodon. */
  readonly module?: string;
}

/** Plays on a sound card through naudiodon's stream. */
export class NaudiodonSink extends ProcessSink {
  constructor(options: NaudiodonOptions = {}) {
    const { device = '', module = 'naudiodon' } = options;
    super({ script, module, device: typeof device === 'string' ? device : patternText(device) }, options);
  }
}

/** The devices that can play, as naudiodon finds them. An empty list when there is none. */
export function listNaudiodonDevices(module = 'naudiodon'): Promise<SoundDevice[]> {
  return listInChild(script, module);
}
