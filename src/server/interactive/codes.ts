/** Codes of the vendor's table for interactive sessions that this server answers with. */
export const sessionCode = {
  internal: -101000,
  creationTimedOut: -111004,
  driveFailed: -111005,
  badParameter: 100001,
  unauthorised: 100005,
  overLimit: 100008,
  notFound: 100009,
  tooFrequent: 100012,
  closed: 110013,
  notReady: 110014,
  wrongTime: 110015,
  notStarted: 110016,
  unknownSession: 110018,
  replaced: 110022,
} as const;

/** Why something that a client asked for is not done. */
export interface Refusal {
  readonly code: number;
  /** `Name: what is wrong, and what to do`, as the vendor forms them. Holds no secret. */
  readonly message: string;
  /** What is being said must not be interrupted; told to the client by a message of its own kind. */
  readonly uninterruptible?: true;
}

export const refusals = {
  unknownSession: { code: sessionCode.unknownSession, message: 'SessionNotFound: there is no such session' },
  closed: { code: sessionCode.closed, message: 'SessionClosed: the session is closed; create a new one' },
  replaced: {
    code: sessionCode.replaced,
    message: 'SessionReplaced: a newer session with the same UserId closed this one',
  },
  notReady: {
    code: sessionCode.notReady,
    message: 'SessionNotReady: wait until SessionStatus is 1, then call startsession',
  },
  noDescriptors: {
    code: sessionCode.overLimit,
    message: 'LimitExceeded: the server has no file descriptors for another session; try again in 10 s',
  },
  notStarted: { code: sessionCode.notStarted, message: 'SessionNotStarted: call startsession first' },
} as const satisfies Record<string, Refusal>;

/** @param message what is wrong, and what is right. */
export function badParameter(message: string): Refusal {
  return { code: sessionCode.badParameter, message: `InvalidParameter: ${message}` };
}
