import { arkitIndex, type ArkitName } from '../../src/frame.js';

/**
 * The media session's contract in plain TypeScript: whole messages, doubles,
 * no streaming, no tables. It covers utterances that were received whole and
 * are heard without a break, each at a known output sample.
 */

interface OracleClause {
  /** Source sample where the clause's audio begins. */
  anchor: number;
  rows: number[][];
}

interface OracleUtterance {
  readonly sourceBegin: number;
  readonly sourceEnd: number;
  /** Output sample at which sourceBegin is heard. */
  outputBegin: number;
}

const holdSeconds = 0.03;
const easeSeconds = 0.09;
const maxSpeed = 12;

/** 0 to 1 with short parabolas at both ends: speed rises over 7 % of the way, stays, and falls over 7 %. */
function ease(progress: number): number {
  if (progress <= 0) return 0;
  if (progress >= 1) return 1;
  const bend = 0.07;
  // The area under a trapezoid of unit width that is 1 high between the bends, normalised to 1.
  const area = (x: number): number =>
    x <= bend ? x ** 2 / (2 * bend) : x <= 1 - bend ? x - bend / 2 : 1 - bend - (1 - x) ** 2 / (2 * bend);
  return area(progress) / (1 - bend);
}

/** Steffen's limit of a slope between two secants (Astron. Astrophys. 239, 1990, equation 11), for equal steps. */
function slope(left: number, right: number): number {
  return (
    (Math.sign(left) + Math.sign(right)) *
    Math.min(Math.abs(left), Math.abs(right), 0.5 * Math.abs((left + right) / 2))
  );
}

/** The cubic with values b and c and the slopes there, at t between them (Hermite form). */
export function cubic(a: number, b: number, c: number, d: number, t: number): number {
  const first = slope(b - a, c - b);
  const last = slope(c - b, d - c);
  const h = (u: number): number => (1 + 2 * u) * (1 - u) ** 2;
  return h(t) * b + h(1 - t) * c + t * (1 - t) ** 2 * first - (1 - t) * t ** 2 * last;
}

export class Oracle {
  readonly #order: readonly ArkitName[];
  readonly #rate: number;
  readonly #wireRate: number;
  readonly #lead: number;
  readonly #clauses: OracleClause[] = [];
  readonly #utterances: OracleUtterance[] = [];
  #sourceEnd = 0;

  constructor(options: {
    order: readonly ArkitName[];
    sampleRate: number;
    wireRate: number;
    mouthLeadMs: number;
  }) {
    this.#order = options.order;
    this.#rate = options.sampleRate;
    this.#wireRate = options.wireRate;
    this.#lead = Math.round((options.mouthLeadMs * options.sampleRate) / 1000);
  }

  /** Takes the wire messages of one utterance. Returns the samples (16-bit, at the wire's rate) they carry. */
  receive(messages: readonly Buffer[], outputBegin: number): Int16Array {
    const begin = this.#sourceEnd;
    const audio: Buffer[] = [];
    let bytes = 0;
    let loose: number[] = [];
    for (const message of messages) {
      const payload = (
        JSON.parse(message.toString('utf8')) as { Payload: { SpeechRsp: Record<string, unknown> } }
      ).Payload;
      const speech = payload.SpeechRsp as {
        Audio: string;
        ThFeat: number[];
        ThDim: number;
        SentenceStart: boolean;
      };
      if (speech.SentenceStart) {
        this.#clauses.push({
          anchor: begin + Math.ceil((Math.floor(bytes / 2) * this.#rate) / this.#wireRate),
          rows: [],
        });
        loose = [];
      }
      const pcm = Buffer.from(speech.Audio, 'base64');
      audio.push(pcm);
      bytes += pcm.length;
      loose.push(...speech.ThFeat);
      const clause = this.#clauses.at(-1) as OracleClause;
      for (; loose.length >= speech.ThDim; loose = loose.slice(speech.ThDim)) {
        const row = new Array<number>(52).fill(0);
        this.#order.forEach((name, i) => (row[arkitIndex[name]] = Math.min(1, Math.max(0, loose[i]))));
        clause.rows.push(row);
      }
    }
    const joined = Buffer.concat(audio);
    this.#sourceEnd = begin + Math.ceil((Math.floor(bytes / 2) * this.#rate) / this.#wireRate);
    this.#utterances.push({ sourceBegin: begin, sourceEnd: this.#sourceEnd, outputBegin });
    return new Int16Array(joined.buffer.slice(joined.byteOffset, joined.byteOffset + joined.length));
  }

  get sourceEnd(): number {
    return this.#sourceEnd;
  }

  /** The 52 weights at an output sample, without idle life. */
  weights(sample: number): number[] {
    const at = sample + this.#lead;
    const index = this.#utterances.findLastIndex((utterance) => utterance.outputBegin <= at);
    const row = index < 0 ? new Array<number>(52).fill(0) : this.#mouth(index, at);
    row[arkitIndex.mouthClose] = Math.min(row[arkitIndex.mouthClose], row[arkitIndex.jawOpen] + 0.1);
    return row;
  }

  #mouth(index: number, at: number, clauseIndex?: number): number[] {
    const utterance = this.#utterances[index];
    const source = utterance.sourceBegin + at - utterance.outputBegin;
    const known = Math.min(source, utterance.sourceEnd - 1);
    const chosen = clauseIndex ?? this.#clauses.findLastIndex((clause) => clause.anchor <= known);
    const clause = this.#clauses[chosen];
    const row = this.#shape(clause, source, utterance.sourceEnd + Math.min(this.#lead, 0));

    const since = source - Math.max(clause.anchor, utterance.sourceBegin);
    const reach = (maxSpeed * since) / this.#rate;
    if (reach >= 1) return row;
    let before = new Array<number>(52).fill(0);
    if (clause.anchor > utterance.sourceBegin) before = this.#mouth(index, at - since, chosen - 1);
    else if (index > 0) before = this.#mouth(index - 1, at - since);
    return row.map((value, i) => Math.min(Math.max(value, before[i] - reach), before[i] + reach));
  }

  #shape(clause: OracleClause, source: number, end: number): number[] {
    const hop = this.#rate * 0.04;
    const last = clause.rows.length - 1;
    if (last < 0) return new Array<number>(52).fill(0);
    const limit = Math.max(0, Math.min(last * hop, end - clause.anchor));
    const position = Math.min(source - clause.anchor, limit) / hop;
    const base = Math.floor(position);
    const row = (i: number): number[] => clause.rows[Math.min(last, Math.max(0, i))];
    const past = (source - clause.anchor - limit) / this.#rate - holdSeconds;
    const left = 1 - ease(past / easeSeconds);
    return row(base).map(
      (_, i) =>
        left * cubic(row(base - 1)[i], row(base)[i], row(base + 1)[i], row(base + 2)[i], position - base),
    );
  }
}
