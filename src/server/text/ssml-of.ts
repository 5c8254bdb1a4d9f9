import type { ClausePlan } from '../clause-plan.js';

/** What is spoken of a clause, with its pauses and actions, as SSML. */
export function ssmlOf(plan: ClausePlan): string {
  const { text, sourceStart } = plan.spoken;
  const actions = [...plan.actions];
  let body = pause(plan.pauseBeforeMs);
  Array.from(text).forEach((character, index) => {
    const place = sourceStart[index] ?? 0;
    while (actions[0] !== undefined && actions[0].at <= place) body += action(actions.shift()?.name);
    body += escapeXml(character);
  });
  for (const { name } of actions) body += action(name);
  return `<speak>${body}${pause(plan.pauseAfterMs)}</speak>`;
}

function action(name = ''): string {
  return `<insert-action type="${escapeXml(name)}"/>`;
}

function pause(ms: number | undefined): string {
  return ms === undefined ? '' : `<break time="${ms}ms"/>`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
