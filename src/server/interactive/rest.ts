import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { actionConfigPath, writeNoActionConfig } from '../../wire/interactive/action-config.js';
import { restCallOf, type RestCall } from '../../wire/interactive/paths.js';
import { readRestRequest } from '../../wire/interactive/read-rest-request.js';
import {
  writeRestError,
  writeRestResponse,
  type RestResponses,
} from '../../wire/interactive/rest-responses.js';
import type { RestRequests } from '../../wire/interactive/write-rest-request.js';
import type { SignatureVerdict } from '../../wire/signing.js';
import { sessionCode, type Refusal } from './codes.js';
import { describeFailure } from './drive-failure.js';
import { answer, corsHeaders, readBody } from './http.js';

/** What answers one call. May throw; a refusal is a business failure, which goes out with HTTP 200. */
export type RestHandlers = {
  readonly [C in RestCall]: (request: RestRequests[C], from: IncomingMessage) => RestResponses[C] | Refusal;
};

/** Why a query does not let its caller in. */
export interface NotAuthorised {
  readonly status: number;
  readonly message: string;
}

/** What a caller is told whose query was judged. */
export function notAuthorised(verdict: Extract<SignatureVerdict, { ok: false }>): NotAuthorised {
  return { status: verdict.reason === 'skew' ? 403 : 401, message: `AuthFailure: ${verdict.message}` };
}

/** The REST API over HTTP: paths, preflight, signature, body, and the form of the answers. */
export class RestApi {
  readonly #handlers: RestHandlers | undefined;
  readonly #verify: (query: string) => SignatureVerdict;
  readonly #warn: (message: string) => void;

  /**
   * @param verify judges the query of a request.
   * @param handlers without them only the call that clients of endpoint rendering make is answered.
   * @param warn told what is unusual about a request that is served all the same.
   */
  constructor(
    verify: (query: string) => SignatureVerdict,
    handlers?: RestHandlers,
    warn: (message: string) => void = () => undefined,
  ) {
    this.#verify = verify;
    this.#handlers = handlers;
    this.#warn = warn;
  }

  /** Answers a request to one of the paths; false leaves it to others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [path, query] = splitUrl(request.url ?? '');
    const respond = this.#responder(path, request);
    if (respond === undefined) return false;
    void this.#serve(respond, query, request, response);
    return true;
  }

  #responder(path: string, request: IncomingMessage): Respond | undefined {
    if (path === actionConfigPath) return (_body, gatewayId) => writeNoActionConfig(gatewayId);
    const call = restCallOf(path);
    const handlers = this.#handlers;
    if (call === undefined || handlers === undefined) return undefined;
    return (body, gatewayId) => answerCall(handlers, call, body, request, gatewayId, this.#warn);
  }

  async #serve(
    respond: Respond,
    query: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const gatewayId = randomUUID().replaceAll('-', '');
    const refuse = (status: number, code: number, message: string): void =>
      answer(response, status, writeRestError(code, message, gatewayId), true);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, corsHeaders);
      response.end();
      return;
    }
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST, OPTIONS');
      return refuse(405, sessionCode.badParameter, 'InvalidParameter: the method is POST');
    }
    const verdict = this.#verify(query);
    if (!verdict.ok) {
      const { status, message } = notAuthorised(verdict);
      return refuse(status, sessionCode.unauthorised, message);
    }
    const body = await readBody(request);
    if (body === undefined) return;
    if (!Buffer.isBuffer(body)) return refuse(body.status, sessionCode.badParameter, body.message);
    answer(response, 200, respond(body, gatewayId));
  }
}

/** Makes the answer to a body. */
type Respond = (body: Buffer, gatewayId: string) => string;

function answerCall<C extends RestCall>(
  handlers: RestHandlers,
  call: C,
  body: Buffer,
  from: IncomingMessage,
  gatewayId: string,
  warn: (message: string) => void,
): string {
  const reading = readRestRequest(call, body);
  if (!reading.ok) return writeRestError(reading.refusal.code, reading.refusal.message, gatewayId);
  for (const warning of reading.warnings) warn(warning);
  try {
    const result = handlers[call](reading.request, from);
    return isRefusal(result)
      ? writeRestError(result.code, result.message, gatewayId)
      : writeRestResponse(call, result, gatewayId);
  } catch (thrown) {
    const { code, message } = describeFailure(thrown, sessionCode.internal);
    return writeRestError(code, message, gatewayId);
  }
}

function isRefusal<T extends object>(result: T | Refusal): result is Refusal {
  return 'code' in result && 'message' in result;
}

/** Path and query of a request's address. */
export function splitUrl(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}
