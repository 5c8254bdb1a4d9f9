import { asNumber, asObject, asText, field, type JsonObject } from './fields.js';
import type {
  ActionCue,
  ExpressionPart,
  ExpressionSpan,
  PhoneSpan,
  SpeechTiming,
  SubtitleSpan,
  WordPhones,
} from './response.js';
import type { Ticks } from './ticks.js';
import type { Warnings } from './warnings.js';

/** The five small arrays of a speech frame, as parsed JSON or undefined. */
export interface RawTiming {
  readonly phones: unknown;
  readonly words: unknown;
  readonly subtitles: unknown;
  readonly actions: unknown;
  readonly expressions: unknown;
}

/** Reads the timed texts. Items that make no sense are left out with a warning; the rest is kept. */
export function readTiming(raw: RawTiming, warnings: Warnings): SpeechTiming {
  return {
    phones: items(raw.phones, 'Phn', warnings, readPhone),
    words: items(raw.words, 'Word', warnings, readWord),
    subtitles: items(raw.subtitles, 'Subtitle', warnings, readSubtitle),
    actions: items(raw.actions, 'Action', warnings, readAction),
    expressions: items(raw.expressions, 'Expression', warnings, readExpression),
  };
}

type ReadItem<T> = (item: JsonObject, previous: T | undefined, warnings: Warnings) => T | undefined;

function items<T>(value: unknown, name: string, warnings: Warnings, read: ReadItem<T>): T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    warnings.add('field-type', name, 'expected an array');
    return [];
  }
  const list: T[] = [];
  for (const entry of value as unknown[]) {
    const object = asObject(entry);
    const item = object === undefined ? undefined : read(object, list.at(-1), warnings);
    if (item === undefined)
      warnings.add('item-dropped', name, 'an item without a usable text, time or position');
    else list.push(item);
  }
  return list;
}

function readPhone(
  item: JsonObject,
  previous: PhoneSpan | undefined,
  warnings: Warnings,
): PhoneSpan | undefined {
  const phone = asText(field(item, 'Phn'));
  const span = readSpan(item, previous, 'Phn', warnings);
  return phone === undefined || span === undefined ? undefined : { phone, ...span };
}

function readWord(item: JsonObject): WordPhones | undefined {
  const word = asText(field(item, 'Word'));
  const phones = asText(field(item, 'Phn'));
  return word === undefined || phones === undefined ? undefined : { word, phones };
}

function readSubtitle(
  item: JsonObject,
  previous: SubtitleSpan | undefined,
  warnings: Warnings,
): SubtitleSpan | undefined {
  const text = asText(field(item, 'Word'));
  const span = readSpan(item, previous, 'Subtitle', warnings);
  const positionStart = count(field(item, 'PosStart'));
  const positionEnd = count(field(item, 'PosEnd'));
  if (text === undefined || span === undefined || positionStart === undefined || positionEnd === undefined) {
    return undefined;
  }
  return { text, ...span, positionStart, positionEnd: Math.max(positionStart, positionEnd) };
}

function readAction(item: JsonObject): ActionCue | undefined {
  // `Pos` holds the action's name, whatever it is called.
  const name = asText(field(item, 'Pos'));
  const start = count(field(item, 'Start'));
  return name === undefined || start === undefined ? undefined : { name, start: start as Ticks };
}

const parts: Readonly<Record<string, ExpressionPart>> = { B: 'begin', I: 'inside', E: 'end', S: 'whole' };

function readExpression(
  item: JsonObject,
  previous: ExpressionSpan | undefined,
  warnings: Warnings,
): ExpressionSpan | undefined {
  const name = asText(field(item, 'Name'));
  const span = readSpan(item, previous, 'Expression', warnings);
  const position = count(field(item, 'Loc'));
  const letter = asText(field(item, 'Flag'))?.trim().toUpperCase() ?? '';
  if (name === undefined || span === undefined || position === undefined || !Object.hasOwn(parts, letter)) {
    return undefined;
  }
  return { name, ...span, position, part: parts[letter] };
}

interface TickSpan {
  readonly start: Ticks;
  readonly end: Ticks;
}

// A vendor sample misspells "Start" as "Sta" in one item; where neither is
// there, an item begins where the one before ended.
function readSpan(
  item: JsonObject,
  previous: TickSpan | undefined,
  name: string,
  warnings: Warnings,
): TickSpan | undefined {
  let start = count(field(item, 'Start'));
  if (start === undefined && field(item, 'Start') === undefined) {
    start = count(field(item, 'Sta')) ?? previous?.end;
    if (start !== undefined) warnings.add('start-assumed', name, 'an item without Start');
  }
  const end = count(field(item, 'End'));
  if (start === undefined || end === undefined) return undefined;
  return { start: start as Ticks, end: Math.max(start, end) as Ticks };
}

/** A whole number of 0 or more from a decimal string or a number. */
function count(value: unknown): number | undefined {
  const number = asNumber(value);
  if (number === undefined || number < 0) return undefined;
  const whole = Math.round(number);
  return Number.isSafeInteger(whole) ? whole : undefined;
}
