import { WebSocket } from 'ws';
import { FacewireError } from '../errors.js';
import { idempotentHeader } from '../wire/index.js';
import { readBody } from './connect-failure.js';
import { scrub } from './secrets.js';

/** What one frame may cost; `ws` counts fragments and chunks to bound what tiny ones can make it keep. */
export interface FrameLimits {
  /** Bytes. */
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
}

/** An answer to the upgrade that is not a WebSocket. */
export interface Refusal {
  readonly status: number;
  /** The header of that name. */
  readonly date: string | undefined;
  /** At most 4 KiB. */
  readonly body: string;
}

export interface DialOptions<Failure> {
  readonly url: URL;
  readonly handshakeMs: number;
  readonly limits: FrameLimits;
  /** The socket of the attempt, for whoever wants to end it early; undefined when the attempt is over. */
  readonly onAttempt: (socket: WebSocket | undefined) => void;
  readonly onMessage: (bytes: Buffer) => void;
  /** Comes before dial() resolves. @param idempotent the server does what comes twice once. */
  readonly onOpen: (socket: WebSocket, idempotent: boolean) => void;
  readonly refused: (answer: Refusal) => Failure;
  readonly failed: (error: Error) => Failure;
}

const closeMs = 2000;

/** One attempt to open a WebSocket. Resolves with why there is none, or undefined. Never rejects. */
export function dial<Failure>(options: DialOptions<Failure>): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(options.url, {
      perMessageDeflate: false,
      handshakeTimeout: options.handshakeMs,
      ...options.limits,
      // Not among the types of ws.
      ...{ closeTimeout: closeMs },
    });
    options.onAttempt(socket);
    let answered = false;
    let idempotent = false;
    const fail = (failure: Failure): void => {
      options.onAttempt(undefined);
      socket.removeAllListeners();
      // terminate() of a socket that is still connecting reports once more.
      socket.on('error', () => undefined);
      socket.terminate();
      resolve(failure);
    };
    socket.on('unexpected-response', (_request, response) => {
      answered = true;
      void readBody(response).then((body) => {
        fail(options.refused({ status: response.statusCode ?? 0, date: response.headers.date, body }));
      });
    });
    socket.on('upgrade', ({ headers }) => {
      idempotent = headers[idempotentHeader] === '1';
    });
    socket.on('error', (error) => {
      if (!answered) fail(options.failed(error));
    });
    // Before 'open', because the first frame may come in the same packet as the handshake.
    socket.on('message', (data) => options.onMessage(data as Buffer));
    socket.on('open', () => {
      options.onAttempt(undefined);
      socket.removeAllListeners('error');
      socket.removeAllListeners('unexpected-response');
      options.onOpen(socket, idempotent);
      resolve(undefined);
    });
  });
}

/** Closes for good, with force after 2 s. Resolves when the socket is gone. */
export async function hangUp(socket: WebSocket | undefined): Promise<void> {
  if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.terminate(), closeMs);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // A paused socket does not hear the answer.
    socket.resume();
    socket.close(1000);
  });
}

/** Pings without an answer after which a peer is dead. */
export const missedPings = 2;

/** How an open socket was closed. @param silent by us, because the pings had no answer. */
export function closedSocket(
  where: string,
  close: { readonly code: number; readonly reason: Buffer; readonly silent: boolean },
  secrets: readonly string[],
): FacewireError {
  const text = scrub(close.reason.toString('utf8'), secrets);
  const received = close.silent
    ? `no answer to ${missedPings} pings`
    : `close ${close.code}${text === '' ? '' : ` (${text})`}`;
  return new FacewireError('ERR_CONNECTION_LOST', `the connection to ${where} ended: ${received}`, {
    expected: 'the connection to stay open',
    received,
    remoteCode: close.code,
  });
}

/** How an open socket broke: the peer broke the WebSocket protocol, or the network did. */
export function brokenSocket(where: string, error: Error, maxBytes: number): FacewireError {
  const reason = (error as NodeJS.ErrnoException).code ?? error.message;
  if (reason === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return new FacewireError('ERR_MESSAGE_TOO_LARGE', `${where} sent a frame over the limit`, {
      expected: `at most ${maxBytes} bytes`,
      received: 'a longer frame',
      cause: error,
    });
  }
  if (reason.startsWith('WS_ERR_')) {
    return new FacewireError(
      'ERR_WIRE_MALFORMED',
      `${where} broke the WebSocket protocol: ${error.message}`,
      {
        expected: 'a valid WebSocket frame',
        received: reason,
        cause: error,
      },
    );
  }
  return new FacewireError('ERR_CONNECTION_LOST', `the connection to ${where} failed: ${reason}`, {
    expected: 'the connection to stay open',
    received: reason,
    cause: error,
  });
}

/** The error of the last attempt, when there were several. */
export function afterAttempts(error: FacewireError, attempts: number): FacewireError {
  return reworded(error, `${error.message} (${attempts} attempts)`);
}

/** The same error in other words, with `cause` behind it when it has none. */
export function reworded(error: FacewireError, message: string, cause = error.cause): FacewireError {
  const { code, expected, received, remoteCode } = error;
  return new FacewireError(code, message, {
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received }),
    ...(remoteCode !== undefined && { remoteCode }),
    ...(cause !== undefined && { cause }),
  });
}
