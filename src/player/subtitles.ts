import type { Caption, CaptionSource } from '../compose/caption.js';
import type { SpeechEvent } from '../driver/events.js';
import { Transcript, type ShownReply } from '../driver/transcript.js';
import type { MediaSession } from '../media/session.js';
import { inRange } from '../option-values.js';
import type { SubtitleSpan } from '../wire/response.js';
import type { Ticks } from '../wire/ticks.js';

export interface SubtitlesOptions {
  /** How long the last clause stays after its end, in ms, 0 to 60 000. Default 800. */
  readonly holdMs?: number;
}

/** A clause or a word that begins at a source sample. */
interface Entry {
  readonly source: number;
  readonly clause: number;
  readonly word: SubtitleSpan | undefined;
}

/** Bounds what a hostile or endless drive can make us keep. */
const mostEntries = 100_000;
const mostClauses = 10_000;

/**
 * What is being said, for each frame: a clause from the frame in which its
 * first sample lies, and each word from the frame in which it begins. Given to
 * a Composition, and to perform(), which fills it.
 */
export class Subtitles implements CaptionSource {
  readonly #session: Pick<MediaSession, 'outputOf'>;
  readonly #holdSamples: number;
  #tracks: SubtitleTrack[] = [];

  constructor(session: Pick<MediaSession, 'outputOf' | 'sampleRate'>, options: SubtitlesOptions = {}) {
    this.#session = session;
    const holdMs = inRange('holdMs', options.holdMs ?? 800, 0, 60_000);
    this.#holdSamples = Math.round((session.sampleRate * holdMs) / 1000);
  }

  /**
   * One utterance that begins to arrive.
   *
   * @param source the text that was sent, as far as it is known.
   * @param sampleOf source sample of a time of the drive.
   */
  follow(source: () => string | undefined, sampleOf: (time: Ticks) => number): SubtitleTrack {
    const track = new SubtitleTrack(source, sampleOf);
    this.#tracks.push(track);
    return track;
  }

  at(sampleEnd: number): Caption | undefined {
    // The one that was begun last is shown; those before it are over.
    let shown: SubtitleTrack | undefined;
    for (const track of this.#tracks) {
      track.advance(this.#session, sampleEnd, this.#holdSamples);
      if (track.caption !== undefined) shown = track;
    }
    const from = shown === undefined ? 0 : this.#tracks.indexOf(shown);
    this.#tracks = this.#tracks.filter(
      (track, i) => !track.isOver && (i >= from || track.caption === undefined),
    );
    return shown?.caption;
  }
}

/** The words of one utterance. */
export class SubtitleTrack {
  readonly #transcript: Transcript;
  readonly #sampleOf: (time: Ticks) => number;
  /** Where the clauses that are spoken stand in the text. */
  readonly #clauses = new Map<number, { start: number; end: number }>();
  #entries: Entry[] = [];
  #next = 0;
  #endSource: number | undefined;
  #hideAt: number | undefined;
  #clause: number | undefined;
  #said: number | undefined;
  #caption: Caption | undefined;
  #isOver = false;

  constructor(source: () => string | undefined, sampleOf: (time: Ticks) => number) {
    this.#transcript = new Transcript(source);
    this.#sampleOf = sampleOf;
  }

  get caption(): Caption | undefined {
    return this.#caption;
  }

  /** Nothing more will be shown. */
  get isOver(): boolean {
    return this.#isOver;
  }

  reply(event: ShownReply): void {
    const shown = this.#transcript.reply(event);
    if (shown === undefined || !shown.spoken || this.#clauses.size >= mostClauses) return;
    const { number, start, end } = shown;
    const known = this.#clauses.get(number);
    if (known === undefined) this.#clauses.set(number, { start, end });
    else known.end = end;
  }

  speech(event: Pick<SpeechEvent, 'clause' | 'clauseStart' | 'clauseAudioStart' | 'subtitles'>): void {
    const { clause } = event;
    if (event.clauseStart)
      this.#add({ source: this.#sampleOf(event.clauseAudioStart), clause, word: undefined });
    for (const word of event.subtitles) this.#add({ source: this.#sampleOf(word.start), clause, word });
  }

  /** Nothing more will come; the last sample was before `sourceEnd`. */
  end(sourceEnd: number): void {
    this.#endSource ??= sourceEnd;
  }

  /** What is said was cut: nothing is shown from the next frame on. */
  cut(): void {
    this.#isOver = true;
    this.#caption = undefined;
    this.#entries = [];
    this.#next = 0;
  }

  /** Shows what has begun before output sample `sampleEnd`. */
  advance(session: Pick<MediaSession, 'outputOf'>, sampleEnd: number, holdSamples: number): void {
    if (this.#isOver) return;
    for (; this.#next < this.#entries.length; this.#next++) {
      const entry = this.#entries[this.#next];
      const sample = session.outputOf(entry.source);
      if (sample === -1 || sample >= sampleEnd) break;
      // What was cut or is long past is not shown any more.
      if (sample >= 0) this.#show(entry);
    }
    if (this.#endSource === undefined || this.#next < this.#entries.length) return;
    if (this.#hideAt === undefined) {
      const last = this.#endSource > 0 ? session.outputOf(this.#endSource - 1) : 0;
      if (last === -1 || last >= sampleEnd) return;
      this.#hideAt = Math.max(last, 0) + holdSamples;
    }
    if (sampleEnd <= this.#hideAt) return;
    this.#isOver = true;
    this.#caption = undefined;
  }

  #show({ clause, word }: Entry): void {
    if (clause !== this.#clause) this.#said = this.#hasWords(clause) ? 0 : undefined;
    this.#clause = clause;
    const range = this.#clauses.get(clause);
    if (range === undefined) return;
    if (word !== undefined) {
      const found = this.#transcript.find(word, clause);
      if (found !== undefined && found.end <= range.end)
        this.#said = Math.max(this.#said ?? 0, found.end - range.start);
    }
    const text = this.#transcript.text.slice(range.start, range.end);
    this.#caption = { text, said: this.#said };
  }

  /** Whether the cloud tells when the words of a clause begin. */
  #hasWords(clause: number): boolean {
    for (let i = this.#next; i < this.#entries.length && this.#entries[i].clause === clause; i++)
      if (this.#entries[i].word !== undefined) return true;
    return false;
  }

  #add(entry: Entry): void {
    if (this.#entries.length - this.#next >= mostEntries) return;
    if (this.#next > 1000) {
      this.#entries.splice(0, this.#next);
      this.#next = 0;
    }
    let at = this.#entries.length;
    while (at > this.#next && this.#entries[at - 1].source > entry.source) at--;
    this.#entries.splice(at, 0, entry);
  }
}
