import type { IncomingMessage, ServerResponse } from 'node:http';

/** Most bytes of one request's body; the largest creates a session with five layers. */
export const maxBodyBytes = 128 * 1024;
const bodyMs = 10_000;

/**
 * Pages of any origin may ask: what lets a request in is its signature, and
 * nothing that a browser would add by itself.
 */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'Content-Type, Language, X-Requested-With',
  'access-control-max-age': '600',
} as const;

/** Why a body could not be had. */
export interface BodyFault {
  readonly status: 408 | 413;
  readonly message: string;
}

/** Reads a whole body within the limits of size and time. Undefined when the client has left. */
export function readBody(
  request: IncomingMessage,
  mostBytes = maxBodyBytes,
): Promise<Buffer | BodyFault | undefined> {
  const tooLarge: BodyFault = {
    status: 413,
    message: `InvalidParameter: a body has at most ${mostBytes} bytes`,
  };
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.resolve(tooLarge);
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Buffer | BodyFault | undefined): void => {
      clearTimeout(timer);
      request.off('data', take);
      resolve(result);
    };
    const take = (part: Buffer): void => {
      bytes += part.length;
      if (bytes > mostBytes) finish(tooLarge);
      else parts.push(part);
    };
    const timer = setTimeout(
      () => finish({ status: 408, message: `InvalidParameter: the body did not come within ${bodyMs} ms` }),
      bodyMs,
    );
    request.on('data', take);
    request.once('end', () => finish(Buffer.concat(parts)));
    request.once('close', () => finish(undefined));
    request.once('error', () => finish(undefined));
  });
}

/** Sends a JSON body that pages of any origin may read. @param last closes the connection after it. */
export function answer(response: ServerResponse, status: number, body: string, last = false): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    ...corsHeaders,
    'content-type': 'application/json;charset=utf-8',
    'cache-control': 'no-store',
    ...(last && { connection: 'close' }),
  });
  response.end(body);
}
