import { FacewireError } from '../errors.js';

/** The ways in which a drive ends before its end. */

export function notInterruptible(): FacewireError {
  return new FacewireError('ERR_NOT_INTERRUPTIBLE', 'what is spoken now must not be interrupted', {
    expected: 'speech that may be interrupted, or force: true',
    received: 'a clause that the cloud marked as not interruptible',
  });
}

export function wasInterrupted(why: string, cause: unknown): FacewireError {
  return new FacewireError('ERR_INTERRUPTED', why, {
    expected: 'the drive to go on to its end',
    received: why,
    ...(cause !== undefined && { cause }),
  });
}

export function fellSilent(waitMs: number, heard: boolean): FacewireError {
  const what = heard ? 'another message' : 'a first message';
  return new FacewireError(
    'ERR_TIMEOUT',
    `the cloud sent nothing for ${waitMs} ms in the middle of a drive`,
    { expected: `${what} within ${waitMs} ms`, received: 'nothing' },
  );
}

export function framesMissing(expected: number, received: number): FacewireError {
  return new FacewireError('ERR_CONNECTION_LOST', 'frames of the drive are missing', {
    expected: `frame ${expected}`,
    received: `frame ${received}`,
  });
}
