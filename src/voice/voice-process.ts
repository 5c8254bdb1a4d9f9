import { fork, type ChildProcess } from 'node:child_process';
import { FacewireError } from '../errors.js';
import { entryUrl } from '../entry-url.js';
import type { SpeakAnswer, SpeakRequest } from './child-loop.js';
import type { SpokenClause } from './voice.js';

interface Waiting {
  readonly request: SpeakRequest;
  readonly resolve: (clause: SpokenClause) => void;
  readonly reject: (error: FacewireError) => void;
  retried: boolean;
  dropped: boolean;
}

/** Most clauses that may wait for one engine. */
const queueLimit = 256;
/** A clause of the longest length takes a second or two; past this the engine hangs. */
const defaultTimeoutMs = 30_000;

/**
 * A speech engine in a child process. One clause at a time is with the child;
 * when it dies, it is started again and the clause in flight is tried once
 * more. The child ends when this process does.
 */
export class VoiceProcess {
  readonly #entry: string;
  readonly #timeoutMs: number;
  readonly #queue: Waiting[] = [];
  #child: ChildProcess | undefined;
  #current: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastWords = '';
  #nextId = 1;
  #closed = false;

  /** @param entry compiled file of the child, from the source root and without extension. */
  constructor(entry: string, timeoutMs: number = defaultTimeoutMs) {
    this.#entry = entry;
    this.#timeoutMs = timeoutMs;
  }

  /** Process id of the child, when it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  speak(text: string, voice: string, speed: number, signal?: AbortSignal): Promise<SpokenClause> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new FacewireError('ERR_STATE', 'the voice is closed'));
      if (signal?.aborted === true) return reject(interrupted());
      if (this.#queue.length >= queueLimit) {
        return reject(
          new FacewireError('ERR_VOICE_FAILED', `more than ${queueLimit} clauses wait for the voice`, {
            remedy: 'Speak less at once.',
          }),
        );
      }
      const onAbort = (): void => {
        waiting.dropped = true;
        const place = this.#queue.indexOf(waiting);
        if (place >= 0) this.#queue.splice(place, 1);
        reject(interrupted());
      };
      const done = (): void => signal?.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        request: { id: this.#nextId++, text, voice, speed },
        resolve: (clause) => {
          done();
          resolve(clause);
        },
        reject: (error) => {
          done();
          reject(error);
        },
        retried: false,
        dropped: false,
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(waiting);
      this.#pump();
    });
  }

  /** Ends the child. Clauses that still wait fail with ERR_STATE. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const error = new FacewireError('ERR_STATE', 'the voice was closed');
    for (const waiting of [this.#current, ...this.#queue.splice(0)]) waiting?.reject(error);
    this.#current = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  }

  #pump(): void {
    if (this.#closed || this.#current !== undefined) return;
    const waiting = this.#queue.shift();
    if (waiting === undefined) return this.#rest();
    this.#current = waiting;
    const child = (this.#child ??= this.#start());
    // A process that waits for speech must not end; one that is idle may.
    child.ref();
    child.channel?.ref();
    this.#timer = setTimeout(() => child.kill('SIGKILL'), this.#timeoutMs);
    // One that could not be started has no channel; its error comes in a moment.
    if (!child.connected) return;
    child.send(waiting.request, (error) => {
      if (error !== null && this.#child === child) child.kill('SIGKILL');
    });
  }

  #rest(): void {
    this.#child?.unref();
    this.#child?.channel?.unref();
  }

  #start(): ChildProcess {
    const env = { ...process.env };
    // The child has no use for secrets.
    for (const name of Object.keys(env)) if (name.startsWith('FACEWIRE_')) Reflect.deleteProperty(env, name);
    delete env['NODE_OPTIONS'];
    this.#lastWords = '';
    const child = fork(entryUrl(this.#entry), [], {
      serialization: 'advanced',
      execArgv: [],
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on(
      'data',
      (text: Buffer) => (this.#lastWords = (this.#lastWords + text.toString()).slice(-500)),
    );
    (child.stderr as (NodeJS.ReadableStream & { unref?: () => void }) | null)?.unref?.();
    child.on('message', (answer: SpeakAnswer) => this.#take(answer));
    child.on('error', () => this.#lost(child));
    child.on('exit', () => this.#lost(child));
    return child;
  }

  #take(answer: SpeakAnswer): void {
    const waiting = this.#current;
    if (waiting?.request.id !== answer.id) return;
    this.#release();
    if (waiting.dropped) return this.#pump();
    if ('clause' in answer) waiting.resolve(answer.clause);
    else waiting.reject(new FacewireError(answer.code, answer.message, { remedy: answer.remedy }));
    this.#pump();
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const waiting = this.#current;
    this.#release();
    if (waiting !== undefined && !waiting.dropped) {
      if (waiting.retried) {
        const reason = child.signalCode ?? `code ${child.exitCode ?? 'unknown'}`;
        waiting.reject(
          new FacewireError(
            'ERR_VOICE_FAILED',
            `the voice process ended twice on the same text (${reason})`,
            {
              received: this.#lastWords.trim().split('\n').at(-1) ?? '',
            },
          ),
        );
      } else {
        waiting.retried = true;
        this.#queue.unshift(waiting);
      }
    }
    this.#pump();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#current = undefined;
  }
}

function interrupted(): FacewireError {
  return new FacewireError('ERR_INTERRUPTED', 'speaking was given up by the caller');
}
