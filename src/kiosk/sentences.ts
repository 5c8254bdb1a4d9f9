import { ClauseCutter } from '../voice/clauses.js';

/** Cuts a text after each sentence, so that the parts put together are the text. */
export function sentencesOf(text: string): string[] {
  const cutter = new ClauseCutter();
  const clauses = [...cutter.push(text), ...cutter.end()];
  const starts = clauses.filter((_, i) => i > 0 && clauses[i - 1].sentenceEnd).map(({ start }) => start);
  const characters = Array.from(text);
  return [0, ...starts]
    .map((start, i) => characters.slice(start, starts[i]).join(''))
    .filter((sentence) => sentence.trim() !== '');
}
