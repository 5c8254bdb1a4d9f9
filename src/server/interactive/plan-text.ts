import { cutClauses, type Clause } from '../../voice/clauses.js';
import { planMarkdown, planSsml, type ClausePlan } from '../clause-plan.js';

const tags = /<\/?(?:speak|break|phoneme|word|sub|say-as|insert-action)\b/i;

/** The clauses of a whole text. The commands do not say what a text is, so tags of SSML in it do. */
export function planText(text: string): ClausePlan[] {
  return tags.test(text) ? planSsml(text) : cutClauses(text).map(planMarkdown);
}

/** A clause of a text that comes in pieces, which cannot hold tags. */
export function planClause(clause: Clause): ClausePlan {
  return planMarkdown(clause);
}
