import { FacewireError } from '../errors.js';
import { cutClauses } from '../voice/clauses.js';
import type { ChatRequest, TextRequest } from '../wire/request.js';
import type { AnswerSource } from './answer-source.js';
import { isSpoken, planMarkdown, planSsml } from './clause-plan.js';
import { nothingToSay, type Drive, type PlannedClause } from './drive.js';
import type { StreamText } from './stream-text.js';

/** What a CHAT fails with when its answer does not go on. */
export function noAnswer(): FacewireError {
  return new FacewireError('ERR_TIMEOUT', 'the source of answers was silent for too long', {
    remedy: 'Ask again; if it happens again, check the source of answers.',
  });
}

/** All clauses of a text. What cannot be spoken is found before the first word is said. */
export async function* textClauses(
  request: TextRequest,
  canSpeak: (text: string) => boolean,
): AsyncGenerator<PlannedClause> {
  const plans =
    request.markup === 'ssml' ? planSsml(request.text) : cutClauses(request.text).map(planMarkdown);
  if (!plans.some(isSpoken)) throw nothingToSay();
  const unspeakable = plans.find((plan) => isSpoken(plan) && !canSpeak(plan.spoken.text));
  // Rendered first and alone, it fails with the voice's own words.
  if (unspeakable !== undefined) yield { plan: unspeakable, last: true };
  else for (const [index, plan] of plans.entries()) yield { plan, last: index === plans.length - 1 };
}

/** The clauses of a streamed text as they complete. */
export async function* streamClauses(stream: StreamText): AsyncGenerator<PlannedClause> {
  for await (const { clause, last } of stream.clauses()) yield { plan: planMarkdown(clause), last };
}

/** Feeds the pieces of an answer into a stream as they come. */
export async function feedAnswer(
  answers: AnswerSource,
  request: ChatRequest,
  stream: StreamText,
  drive: Drive,
): Promise<void> {
  let sequence = 0;
  try {
    const pieces = answers.answer({
      text: request.text,
      conversationId: request.streamId,
      opening: request.command === 'start',
      signal: drive.signal,
    });
    for await (const text of pieces) {
      if (stream.ended) return;
      stream.push({ sequence: ++sequence, text, final: false });
    }
    stream.end();
  } catch (error) {
    stream.fail(new FacewireError('ERR_DRIVE_FAILED', 'the source of answers failed', { cause: error }));
  }
}
