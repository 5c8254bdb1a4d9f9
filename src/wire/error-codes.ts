import type { ErrorCode } from '../errors.js';

/**
 * What a client does about a code:
 * `retry` at once or after a growing wait · `retry-later` after a long one · `retry-once` ·
 * `slow-down` waits at least 1 s · `wait` until another session ends · `wait-until-over` until the running drive ends ·
 * `start` the session first · `recreate` the session · `restart` its whole life cycle ·
 * `stop` for good, the session is over · `fail-drive` the session goes on · `fail` for good.
 */
export type Reaction =
  | 'retry'
  | 'retry-later'
  | 'retry-once'
  | 'slow-down'
  | 'wait'
  | 'wait-until-over'
  | 'start'
  | 'recreate'
  | 'restart'
  | 'stop'
  | 'fail-drive'
  | 'fail';

interface Row {
  /** What the vendor's tables say, in our words. */
  readonly meaning: string;
  readonly reaction: Reaction;
  readonly error: ErrorCode;
}

const row = (reaction: Reaction, error: ErrorCode, meaning: string): Row => ({ meaning, reaction, error });

const table: Readonly<Record<number, Row>> = {
  [-100000]: row('retry', 'ERR_CLOUD_UNAVAILABLE', 'internal error of the cloud'),
  [-101000]: row('retry', 'ERR_CLOUD_UNAVAILABLE', 'internal error of the cloud'),
  [-101001]: row('retry-later', 'ERR_CLOUD_UNAVAILABLE', 'the cloud has not enough computing resources now'),
  [-101002]: row('fail', 'ERR_SESSION_FAILED', 'the cloud could not download a picture'),
  [-101003]: row('retry', 'ERR_CLOUD_UNAVAILABLE', 'the cloud could not store something'),
  [-111001]: row('retry-once', 'ERR_CLOUD_UNAVAILABLE', 'the stream could not be changed'),
  [-111002]: row('recreate', 'ERR_CLOUD_UNAVAILABLE', 'a connection inside the cloud broke'),
  [-111003]: row('fail', 'ERR_SESSION_FAILED', 'the avatar could not be loaded'),
  [-111004]: row('recreate', 'ERR_SESSION_FAILED', 'creating the stream took too long'),
  [-111005]: row('fail-drive', 'ERR_DRIVE_FAILED', 'the cloud failed while driving'),
  100000: row('retry', 'ERR_CLOUD_UNAVAILABLE', 'internal error of the cloud'),
  100001: row('fail', 'ERR_REQUEST_REFUSED', 'bad request parameters'),
  100002: row('fail', 'ERR_REQUEST_REFUSED', 'a parameter has a bad value'),
  100003: row('fail', 'ERR_REQUEST_REFUSED', 'bad request parameters'),
  100005: row('fail', 'ERR_AUTH_REJECTED', 'not authorised'),
  100008: row('wait', 'ERR_QUOTA_EXCEEDED', 'over the limit of concurrent sessions'),
  100009: row('fail', 'ERR_REQUEST_REFUSED', 'the resource does not exist'),
  100012: row('slow-down', 'ERR_RATE_LIMITED', 'requests come too fast'),
  100013: row('fail', 'ERR_QUOTA_EXCEEDED', 'no valid hour package'),
  100014: row('fail', 'ERR_QUOTA_EXCEEDED', 'the concurrency quota is missing or has expired'),
  100015: row('fail', 'ERR_QUOTA_EXCEEDED', 'the avatar has expired'),
  110005: row('slow-down', 'ERR_RATE_LIMITED', 'the record exists already'),
  110006: row('fail', 'ERR_REQUEST_REFUSED', 'the record does not exist'),
  110007: row('fail', 'ERR_QUOTA_EXCEEDED', 'the key of the avatar has expired'),
  110013: row('stop', 'ERR_SESSION_CLOSED', 'the session is closed'),
  110014: row('restart', 'ERR_SESSION_NOT_READY', 'the session is not ready'),
  110015: row('wait-until-over', 'ERR_WRONG_MOMENT', 'the command came at the wrong time'),
  110016: row('start', 'ERR_SESSION_NOT_STARTED', 'the session has not been started'),
  110018: row('recreate', 'ERR_SESSION_UNKNOWN', 'the session does not exist'),
  110021: row('fail', 'ERR_QUOTA_EXCEEDED', 'no time is left for this way of viewing'),
  110022: row('stop', 'ERR_SESSION_REPLACED', 'closed by a session with the same user id'),
};

export interface RemoteCode {
  readonly code: ErrorCode;
  /** Our words for it. */
  readonly meaning: string;
  /** Another try later may succeed. */
  readonly transient: boolean;
}

export interface SessionCode extends RemoteCode {
  readonly reaction: Reaction;
}

const passing: readonly Reaction[] = [
  'retry',
  'retry-later',
  'retry-once',
  'slow-down',
  'wait',
  'wait-until-over',
  'recreate',
  'fail-drive',
];

/** Classifies a code of a session's REST API or channel; of unknown ones the negative are taken as transient. */
export function classifySessionCode(remoteCode: number): SessionCode {
  const known = Object.hasOwn(table, remoteCode) ? table[remoteCode] : undefined;
  const { meaning, reaction, error } =
    known ??
    (remoteCode < 0
      ? row('retry', 'ERR_CLOUD_UNAVAILABLE', 'a code that is not in the table')
      : row('fail', 'ERR_REQUEST_REFUSED', 'a code that is not in the table'));
  return { code: error, meaning, reaction, transient: passing.includes(reaction) };
}

/** Classifies a code that ended an endpoint-rendering drive. */
export function classifyRemoteCode(remoteCode: number): RemoteCode {
  const { meaning, transient } = classifySessionCode(remoteCode);
  return { code: remoteCode === 100005 ? 'ERR_AUTH_REJECTED' : 'ERR_DRIVE_FAILED', meaning, transient };
}
