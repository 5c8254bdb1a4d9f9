import type { FaceActionName } from '../avatar/face-actions.js';
import { hasWords, type ClausePlan } from './clause-plan.js';

/** Most actions that are added to one clause. */
const mostActions = 2;

interface Rule {
  readonly action: string;
  /** What a face without hands does in its place; null for nothing. */
  readonly face: FaceActionName | null;
  readonly pattern: RegExp;
}

// The first rule that matches a place wins; English needs whole words.
const rules: readonly Rule[] = [
  { action: 'wave', face: 'greet', pattern: /\b(?:hello|hi|hey|good (?:morning|afternoon|evening)|goodbye|bye|see you)\b|你好|您好|大家好|早上好|下午好|晚上好|再见|拜拜/giu },
  { action: 'welcome', face: 'welcome', pattern: /\bwelcome\b|欢迎/giu },
  { action: 'bow', face: 'bow', pattern: /\b(?:thank you|thanks|sorry|apologi[sz]e)\b|谢谢|感谢|抱歉|对不起/giu },
  { action: 'count_one', face: 'emphasize', pattern: /\b(?:first|firstly|number one)\b|第一|首先/giu },
  { action: 'count_two', face: 'emphasize', pattern: /\b(?:second|secondly|number two)\b|第二|其次/giu },
  { action: 'count_three', face: 'emphasize', pattern: /\b(?:third|thirdly|number three)\b|第三|再次/giu },
  { action: 'shake_head', face: 'shake_head', pattern: /\b(?:no|not|never|cannot|can't|don't|doesn't|isn't|won't)\b|不是|没有|不能|不会|不要|不可以|从不/giu },
  { action: 'nod', face: 'nod', pattern: /\b(?:yes|exactly|of course|certainly|right away)\b|是的|没错|当然|好的|对的/giu },
  { action: 'emphasize', face: 'emphasize', pattern: /\b(?:very|important|must|always|really|especially|extremely)\b|重要|必须|一定|非常|特别|十分/giu },
  { action: 'point', face: null, pattern: /\b(?:look (?:here|at)|over there|this way)\b|请看|这边|那边/giu },
  { action: 'ask', face: 'ask', pattern: /[?？](?=[\s"'”’）)]*$)/gu },
]; // prettier-ignore

/** Adds actions to a clause that has none, by fixed rules on its words. */
export function addSmartActions(plan: ClausePlan): ClausePlan {
  return addActions(plan, ({ action }) => action);
}

/** As addSmartActions(), with actions that the built-in face performs. */
export function addFaceActions(plan: ClausePlan): ClausePlan {
  return addActions(plan, ({ face }) => face);
}

function addActions(plan: ClausePlan, nameOf: (rule: Rule) => string | null): ClausePlan {
  if (plan.actions.length > 0 || !hasWords(plan)) return plan;
  const { text, sourceStart } = plan.spoken;
  const found: { at: number; name: string }[] = [];
  for (const rule of rules) {
    const name = nameOf(rule);
    if (name === null) continue;
    for (const match of text.matchAll(rule.pattern)) {
      const codePoint = Array.from(text.slice(0, match.index)).length;
      // A question is shown from its beginning.
      const at = rule.action === 'ask' ? 0 : (sourceStart[codePoint] ?? 0);
      const taken = found.some((other) => other.at === at || other.name === name);
      if (!taken && found.length < mostActions) found.push({ at, name });
    }
  }
  return { ...plan, actions: found.sort((a, b) => a.at - b.at) };
}
