import { FacewireError, toFacewireError } from '../errors.js';
import type { Voice } from '../voice/voice.js';
import { writeErrorFrame, writeReplyFrame, writeSpeechFrame, type FrameAddress } from '../wire/frames.js';
import { defaultSampleRate } from '../wire/endpoint.js';
import type { SpeechSettings } from '../wire/request.js';
import { contentTypes, type ExpressionPart, type Reply } from '../wire/response.js';
import { samplesToTicks } from '../wire/ticks.js';
import { cutChunks } from './chunks.js';
import { isSpoken, type ClausePlan } from './clause-plan.js';
import { addSmartActions } from './smart-actions.js';
import { ssmlOf } from './text/ssml-of.js';
import type { Pacer } from './pacing.js';
import { prefetch } from './prefetch.js';
import { renderClause, type RenderedClause } from './render-clause.js';

/** What the times in `Phn` and its like, and the places in `Subtitle`, count from: the clause or the whole drive. */
export type TimeBase = 'clause' | 'drive';

export interface DriveOptions {
  readonly address: FrameAddress;
  /** Of clauses whose marks name no other. */
  readonly replyType: string;
  readonly voice: () => Voice;
  readonly settings: SpeechSettings;
  readonly timeBase: TimeBase;
  readonly pacer: Pacer;
  /** Sends a frame; resolves when the next may be sent. */
  readonly send: (frame: string) => Promise<void>;
}

/** What else is told about a clause: where it comes from and how it is to be played. */
export type ReplyMarks = Partial<
  Pick<
    Reply,
    | 'replyType'
    | 'uninterruptible'
    | 'microphoneOff'
    | 'highlighted'
    | 'interactionType'
    | 'interactionContent'
  >
>;

export interface PlannedClause {
  readonly plan: ClausePlan;
  /** Known to be the last one. */
  readonly last: boolean;
  readonly marks?: ReplyMarks;
  /** The text that it is of has actions of its own, here or elsewhere: none are to be added. */
  readonly hasOwnActions?: boolean;
}

/** Fixed phrases, whose clauses are counted from 0; all others are counted from 1. */
const fixedPhrases: readonly string[] = ['cloudAiWaiting', 'cloudAiTimeOut', 'sensitive', 'enhanceText'];

/** Codes of the vendor's table that a drive can fail with. */
export const driveErrorCode = { badParameter: 100001, driveFailed: -111005 } as const;

/** Clauses that are made while one is being sent. */
const clausesAhead = 1;

/** One answer: text in clauses goes in, REPLY and SPEECH frames come out, a `Final` or an error frame last. */
export class Drive {
  readonly #options: DriveOptions;
  readonly #abort = new AbortController();
  /** Audio sent so far, at the wire's rate. */
  #samples = 0;
  #clauses = 0;
  /** Number of the newest clause. */
  #number: number | undefined;
  #spoken = 0;
  #shown = 0;
  #expressing = false;

  constructor(options: DriveOptions) {
    this.#options = options;
  }

  get requestId(): string {
    return this.#options.address.requestId;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends the output at once: nothing but an empty `Final` is sent any more. */
  stop(): void {
    this.#abort.abort();
  }

  /** Resolves when everything has been sent. Never rejects. */
  async run(source: AsyncIterable<PlannedClause>): Promise<void> {
    try {
      await this.#speakAll(source);
      if (!this.#abort.signal.aborted) this.#checkSpoken();
      await this.#sendFinal();
    } catch (thrown) {
      if (this.#abort.signal.aborted) await this.#sendFinal();
      else await this.#options.send(errorFrame(this.#options.address, thrown));
    } finally {
      this.#abort.abort();
    }
  }

  async #speakAll(source: AsyncIterable<PlannedClause>): Promise<void> {
    const { settings } = this.#options;
    const signal = this.#abort.signal;
    // Clauses are rendered one after the other, in the order in which they are heard.
    let before: RenderedClause | undefined;
    const render = async (
      item: PlannedClause,
    ): Promise<PlannedClause & { rendered: RenderedClause | undefined }> => {
      const isSmart = settings.smartActions === true && item.hasOwnActions !== true;
      const plan = isSmart ? addSmartActions(item.plan) : item.plan;
      if (!isSpoken(plan)) return { ...item, plan, rendered: undefined };
      const place = { part: this.#expressionPart(item.last), before, goesOn: !item.last };
      before = await renderClause(this.#options.voice(), plan, settings, signal, place);
      return { ...item, plan, rendered: before };
    };
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () =>
        reject(new FacewireError('ERR_INTERRUPTED', 'the drive was stopped')),
      );
    });
    stopped.catch(() => undefined);
    const clauses = prefetch(source, render, clausesAhead);
    try {
      for (;;) {
        // A source that waits for more text must not hold up a stop.
        const next = await Promise.race([clauses.next(), stopped]);
        if (next.done === true || signal.aborted) return;
        await this.#sendClause(next.value, next.value.rendered);
      }
    } finally {
      void clauses.return();
    }
  }

  /** An expression lasts as long as the drive: it begins with its first spoken clause. */
  #expressionPart(last: boolean): ExpressionPart {
    const begins = !this.#expressing;
    this.#expressing = true;
    if (begins) return last ? 'whole' : 'begin';
    return last ? 'end' : 'inside';
  }

