import type { ClausePlan } from '../clause-plan.js';
import { MarkdownCutter, planMarkdown } from '../text/markdown-cutter.js';
import { planSsml } from '../text/plan-ssml.js';

const tags = /<\/?(?:speak|break|phoneme|word|sub|say-as|insert-action)\b/i;

/** The commands do not say what a text is, so tags of SSML in it do. */
export function markupOf(text: string): 'markdown' | 'ssml' {
  return tags.test(text) ? 'ssml' : 'markdown';
}

/**
 * The clauses of a whole text.
 *
 * @param language of the session's timbre, if it names one.
 * @throws FacewireError ERR_TEXT_INVALID.
 */
export function planText(text: string, language?: string): ClausePlan[] {
  return markupOf(text) === 'ssml' ? planSsml(text, language) : planMarkdown(text);
}

/** Gives the clauses of a text that comes in pieces, which cannot hold tags, as they complete. */
export { MarkdownCutter as PlanCutter };
