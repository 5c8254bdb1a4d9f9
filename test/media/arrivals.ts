import type { Random } from '../reference/random.js';

/** Everything here is in milliseconds; messages come in the order they were sent. */
export type Arrival = (mediaMs: number, random: Random) => number;

/** How messages with the sound of `mediaMs` come in, after the first one was sent. */
export const arrivalPatterns: Readonly<Record<string, () => Arrival>> = {
  steady: () => (mediaMs) => mediaMs,
  'four seconds ahead': () => (mediaMs) => Math.max(0, mediaMs - 4000),
  'nothing for 500 ms, then all': () => (mediaMs) => Math.ceil(mediaMs / 500) * 500,
  '200 ms early or late': () => (mediaMs, random) => mediaMs + random.integer(-200, 200),
  '150 ms early or late': () => (mediaMs, random) => mediaMs + random.integer(-150, 150),
  'at 0.9 of real time': () => (mediaMs) => mediaMs / 0.9,
  'a gap of 2 s': () => {
    let gapMs = -1;
    return (mediaMs, random) => {
      if (gapMs < 0) gapMs = random.integer(500, 10_000);
      return mediaMs >= gapMs && mediaMs < gapMs + 2000 ? gapMs + 2000 : mediaMs;
    };
  },
};

/** Sound whose samples say where they stand: 65,535 values, none of them 0, over and over. */
const cycle = 65_535;
const counting = Buffer.alloc(2 * cycle * 6);
for (let i = 0; i < cycle * 6; i++) counting.writeInt16LE(soundOf(i), i * 2);

function soundOf(sample: number): number {
  const place = sample % cycle;
  return place < 32_768 ? place - 32_768 : place - 32_767;
}

/** The same as the session gives it out. */
export const countingSound = Float32Array.from({ length: cycle * 6 }, (_, i) => soundOf(i) / 32_768);

/** Where in countingSound the source sample stands. */
export function placeOf(sample: number): number {
  return sample % cycle;
}

export interface Message {
  readonly arrivalMs: number;
  /** Sound from byte `fromByte` of the utterance, whose first sample is `start`, up to `toByte`. */
  readonly audio: (start: number) => string;
  readonly bytes: number;
  readonly rows: number[];
  readonly clause: number;
  readonly clauseStart: boolean;
  readonly final: boolean;
}

/**
 * One utterance of some clauses, cut into messages between any two bytes. The
 * rows of a clause rise or fall in a straight line, so that a row tells its time.
 *
 * @param hop samples of a row.
 */
export function utterance(random: Random, rate: number, hop: number, arrival: Arrival): Message[] {
  const messages: Message[] = [];
  let byte = 0;
  let latestMs = 0;
  for (let clause = 1, clauses = random.integer(2, 7); clause <= clauses; clause++) {
    const bytes = 2 * random.integer(Math.round(0.4 * rate), 7 * rate);
    const count = Math.ceil(bytes / 2 / hop) + 4;
    const rises = random.next() < 0.5;
    const rows = Array.from({ length: count }, (_, i) => 0.01 + (0.06 * (rises ? i : count - i)) / count);
    let done = 0;
    let sent = 0;
    while (done < bytes) {
      const size = Math.min(bytes - done, random.integer(Math.round(0.04 * rate), Math.round(0.8 * rate)));
      const from = byte + done;
      // The curve at the end of this sound needs two rows more.
      const due = Math.min(count, Math.ceil((done + size) / 2 / hop) + random.integer(3, 5));
      latestMs = Math.max(latestMs, arrival((from / 2 / rate) * 1000, random));
      messages.push({
        arrivalMs: latestMs,
        bytes: size,
        audio: (start) => {
          const begin = 2 * placeOf(start) + (from % (2 * cycle));
          return counting.toString('base64', begin, begin + size);
        },
        rows: rows.slice(sent, due),
        clause,
        clauseStart: done === 0,
        final: clause === clauses && done + size === bytes,
      });
      sent = due;
      done += size;
    }
    byte += bytes;
  }
  return messages;
}
