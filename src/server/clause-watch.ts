import type { ClausePlan } from './clause-plan.js';
import type { Content } from './content.js';
import type { ReplyMarks } from './drive.js';

/** What of the text before may be the first part of a sensitive word, in characters. */
const remembered = 100;

/** Looks after the clauses of one drive: shown one by one, in the order in which they are said. */
export class ClauseWatch {
  readonly #content: Pick<Content, 'script' | 'sensitive'>;
  #before = '';

  constructor(content: Pick<Content, 'script' | 'sensitive'>) {
    this.#content = content;
  }

  /** True when the clause holds a sensitive word, or the end of one that began in the clause before. */
  isSensitive({ display, spoken }: ClausePlan): boolean {
    const { sensitive } = this.#content;
    const found =
      sensitive?.isIn(`${this.#before} ${display}`) === true ||
      sensitive?.isIn(`${this.#before} ${spoken.text}`) === true;
    if (!found) this.#before = spoken.text.slice(-remembered);
    return found;
  }

  /** The marks that the script gives a clause. Needs no order. */
  marksOf({ display }: ClausePlan): ReplyMarks {
    return this.#content.script?.marksOf(display) ?? {};
  }
}
