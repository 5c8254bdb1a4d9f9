import { inspect } from 'node:util';
import { createParser } from 'eventsource-parser';
import { FacewireError } from '../../errors.js';
import type { AnswerSource, Question } from '../answer-source.js';
import { Conversations, type ConversationLimits } from './conversations.js';

export interface ChatEndpointOptions {
  /** Base address (`http://127.0.0.1:11434/v1`) or that of `/chat/completions` itself. */
  readonly url: string;
  readonly model: string;
  /** Secret; default the environment variable FACEWIRE_CHAT_KEY. Without one no Authorization is sent. */
  readonly apiKey?: string;
  /** Tells the model who it is; default: short answers that are fit to be spoken. */
  readonly instructions?: string;
  /** Said when a conversation is opened without words; default `Hello. What can I do for you?`. */
  readonly greeting?: string;
  /** 0 to 2; default the endpoint's own. */
  readonly temperature?: number;
  /** Most tokens of one answer; default the endpoint's own. */
  readonly maxTokens?: number;
  readonly memory?: Partial<ConversationLimits>;
}

const usualInstructions =
  'You are the voice of a digital human. Answer in a few short sentences that are good to listen to, in the language of the question.';
/** Longest line of an event and longest answer, in characters. */
const longestEvent = 256 * 1024;
const longestAnswer = 100_000;

/**
 * Answers by an endpoint that speaks OpenAI's `/chat/completions` with
 * `stream: true`, word by word. Remembers each conversation within limits;
 * START_CHAT begins it anew. The key is in no error and no printout.
 */
export class ChatEndpoint implements AnswerSource {
  readonly replyType = 'cloudAiGpt';
  readonly #url: URL;
  readonly #apiKey: string;
  readonly #options: Omit<ChatEndpointOptions, 'apiKey' | 'url'>;
  readonly #conversations: Conversations;

  /** Fails with ERR_OPTION_INVALID, or ERR_SECRET_EXPOSED for a key that would cross the network in the clear. */
  constructor({ apiKey = process.env['FACEWIRE_CHAT_KEY'] ?? '', url, ...options }: ChatEndpointOptions) {
    this.#url = completionsAddress(url);
    this.#apiKey = apiKey;
    this.#options = options;
    this.#conversations = new Conversations(options.memory);
    if (options.model.trim() === '')
      throw new FacewireError('ERR_OPTION_INVALID', 'the chat endpoint needs the name of a model');
    if (!/^[\x21-\x7e]*$/.test(apiKey)) {
      throw new FacewireError(
        'ERR_OPTION_INVALID',
        'the key of the chat endpoint holds a character that no key has',
        {
          remedy: 'Set FACEWIRE_CHAT_KEY to the key alone, without blanks and line ends.',
        },
      );
    }
    if (apiKey !== '' && this.#url.protocol === 'http:' && !isLoopback(this.#url.hostname)) {
      throw new FacewireError(
        'ERR_SECRET_EXPOSED',
        'the key of the chat endpoint would cross the network in the clear',
        {
          remedy: 'Use https, or an endpoint on this machine.',
        },
      );
    }
  }

  async *answer(question: Question): AsyncGenerator<string> {
    const { conversationId, text, opening, signal } = question;
    if (opening) this.#conversations.forget(conversationId);
    if (text.trim() === '') {
      if (opening) yield this.#options.greeting ?? 'Hello. What can I do for you?';
      return;
    }
    const asked = { role: 'user', text } as const;
    let answered = '';
    try {
      for await (const piece of this.#ask([...this.#conversations.of(conversationId), asked], signal)) {
        answered += piece;
        yield piece;
        if (answered.length > longestAnswer) return;
      }
    } finally {
      // What was begun was heard, so the model should know of it.
      if (answered !== '')
        this.#conversations.add(conversationId, asked, { role: 'assistant', text: answered });
    }
  }

