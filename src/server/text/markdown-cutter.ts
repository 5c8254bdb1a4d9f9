import { ClauseCutter } from '../../voice/clauses.js';
import { hasSpeech } from '../../voice/scripts.js';
import type { ContentType } from '../../wire/response.js';
import type { ClausePlan } from '../clause-plan.js';
import { readMarkdown, type Leaf, type LeafPart } from './markdown-leaves.js';
import { partOf, type PlainText } from './plain-text.js';

/** From this length on a block that goes on is read again only when it has grown by a 32nd. */
const readFreely = 1000;
/** A block that goes on is forgotten as far as it was given out when it is longer, … */
const longestBlock = 4000;
/** … and a table or piece of code that does not end is given out. */
const longestHeld = 8000;
/** A clause is never longer, so text of this length may be due whatever it holds. */
const longestClause = 240;
const mayEnd = /[\n.!?;。！？；｡,，、:：]/u;

/** A part of the Markdown that becomes one clause, in UTF-16 indices of it. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly plain: PlainText | undefined;
  readonly contentType: ContentType;
  readonly sentenceEnd: boolean;
}

/**
 * Cuts Markdown into clauses as it arrives. Sentences are given out when what
 * follows them is known; tables and code when they are complete.
 */
export class MarkdownCutter {
  #text = '';
  /** Code points before `#text` in everything that was pushed. */
  #base = 0;
  /** What of `#text` was given out, in UTF-16. */
  #done = 0;
  #read = 0;

