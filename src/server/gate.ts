import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { drivePath } from '../wire/endpoint.js';
import { verifyQuery } from '../wire/signing.js';
import type { UsedSignatures } from './used-signatures.js';

/** Why a connection is refused before it becomes a WebSocket. */
export interface GateRefusal {
  readonly status: number;
  /** `Header.Code` of the body. */
  readonly code: number;
  readonly message: string;
}

const unauthorised = 100005;
const notFound = 100009;
const overLimit = 100008;
const badRequest = 100001;

/** Told to who comes while the process has no file descriptors to spare. */
export const noDescriptors: GateRefusal = {
  status: 503,
  code: overLimit,
  message: 'LimitExceeded: the server has no file descriptors for another connection; try again in 2 s',
};

/**
 * Checks path and signature, and notes its use. Undefined lets the client in.
 * @param fullAt how many connections there may be, when there are no more to have.
 */
export function checkUpgrade(
  request: IncomingMessage,
  keys: { readonly appkey: string; readonly accessToken: string },
  nowSeconds: number,
  fullAt: number | undefined,
  used: UsedSignatures,
): GateRefusal | undefined {
  const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
  if (path !== drivePath)
    return { status: 404, code: notFound, message: 'ResourceNotFound: there is no such address' };
  const verdict = verifyQuery(
    query,
    (appkey) => (appkey === keys.appkey ? keys.accessToken : undefined),
    nowSeconds,
  );
  if (!verdict.ok) {
    const status = verdict.reason === 'skew' ? 403 : 401;
    return { status, code: unauthorised, message: `AuthFailure: ${verdict.message}` };
  }
  if (fullAt !== undefined) {
    const message = `LimitExceeded: at most ${fullAt} connections at once; try again in 10 s`;
    return { status: 503, code: overLimit, message };
  }
  const address = request.socket.remoteAddress ?? '';
  if (!used.use(verdict.signature, address, verdict.timestampSeconds, nowSeconds)) {
    return { status: 401, code: unauthorised, message: 'AuthFailure: this signature was used before' };
  }
  return undefined;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function bodyOf({ code, message }: GateRefusal): string {
  return JSON.stringify({
    Header: { Code: code, Message: message, RequestID: '', SessionID: '', DialogID: '' },
  });
}

/** Answers an upgrade that is refused: status, the time of our clock, and a body with the reason. */
export function refuseUpgrade(socket: Duplex, refusal: GateRefusal): void {
  const body = bodyOf(refusal);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: application/json;charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Answers plain HTTP: this server speaks WebSocket only. */
export function refuseRequest(request: IncomingMessage, response: ServerResponse): void {
  const known = splitOnce(request.url ?? '', '?')[0] === drivePath;
  const refusal = known
    ? { status: 426, code: badRequest, message: 'InvalidParameter: connect with a WebSocket' }
    : { status: 404, code: notFound, message: 'ResourceNotFound: there is no such address' };
  answerRefusal(response, refusal, known ? { upgrade: 'websocket' } : {});
}

/** Answers a plain request with a refusal, and closes the connection. */
export function answerRefusal(
  response: ServerResponse,
  refusal: GateRefusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(refusal.status, {
    'content-type': 'application/json;charset=utf-8',
    connection: 'close',
    ...headers,
  });
  response.end(bodyOf(refusal));
}
