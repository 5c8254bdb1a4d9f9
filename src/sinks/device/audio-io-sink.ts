import { ProcessSink, type ProcessSinkOptions } from './process-sink.js';

/**
 * Plays on the default device through @echogarden/audio-io, which carries its
 * own code for ALSA, Core Audio and Windows on x86-64 and ARM64.
 */
export class AudioIoSink extends ProcessSink {
  constructor(options: ProcessSinkOptions = {}, module = '@echogarden/audio-io') {
    super({ script: 'audio-io-process', module, device: '' }, options);
  }
}
