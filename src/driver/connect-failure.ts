import type { IncomingMessage } from 'node:http';
import { FacewireError } from '../errors.js';
import { maxSkewSeconds, readFrame } from '../wire/index.js';
import { scrub } from './secrets.js';

/** Why one attempt did not give a connection, and what may be done about it. */
export interface ConnectFailure {
  readonly error: FacewireError;
  /** `never`: another attempt cannot help. `resign`: one more with a fresh signature. `later`: after a wait. */
  readonly retry: 'never' | 'resign' | 'later';
  /** The server's clock minus ours in ms, when an HTTP answer told it. */
  readonly clockOffsetMs?: number;
}

// Node's and OpenSSL's names for a certificate that will not get better by waiting.
const permanent =
  /^(ENOTFOUND|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH)/;

/** From the error event of a socket that never opened. `where` is the address without its query. */
export function fromSocketError(error: Error, where: string): ConnectFailure {
  const reason = systemCode(error) ?? error.message;
  if (/handshake has timed out/.test(error.message)) {
    const failure = new FacewireError('ERR_TIMEOUT', `no answer to the handshake from ${where}`, {
      expected: 'an answer within the handshake timeout',
      received: 'nothing',
    });
    return { error: failure, retry: 'later' };
  }
  const failure = new FacewireError('ERR_CONNECT_FAILED', `cannot connect to ${where}: ${reason}`, {
    expected: 'a WebSocket server',
    received: reason,
    cause: error,
  });
  return { error: failure, retry: permanent.test(reason) ? 'never' : 'later' };
}

function systemCode(error: Error): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // Node tries every address of a name and wraps what it got.
  return error instanceof AggregateError && error.errors[0] instanceof Error
    ? systemCode(error.errors[0])
    : undefined;
}

/**
 * From an HTTP answer that is not a WebSocket.
 * @param nowMs the clock that the signature was made with, without any correction.
 */
export function fromHttpAnswer(
  answer: { readonly status: number; readonly date: string | undefined; readonly body: string },
  where: string,
  nowMs: number,
  secrets: readonly string[],
): ConnectFailure {
  const dateMs = answer.date === undefined ? NaN : Date.parse(answer.date);
  const clockOffsetMs = Number.isFinite(dateMs) ? dateMs - nowMs : undefined;
  const said = bodyText(answer.body, secrets);
  const received = `HTTP ${answer.status}${said === '' ? '' : `: ${said}`}`;
  if (answer.status === 401 || answer.status === 403) {
    const error = new FacewireError('ERR_AUTH_REJECTED', `${where} refused the signature (${received})`, {
      expected: 'an app key and access token that the server knows',
      received,
    });
    return { error, retry: 'resign', ...(clockOffsetMs !== undefined && { clockOffsetMs }) };
  }
  const error = new FacewireError('ERR_CONNECT_FAILED', `${where} does not open a WebSocket (${received})`, {
    expected: 'HTTP 101',
    received,
  });
  return { error, retry: answer.status >= 500 || answer.status === 429 ? 'later' : 'never' };
}

export function skewError(offsetMs: number, where: string): FacewireError {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  return new FacewireError(
    'ERR_CLOCK_SKEW',
    `this machine's clock is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} the clock of ${where}`,
    { expected: `at most ${maxSkewSeconds} s`, received: `${seconds} s` },
  );
}

function bodyText(body: string, secrets: readonly string[]): string {
  const { frame } = readFrame(body);
  const text = frame.kind === 'error' ? frame.message : body;
  return scrub(text.replace(/\s+/g, ' ').trim(), secrets);
}

/** Reads at most 4 KiB of an answer's body, for at most 2 s. Never rejects. */
export function readBody(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (): void => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8').slice(0, 4096));
      response.destroy();
    };
    const timer = setTimeout(finish, 2000);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= 4096) finish();
    });
    response.on('end', finish);
    response.on('error', finish);
    response.on('close', finish);
  });
}
