import { defaultFeatureHopTicks, samplesToTicks, type SpeechTiming, type Ticks } from '../wire/index.js';

export type TimeReference = 'clause' | 'drive';

export interface ClausePlace {
  /** Where this message's audio begins, from the start of the drive. */
  readonly audioStart: Ticks;
  /** Where the audio of its clause begins. */
  readonly clauseStart: Ticks;
  readonly isNewClause: boolean;
}

/**
 * Knows where each clause lies on the drive's clock, which is its audio, and
 * finds out whether the cloud counts the times (and text positions) of later
 * clauses from the clause or from the drive; the documents do not say. Decided
 * once per drive, each, at the first later clause that tells.
 */
export class TimeBase {
  readonly #hopTicks: number;
  #timeReference: TimeReference | undefined;
  #positionReference: TimeReference | undefined;
  #clause: number | undefined;
  #clauseStart = 0 as Ticks;
  #audioEnd = 0 as Ticks;
  #lastPosition = 0;
  #lastPositionBefore = 0;
  // Samples are summed as they are and converted once, so that nothing rounds up over many messages.
  #rate = 0;
  #rateStart = 0 as Ticks;
  #samples = 0;

  constructor(forced?: TimeReference, hopTicks = defaultFeatureHopTicks) {
    this.#timeReference = forced;
    this.#positionReference = forced;
    this.#hopTicks = hopTicks;
  }

  /** How times are counted; undefined until a later clause has told. */
  get timeReference(): TimeReference | undefined {
    return this.#timeReference;
  }

  get positionReference(): TimeReference | undefined {
    return this.#positionReference;
  }

  get audioEnd(): Ticks {
    return this.#audioEnd;
  }

  /** Takes the audio of one message; `samples` at `rate` Hz. */
  advance(clause: number, clauseStart: boolean, samples: number, rate: number): ClausePlace {
    const isNewClause = this.#clause === undefined || clauseStart || clause !== this.#clause;
    if (isNewClause) {
      this.#clause = clause;
      this.#clauseStart = this.#audioEnd;
      this.#lastPositionBefore = this.#lastPosition;
    }
    const audioStart = this.#audioEnd;
    if (samples > 0 && rate > 0) {
      if (rate !== this.#rate) {
        this.#rate = rate;
        this.#rateStart = this.#audioEnd;
        this.#samples = 0;
      }
      this.#samples += samples;
      this.#audioEnd = (this.#rateStart + samplesToTicks(this.#samples, rate)) as Ticks;
    }
    return { audioStart, clauseStart: this.#clauseStart, isNewClause };
  }

  /** The same timed texts with every time counted from the start of the drive. Call after advance(). */
  toDrive(timing: SpeechTiming): SpeechTiming {
    this.#decide(timing);
    const offset = this.#timeReference === 'drive' ? 0 : this.#clauseStart;
    if (offset === 0) return timing;
    const shift = <T extends { readonly start: Ticks; readonly end: Ticks }>(span: T): T => ({
      ...span,
      start: (span.start + offset) as Ticks,
      end: (span.end + offset) as Ticks,
    });
    return {
      phones: timing.phones.map(shift),
      words: timing.words,
      subtitles: timing.subtitles.map(shift),
      actions: timing.actions.map((cue) => ({ ...cue, start: (cue.start + offset) as Ticks })),
      expressions: timing.expressions.map(shift),
    };
  }

  #decide(timing: SpeechTiming): void {
    const first = firstStart(timing);
    // Within one hop of the drive's start both readings are the same.
    if (this.#timeReference === undefined && first !== undefined && this.#clauseStart > this.#hopTicks) {
      this.#timeReference = first < this.#clauseStart - this.#hopTicks ? 'clause' : 'drive';
    }
    const subtitle = timing.subtitles[0];
    if (subtitle === undefined) return;
    if (this.#positionReference === undefined && this.#lastPositionBefore > 0) {
      this.#positionReference = subtitle.positionStart < this.#lastPositionBefore ? 'clause' : 'drive';
    }
    this.#lastPosition = Math.max(this.#lastPosition, timing.subtitles.at(-1)!.positionEnd);
  }
}

function firstStart(timing: SpeechTiming): number | undefined {
  const starts = [timing.phones, timing.subtitles, timing.actions, timing.expressions].flatMap((list) =>
    list.length > 0 ? [list[0].start as number] : [],
  );
  return starts.length === 0 ? undefined : Math.min(...starts);
}
