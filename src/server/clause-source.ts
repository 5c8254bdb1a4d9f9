import { FacewireError } from '../errors.js';
import type { SpeechSettings, TextRequest } from '../wire/request.js';
import type { AnswerSource, Question } from './answer-source.js';
import { hasWords, type ClausePlan } from './clause-plan.js';
import { backgroundClock, type Clock } from '../clock.js';
import { phrase, type Content } from './content.js';
import type { PlannedClause, ReplyMarks } from './drive.js';
import { StreamText } from './stream-text.js';
import { planMarkdown } from './text/markdown-cutter.js';
import { planSsml } from './text/plan-ssml.js';

/** What both APIs, endpoint rendering and interactive sessions, make their clauses from. */
export interface SourceOptions {
  readonly content: Content;
  readonly settings: Pick<SpeechSettings, 'language'>;
  readonly canSpeak: (text: string, language?: string) => boolean;
  /** Default the machine's. */
  readonly clock?: Clock;
}

/**
 * All clauses of a text that is to be said: the text, its fixed reply, or the phrase for one with a sensitive word.
 *
 * @throws FacewireError ERR_TEXT_INVALID.
 */
export function textClauses(
  request: Pick<TextRequest, 'text' | 'markup'>,
  options: SourceOptions,
): PlannedClause[] {
  const { content, settings, canSpeak } = options;
  // One sensitive word, and nothing of the text is said.
  if (content.sensitive?.isIn(request.text) === true) return sensitiveClauses(request.text, options);
  const reply = content.script?.replyTo(request.text, 'text');
  const plans = planAny(
    reply?.text ?? request.text,
    reply?.markup ?? request.markup ?? 'markdown',
    settings.language,
  );
  const unspeakable = plans.find(
    (plan) => hasWords(plan) && !canSpeak(plan.spoken.text, plan.language ?? settings.language),
  );
  // Rendered first and alone, it fails with the voice's own words.
  return listed(unspeakable === undefined ? plans : [unspeakable], reply?.marks);
}

/**
 * A dialogue: a fixed reply, or the answer of the source with what is said while it is awaited.
 * When the signal of `question` fires, the source is asked no more.
 */
export async function* chatClauses(
  question: Question,
  options: SourceOptions,
): AsyncGenerator<PlannedClause> {
  const { content, settings } = options;
  if (content.sensitive?.isIn(question.text) === true) {
    yield* sensitiveClauses(question.text, options);
    return;
  }
  const reply = content.script?.replyTo(question.text, 'chat');
  if (reply === undefined) yield* answerClauses(question, options);
  else yield* listed(planAny(reply.text, reply.markup, settings.language), reply.marks);
}

/** What is said in place of a text with a sensitive word. */
export function sensitiveClauses(input: string, { content, canSpeak }: SourceOptions): PlannedClause[] {
  const text = phrase('sensitive', content.phrases, input, canSpeak);
  return listed(planMarkdown(text), { replyType: 'sensitive' });
}

function planAny(text: string, markup: 'markdown' | 'ssml', language: string | undefined): ClausePlan[] {
  return markup === 'ssml' ? planSsml(text, language) : planMarkdown(text);
}

function listed(plans: readonly ClausePlan[], marks?: ReplyMarks, ends = true): PlannedClause[] {
  const hasOwnActions = plans.some(({ actions }) => actions.length > 0);
  return plans.map((plan, index) => ({
    plan,
    last: ends && index === plans.length - 1,
    hasOwnActions,
    ...(marks === undefined ? {} : { marks }),
  }));
}

async function* answerClauses(question: Question, options: SourceOptions): AsyncGenerator<PlannedClause> {
  const { content, canSpeak, clock = backgroundClock } = options;
  const { answers, phrases, waitingMs, answerMs, answerIdleMs } = content;
  const { signal } = question;
  const asked = new AbortController();
  // Until the first piece, answerMs is the limit.
  const stream = new StreamText(answerMs + answerIdleMs, noAnswer, clock);
  const stop = (): void => {
    asked.abort();
    stream.end();
  };
  signal.addEventListener('abort', stop, { once: true });
  const late = clock.now() + answerMs;
  void feedAnswer(answers, { ...question, signal: asked.signal }, stream, answerIdleMs);
  try {
    const fixed = (name: 'waiting' | 'timeOut'): ClausePlan[] =>
      planMarkdown(phrase(name, phrases, question.text, canSpeak));
    if (waitingMs > 0 && waitingMs < answerMs && !(await stream.beginsWithin(waitingMs, signal))) {
      if (signal.aborted) return;
      yield* listed(fixed('waiting'), { replyType: 'cloudAiWaiting' }, false);
    }
    if (!(await stream.beginsWithin(late - clock.now(), signal))) {
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
  answers: AnswerSource,
  question: Question,
  stream: StreamText,
  idleMs: number,
): Promise<void> {
  let sequence = 0;
  try {
    for await (const text of answers.answer(question)) {
      if (stream.ended) return;
      stream.push({ sequence: ++sequence, text, final: false });
      stream.setIdle(idleMs);
    }
    stream.end();
  } catch (error) {
    if (question.signal.aborted) return;
    const known = error instanceof FacewireError;
    stream.fail(
      known ? error : new FacewireError('ERR_DRIVE_FAILED', 'the source of answers failed', { cause: error }),
    );
  }
}

function noAnswer(): FacewireError {
  return new FacewireError('ERR_TIMEOUT', 'the source of answers was silent for too long', {
    remedy: 'Ask again; if it happens again, check the source of answers.',
  });
}