  /** Without the key. */
  toJSON(): { readonly url: string; readonly model: string } {
    return { url: this.#url.origin + this.#url.pathname, model: this.#options.model };
  }

  [inspect.custom](): string {
    return `ChatEndpoint { url: '${this.toJSON().url}', model: '${this.#options.model}', apiKey: <hidden> }`;
  }

  async *#ask(
    turns: readonly { readonly role: string; readonly text: string }[],
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const { model, instructions = usualInstructions, temperature, maxTokens } = this.#options;
    const body = {
      model,
      stream: true,
      messages: [
        { role: 'system', content: instructions },
        ...turns.map((turn) => ({ role: turn.role, content: turn.text })),
      ],
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    };
    yield* readAnswer(await this.#post(JSON.stringify(body), signal), signal);
  }

  async #post(body: string, signal: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.#url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(this.#apiKey === '' ? {} : { authorization: `Bearer ${this.#apiKey}` }),
        },
        body,
        signal,
        // Another host has no business with the key.
        redirect: 'error',
      });
    } catch (error) {
      if (signal.aborted) throw interrupted();
      const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
      throw new FacewireError('ERR_CONNECT_FAILED', 'the chat endpoint cannot be reached', {
        received: cause?.code ?? 'no answer',
        remedy: 'Check the address of the chat endpoint and that it is running.',
      });
    }
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    throw refusal(response.status);
  }
}

/** The pieces of text in a stream of `chat.completion.chunk` events. */
async function* readAnswer(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  let waiting: string[] = [];
  let done = false;
  let failure: FacewireError | undefined;
  const parser = createParser({
    maxBufferSize: longestEvent,
    onEvent: ({ data }) => {
      if (done || failure !== undefined) return;
      const event = readEvent(data);
      if (event instanceof FacewireError) failure = event;
      else if (event.done) done = true;
      else if (event.text !== '') waiting.push(event.text);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') failure ??= broken('an event is too long');
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  // fetch forgets the signal when garbage is collected (measured with Node 20), so it is heeded here, too.
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (reader !== undefined && !done && failure === undefined) {
      const part = await reader.read().catch(() => undefined);
      if (signal.aborted) throw interrupted();
      if (part === undefined) throw broken('the connection broke in the middle of an answer');
      if (part.done) break;
      parser.feed(decoder.decode(part.value as Uint8Array, { stream: true }));
      const ready = waiting;
      waiting = [];
      yield* ready;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Ends the request when nobody reads on.
    await reader?.cancel().catch(() => undefined);
  }
  if (failure !== undefined) throw failure;
  if (!done) throw broken('the answer ended without its end mark');
}

function readEvent(data: string): FacewireError | { readonly done: boolean; readonly text: string } {
  if (data.trim() === '[DONE]') return { done: true, text: '' };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return broken('an event is not JSON');
  }
  const event = value as {
    error?: unknown;
    choices?: { delta?: { content?: unknown } | null; finish_reason?: unknown }[];
  } | null;
  // The endpoint's own words may quote the key.
  if (event?.error !== undefined && event.error !== null)
    return broken('the endpoint reported an error in its answer');
  const content = Array.isArray(event?.choices) ? event.choices[0]?.delta?.content : undefined;
  return { done: false, text: typeof content === 'string' ? content : '' };
}

function completionsAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new FacewireError('ERR_OPTION_INVALID', 'the address of the chat endpoint is not usable', {
      expected: 'http(s)://host[:port]/v1 without a name or password in it',
    });
  }
  if (!url.pathname.endsWith('/chat/completions')) {
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  }
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function refusal(status: number): FacewireError {
  if (status === 401 || status === 403) {
    return new FacewireError('ERR_AUTH_REJECTED', `the chat endpoint refused the key (HTTP ${status})`, {
      remedy: 'Check FACEWIRE_CHAT_KEY.',
    });
  }
  const remedy =
    status === 429
      ? 'It is asked too often: wait, or raise its limit.'
      : status >= 500
        ? 'Try again later.'
        : 'Check the address and the name of the model.';
  return new FacewireError('ERR_DRIVE_FAILED', `the chat endpoint answered HTTP ${status}`, { remedy });
}

function broken(what: string): FacewireError {
  return new FacewireError('ERR_CONNECTION_LOST', `the chat endpoint failed: ${what}`, {
    remedy: 'Ask again; if it happens again, check the endpoint.',
  });
}

function interrupted(): FacewireError {
  return new FacewireError('ERR_INTERRUPTED', 'nobody wants the answer any more');
}
