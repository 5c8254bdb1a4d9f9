import { isSpoken, type ClausePlan } from '../clause-plan.js';
import type { ReplyMarks } from '../drive.js';
import type { RenderedClause } from '../render-clause.js';
import type { SessionClause } from './face-clause.js';

/** A clause that is rendered once, when it is first asked for or a little before. */
export class LazyClause {
  readonly plan: ClausePlan;
  readonly marks: ReplyMarks;
  readonly #make: () => Promise<RenderedClause>;
  #rendered: Promise<RenderedClause> | undefined;

  constructor({ plan, marks = {} }: SessionClause, make: () => Promise<RenderedClause>) {
    this.plan = plan;
    this.marks = marks;
    this.#make = make;
  }

  rendered(): Promise<RenderedClause> {
    this.#rendered ??= this.#make();
    return this.#rendered;
  }

  warm(): void {
    // A failure is told to whoever wants to speak it.
    if (isSpoken(this.plan)) this.rendered().catch(() => undefined);
  }
}
