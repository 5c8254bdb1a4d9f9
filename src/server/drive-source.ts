import { FacewireError } from '../errors.js';
import type { ChatRequest, DriveRequest, SpeechSettings, TextRequest } from '../wire/request.js';
import { hasWords, type ClausePlan } from './clause-plan.js';
import { phrase, type Content } from './content.js';
import { nothingToSay, type PlannedClause, type ReplyMarks } from './drive.js';
import { StreamText } from './stream-text.js';
import { planMarkdown } from './text/markdown-cutter.js';
import { planSsml } from './text/plan-ssml.js';

export interface SourceOptions {
  readonly content: Content;
  readonly settings: SpeechSettings;
  readonly canSpeak: (text: string, language?: string) => boolean;
  /** Fires when the drive is over. */
  readonly signal: AbortSignal;
}

/** Where a drive's clauses come from. */
export interface DriveSource {
  readonly source: AsyncIterable<PlannedClause>;
  /** Takes the later fragments of a streamed text. */
  readonly stream?: StreamText;
}

/** Opens the source of what a request wants to be said. */
export function openSource(request: DriveRequest, options: SourceOptions): DriveSource {
  const { content, signal } = options;
  if (request.kind === 'text')
    return { source: watched(textClauses(request, options), request.text, options) };
  if (request.kind === 'chat') return { source: chatClauses(request, options) };
  const stream = new StreamText(content.streamIdleMs);
  signal.addEventListener('abort', () => stream.end());
  stream.push(request);
  return { stream, source: watched(stream.clauses(), request.text, options) };
}

/** All clauses of a text. What cannot be spoken is found before the first word is said. */
async function* textClauses(request: TextRequest, options: SourceOptions): AsyncGenerator<PlannedClause> {
  const { content, settings, canSpeak } = options;
  // One sensitive word, and nothing of the text is said.
  if (content.sensitive?.isIn(request.text) === true) {
    yield* sensitiveClauses(request.text, options);
    return;
  }
  const reply = content.script?.replyTo(request.text, 'text');
  const text = reply?.text ?? request.text;
  const plans =
    (reply?.markup ?? request.markup) === 'ssml' ? planSsml(text, settings.language) : planMarkdown(text);
  if (plans.every((plan) => !hasWords(plan) && plan.spoken.text !== '') || plans.length === 0)
    throw nothingToSay();
  const unspeakable = plans.find(
    (plan) => hasWords(plan) && !canSpeak(plan.spoken.text, plan.language ?? settings.language),
  );
  // Rendered first and alone, it fails with the voice's own words.
  yield* listed(unspeakable === undefined ? plans : [unspeakable], reply?.marks);
}

function* listed(plans: readonly ClausePlan[], marks?: ReplyMarks, ends = true): Generator<PlannedClause> {
  for (const [index, plan] of plans.entries()) {
    yield { plan, last: ends && index === plans.length - 1, ...(marks === undefined ? {} : { marks }) };
  }
}

/** A dialogue: a fixed reply, or the answer of the source with what is said while it is awaited. */
async function* chatClauses(request: ChatRequest, options: SourceOptions): AsyncGenerator<PlannedClause> {
  const { content, settings } = options;
  if (content.sensitive?.isIn(request.text) === true) {
    yield* sensitiveClauses(request.text, options);
    return;
  }
  const reply = content.script?.replyTo(request.text, 'chat');
  if (reply !== undefined) {
    const plans =
      reply.markup === 'ssml' ? planSsml(reply.text, settings.language) : planMarkdown(reply.text);
    yield* watched(listed(plans, reply.marks), request.text, options);
    return;
  }
  yield* watched(answerClauses(request, options), request.text, options);
}

async function* answerClauses(request: ChatRequest, options: SourceOptions): AsyncGenerator<PlannedClause> {
  const { content, canSpeak, signal } = options;
  const { answers, phrases, waitingMs, answerMs, answerIdleMs } = content;
  const asked = new AbortController();
  // Until the first piece, answerMs is the limit.
  const stream = new StreamText(answerMs + answerIdleMs, noAnswer);
  const stop = (): void => {
    asked.abort();
    stream.end();
  };
  signal.addEventListener('abort', stop, { once: true });
  const late = Date.now() + answerMs;
  void feedAnswer(content, request, stream, asked.signal, answerIdleMs);
  try {
    const fixed = (name: 'waiting' | 'timeOut'): ClausePlan[] =>
      planMarkdown(phrase(name, phrases, request.text, canSpeak));
    if (waitingMs > 0 && waitingMs < answerMs && !(await stream.beginsWithin(waitingMs, signal))) {
      yield* listed(fixed('waiting'), { replyType: 'cloudAiWaiting' }, false);
    }
    if (!(await stream.beginsWithin(late - Date.now(), signal))) {
      if (!signal.aborted) yield* listed(fixed('timeOut'), { replyType: 'cloudAiTimeOut' });
      return;
    }
    const replyType = answers.replyType ?? 'cloudAiGpt';
    for await (const clause of stream.clauses()) yield { ...clause, marks: { replyType } };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Feeds the pieces of an answer into a stream as they come. */
async function feedAnswer(
  { answers }: Content,
  request: ChatRequest,
  stream: StreamText,
  signal: AbortSignal,
  idleMs: number,
): Promise<void> {
  let sequence = 0;
  try {
    const pieces = answers.answer({
      text: request.text,
      conversationId: request.streamId,
      opening: request.command === 'start',
      signal,
    });
    for await (const text of pieces) {
      if (stream.ended) return;
      stream.push({ sequence: ++sequence, text, final: false });
      stream.setIdle(idleMs);
    }
    stream.end();
  } catch (error) {
    if (signal.aborted) return;
    const known = error instanceof FacewireError;
    stream.fail(
      known ? error : new FacewireError('ERR_DRIVE_FAILED', 'the source of answers failed', { cause: error }),
    );
  }
}

/** Adds the script's marks and stops at a sensitive word, which is neither said nor shown. */
async function* watched(
  clauses: AsyncIterable<PlannedClause> | Iterable<PlannedClause>,
  input: string,
  options: SourceOptions,
): AsyncGenerator<PlannedClause> {
  const { script, sensitive } = options.content;
  let before = '';
  for await (const clause of clauses) {
    const { display, spoken } = clause.plan;
    // A word may be cut in two by the end of a clause.
    const bad =
      sensitive?.isIn(`${before} ${display}`) === true ||
      sensitive?.isIn(`${before} ${spoken.text}`) === true;
    if (bad && clause.marks?.replyType !== 'sensitive') {
      yield* sensitiveClauses(input, options);
      return;
    }
    before = spoken.text.slice(-100);
    const found = script?.marksOf(display) ?? {};
    const marks = { ...found, ...clause.marks };
    yield Object.keys(marks).length === 0 ? clause : { ...clause, marks };
  }
}

function* sensitiveClauses(input: string, { content, canSpeak }: SourceOptions): Generator<PlannedClause> {
  const text = phrase('sensitive', content.phrases, input, canSpeak);
  yield* listed(planMarkdown(text), { replyType: 'sensitive' });
}

function noAnswer(): FacewireError {
  return new FacewireError('ERR_TIMEOUT', 'the source of answers was silent for too long', {
    remedy: 'Ask again; if it happens again, check the source of answers.',
  });
}
