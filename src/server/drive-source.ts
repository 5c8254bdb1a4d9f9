import type { DriveRequest } from '../wire/request.js';
import { hasWords } from './clause-plan.js';
import { chatClauses, sensitiveClauses, textClauses, type SourceOptions } from './clause-source.js';
import { ClauseWatch } from './clause-watch.js';
import { nothingToSay, type PlannedClause } from './drive.js';
import { StreamText } from './stream-text.js';

/** Where a drive's clauses come from. */
export interface DriveSource {
  readonly source: AsyncIterable<PlannedClause>;
  /** Takes the later fragments of a streamed text. */
  readonly stream?: StreamText;
}

/** Opens the source of what a request wants to be said. @param signal fires when the drive is over. */
export function openSource(request: DriveRequest, options: SourceOptions, signal: AbortSignal): DriveSource {
  const { text } = request;
  if (request.kind === 'text')
    return {
      source: watched(
        later(() => speakable(textClauses(request, options))),
        text,
        options,
      ),
    };
  if (request.kind === 'chat') {
    const { streamId: conversationId, command } = request;
    const question = { text, conversationId, opening: command === 'start', signal };
    return { source: watched(chatClauses(question, options), text, options) };
  }
  const stream = new StreamText(options.content.streamIdleMs);
  signal.addEventListener('abort', () => stream.end());
  stream.push(request);
  return { stream, source: watched(stream.clauses(), text, options) };
}

/** A text that cannot be read fails when it is its turn, as one that cannot be spoken does. */
async function* later(make: () => Iterable<PlannedClause>): AsyncGenerator<PlannedClause> {
  yield* make();
}

/** What cannot be spoken is found before the first word is said. */
function speakable(clauses: PlannedClause[]): PlannedClause[] {
  if (clauses.every(({ plan }) => !hasWords(plan) && plan.spoken.text !== '')) throw nothingToSay();
  return clauses;
}

/** Adds the script's marks and stops at a sensitive word, which is neither said nor shown. */
async function* watched(
  clauses: AsyncIterable<PlannedClause>,
  input: string,
  options: SourceOptions,
): AsyncGenerator<PlannedClause> {
  const watch = new ClauseWatch(options.content);
  for await (const clause of clauses) {
    if (clause.marks?.replyType !== 'sensitive' && watch.isSensitive(clause.plan)) {
      yield* sensitiveClauses(input, options);
      return;
    }
    const marks = { ...watch.marksOf(clause.plan), ...clause.marks };
    yield Object.keys(marks).length === 0 ? clause : { ...clause, marks };
  }
}
