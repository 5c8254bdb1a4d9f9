import { FacewireError } from '../../errors.js';
import { classifySessionCode, type CreatedSession, type SessionState } from '../../wire/index.js';
import { pause, type Clock } from '../../clock.js';
import { throwIfAborted, whenAborted, type RestClient } from './rest-client.js';
import { closedError, endsSession, sessionError } from './session-error.js';
import type { Creation, SessionTimes } from './session-options.js';

export interface ReadySession {
  readonly sessionId: string;
  readonly playAddress: string | undefined;
}

export interface Lifecycle {
  readonly rest: RestClient;
  readonly creation: Creation;
  readonly times: SessionTimes;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A session that the cloud says to create again is created this often. */
const maxCreations = 2;

/** Creates a session, waits until it is ready and starts it. What was created and cannot be used is closed again. */
export async function bringUp(life: Lifecycle): Promise<ReadySession> {
  for (let creations = 1; ; creations++) {
    const created = await create(life);
    try {
      const playAddress = await untilReady(life, created);
      await life.rest.start(created.sessionId, { signal: life.signal });
      return { sessionId: created.sessionId, playAddress };
    } catch (thrown) {
      await bringDown(life.rest, created.sessionId, life.times).catch(() => undefined);
      throwIfAborted(life.signal);
      if (creations >= maxCreations || !asksForAnother(thrown)) throw thrown;
    }
  }
}

/** Closes a session. One that is gone already is closed. */
export async function bringDown(rest: RestClient, sessionId: string, times: SessionTimes): Promise<void> {
  try {
    await rest.close(sessionId, { retryMs: times.closeMs });
  } catch (thrown) {
    if (thrown instanceof FacewireError && thrown.remoteCode !== undefined) {
      if (endsSession(classifySessionCode(thrown.remoteCode).reaction)) return;
    }
    throw thrown;
  }
}

/** Why a session cannot be driven (any more), or undefined while it can. */
function endOf(
  sessionId: string,
  state: SessionState,
  secrets: readonly string[],
): FacewireError | undefined {
  if (state.status === 'closed') return closedError(sessionId, state.closeReason);
  if (state.status !== 'failed' && state.status !== 'timed-out') return undefined;
  if (state.errorCode !== 0) return sessionError(state.errorCode, state.errorMessage ?? '', secrets);
  return new FacewireError(
    'ERR_SESSION_FAILED',
    `session ${sessionId} could not be created: ${state.status}`,
    {
      expected: 'a session that becomes ready',
      received: state.status,
    },
  );
}

/** Asks once and quickly why a session cannot be driven any more; undefined when it can, or when nobody answers. */
export async function whatEnded(rest: RestClient, sessionId: string): Promise<FacewireError | undefined> {
  try {
    return endOf(sessionId, await rest.stat(sessionId, { retryMs: 0, timeoutMs: 2000 }), rest.secrets);
  } catch (thrown) {
    const code = thrown instanceof FacewireError ? thrown.remoteCode : undefined;
    if (code === undefined || !endsSession(classifySessionCode(code).reaction)) return undefined;
    return thrown as FacewireError;
  }
}

async function create(life: Lifecycle): Promise<CreatedSession> {
  const { rest, creation, signal, times } = life;
  // A creation under way is not cut off: only its answer tells what is to be closed.
  const options = { signal, finishAttempt: true };
  const creating =
    creation.call === 'createByProject'
      ? rest.createByProject(creation.request, options)
      : rest.createByAsset(creation.request, options);
  const created = await Promise.race([creating, whenAborted(signal)]);
  if (created === undefined) {
    void creating.then(({ sessionId }) => bringDown(rest, sessionId, times)).catch(() => undefined);
    throwIfAborted(signal);
    return creating;
  }
  if (created.sessionId !== '') return created;
  throw new FacewireError('ERR_WIRE_MALFORMED', 'the cloud created a session without an id', {
    expected: 'a session id',
    received: 'none',
  });
}

/** The play address, when there is one. */
async function untilReady(life: Lifecycle, created: CreatedSession): Promise<string | undefined> {
  const { rest, times, clock, signal } = life;
  const deadline = clock.now() + times.readyMs;
  const wantsAddress = life.creation.request.output?.pushUrl === undefined;
  if (created.status === 'ready' && (created.playAddress !== undefined || !wantsAddress))
    return created.playAddress;
  // One that is ready may still owe its address, which a first question brings.
  let waitMs = created.status === 'ready' ? 0 : times.pollMs;
  for (;;) {
    if (clock.now() + waitMs > deadline) throw notReady(created.sessionId, times.readyMs);
    await pause(clock, waitMs, signal);
    throwIfAborted(signal);
    const state = await rest.stat(created.sessionId, { signal });
    const end = endOf(created.sessionId, state, rest.secrets);
    if (end !== undefined) throw end;
    if (state.status === 'ready') return state.playAddress;
    waitMs = times.pollMs;
  }
}

function notReady(sessionId: string, readyMs: number): FacewireError {
  return new FacewireError('ERR_TIMEOUT', `session ${sessionId} did not become ready within ${readyMs} ms`, {
    expected: `a ready session within ${readyMs} ms`,
    received: 'a session in preparation',
  });
}

function asksForAnother(thrown: unknown): boolean {
  if (!(thrown instanceof FacewireError) || thrown.remoteCode === undefined) return false;
  const { reaction } = classifySessionCode(thrown.remoteCode);
  return reaction === 'recreate' || reaction === 'restart';
}
