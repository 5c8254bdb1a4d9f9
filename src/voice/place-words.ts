import type { Token } from './tokens.js';
import type { PhoneTime, WordTime } from './voice.js';

/** Words with the times of their sounds; one without sounds has no length and stands where the one before ended. */
export function placeWords(tokens: readonly Token[], phones: readonly (readonly PhoneTime[])[]): WordTime[] {
  let last = phones.find((own) => own.length > 0)?.[0]?.startTicks ?? 0;
  return tokens.map((token, index) => {
    const own = phones[index] ?? [];
    const startTicks = own[0]?.startTicks ?? last;
    const endTicks = own.at(-1)?.endTicks ?? startTicks;
    last = endTicks;
    return {
      text: token.text,
      codePointStart: token.start,
      codePointEnd: token.end,
      startTicks,
      endTicks,
      phones: own,
    };
  });
}