  async #sendClause(
    { plan, last, marks }: PlannedClause,
    rendered: RenderedClause | undefined,
  ): Promise<void> {
    const { address, timeBase, pacer, send } = this.#options;
    const signal = this.#abort.signal;
    const replyType = marks?.replyType ?? this.#options.replyType;
    this.#clauses++;
    const clause = this.#number === undefined ? (fixedPhrases.includes(replyType) ? 0 : 1) : this.#number + 1;
    this.#number = clause;
    if (plan.spoken.text === '') this.#shown++;
    const startMs = (1000 * this.#samples) / defaultSampleRate;
    await pacer.until(startMs, signal);
    if (signal.aborted) return;
    await send(
      writeReplyFrame(address, {
        ...marks,
        replyType,
        displayText: plan.display,
        spokenText: ssmlOf(plan),
        clause,
        contentType: contentTypes[plan.contentType],
        spoken: rendered !== undefined,
        last,
      }),
    );
    if (rendered === undefined) return;
    this.#spoken++;
    const offset =
      timeBase === 'drive'
        ? { ticks: samplesToTicks(this.#samples, defaultSampleRate), codePoints: plan.start }
        : undefined;
    for (const { speech, atMs } of cutChunks(rendered, clause, offset)) {
      await pacer.until(startMs + atMs, signal);
      if (signal.aborted) return;
      await send(writeSpeechFrame(address, speech));
      if (signal.aborted) return;
    }
    this.#samples += rendered.pcm.length;
  }

  /** Text of which nothing could be said must not end as if it had been said. */
  #checkSpoken(): void {
    if (this.#clauses === 0 || this.#spoken > 0 || this.#shown > 0) return;
    throw nothingToSay();
  }

  #sendFinal(): Promise<void> {
    const { address, send } = this.#options;
    return send(
      writeSpeechFrame(address, { clause: this.#number ?? 0, final: true, sampleRate: defaultSampleRate }),
    );
  }
}

export function nothingToSay(): FacewireError {
  return new FacewireError(
    'ERR_VOICE_UNSPEAKABLE',
    'the text has no letters or digits that could be spoken',
    {
      remedy: 'Send text with words; for other languages run: npm install @echogarden/espeak-ng-emscripten',
    },
  );
}

/** The frame for a failure: its message holds our code, the sentence and the remedy. */
export function errorFrame(address: FrameAddress, thrown: unknown): string {
  const error = toFacewireError(thrown);
  const bad =
    error.code === 'ERR_VOICE_UNSPEAKABLE' ||
    error.code === 'ERR_VOICE_UNAVAILABLE' ||
    error.code === 'ERR_OPTION_INVALID' ||
    error.code === 'ERR_TEXT_INVALID' ||
    error.code === 'ERR_WIRE_LIMIT';
  const wanted = error.expected === undefined ? '' : ` (expected ${error.expected})`;
  const code = bad ? driveErrorCode.badParameter : driveErrorCode.driveFailed;
  // What nobody foresaw may hold paths of this machine.
  if (error.code === 'ERR_INTERNAL') return writeErrorFrame(address, code, 'ERR_INTERNAL: the server failed');
  return writeErrorFrame(
    address,
    code,
    `${error.code}: ${error.message}${wanted}. What to do: ${error.remedy}`,
  );
}
