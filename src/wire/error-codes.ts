import type { ErrorCode } from '../errors.js';

/** What the vendor's tables say about a code, in our words. */
const known: Readonly<Record<number, string>> = {
  [-101000]: 'internal error of the cloud',
  [-101001]: 'the cloud has not enough computing resources now',
  [-101003]: 'the cloud could not store something',
  [-100000]: 'internal error of the cloud',
  [-111002]: 'a connection inside the cloud broke',
  [-111005]: 'the cloud failed while driving',
  100000: 'internal error of the cloud',
  100001: 'bad request parameters',
  100002: 'a parameter has a bad value',
  100003: 'bad request parameters',
  100005: 'not authorised',
  100008: 'over the limit of concurrent sessions',
  100009: 'the resource does not exist',
  100012: 'requests come too fast',
  100013: 'no valid hour package',
  100014: 'the concurrency quota is missing or has expired',
  100015: 'the avatar has expired',
  110013: 'the session is closed',
  110015: 'the command came at the wrong time',
  110018: 'the session does not exist',
};

export interface RemoteCode {
  readonly code: ErrorCode;
  /** Our words for it. */
  readonly meaning: string;
  /** Another try later may succeed. */
  readonly transient: boolean;
}

/** Classifies a code of the far end; of unknown ones the negative are taken as transient. */
export function classifyRemoteCode(remoteCode: number): RemoteCode {
  return {
    code: remoteCode === 100005 ? 'ERR_AUTH_REJECTED' : 'ERR_DRIVE_FAILED',
    meaning: Object.hasOwn(known, remoteCode) ? known[remoteCode] : 'a code that is not in the table',
    transient: remoteCode < 0 || remoteCode === 100008 || remoteCode === 100012,
  };
}
