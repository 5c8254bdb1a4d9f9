import { visemesOf } from './phone-visemes.js';
import type { PhoneAlphabet, PhoneTime } from '../voice/voice.js';
import { shapesOf, type VisemeSet } from './viseme-sets.js';

/** One shape of a track; the next one begins where it ends. */
export interface VisemeSpan {
  /** Number in the set. */
  readonly shape: number;
  readonly name: string;
  readonly startTicks: number;
  readonly endTicks: number;
}

/**
 * No shape is held shorter, 70 ms, or the mouth flutters; only closures may be,
 * because a p that is not seen is missed. The value is Rhubarb's.
 */
export const leastHoldTicks = 700_000;
/** Shorter pauses between words keep the shape. */
const shortPauseTicks = 1_200_000;
/** What is left of a closure that gives time to a short shape beside it. */
const leastClosureTicks = 300_000;

interface Piece {
  shape: number;
  start: number;
  end: number;
}

/** The shapes of a clause, from its phones: one after the other without a gap, none of them twice in a row. */
export function visemeTrack(
  phones: readonly PhoneTime[],
  visemes: VisemeSet,
  alphabet: PhoneAlphabet | 'auto' = 'auto',
): VisemeSpan[] {
  const pieces = merged(fill(split(withoutShortPauses(phones, alphabet), visemes, alphabet)));
  holdShapes(pieces, visemes.closure);
  return pieces.map(({ shape, start, end }) => ({
    shape,
    name: visemes.shapes[shape] ?? '',
    startTicks: start,
    endTicks: end,
  }));
}

function split(
  phones: readonly PhoneTime[],
  visemes: VisemeSet,
  alphabet: PhoneAlphabet | 'auto',
): (Omit<Piece, 'shape'> & { shape: number | undefined })[] {
  return phones.flatMap(({ symbol, startTicks, endTicks }) => {
    let start = startTicks;
    return shapesOf(symbol, visemes, alphabet).map(({ shape, share }, index, parts) => {
      const last = index === parts.length - 1;
      const end = last ? endTicks : Math.round(start + share * (endTicks - startTicks));
      const piece = { shape, start, end };
      start = end;
      return piece;
    });
  });
}

/** What has no shape of its own has that of the next sound, which the mouth is already on its way to. */
function fill(pieces: readonly (Omit<Piece, 'shape'> & { shape: number | undefined })[]): Piece[] {
  const filled: Piece[] = [];
  let next = 0;
  for (const piece of [...pieces].reverse()) {
    next = piece.shape ?? next;
    if (piece.end > piece.start) filled.unshift({ ...piece, shape: next });
  }
  return filled;
}

function merged(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.shape === piece.shape) last.end = piece.end;
    else out.push({ ...piece });
  }
  return out;
}

/** A short pause inside speech belongs to the sound before it. */
function withoutShortPauses(phones: readonly PhoneTime[], alphabet: PhoneAlphabet | 'auto'): PhoneTime[] {
  const out: PhoneTime[] = [];
  phones.forEach((phone, index) => {
    const before = out.at(-1);
    const inside = before !== undefined && index < phones.length - 1;
    const isShort = phone.endTicks - phone.startTicks < shortPauseTicks;
    if (inside && isShort && visemesOf(phone.symbol, alphabet).every(({ viseme }) => viseme === 'sil'))
      out[out.length - 1] = { ...before, endTicks: phone.endTicks };
    else out.push(phone);
  });
  return out;
}

function holdShapes(pieces: Piece[], closure: number): void {
  for (;;) {
    const short = shortest(pieces, closure);
    if (short < 0) return;
    if (!widen(pieces, short, closure)) remove(pieces, short, neighbourOf(pieces, short, closure));
  }
}

/** The shortest piece that is held too short; -1 when there is none, or nothing beside it. */
function shortest(pieces: readonly Piece[], closure: number): number {
  if (pieces.length < 2) return -1;
  let found = -1;
  let least = leastHoldTicks;
  pieces.forEach(({ shape, start, end }, index) => {
    if (shape === closure || end - start >= least) return;
    least = end - start;
    found = index;
  });
  return found;
}

/** Takes what is missing from its neighbours, the one before first: a mouth is early rather than late. */
function widen(pieces: readonly Piece[], index: number, closure: number): boolean {
  const piece = pieces[index];
  const missing = leastHoldTicks - (piece.end - piece.start);
  const spare = (beside: Piece | undefined): number => {
    if (beside === undefined) return 0;
    const keeps = beside.shape === closure ? leastClosureTicks : leastHoldTicks;
    return Math.max(0, beside.end - beside.start - keeps);
  };
  const before: Piece | undefined = pieces[index - 1];
  const after: Piece | undefined = pieces[index + 1];
  const left = Math.min(missing, spare(before));
  const right = missing - left;
  if (right > spare(after)) return false;
  piece.start -= left;
  piece.end += right;
  if (before !== undefined) before.end = piece.start;
  if (after !== undefined) after.start = piece.end;
  return true;
}

/** The longer neighbour that is no closure, else the one there is. */
function neighbourOf(pieces: readonly Piece[], index: number, closure: number): number {
  const length = (at: number): number => {
    const beside = at < 0 ? undefined : pieces[at];
    if (beside === undefined) return -1;
    return beside.shape === closure ? 0 : beside.end - beside.start;
  };
  return length(index - 1) >= length(index + 1) ? index - 1 : index + 1;
}

/** Gives the time of a piece to a neighbour, and joins what is then alike. */
function remove(pieces: Piece[], index: number, neighbour: number): void {
  const [gone] = pieces.slice(index, index + 1);
  const heir = pieces[neighbour];
  heir.start = Math.min(heir.start, gone.start);
  heir.end = Math.max(heir.end, gone.end);
  pieces.splice(index, 1);
  pieces.splice(0, pieces.length, ...merged(pieces));
}
