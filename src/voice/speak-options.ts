import { FacewireError } from '../errors.js';
import type { SpeakOptions } from './voice.js';

/** Fills in defaults and refuses values outside the documented ranges. */
export function checkSpeakOptions(options: SpeakOptions): { speed: number; volume: number } {
  const { speed = 1, volume = 0 } = options;
  if (!(speed >= 0.5 && speed <= 2)) {
    throw new FacewireError('ERR_OPTION_INVALID', 'speed is out of range', {
      expected: '0.5 to 2',
      received: String(speed),
    });
  }
  if (!(volume >= -10 && volume <= 10)) {
    throw new FacewireError('ERR_OPTION_INVALID', 'volume is out of range', {
      expected: '-10 to 10',
      received: String(volume),
    });
  }
  return { speed, volume };
}
