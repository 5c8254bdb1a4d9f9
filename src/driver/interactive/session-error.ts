import { FacewireError, type ErrorCode } from '../../errors.js';
import { classifySessionCode, readRestResponse, type CloseReason, type Reaction } from '../../wire/index.js';
import type { ConnectFailure } from '../connect-failure.js';
import { scrub } from '../secrets.js';

/** The error for a code of the cloud. @param said its message; secrets are taken out here. */
export function sessionError(remoteCode: number, said: string, secrets: readonly string[]): FacewireError {
  const { code, meaning, transient } = classifySessionCode(remoteCode);
  const text = scrub(said, secrets);
  return new FacewireError(
    code,
    `the cloud answered code ${remoteCode} (${meaning})${text === '' ? '' : `: ${text}`}`,
    {
      expected: 'code 0',
      received: `code ${remoteCode}`,
      remoteCode,
      ...(transient &&
        code === 'ERR_DRIVE_FAILED' && { remedy: 'Start the drive again; the session goes on.' }),
    },
  );
}

const closings: Readonly<Record<CloseReason, readonly [number, ErrorCode, string]>> = {
  owner: [110013, 'ERR_SESSION_CLOSED', 'its owner closed it'],
  idle: [110013, 'ERR_SESSION_CLOSED', 'it was idle for too long'],
  'downstream-gone': [110013, 'ERR_SESSION_CLOSED', 'nobody took its picture'],
  restart: [110013, 'ERR_SESSION_CLOSED', 'the service was restarted'],
  replaced: [110022, 'ERR_SESSION_REPLACED', 'another session was created with the same user id'],
};

/** The error for a session that was found closed. */
export function closedError(sessionId: string, reason: CloseReason | undefined): FacewireError {
  const [remoteCode, code, why] = closings[reason ?? 'owner'];
  const known = reason === undefined ? 'the cloud does not say why' : why;
  return new FacewireError(code, `session ${sessionId} is closed: ${known}`, {
    expected: 'a session in progress',
    received: reason ?? 'closed',
    remoteCode,
  });
}

/** The error of a call after the end of a session. @param error what ended it, if not the caller. */
export function afterEnd(error: FacewireError | undefined): FacewireError {
  return new FacewireError(
    'ERR_STATE',
    `the session is closed${error === undefined ? '' : `: ${error.message}`}`,
    {
      expected: 'a session in use',
      received: 'a call after its end',
      ...(error !== undefined && { cause: error }),
    },
  );
}

/** The error of a sound for a session that takes none. */
export function textOnly(): FacewireError {
  return new FacewireError('ERR_STATE', 'this session is driven by text only', {
    expected: 'a session with the option driver: audio',
    received: 'playAudio()',
  });
}

/** Codes after which a session cannot be driven any more, so that nothing is tried again. */
export function endsSession(reaction: Reaction): boolean {
  return reaction === 'stop' || reaction === 'restart' || reaction === 'recreate';
}

/** What a code asks for beside the growing wait, in ms. */
export function extraWaitMs(reaction: Reaction | undefined): number {
  if (reaction === 'slow-down') return 1000;
  return reaction === 'retry-later' || reaction === 'wait' ? 2000 : 0;
}

export interface HttpAnswer {
  readonly status: number;
  /** The header of that name. */
  readonly date: string | null | undefined;
  readonly body: string;
}

export interface HttpFailure extends ConnectFailure {
  /** What the table of codes names, when the answer had a code. */
  readonly reaction: Reaction | undefined;
}

/**
 * Judges an answer that is not what was asked for.
 * @param nowMs the clock that the signature was made with, without any correction.
 */
export function fromHttp(
  answer: HttpAnswer,
  where: string,
  nowMs: number,
  secrets: readonly string[],
): HttpFailure {
  const dateMs = answer.date ? Date.parse(answer.date) : NaN;
  const clock = Number.isFinite(dateMs) ? { clockOffsetMs: dateMs - nowMs } : {};
  const read = readRestResponse('start', answer.body);
  const code = read.kind === 'error' ? read.code : 0;
  const said = read.kind === 'error' ? read.message : answer.status === 200 ? '' : answer.body;
  const text = scrub(said.trim(), secrets);
  const received = `HTTP ${answer.status}${code === 0 ? '' : `, code ${code}`}${text === '' ? '' : `: ${text}`}`;
  if (answer.status === 401 || answer.status === 403 || code === 100005) {
    const error = new FacewireError('ERR_AUTH_REJECTED', `${where} refused the signature (${received})`, {
      expected: 'an app key and access token that the server knows',
      received,
      ...(code !== 0 && { remoteCode: code }),
    });
    return { error, retry: 'resign', reaction: undefined, ...clock };
  }
  if (code !== 0) {
    const { reaction, transient } = classifySessionCode(code);
    const retry = transient && !endsSession(reaction) ? 'later' : 'never';
    return { error: sessionError(code, said, secrets), retry, reaction, ...clock };
  }
  const later = answer.status >= 500 || answer.status === 429;
  const error = new FacewireError(
    later ? 'ERR_CLOUD_UNAVAILABLE' : 'ERR_CONNECT_FAILED',
    `${where} did not do what was asked (${received})`,
    { expected: 'a success', received },
  );
  return { error, retry: later ? 'later' : 'never', reaction: undefined, ...clock };
}
