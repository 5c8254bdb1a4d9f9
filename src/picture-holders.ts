import { FacewireError } from './errors.js';
import type { Picture } from './sinks/sink.js';

/** Counts the holders of a picture, one at first; `onFree` when the last has released it. */
export function pictureHolders(onFree: () => void): Pick<Picture, 'retain' | 'release'> {
  let holders = 1;
  const mustBeHeld = (): void => {
    if (holders > 0) return;
    throw new FacewireError('ERR_STATE', 'a picture was used after its last release()', {
      expected: 'one release() for each holder',
      received: 'one too many',
    });
  };
  return {
    retain: () => {
      mustBeHeld();
      holders++;
    },
    release: () => {
      mustBeHeld();
      holders--;
      if (holders === 0) onFree();
    },
  };
}
