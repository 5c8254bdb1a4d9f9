import { FacewireError } from '../../errors.js';
import {
  newRequestId,
  readRestResponse,
  restUrl,
  writeRestRequest,
  type AvatarAction,
  type Command,
  type CreateByAsset,
  type CreateByProject,
  type CreatedSession,
  type ListedSession,
  type RestCall,
  type RestRequests,
  type RestResponses,
  type SessionState,
  type TimbrePage,
} from '../../wire/index.js';
import { Backoff } from '../../backoff.js';
import { fromSocketError } from '../connect-failure.js';
import type { Recorder } from '../../record/recorder.js';
import { invalid, requireText } from '../options.js';
import { pause, systemClock, type Clock } from '../../clock.js';
import { extraWaitMs, fromHttp, type HttpFailure } from './session-error.js';
import { Signer } from './signer.js';

export interface RestClientOptions {
  /** Scheme and host of the cloud, for example http://127.0.0.1:8700 or one of `publicOrigins`. */
  readonly url: string;
  readonly appkey: string;
  /** Kept out of every error and inspection. */
  readonly accessToken: string;
  /** Language of the cloud's error texts, zh-CN or en-US. Default: not sent. */
  readonly language?: string;
  /** Wait for one answer in ms, 1 to 600 000. Default 10 000. */
  readonly timeoutMs?: number;
  /** How long a call that may succeed later is tried again, in ms, 0 to 600 000. Default 10 000. */
  readonly retryMs?: number;
  /** The same while the cloud says that too many sessions are open. Default 0: that is an error at once. */
  readonly quotaWaitMs?: number;
  /** Follow the server's clock when ours is more than 5 minutes off. Default true. */
  readonly correctClock?: boolean;
  /** Largest answer that is read, in bytes, 1024 to 67 108 864. Default 1 048 576 (1 MiB). */
  readonly maxResponseBytes?: number;
  /** Told once when the clock was corrected. */
  readonly onWarning?: (message: string) => void;
  /** Clocks and dice, for tests. */
  readonly environment?: Partial<RestEnvironment>;
}

export interface RestEnvironment {
  readonly clock: Clock;
  /** Wall clock in ms. */
  readonly wallNow: () => number;
  /** Numbers in [0, 1). */
  readonly random: () => number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** An attempt that is under way when the signal is aborted is not cut off. Default false. */
  readonly finishAttempt?: boolean;
  /** Overrides `retryMs`. */
  readonly retryMs?: number;
  /** Overrides `timeoutMs`. */
  readonly timeoutMs?: number;
}

type NewId<T> = Omit<T, 'requestId'>;

/**
 * The REST API of interactive sessions. Each attempt is signed afresh. Trouble
 * of the network and codes that may pass are tried again with full jitter; a
 * refused signature once. Errors are FacewireErrors without secrets.
 */
export class RestClient {
  /** @internal Shared with the channel. */
  readonly signer: Signer;
  readonly #options: Required<
    Pick<RestClientOptions, 'url' | 'timeoutMs' | 'retryMs' | 'quotaWaitMs' | 'maxResponseBytes'>
  >;
  readonly #environment: RestEnvironment;
  readonly #where: string;
  #recorder: Recorder | undefined;
  #secrets: readonly string[];

