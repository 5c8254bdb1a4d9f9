import type { FacewireError } from '../../errors.js';
import type { AudioEnd } from '../../wire/interactive/channel-types.js';
import { contentTypes } from '../../wire/response.js';
import { isSpoken, type ClausePlan } from '../clause-plan.js';
import { nothingToSay } from '../drive.js';
import type { RenderedClause } from '../render-clause.js';
import { ClauseQueue } from './clause-queue.js';
import { describeFailure } from './drive-failure.js';
import type { DriveReport, RunningDrive } from './drive-report.js';
import type { Stage } from './stage.js';

/** What is said in one go and reported under one number; in clause mode one packet. */
export interface SpokenUnit {
  readonly sequence: number;
  readonly plans: readonly ClausePlan[];
}

export interface TextDriveOptions {
  readonly requestId: string;
  readonly stage: Stage;
  readonly report: DriveReport;
  /** `speech` is text of the client, `answer` that of the answer source. */
  readonly content: 'speech' | 'answer';
  /** Clause mode reports the beginning and end of every unit. */
  readonly clauseMode: boolean;
  readonly render: (plan: ClausePlan, signal: AbortSignal) => Promise<RenderedClause>;
  /** Is this text marked as one that must not be interrupted? */
  readonly isUninterruptible: (text: string) => boolean;
}

/** Units that may wait, and characters in them. */
const mostUnits = 1000;
const mostCharacters = 200_000;

/** One answer or text on the stage: units come in, clause by clause they are spoken, statuses tell how far it is. */
export class TextDrive implements RunningDrive {
  readonly kind = 'text';
  readonly #options: TextDriveOptions;
  readonly #abort = new AbortController();
  readonly #queue = new ClauseQueue<Unit>();
  #characters = 0;
  #interruptible = true;
  #endedBy: AudioEnd | undefined;
  #failure: FacewireError | undefined;
  #started = false;
  /** What is being said is the last clause of its unit. */
  #lastOfUnit = false;
  #toldWaitingOver = false;
  #units = 0;

  constructor(options: TextDriveOptions) {
    this.#options = options;
  }

  get requestId(): string {
    return this.#options.requestId;
  }

  get interruptible(): boolean {
    return this.#interruptible;
  }

  get isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Fires when the drive is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether so many characters more may wait to be said. */
  hasRoom(characters: number): boolean {
    return this.#queue.size < mostUnits && this.#characters + characters <= mostCharacters;
  }

  /** Adds what is to be said, at the end or as what comes next. */
  add(unit: SpokenUnit, insert = false): void {
    const { render, isUninterruptible } = this.#options;
    const characters = unit.plans.reduce((sum, { display }) => sum + display.length, 0);
    this.#characters += characters;
    if (unit.plans.some(({ display }) => isUninterruptible(display))) this.#interruptible = false;
    const clauses = unit.plans.map((plan) => new LazyClause(plan, (p) => render(p, this.#abort.signal)));
    const waiting = { sequence: unit.sequence, clauses, characters };
    if (insert) this.#queue.insert(waiting);
    else this.#queue.add(waiting);
    // The voice works while the clause before is spoken.
    this.#queue.first?.clauses[0]?.warm();
  }

  /** No more comes. @param endedBy what ended it, for texts that come in pieces. */
  end(endedBy?: AudioEnd): void {
    this.#endedBy ??= endedBy;
    this.#queue.end();
    this.#tellWaitingOver();
  }

  /** No more comes, and the drive fails when what is there was said. */
  fail(error: FacewireError): void {
    this.#failure ??= error;
    this.#queue.end();
  }

  async run(): Promise<void> {
    const { report } = this.#options;
    if (this.isOver) return;
    report.status('waiting-text-start');
    try {
      for (let unit = await this.#queue.take(); unit !== undefined; unit = await this.#queue.take()) {
        this.#characters -= unit.characters;
        this.#units++;
        this.#lastOfUnit = false;
        await this.#speak(unit);
      }
      if (this.isOver) return;
      if (this.#failure !== undefined) throw this.#failure;
      // Text of which nothing could be said must not end as if it had been said.
      if (this.#units > 0 && !this.#started) throw nothingToSay();
      this.#tellWaitingOver();
      this.#finish();
      report.status('text-over', this.#endedBy && { audioEnd: this.#endedBy });
    } catch (thrown) {
      if (this.isOver) return;
      this.#finish();
      const { code, message } = describeFailure(thrown);
      report.status('error', { errorCode: code, errorMessage: message });
    }
  }

  stop(): void {
    if (this.isOver) return;
    this.#finish();
    this.#options.stage.interrupt();
    this.#options.report.status('text-over', { audioEnd: 'interrupted' });
  }

  #finish(): void {
    this.#abort.abort();
    this.#queue.close();
  }

  async #speak(unit: Unit): Promise<void> {
    const { stage, clauseMode, report } = this.#options;
    let begun = false;
    const begin = (): void => {
      if (begun) return;
      begun = true;
      if (!clauseMode) return;
      report.status('clause-start', { sequence: unit.sequence });
      // It does not wait any more: there is room for another.
      report.status('clause-next', { sequence: unit.sequence });
    };
    for (const [index, clause] of unit.clauses.entries()) {
      const spoken = isSpoken(clause.plan);
      this.#tellContent(unit, clause.plan, spoken, index === unit.clauses.length - 1);
      if (!spoken) continue;
      const rendered = await clause.rendered();
      if (this.isOver) return;
      (unit.clauses[index + 1] ?? this.#queue.first?.clauses[0])?.warm();
      const heard = stage.speak(rendered);
      if (!(await heard.started) || this.isOver) return;
      if (!this.#started) report.status('text-start');
      this.#started = true;
      begin();
      this.#lastOfUnit = index === unit.clauses.length - 1;
      this.#tellWaitingOver();
      if (!(await heard.finished) || this.isOver) return;
    }
    begin();
    this.#lastOfUnit = true;
    if (clauseMode) report.status('clause-over', { sequence: unit.sequence });
  }

  /** Everything that will be said is known and the last of it is being said. */
  #tellWaitingOver(): void {
    if (this.#toldWaitingOver || !this.#started || !this.#lastOfUnit) return;
    if (!this.#queue.isDrained || this.isOver) return;
    this.#toldWaitingOver = true;
    this.#options.report.status('waiting-text-over');
  }

  #tellContent(unit: Unit, plan: ClausePlan, spoken: boolean, lastOfUnit: boolean): void {
    this.#options.report.content({
      content: this.#options.content,
      sequence: unit.sequence,
      spokenText: plan.spoken.text,
      displayText: plan.display,
      contentType: String(contentTypes[plan.contentType]),
      spoken,
      last: lastOfUnit && this.#queue.isDrained,
      uninterruptible: !this.#interruptible,
    });
  }
}

interface Unit {
  readonly sequence: number;
  readonly clauses: readonly LazyClause[];
  readonly characters: number;
}

/** A clause that is rendered once, when it is first asked for or a little before. */
class LazyClause {
  readonly plan: ClausePlan;
  readonly #make: (plan: ClausePlan) => Promise<RenderedClause>;
  #rendered: Promise<RenderedClause> | undefined;

  constructor(plan: ClausePlan, make: (plan: ClausePlan) => Promise<RenderedClause>) {
    this.plan = plan;
    this.#make = make;
  }

  rendered(): Promise<RenderedClause> {
    this.#rendered ??= this.#make(this.plan);
    return this.#rendered;
  }

  warm(): void {
    // A failure is told to whoever wants to speak it.
    if (isSpoken(this.plan)) this.rendered().catch(() => undefined);
  }
}
