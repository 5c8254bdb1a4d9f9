import type { EventEmitter } from 'node:events';

import type { PlayableSession, PlayerEvents } from './player.js';

/** A moment inside an utterance, announced when its sample is presented. */
export interface Cue {
  /** Source sample (session rate, see binding.ts) that the cue belongs to. */
  readonly sourceSample: number;
  readonly name: string;
  readonly data: unknown;
}

/** The writing end of one utterance that the player follows. */
export interface Followed {
  /** Settles when the last sample was presented or the utterance was cut. */
  readonly finished: Promise<'finished' | 'interrupted'>;
  /** Where its first sample lies. */
  begin(sourceSample: number): void;
  /** Where its last sample ended; nothing more will come. */
  end(sourceEnd: number): void;
  /** Those after the first 100,000 are dropped; one that comes after its moment is announced at once. */
  addCue(cue: Cue): void;
}

interface Utterance {
  readonly id: string;
  firstSource: number | undefined;
  endSource: number | undefined;
  started: boolean;
  readonly cues: Cue[];
  nextCue: number;
  lastCue: Cue | undefined;
  readonly settle: (outcome: 'finished' | 'interrupted') => void;
}

const maxCues = 100_000;

/** Which utterances are being said, and which of their moments the player has presented. Emits each event once. */
export class UtteranceLog {
  readonly #session: PlayableSession;
  readonly #events: EventEmitter<PlayerEvents>;
  #utterances: Utterance[] = [];

  constructor(session: PlayableSession, events: EventEmitter<PlayerEvents>) {
    this.#session = session;
    this.#events = events;
  }

  get isSpeaking(): boolean {
    return this.#utterances.length > 0;
  }

  /** Sound of the utterance that is being said has arrived. */
  get isUnderWay(): boolean {
    return this.#utterances[0]?.firstSource !== undefined;
  }

  /** The utterance that is being said will receive no more. */
  get hasEnded(): boolean {
    return this.#utterances[0]?.endSource !== undefined;
  }

  follow(id: string): Followed {
    let settle: Utterance['settle'] = () => undefined;
    const finished = new Promise<'finished' | 'interrupted'>((resolve) => (settle = resolve));
    const utterance: Utterance = {
      id,
      firstSource: undefined,
      endSource: undefined,
      started: false,
      cues: [],
      nextCue: 0,
      lastCue: undefined,
      settle,
    };
    this.#utterances.push(utterance);
    return {
      finished,
      begin: (sourceSample) => {
        utterance.firstSource ??= sourceSample;
      },
      end: (sourceEnd) => {
        utterance.endSource ??= sourceEnd;
      },
      addCue: (cue) => {
        if (utterance.cues.length < maxCues) insert(utterance, cue);
      },
    };
  }

  /** Everything was silenced at output sample `sample`; what was before it is heard. */
  cut(sample: number): void {
    const cut = this.#utterances;
    const [current] = cut;
    if (current?.started === true) this.#announceCues(current, sample);
    this.#utterances = [];
    for (const { id, lastCue, settle } of cut) {
      this.#events.emit('interrupted', { id, sample, lastCue });
      settle('interrupted');
    }
  }

  /** The player ends; nobody will hear the rest. */
  abandon(): void {
    for (const { settle } of this.#utterances.splice(0)) settle('interrupted');
  }

  starved(samples: number): void {
    const current = this.#utterances[0];
    if (current?.firstSource !== undefined) this.#events.emit('starved', { id: current.id, samples });
  }

  /** Frame `frame`, due at `dueMs`, went out, and with it the output up to sample `until`. */
  presented(frame: number, dueMs: number, until: number, withPicture: boolean): void {
    const utterance = this.#utterances[0];
    if (utterance === undefined) return;
    if (!utterance.started && utterance.firstSource !== undefined) {
      const sample = this.#session.outputOf(utterance.firstSource);
      if (sample >= 0 && sample < until) {
        utterance.started = true;
        this.#events.emit('started', { id: utterance.id, sample, frame, atMs: dueMs });
        if (withPicture) this.#events.emit('drawn', { id: utterance.id, frame, atMs: performance.now() });
      }
    }
    this.#announceCues(utterance, until);
    if (utterance.endSource === undefined) return;
    const silent = utterance.firstSource === undefined || utterance.endSource <= utterance.firstSource;
    const last = silent ? -2 : this.#session.outputOf(utterance.endSource - 1);
    if (last === -1 || last >= until) return;
    this.#utterances.shift();
    this.#events.emit('finished', { id: utterance.id, sample: until });
    utterance.settle('finished');
  }

  #announceCues(utterance: Utterance, until: number): void {
    for (; utterance.nextCue < utterance.cues.length; utterance.nextCue++) {
      const cue = utterance.cues[utterance.nextCue];
      const sample = this.#session.outputOf(cue.sourceSample);
      if (sample === -1 || sample >= until) return;
      if (sample < 0) continue;
      utterance.lastCue = cue;
      this.#events.emit('cue', { id: utterance.id, sample, cue });
    }
  }
}

/** Keeps cues in the order of their samples, and those of one sample in the order in which they came. */
function insert({ cues, nextCue }: Utterance, cue: Cue): void {
  let at = cues.length;
  while (at > nextCue && cues[at - 1].sourceSample > cue.sourceSample) at--;
  cues.splice(at, 0, cue);
}
