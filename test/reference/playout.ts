import { cubic } from './oracle.js';
import { StartRule } from './start-rule.js';

/**
 * What must be heard and seen at every output sample, from what was sent and
 * when it came, with counters and comparisons only. It knows nothing of how the
 * session stores or converts: sound of the session's own rate goes through
 * unchanged, in order, as soon as it may, and silence fills the rest.
 * With a clock it may when the start rule says so.
 */

/** A stretch of output that plays source samples one after the other. */
interface Stretch {
  readonly output: number;
  readonly source: number;
  length: number;
}

interface Clause {
  readonly anchor: number;
  readonly rows: number[];
}

/** What the mouth shows: the feature time, in source samples, or how it is on its way. */
export type Seen =
  | { readonly kind: 'time'; readonly source: number; readonly value: number; readonly perSample: number }
  | { readonly kind: 'moving' }
  | { readonly kind: 'rest' };

const holdMs = 30;
const restMs = 120;
/** Change of a weight per second where two shapes are blended. */
const maxSpeed = 12;

export class Playout {
  readonly #rate: number;
  readonly #hop: number;
  readonly #lead: number;
  readonly #clauses: Clause[] = [];
  readonly #stretches: Stretch[] = [];
  #bytes = 0;
  /** Source samples given to the output so far. */
  heard = 0;
  committed = 0;
  /** Samples of silence put inside an utterance. */
  silence = 0;
  /** Times that speech ran dry inside an utterance. */
  starvations = 0;
  readonly #rule = new StartRule();
  #open = false;
  #start = 0;
  #held = false;
  #flows = true;
  #dry = false;

  /** @param lead samples that the mouth runs ahead. */
  constructor(rate: number, hop: number, lead: number) {
    this.#rate = rate;
    this.#hop = hop;
    this.#lead = lead;
  }

  get received(): number {
    return this.#start + Math.floor(this.#bytes / 2);
  }

  begin(): void {
    this.#start = this.received;
    this.#bytes = 0;
    this.#open = true;
    this.#dry = false;
    this.#rule.restart();
    this.#flows = this.received > this.heard;
    if (this.#flows) this.#held = false;
  }

  clause(): void {
    this.#clauses.push({ anchor: this.received, rows: [] });
    if (this.#clauses.length > 64) this.#clauses.shift();
  }

  /** @param tick when it came. */
  receive(bytes: number, rows: readonly number[], final: boolean, tick: number): void {
    this.#clauses.at(-1)?.rows.push(...rows);
    // Half a sample and a byte make one.
    if (Math.floor(((this.#bytes % 2) + bytes) / 2) > 0) this.#rule.arrived(tick, this.#ticks(this.received));
    this.#bytes += bytes;
    if (final) this.#open = false;
  }

  /** Fixes the output up to `until`. Returns the first source sample of it and how many follow; the rest is silent. */
  commit(until: number, now?: number): { source: number; length: number } {
    const source = this.heard;
    if (now === undefined || !this.#open) this.#flows = true;
    else if (!this.#flows)
      this.#flows =
        this.received > source &&
        this.#rule.mayStart(now, this.#ticks(this.received - source), this.#ticks(until - this.committed));
    this.#held = !this.#flows;
    const length = this.#held ? 0 : Math.min(this.received - source, until - this.committed);
    if (length > 0) {
      const last = this.#stretches.at(-1);
      if (last !== undefined && last.output + last.length === this.committed) last.length += length;
      else this.#stretches.push({ output: this.committed, source, length });
      if (this.#stretches.length > 64) this.#stretches.shift();
    }
    const silence = until - this.committed - length;
    this.heard += length;
    this.committed = until;
    if (length > 0) this.#dry = false;
    if (silence === 0 || !this.#open) return { source, length };
    const hasBegun = this.heard > this.#start;
    if (hasBegun || now === undefined) this.silence += silence;
    if (hasBegun && !this.#dry) this.starvations += 1;
    this.#dry = hasBegun;
    if (now !== undefined && this.#flows) {
      this.#flows = false;
      this.#rule.ranDry();
    }
    return { source, length };
  }

  #ticks(samples: number): number {
    return Math.floor((samples * 10_000_000) / this.#rate);
  }

  seen(sample: number): Seen {
    const at = sample + this.#lead;
    const stretches = [...this.#stretches];
    const waiting = this.#held ? 0 : this.received - this.heard;
    const last = stretches.at(-1);
    // What waits is heard next.
    if (last !== undefined && last.output + last.length === this.committed) {
      stretches[stretches.length - 1] = { ...last, length: last.length + waiting };
    } else if (waiting > 0) {
      stretches.push({ output: this.committed, source: this.heard, length: waiting });
    }
    const stretch = stretches.findLast(({ output }) => output <= at);
    if (stretch === undefined) return { kind: 'rest' };
    const end = stretch.source + stretch.length;
    const present = stretch.source + at - stretch.output;
    // A mouth that runs behind the sound stops with the sound.
    const stop = end + Math.min(this.#lead, 0);
    const past = present - stop;
    if (past >= (restMs * this.#rate) / 1000) return { kind: 'rest' };
    if (past > (holdMs * this.#rate) / 1000) return { kind: 'moving' };
    const clause = this.#clauses.findLast(({ anchor }) => anchor <= Math.min(present, end - 1));
    if (clause === undefined) return { kind: 'rest' };
    // Until then the shape may be on its way from the one before; the rows say how far apart they are.
    const since = present - Math.max(clause.anchor, stretch.source);
    if ((since * maxSpeed) / this.#rate < 0.1) return { kind: 'moving' };
    const source = Math.max(clause.anchor, Math.min(present, stop));
    const value = this.#value(clause, source);
    return { kind: 'time', source, value, perSample: this.#value(clause, source + 1) - value };
  }

  /** The curve through the rows of a clause at a source sample; every row that it depends on has come. */
  #value(clause: Clause, source: number): number {
    const position = (source - clause.anchor) / this.#hop;
    const base = Math.floor(position);
    const row = (i: number): number => clause.rows[Math.min(clause.rows.length - 1, Math.max(0, i))];
    return cubic(row(base - 1), row(base), row(base + 1), row(base + 2), position - base);
  }
}
