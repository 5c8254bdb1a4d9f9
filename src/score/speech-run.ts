import type { Check } from './check.js';
import { delayed, held, loudnessJaw, reversed, smoothed } from './controls.js';
import { speakCorpus, type CorpusOptions, type Take } from './corpus.js';
import { apertureOf, correlate, lagOf, pool, type Correlation } from './lag.js';
import { frameCount, type Motion } from './motion.js';
import type { Language } from './sentences.js';
import { controlChecks, speechChecks, type Control, type ControlName } from './speech-checks.js';
import { SpeechTally } from './speech-tally.js';
import { fromPhones, usualLeadMs, type Subject } from './subjects.js';

/** The rate at which takes are pooled, and the others at which every number must hold. */
const pooledRate = 60;
const otherRates = [24, 25, 30, 48, 50, 90, 120] as const;
/** Delays and leads, in ms, that the lag must follow. */
const setDelays = [-60, 60] as const;
const setLeads = [0, 80] as const;

const controls: Readonly<Record<ControlName, (take: Take, motion: Motion) => Motion>> = {
  'no closure rule': (take) => fromPhones(take, pooledRate, usualLeadMs, false),
  '120 ms late': (_, motion) => delayed(motion, 0.12),
  '150 ms early': (_, motion) => delayed(motion, -0.15),
  'time reversed': (_, motion) => reversed(motion),
  'jaw by loudness': (take, motion) => loudnessJaw(take.level, pooledRate, frameCount(motion)),
  'held 25 times a second': (_, motion) => held(motion),
  '3 Hz low-pass': (_, motion) => smoothed(motion),
};

export interface SpeechRun {
  readonly checks: readonly Check[];
  readonly controls: readonly Control[];
  /** Seconds of speech and takes by language. */
  readonly spoken: ReadonlyMap<Language, { readonly seconds: number; readonly takes: number }>;
}

export interface SpeechRunOptions extends CorpusOptions {
  readonly subjects: readonly Subject[];
  readonly progress?: (text: string) => void;
}

/** Tests 1 to 8 of every subject in every language, and the controls made from the first subject. */
export async function runSpeech(options: SpeechRunOptions): Promise<SpeechRun> {
  const { subjects, size, progress } = options;
  const books = new Map<string, Book>();
  const spoken = new Map<Language, { seconds: number; takes: number }>();
  for await (const take of speakCorpus(options)) {
    const seconds = take.pcm.length / 24_000;
    const before = spoken.get(take.language) ?? { seconds: 0, takes: 0 };
    spoken.set(take.language, { seconds: before.seconds + seconds, takes: before.takes + 1 });
    progress?.(`${take.language}, ${take.voice} at ${take.speed}: ${seconds.toFixed(1)} s`);
    for (const [index, subject] of subjects.entries()) {
      const key = `${subject.name}, ${take.language}`;
      const book = books.get(key) ?? new Book(key);
      books.set(key, book);
      book.add(take, subject, size === 'short' ? [24] : otherRates, index === 0);
    }
  }
  const all = [...books.values()];
  return {
    checks: all.flatMap((book) => book.checks(size === 'full' ? 300 : 0)),
    controls: all.flatMap((book) => book.controls()),
    spoken,
  };
}

/** Everything noted about one subject in one language. */
class Book {
  readonly #of: string;
  readonly #pooled = new SpeechTally();
  readonly #conditions = new Map<string, SpeechTally>();
  readonly #controls = new Map<ControlName, SpeechTally>();
  /** By what was set, how far the lag should move, and what it then was. */
  readonly #shifts = new Map<string, { readonly by: number; readonly takes: Correlation[] }>();

  constructor(of: string) {
    this.#of = of;
  }

  add(take: Take, subject: Subject, rates: readonly number[], withControls: boolean): void {
    const motion = subject.move(take, pooledRate, usualLeadMs);
    this.#pooled.add(take, motion);
    this.#tally(this.#conditions, `${take.voice} at ${take.speed}`).add(take, motion);
    for (const rate of rates)
      this.#tally(this.#conditions, `${rate} fps`).add(take, subject.move(take, rate, usualLeadMs));
    for (const ms of setDelays) this.#shift(take, `delay ${ms}`, ms, delayed(motion, ms / 1000));
    for (const ms of setLeads)
      this.#shift(take, `lead ${ms}`, usualLeadMs - ms, subject.move(take, pooledRate, ms));
    if (!withControls) return;
    for (const name of Object.keys(controls) as ControlName[])
      this.#tally(this.#controls, name).add(take, controls[name](take, motion));
  }

  checks(leastBilabials: number): Check[] {
    const pooled = this.#pooled.numbers();
    const errors = [...this.#shifts.values()].map(({ by, takes }) =>
      Math.abs(lagOf(pool(takes)).ms - pooled.lag.ms - by),
    );
    const conditions = [...this.#conditions].map(([where, tally]) => ({ where, numbers: tally.numbers() }));
    return speechChecks({ of: this.#of, pooled, conditions, lagError: Math.max(...errors) }, leastBilabials);
  }

  controls(): Control[] {
    return [...this.#controls].map(([name, tally]) => {
      return { name, of: this.#of, mustFail: controlChecks(name, tally.numbers()) };
    });
  }

  #tally<Key>(tallies: Map<Key, SpeechTally>, key: Key): SpeechTally {
    const tally = tallies.get(key) ?? new SpeechTally();
    tallies.set(key, tally);
    return tally;
  }

  #shift({ level }: Take, what: string, by: number, motion: Motion): void {
    const shift = this.#shifts.get(what) ?? { by, takes: [] };
    this.#shifts.set(what, shift);
    shift.takes.push(correlate(level, apertureOf(motion, level.length)));
  }
}
