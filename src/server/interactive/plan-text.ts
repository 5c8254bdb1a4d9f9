import { ClauseCutter, cutClauses } from '../../voice/clauses.js';
import { planMarkdown, planSsml, type ClausePlan } from '../clause-plan.js';

const tags = /<\/?(?:speak|break|phoneme|word|sub|say-as|insert-action)\b/i;

/** The clauses of a whole text. The commands do not say what a text is, so tags of SSML in it do. */
export function planText(text: string): ClausePlan[] {
  return tags.test(text) ? planSsml(text) : cutClauses(text).map(planMarkdown);
}

/** The clauses of a text that comes in pieces, which cannot hold tags. */
export class PlanCutter {
  readonly #cutter = new ClauseCutter();

  /** Takes a piece and returns the clauses that are complete now. */
  push(piece: string): ClausePlan[] {
    return this.#cutter.push(piece).map(planMarkdown);
  }

  /** No more comes: what is left. */
  end(): ClausePlan[] {
    return this.#cutter.end().map(planMarkdown);
  }
}
