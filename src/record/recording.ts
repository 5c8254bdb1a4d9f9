import { open, type FileHandle } from 'node:fs/promises';
import { FacewireError } from '../errors.js';
import { maxLineBytes, readLine, recordingVersion, type Entry, type RecordingHeader } from './format.js';

/** A place where a recording is not what it was. */
export interface Damage {
  /** Counted from 1. */
  readonly line: number;
  /** Where the line begins in the file. */
  readonly byte: number;
  readonly message: string;
}

/** Damages that are kept; more are only counted. */
const keptDamages = 100;

/**
 * Reads a recording entry by entry. What is damaged is left out and told in
 * `damages`; memory holds one line at a time.
 */
export class Recording {
  readonly path: string;
  readonly damages: Damage[] = [];
  #damaged = 0;
  #header: RecordingHeader | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Damaged places in all. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Known once the first entry was read; undefined when its line is damaged. */
  get header(): RecordingHeader | undefined {
    return this.#header;
  }

  /** Throws ERR_INPUT_UNREADABLE for a file that cannot be read, is no recording, or of a version to come. */
  async *entries(): AsyncGenerator<Entry, void, undefined> {
    const file = await openFile(this.path);
    try {
      let number = 0;
      let read = 0;
      for await (const { line, byte, fault } of lines(this.path, file)) {
        number++;
        const reading = fault === undefined ? readLine(line) : { fault };
        if ('fault' in reading) {
          this.#damage({ line: number, byte, message: reading.fault });
          continue;
        }
        if (isHeader(reading.value)) {
          this.#header = reading.value;
          if (reading.value.facewireRecording > recordingVersion) {
            throw unreadable(
              this.path,
              `version ${recordingVersion}`,
              `version ${reading.value.facewireRecording}`,
            );
          }
          read++;
        } else if (isEntry(reading.value)) {
          read++;
          yield reading.value;
        } else this.#damage({ line: number, byte, message: 'the line is no entry' });
      }
      if (read === 0)
        throw unreadable(
          this.path,
          'a recording of Facewire',
          number === 0 ? 'an empty file' : 'other lines',
        );
    } finally {
      await file.close();
    }
  }

  #damage(damage: Damage): void {
    this.#damaged++;
    if (this.damages.length < keptDamages) this.damages.push(damage);
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw unreadable(path, 'a file', (cause as NodeJS.ErrnoException).code ?? 'an unknown failure', cause);
  }
}

function unreadable(path: string, expected: string, received: string, cause?: unknown): FacewireError {
  return new FacewireError('ERR_INPUT_UNREADABLE', `the recording ${path} cannot be replayed: ${received}`, {
    expected,
    received,
    ...(cause !== undefined && { cause }),
  });
}

interface Line {
  readonly line: string;
  readonly byte: number;
  readonly fault?: string;
}

/** Lines with the byte at which they begin. One that is too long or has no end is told, not kept. */
async function* lines(path: string, file: FileHandle): AsyncGenerator<Line, void, undefined> {
  const block = Buffer.alloc(256 * 1024);
  let parts: Buffer[] = [];
  let length = 0;
  let begin = 0;
  let at = 0;
  for (;;) {
    let got: number;
    try {
      ({ bytesRead: got } = await file.read(block, 0, block.length, at));
    } catch (cause) {
      // A folder opens like a file and fails here.
      throw unreadable(path, 'a file', (cause as NodeJS.ErrnoException).code ?? 'an unknown failure', cause);
    }
    if (got === 0) break;
    let from = 0;
    for (let end = block.indexOf(10); end >= 0 && end < got; end = block.indexOf(10, from)) {
      const tooLong = length + end - from > maxLineBytes;
      parts.push(block.subarray(from, end));
      const line = tooLong ? '' : Buffer.concat(parts).toString('utf8');
      yield tooLong ? { line, byte: begin, fault: 'the line is too long' } : { line, byte: begin };
      parts = [];
      length = 0;
      from = end + 1;
      begin = at + from;
    }
    if (from < got) {
      length += got - from;
      // Its end is still looked for, but it is no longer kept.
      if (length <= maxLineBytes) parts.push(Buffer.from(block.subarray(from, got)));
      else parts = [];
    }
    at += got;
  }
  // Without a line end it may still be whole; its checksum tells.
  if (length > 0) {
    const line = Buffer.concat(parts).toString('utf8');
    yield length > maxLineBytes
      ? { line: '', byte: begin, fault: 'the line is too long' }
      : { line, byte: begin };
  }
}

function isHeader(value: unknown): value is RecordingHeader {
  return (
    typeof value === 'object' &&
    value !== null &&
    Number.isInteger((value as { facewireRecording?: unknown }).facewireRecording)
  );
}

const fields: Readonly<Record<string, readonly string[]>> = {
  open: [],
  lost: ['code', 'why'],
  sent: ['text'],
  received: [],
  asked: ['call', 'text'],
  answered: ['call', 'text'],
  begin: ['id'],
  over: ['id', 'end'],
  full: [],
};

/** Entries of kinds to come are damage, not entries: their meaning is not known. */
function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  const { at, what } = entry;
  if (typeof at !== 'number' || !(at >= 0) || typeof what !== 'string' || !Object.hasOwn(fields, what))
    return false;
  if (what === 'received' && typeof (entry['text'] ?? entry['bytes']) !== 'string') return false;
  return fields[what].every((name) => typeof entry[name] === 'string');
}