  constructor(options: RestClientOptions) {
    const url = requireText('url', options.url);
    const { protocol, host } = restUrl(url, 'stat');
    this.#where = `${protocol}//${host}`;
    this.#environment = {
      clock: systemClock,
      wallNow: Date.now,
      random: Math.random,
      ...options.environment,
    };
    this.#options = {
      url,
      timeoutMs: within('timeoutMs', options.timeoutMs ?? 10_000, 1),
      retryMs: within('retryMs', options.retryMs ?? 10_000, 0),
      quotaWaitMs: within('quotaWaitMs', options.quotaWaitMs ?? 0, 0),
      maxResponseBytes: bytes('maxResponseBytes', options.maxResponseBytes ?? 1024 * 1024),
    };
    this.signer = new Signer({
      appkey: requireText('appkey', options.appkey),
      accessToken: requireText('accessToken', options.accessToken),
      language: options.language,
      correctClock: options.correctClock ?? true,
      wallNow: this.#environment.wallNow,
      onCorrected: (message) => options.onWarning?.(message),
    });
    this.#secrets = [options.accessToken];
  }

  /** Values that must not come back in any error, for example a push address. */
  keepSecret(...values: readonly (string | undefined)[]): void {
    this.#secrets = [...new Set([...this.#secrets, ...values.filter((value) => value !== undefined)])];
  }

  /** @internal What is asked and answered from now on is written down. */
  recordTo(recorder: Recorder | undefined): void {
    this.#recorder = recorder;
  }

  /** @internal */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  createByProject(request: NewId<CreateByProject>, options?: CallOptions): Promise<CreatedSession> {
    this.#hide(request);
    return this.call('createByProject', { ...request, requestId: newRequestId() }, options);
  }

  createByAsset(request: NewId<CreateByAsset>, options?: CallOptions): Promise<CreatedSession> {
    this.#hide(request);
    return this.call('createByAsset', { ...request, requestId: newRequestId() }, options);
  }

  stat(sessionId: string, options?: CallOptions): Promise<SessionState> {
    return this.call('stat', { requestId: newRequestId(), sessionId }, options);
  }

  async start(sessionId: string, options?: CallOptions): Promise<void> {
    await this.call('start', { requestId: newRequestId(), sessionId }, options);
  }

  async close(sessionId: string, options?: CallOptions): Promise<void> {
    await this.call('close', { requestId: newRequestId(), sessionId }, options);
  }

  async listByProject(projectId: string, options?: CallOptions): Promise<readonly ListedSession[]> {
    return (await this.call('listByProject', { requestId: newRequestId(), projectId }, options)).sessions;
  }

  async listByAsset(assetKey: string, options?: CallOptions): Promise<readonly ListedSession[]> {
    return (await this.call('listByAsset', { requestId: newRequestId(), assetKey }, options)).sessions;
  }

  /** All sessions of the account. */
  async listByAccount(options?: CallOptions): Promise<readonly ListedSession[]> {
    return (await this.call('listByAccount', { requestId: newRequestId() }, options)).sessions;
  }

  /** In no document. */
  async listByAvatar(avatarKey: string, options?: CallOptions): Promise<readonly ListedSession[]> {
    return (await this.call('listByAvatar', { requestId: newRequestId(), avatarKey }, options)).sessions;
  }

  /** @param page from 1. @param pageSize 1 to 100. */
  timbres(page = 1, pageSize = 100, options?: CallOptions): Promise<TimbrePage> {
    return this.call('timbres', { page, pageSize }, options);
  }

  async actions(avatarKey: string, options?: CallOptions): Promise<readonly AvatarAction[]> {
    return (await this.call('actions', { avatarKey }, options)).actions;
  }

  /** A command of the channel without a channel. It is sent once: nobody knows whether a lost one was done. */
  async command(command: Command, options?: CallOptions): Promise<void> {
    await this.call('command', command, { retryMs: 0, ...options });
  }

  /** Any call; resolves with the answer of code 0. */
  async call<C extends RestCall>(
    call: C,
    request: RestRequests[C],
    options: CallOptions = {},
  ): Promise<RestResponses[C]> {
    const body = writeRestRequest(call, request);
    const { clock, random } = this.#environment;
    const backoff = new Backoff(random);
    const round = this.signer.round(this.#where);
    const began = clock.now();
    for (let attempts = 1; ; attempts++) {
      throwIfAborted(options.signal);
      const outcome = await this.#once(call, body, options);
      if (!('error' in outcome)) return outcome.response;
      throwIfAborted(options.signal);
      if (outcome.retry === 'never') throw outcome.error;
      if (outcome.retry === 'resign') {
        const refused = round.refused(outcome);
        if (refused !== undefined) throw refused;
        continue;
      }
      const waitMs = backoff.next() + extraWaitMs(outcome.reaction);
      const { quotaWaitMs, retryMs } = this.#options;
      const budgetMs = outcome.reaction === 'wait' ? quotaWaitMs : (options.retryMs ?? retryMs);
      const once = outcome.reaction === 'retry-once' && attempts > 1;
      if (once || clock.now() + waitMs > began + budgetMs) throw outcome.error;
      await pause(clock, waitMs, options.signal);
    }
  }

  async #once<C extends RestCall>(
    call: C,
    body: string,
    options: CallOptions,
  ): Promise<{ response: RestResponses[C] } | HttpFailure> {
    const url = restUrl(this.#options.url, call);
    url.search = this.signer.query({ inQuery: false });
    const { language } = this.signer;
    const nowMs = this.signer.wallNow;
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#options.timeoutMs);
    this.#recorder?.note({ what: 'asked', call, text: body });
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json;charset=utf-8',
          ...(language !== undefined && { language }),
        },
        // A signed address goes nowhere else.
        redirect: 'manual',
        signal:
          options.signal === undefined || options.finishAttempt === true
            ? timeout
            : AbortSignal.any([timeout, options.signal]),
      });
      const text = await readText(answer, this.#options.maxResponseBytes);
      this.#recorder?.note({ what: 'answered', call, status: answer.status, text });
      const read = answer.status === 200 ? readRestResponse(call, text) : undefined;
      if (read?.kind === 'answer') return { response: read.response };
      if (read?.kind === 'malformed')
        return { error: malformed(this.#where, read.fault), retry: 'never', reaction: undefined };
      const { status } = answer;
      // A code inside the payload is judged like one in the header.
      const judged =
        read?.kind === 'error'
          ? JSON.stringify({ Header: { Code: read.code, Message: read.message } })
          : text;
      return fromHttp(
        { status, date: answer.headers.get('date'), body: judged },
        this.#where,
        nowMs,
        this.#secrets,
      );
    } catch (thrown) {
      this.#recorder?.note({ what: 'answered', call, status: 0, text: '' });
      return this.#trouble(thrown, timeout, options.timeoutMs ?? this.#options.timeoutMs);
    }
  }

  #trouble(thrown: unknown, timeout: AbortSignal, timeoutMs: number): HttpFailure {
    if (thrown instanceof FacewireError) return { error: thrown, retry: 'never', reaction: undefined };
    if (timeout.aborted) {
      const error = new FacewireError('ERR_TIMEOUT', `no answer from ${this.#where} within ${timeoutMs} ms`, {
        expected: `an answer within ${timeoutMs} ms`,
        received: 'nothing',
      });
      return { error, retry: 'later', reaction: undefined };
    }
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const socket = fromSocketError(cause instanceof Error ? cause : new Error(String(cause)), this.#where);
    const reason = socket.error.received ?? 'an unknown reason';
    const error = new FacewireError('ERR_CONNECT_FAILED', `cannot reach ${this.#where}: ${reason}`, {
      expected: 'an HTTP server',
      received: reason,
    });
    return { error, retry: socket.retry, reaction: undefined };
  }

  #hide(request: NewId<CreateByProject> | NewId<CreateByAsset>): void {
    const { output } = request;
    this.keepSecret(output?.pushUrl, output?.trtcUserSignature, output?.trtcPrivateKey);
  }
}

/** Throws ERR_INTERRUPTED when the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new FacewireError('ERR_INTERRUPTED', 'the signal was aborted', {
    expected: 'the work to go on to its end',
    received: 'an aborted signal',
    cause: signal.reason,
  });
}

/** Resolves when the signal is aborted, never without one. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function readText(answer: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (answer.body === null) return '';
  // Leaving the loop early cancels the rest.
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new FacewireError('ERR_MESSAGE_TOO_LARGE', 'the server sent an answer over the limit', {
        expected: `at most ${maxBytes} bytes`,
        received: 'a longer answer',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function malformed(where: string, fault: string): FacewireError {
  return new FacewireError('ERR_WIRE_MALFORMED', `the answer of ${where} is ${fault}`, {
    expected: 'JSON with Header and Payload',
    received: fault,
  });
}

function bytes(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1024 && value <= 64 * 1024 * 1024) return value;
  throw invalid(name, '1024 to 67108864 bytes', String(value));
}

function within(name: string, value: number, least: number): number {
  if (value >= least && value <= 600_000) return value;
  throw invalid(name, `${least} to 600000 ms`, String(value));
}