  /** Takes a fragment and returns the clauses that are complete now. */
  push(fragment: string): ClausePlan[] {
    const fresh = this.#text.slice(-24) + fragment;
    this.#text += fragment;
    // Half a character waits for its other half.
    if (/[\ud800-\udbff]$/.test(this.#text)) return [];
    const grown = this.#text.length - this.#read;
    const due = mayEnd.test(fresh) || this.#text.length - this.#done >= longestClause;
    if (!due || (this.#text.length > readFreely && grown < this.#text.length / 32)) return [];
    return this.#take(false);
  }

  /** No more text comes after `rest`: returns what is left. */
  end(rest = ''): ClausePlan[] {
    this.#text += rest;
    return this.#take(true);
  }

  #take(ended: boolean): ClausePlan[] {
    const force = ended || this.#text.length - this.#done > longestHeld;
    // The beginning of a line may be that of anything.
    const text = force ? this.#text : this.#text.replace(/\n[^\p{L}\n]{1,4}$/u, '\n');
    const { leaves, lastBlock } = readMarkdown(text);
    this.#read = this.#text.length;
    const cuts: Cut[] = [];
    leaves.forEach((leaf, index) => {
      if (leaf.end <= this.#done) return;
      const blankLine = /^[^\n]*\n[ \t]*\n/.test(text.slice(leaf.end));
      const closed = force || blankLine || index < leaves.length - 1 || leaf.end <= lastBlock;
      if (leaf.shownOnly) {
        if (closed)
          cuts.push({
            ...leaf,
            start: Math.max(leaf.start, this.#done),
            plain: undefined,
            sentenceEnd: true,
          });
      } else cuts.push(...cutLeaf(leaf, text, this.#done, closed));
    });
    const plans = this.#plans(joinSilent(cuts, text));
    this.#done = Math.max(this.#done, cuts.at(-1)?.end ?? 0);
    if (force) this.#forget(this.#text.length);
    else if (lastBlock > 0) this.#forget(lastBlock);
    else if (this.#text.length > longestBlock) this.#forget(this.#done);
    return plans;
  }

  #plans(cuts: readonly Cut[]): ClausePlan[] {
    const places = codePointsBefore(this.#text);
    const place = (index: number): number => places[index] ?? 0;
    return cuts.flatMap((cut) => {
      const shown = this.#text.slice(cut.start, cut.end);
      const display = shown.trim();
      if (display === '') return [];
      const start = cut.start + shown.indexOf(display);
      const [from, to] = [place(start), place(start + display.length)];
      const spoken = partOf(inCodePoints(cut.plain, place), from, to);
      return [
        {
          display,
          start: this.#base + from,
          spoken,
          contentType: cut.contentType,
          sentenceEnd: cut.sentenceEnd,
          actions: [],
        },
      ];
    });
  }

  #forget(upTo: number): void {
    this.#base += codePointsBefore(this.#text)[upTo] ?? 0;
    this.#text = this.#text.slice(upTo);
    this.#done = Math.max(0, this.#done - upTo);
    this.#read = Math.max(0, this.#read - upTo);
  }
}

/** Cuts a whole text. */
export function planMarkdown(text: string): ClausePlan[] {
  const cutter = new MarkdownCutter();
  return cutter.end(text);
}

function cutLeaf(leaf: Leaf, text: string, done: number, closed: boolean): Cut[] {
  const cuts: Cut[] = [];
  const limit = closed ? leaf.end : heldFrom(leaf, text);
  for (const [index, part] of leaf.parts.entries()) {
    if (part.end <= done) continue;
    if (part.start >= limit) break;
    const lastPart = index === leaf.parts.length - 1;
    if (part.kind === 'words') {
      const ended = closed || !lastPart;
      cuts.push(...cutWords(leaf, part, text, { done, ended, limit, lastPart }));
      // What comes after a part waits until all of that part is given out.
      if (ended && (cuts.at(-1)?.end ?? done) < part.end) break;
      continue;
    }
    // An address may go on.
    if (!closed && !/^\S*\s/.test(text.slice(part.end))) break;
    const start = Math.max(part.start, done);
    cuts.push({ start, end: part.end, plain: undefined, contentType: part.kind, sentenceEnd: false });
  }
  return cuts;
}

interface CutState {
  readonly done: number;
  readonly ended: boolean;
  readonly limit: number;
  readonly lastPart: boolean;
}

function cutWords(leaf: Leaf, part: LeafPart, text: string, state: CutState): Cut[] {
  const { done, ended, limit, lastPart } = state;
  const { plain } = part;
  const letters = Array.from(plain.text);
  const first = plain.sourceStart.findIndex((start) => start >= done);
  const contentType = leaf.contentType;
  const from = Math.max(part.start, done);
  if (first < 0)
    return ended ? [{ start: from, end: part.end, plain, contentType, sentenceEnd: lastPart }] : [];
  const cutter = new ClauseCutter();
  // What is said has lost the blank at its end, which tells that a sentence ended there.
  const blank = /^[^\n]*[ \t]$/.test(text.slice(plain.sourceEnd.at(-1) ?? part.start, part.end)) ? ' ' : '';
  const clauses = cutter.push(letters.slice(first).join('') + blank);
  if (ended) clauses.push(...cutter.end());
  const cuts: Cut[] = [];
  let start = from;
  clauses.forEach((clause, index) => {
    const after = first + (clauses[index + 1]?.start ?? clause.start + Array.from(clause.text).length);
    const isLast = ended && index === clauses.length - 1;
    const end = isLast ? part.end : sourceCut(leaf, plain, text, after, part.end);
    const divided = leaf.whole.some((range) => range.start < end && range.end > end);
    if ((divided && !isLast) || end <= start || end > limit) return;
    const sentenceEnd = clause.sentenceEnd && (lastPart || /[.!?。！？…][)\]"'”’]*$/u.test(clause.text));
    cuts.push({ start, end, plain, contentType, sentenceEnd });
    start = end;
  });
  // Marks that nobody hears are shown all the same.
  const rest = ended && clauses.length === 0 && part.end <= limit;
  if (rest && part.end > start)
    cuts.push({ start, end: part.end, plain, contentType, sentenceEnd: lastPart });
  return cuts;
}

/** Where the Markdown is cut when what is said is cut before its code point `at`: after closing marks, before opening ones. */
function sourceCut(leaf: Leaf, plain: PlainText, text: string, at: number, partEnd: number): number {
  const low = plain.sourceEnd[at - 1] ?? 0;
  const high = plain.sourceStart[at] ?? partEnd;
  const opening = leaf.marks.filter((mark) => mark >= low && mark <= high);
  if (opening.length > 0) return Math.min(...opening);
  // A mark whose partner has not come opens when the ones before it are in pairs.
  const stray = /^\s*([*_~`]+)/.exec(text.slice(low, high))?.[1];
  const pairs = stray !== undefined && text.slice(leaf.start, low).split(stray).length % 2 === 1;
  return pairs ? low : Math.max(low, high);
}

/** From where on an open block may still turn into something else: a table's head, a link. */
function heldFrom(leaf: Leaf, text: string): number {
  const body = text.slice(leaf.start);
  const lines = body.split('\n');
  const last = lines.at(-1) ?? '';
  const before = lines.at(-2) ?? '';
  let held = text.length;
  if (last.includes('|')) held = text.length - last.length;
  if (/^[\s|:-]*$/.test(last) && before.includes('|')) held = text.length - last.length - before.length - 1;
  const bracket = text.lastIndexOf('[');
  const inLink = leaf.whole.some((range) => bracket >= range.start && bracket < range.end);
  const open = bracket >= leaf.start && !inLink && text.length - bracket < longestClause;
  // A closed bracket is no link unless a parenthesis follows, which may not have come.
  if (open && !/^\[[^\]]*\](?:[^(]|\([^)]*\))/.test(text.slice(bracket)))
    held = Math.min(held, text[bracket - 1] === '!' ? bracket - 1 : bracket);
  return held;
}

/** Signs without a sound are shown with what stands before them. */
function joinSilent(cuts: readonly Cut[], text: string): Cut[] {
  const joined: Cut[] = [];
  for (const cut of cuts) {
    const last = joined.at(-1);
    const shown = text.slice(cut.start, cut.end);
    const silent = cut.plain !== undefined && !hasSpeech(shown) && cut.contentType !== 'title';
    if (silent && last !== undefined && !text.slice(last.end, cut.start).includes('\n')) {
      joined[joined.length - 1] = { ...last, end: cut.end, sentenceEnd: cut.sentenceEnd };
    } else joined.push(cut);
  }
  return joined;
}

function inCodePoints(plain: PlainText | undefined, place: (index: number) => number): PlainText {
  if (plain === undefined) return { text: '', sourceStart: [], sourceEnd: [] };
  return {
    text: plain.text,
    sourceStart: plain.sourceStart.map(place),
    sourceEnd: plain.sourceEnd.map(place),
  };
}

function codePointsBefore(text: string): Int32Array {
  const places = new Int32Array(text.length + 1);
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    places[index] = count;
    const unit = text.charCodeAt(index);
    const pair = unit >= 0xd800 && unit < 0xdc00 && index + 1 < text.length;
    if (!pair) count++;
  }
  places[text.length] = count;
  return places;
}
