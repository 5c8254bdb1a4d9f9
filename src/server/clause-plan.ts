import { cutClauses, type Clause } from '../voice/clauses.js';
import { markdownToPlain, parseSsml, type PlainText } from '../voice/plain-text.js';
import { hasSpeech } from '../voice/scripts.js';

/** A clause that is ready to be spoken. */
export interface ClausePlan {
  /** What is shown. All positions count its code points. */
  readonly display: string;
  /** First code point of `display` in the whole text (for SSML, without its tags). */
  readonly start: number;
  /** What is said, with the place in `display` of every code point. */
  readonly spoken: PlainText;
  readonly sentenceEnd: boolean;
  /** Pauses that the text asks for around the clause, in ms, on top of the usual ones. */
  readonly pauseBeforeMs: number;
  readonly pauseAfterMs: number;
  /** Actions that start with a code point of `display`. */
  readonly actions: readonly { readonly at: number; readonly name: string }[];
}

export function isSpoken(plan: ClausePlan): boolean {
  return hasSpeech(plan.spoken.text);
}

/** A clause of Markdown: the marks are shown, not said. */
export function planMarkdown(clause: Clause): ClausePlan {
  return {
    display: clause.text,
    start: clause.start,
    spoken: markdownToPlain(clause.text),
    sentenceEnd: clause.sentenceEnd,
    pauseBeforeMs: 0,
    pauseAfterMs: 0,
    actions: [],
  };
}

/** SSML: shown and said without its tags; a `<break>` ends a clause and lengthens the pause there. */
export function planSsml(ssml: string): ClausePlan[] {
  const { text, breaks, actions } = parseSsml(ssml);
  const characters = Array.from(text);
  const plans: ClausePlan[] = [];
  let pendingMs = 0;
  let begin = 0;
  for (const { at, ms } of [...breaks, { at: characters.length, ms: 0 }]) {
    const clauses = cutClauses(characters.slice(begin, at).join(''));
    for (const [index, clause] of clauses.entries()) {
      const start = begin + clause.start;
      const length = Array.from(clause.text).length;
      const last = index === clauses.length - 1;
      const positions = Array.from({ length: length + 1 }, (_, i) => i);
      plans.push({
        display: clause.text,
        start,
        spoken: { text: clause.text, sourceStart: positions.slice(0, -1), sourceEnd: positions.slice(1) },
        sentenceEnd: clause.sentenceEnd && !(last && at < characters.length),
        pauseBeforeMs: index === 0 ? pendingMs : 0,
        pauseAfterMs: last ? ms : 0,
        actions: actions
          .filter((action) => action.at >= start && (action.at < start + length || (last && action.at <= at)))
          .map((action) => ({ name: action.name, at: Math.min(length - 1, action.at - start) })),
      });
    }
    // Without words before it a pause waits for the next ones.
    pendingMs = clauses.length === 0 ? pendingMs + ms : 0;
    begin = at;
  }
  return plans;
}
