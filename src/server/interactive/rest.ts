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

/** The REST API over HTTP: paths, preflight, signature, body, and the form of the answers. */
export class RestApi {
  readonly #handlers: RestHandlers;
  readonly #authorise: (query: string) => NotAuthorised | undefined;
  readonly #warn: (message: string) => void;

  /** @param warn told what is unusual about a request that is served all the same. */
  constructor(
    handlers: RestHandlers,
    authorise: (query: string) => NotAuthorised | undefined,
    warn: (message: string) => void,
  ) {
    this.#handlers = handlers;
    this.#authorise = authorise;
    this.#warn = warn;
  }

  /** Answers a request to one of the paths; false leaves it to others. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [path, query] = splitUrl(request.url ?? '');
    const call = path === actionConfigPath ? 'action-config' : restCallOf(path);
    if (call === undefined) return false;
    void this.#serve(call, query, request, response);
    return true;
  }

  async #serve(
    call: RestCall | 'action-config',
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
    const stranger = this.#authorise(query);
    if (stranger !== undefined) return refuse(stranger.status, sessionCode.unauthorised, stranger.message);
    const body = await readBody(request);
    if (body === undefined) return;
    if (!Buffer.isBuffer(body)) return refuse(body.status, sessionCode.badParameter, body.message);
    if (call === 'action-config') return answer(response, 200, writeNoActionConfig(gatewayId));
    answer(response, 200, this.#answer(call, body, request, gatewayId));
  }

  #answer<C extends RestCall>(call: C, body: Buffer, from: IncomingMessage, gatewayId: string): string {
    const reading = readRestRequest(call, body);
    if (!reading.ok) return writeRestError(reading.refusal.code, reading.refusal.message, gatewayId);
    for (const warning of reading.warnings) this.#warn(warning);
    try {
      const result = this.#handlers[call](reading.request, from);
      return isRefusal(result)
        ? writeRestError(result.code, result.message, gatewayId)
        : writeRestResponse(call, result, gatewayId);
    } catch (thrown) {
      const { code, message } = describeFailure(thrown, sessionCode.internal);
      return writeRestError(code, message, gatewayId);
    }
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
