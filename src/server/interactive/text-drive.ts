import type { FacewireError } from '../../errors.js';
import type { AudioEnd } from '../../wire/interactive/channel-types.js';
import { contentTypes } from '../../wire/response.js';
import { isSpoken, type ClausePlan } from '../clause-plan.js';
import type { ClauseWatch } from '../clause-watch.js';
import { nothingToSay } from '../drive.js';
import type { RenderedClause } from '../render-clause.js';
import { ssmlOf } from '../text/ssml-of.js';
import { ClauseQueue } from './clause-queue.js';
import { describeFailure } from './drive-failure.js';
import type { DriveReport, RunningDrive } from './drive-report.js';
import type { SessionClause } from './face-clause.js';
import { LazyClause } from './lazy-clause.js';
import type { Stage } from './stage.js';

/** What is said in one go and reported under one number; in clause mode one packet. */
export interface SpokenUnit {
  readonly sequence: number;
  readonly clauses: readonly SessionClause[];
}

export interface TextDriveOptions {
  readonly requestId: string;
  readonly stage: Stage;
  readonly report: DriveReport;
  /** Clause mode reports the beginning and end of every unit. */
  readonly clauseMode: boolean;
  readonly render: (plan: ClausePlan, signal: AbortSignal) => Promise<RenderedClause>;
  /** Marks the clauses and finds those that must not be said. */
  readonly watch: ClauseWatch;
  /** Says in place of a clause that must not be said, and of all that follows it. */
  readonly apology: () => readonly SessionClause[];
  /** Is this text marked as one that must not be interrupted, beside the marks of `watch`? */
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
  readonly #full = new AbortController();
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
  /** Clauses that are not meant to be spoken. */
  #shown = 0;
  #cutShort = false;

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

  /** A clause that must not be said ended it before all that the client sent was said. */
  get isCutShort(): boolean {
    return this.#cutShort;
  }

  /** Fires when the drive takes no more text: it is over, or will be when it has said what it must. */
  get signal(): AbortSignal {
    return this.#full.signal;
  }

  /** Whether so many characters more may wait to be said. */
  hasRoom(characters: number): boolean {
    return this.#queue.size < mostUnits && this.#characters + characters <= mostCharacters;
  }

  /** Adds what is to be said, at the end or as what comes next. */
  add(unit: SpokenUnit, insert = false): void {
    const characters = unit.clauses.reduce((sum, { plan }) => sum + plan.display.length, 0);
    const waiting = { sequence: unit.sequence, clauses: unit.clauses.map(this.#prepared), characters };
    this.#characters += characters;
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
    if (this.#full.signal.aborted) return;
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
      if (this.#units > 0 && !this.#started && this.#shown === 0) throw nothingToSay();
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
    this.#full.abort();
    this.#queue.close();
  }

  readonly #prepared = (clause: SessionClause): LazyClause => {
    const { render, watch, isUninterruptible } = this.#options;
    const { plan } = clause;
    const marks = {
      ...(isUninterruptible(plan.display) && { uninterruptible: true }),
      ...watch.marksOf(plan),
      ...clause.marks,
    };
    if (marks.uninterruptible === true) this.#interruptible = false;
    return new LazyClause({ plan, marks }, () => render(plan, this.#abort.signal));
  };

  /** Nothing of what waits is said, nor what would come: the apology is the rest. */
  #apologies(): LazyClause[] {
    this.#cutShort = true;
    this.#queue.drop();
    this.#characters = 0;
    this.#full.abort();
    return this.#options.apology().map(this.#prepared);
  }

  async #speak(unit: Unit): Promise<void> {
    const { stage, clauseMode, report, watch } = this.#options;
    let { clauses } = unit;
    let begun = false;
    const begin = (): void => {
      if (begun) return;
      begun = true;
      if (!clauseMode) return;
      report.status('clause-start', { sequence: unit.sequence });
      // It does not wait any more: there is room for another.
      if (!this.#full.signal.aborted) report.status('clause-next', { sequence: unit.sequence });
    };
    for (let index = 0; index < clauses.length; index++) {
      if (!isPhrase(clauses[index]) && watch.isSensitive(clauses[index].plan)) {
        clauses = [...clauses.slice(0, index), ...this.#apologies()];
      }
      const clause = clauses[index];
      // A server may have been given an apology without words.
      if (clause === undefined) break;
      const isLast = index === clauses.length - 1;
      const spoken = isSpoken(clause.plan);
      if (clause.plan.spoken.text === '') this.#shown++;
      this.#tellContent(unit.sequence, clause, spoken, isLast);
      if (!spoken) continue;
      const rendered = await clause.rendered();
      if (this.isOver) return;
      (clauses[index + 1] ?? this.#queue.first?.clauses[0])?.warm();
      const heard = stage.speak(rendered, clause.plan.display);
      if (!(await heard.started) || this.isOver) return;
      if (!this.#started) report.status('text-start');
      this.#started = true;
      begin();
      this.#lastOfUnit = isLast;
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

  #tellContent(sequence: number, { plan, marks }: LazyClause, spoken: boolean, lastOfUnit: boolean): void {
    const { replyType, ...rest } = marks;
    this.#options.report.content({
      ...rest,
      content: replyType !== undefined && answerTypes.includes(replyType) ? 'answer' : 'speech',
      sequence,
      spokenText: ssmlOf(plan),
      displayText: plan.display,
      contentType: String(contentTypes[plan.contentType]),
      spoken,
      last: lastOfUnit && this.#queue.isDrained,
      uninterruptible: !this.#interruptible,
    });
  }
}

/** What comes from the answer source; all else is the client's own text or a fixed phrase. */
const answerTypes: readonly string[] = ['cloudAiGpt', 'yunxiaowei'];

function isPhrase({ marks }: LazyClause): boolean {
  return marks.replyType === 'sensitive';
}

interface Unit {
  readonly sequence: number;
  readonly clauses: readonly LazyClause[];
  readonly characters: number;
}
