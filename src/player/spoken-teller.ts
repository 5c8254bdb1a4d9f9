import type { FacewireError } from '../errors.js';
import type { ReplyEvent, SpeechEvent } from '../driver/events.js';
import { Transcript, type ShownClause } from '../driver/transcript.js';
import type { SubtitleSpan } from '../wire/response.js';
import type { Ticks } from '../wire/ticks.js';
import type { SpokenEvent } from './spoken-events.js';
import type { Cue, Followed } from './utterance-log.js';

/** What a cue of ours stands for. */
type Meaning =
  | { readonly kind: 'clause'; readonly clause: number }
  | { readonly kind: 'word'; readonly clause: number; readonly word: SubtitleSpan }
  | { readonly kind: 'action'; readonly name: string }
  | { readonly kind: 'expression'; readonly name: string; readonly phase: 'begin' | 'end' };

/** Turns the events of a drive into cues, and the cues, when their sample was presented, into spoken events. */
export class SpokenTeller {
  readonly #spoken: Followed;
  readonly #transcript: Transcript;
  readonly #tell: (event: SpokenEvent) => void;
  readonly #sampleOf: (time: Ticks) => number;
  /** Clauses that were announced by the cloud and not by us. */
  #waiting: ShownClause[] = [];
  /** Expressions whose end is not known yet, and those that were begun. */
  readonly #open = new Set<string>();
  readonly #worn = new Set<string>();
  #lastWord: string | undefined;
  #textEnd = 0;
  #isOver = false;

  /** @param sampleOf source sample of a time of the drive. */
  constructor(
    spoken: Followed,
    source: () => string | undefined,
    sampleOf: (time: Ticks) => number,
    tell: (event: SpokenEvent) => void,
  ) {
    this.#spoken = spoken;
    this.#transcript = new Transcript(source);
    this.#sampleOf = sampleOf;
    this.#tell = tell;
  }

  /** All clauses shown so far. */
  get text(): string {
    return this.#transcript.text;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  reply(event: ReplyEvent): void {
    const shown = this.#transcript.reply(event);
    if (shown !== undefined) this.#waiting.push(shown);
  }

  speech(event: SpeechEvent): void {
    if (event.clauseStart)
      this.#add('clause', event.clauseAudioStart, { kind: 'clause', clause: event.clause });
    for (const word of event.subtitles)
      this.#add(word.text, word.start, { kind: 'word', clause: event.clause, word });
    for (const { name, start } of event.actions) this.#add(name, start, { kind: 'action', name });
    for (const { name, start, end, open } of event.expressions) {
      if (!this.#open.has(name)) this.#add(name, start, { kind: 'expression', name, phase: 'begin' });
      if (open) this.#open.add(name);
      else {
        this.#open.delete(name);
        this.#add(name, end, { kind: 'expression', name, phase: 'end' });
      }
    }
  }

  /** The first sample of the utterance was presented. */
  started(at: number): void {
    this.#say({ type: 'started', at });
  }

  /** A cue was presented. */
  cue(cue: Cue, at: number): void {
    const meaning = cue.data as Meaning;
    if (meaning.kind === 'clause') this.#show(at, meaning.clause);
    else if (meaning.kind === 'action') this.#say({ type: 'action', at, name: meaning.name });
    else if (meaning.kind === 'expression') this.#face(at, meaning.name, meaning.phase);
    else {
      const { text } = meaning.word;
      const range = this.#transcript.find(meaning.word, meaning.clause);
      this.#lastWord = text;
      this.#textEnd = range?.end ?? this.#textEnd;
      this.#say({ type: 'word', at, text, range });
    }
  }

  /** Ends the performance, once; later calls do nothing. */
  finish(at: number, interrupted: boolean, error: FacewireError | undefined): void {
    if (this.#isOver) return;
    for (const name of [...this.#worn]) this.#face(at, name, 'end');
    if (interrupted || error !== undefined) {
      this.#say({ type: 'interrupted', at, lastWord: this.#lastWord, textEnd: this.#textEnd, error });
    } else {
      // Clauses that are only shown, at the end.
      this.#show(at, undefined);
      this.#say({ type: 'finished', at });
    }
    this.#isOver = true;
  }

  /** Tells of the clause that begins, and of those before it that are only shown; without a number, of these alone. */
  #show(at: number, clause: number | undefined): void {
    const last = clause === undefined ? -1 : this.#waiting.findIndex(({ number }) => number === clause);
    const end = clause === undefined ? this.#waiting.length : last + 1;
    for (const { text, spoken, start, end: stop, number } of this.#waiting.splice(0, end))
      if (!spoken || number === clause)
        this.#say({ type: 'subtitle', at, text, spoken, range: { start, end: stop } });
  }

  #face(at: number, name: string, phase: 'begin' | 'end'): void {
    if (phase === 'begin') this.#worn.add(name);
    else if (!this.#worn.delete(name)) return;
    this.#say({ type: 'expression', at, name, phase });
  }

  #add(name: string, time: Ticks, data: Meaning): void {
    this.#spoken.addCue({ name, sourceSample: this.#sampleOf(time), data });
  }

  #say(event: SpokenEvent): void {
    if (this.#isOver) return;
    try {
      this.#tell(event);
    } catch (thrown) {
      // A listener's fault must not stop the clock; it surfaces as an exception of its own.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}
