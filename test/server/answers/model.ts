import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** One request to the model, which the test answers by hand. */
export class ModelRequest {
  /** Resolves when the client has gone or everything was sent. */
  readonly closed: Promise<void>;

  constructor(
    readonly asked: Asked,
    readonly authorization: string | undefined,
    readonly response: ServerResponse,
  ) {
    this.closed = new Promise((resolve) => response.once('close', () => resolve()));
  }

  write(text: string): void {
    if (!this.response.headersSent) this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.response.write(text);
  }

  say(...pieces: readonly string[]): void {
    for (const content of pieces) {
      const event = {
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content }, finish_reason: null }],
      };
      this.write(`data: ${JSON.stringify(event)}\n\n`);
    }
  }

  end(): void {
    this.write('data: [DONE]\n\n');
    this.response.end();
  }

  refuse(status: number, body: string): void {
    this.response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }
}

/** A real HTTP server that stands for an OpenAI-compatible endpoint. */
export class Model {
  readonly requests: ModelRequest[] = [];
  readonly #server: Server;
  readonly #waiting: ((request: ModelRequest) => void)[] = [];
  /** Requests up to now that nobody has taken. */
  readonly #ready: ModelRequest[] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  static async start(): Promise<Model> {
    const model = new Model();
    await new Promise<void>((resolve) => model.#server.listen(0, '127.0.0.1', resolve));
    return model;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The next request, when it has come. */
  next(): Promise<ModelRequest> {
    const ready = this.#ready.shift();
    return ready === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(ready);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    const taken = new ModelRequest(JSON.parse(body) as Asked, request.headers.authorization, response);
    this.requests.push(taken);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#ready.push(taken);
    else waiting(taken);
  }
}
