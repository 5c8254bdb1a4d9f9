import { createHash } from 'node:crypto';

/**
 * A recording is a text file of JSON lines (docs/recording.md). The first line
 * says which version it is; every further line is one entry with the ms since
 * the recording began, on a clock that never goes back.
 */
export const recordingVersion = 1;
/** Most bytes of one line that is read: a frame of 16 MiB, of which every byte had to be escaped twice. */
export const maxLineBytes = 64 * 1024 * 1024;

/** First line of a recording. */
export interface RecordingHeader {
  readonly facewireRecording: number;
  /** When the recording began, ISO 8601. */
  readonly began: string;
  /** Scheme and host of the cloud. */
  readonly cloud: string;
  /** What was recorded: drives of the endpoint API (when left out), or an interactive session. */
  readonly session?: 'interactive';
}

/** How a drive ended, as its application saw it. */
export type DriveEnd = 'final' | 'silent' | 'quiet' | 'failed' | 'interrupted';

/** What happened. A frame that is not text is kept as base64 in `bytes`. */
export type Happening =
  | { readonly what: 'open' }
  | { readonly what: 'lost'; readonly code: string; readonly why: string }
  | { readonly what: 'sent'; readonly text: string }
  | { readonly what: 'received'; readonly text?: string; readonly bytes?: string }
  /** A call of the REST API, and its answer; `status` is that of HTTP, 0 when none came. */
  | { readonly what: 'asked'; readonly call: string; readonly text: string }
  | { readonly what: 'answered'; readonly call: string; readonly status: number; readonly text: string }
  /** From here on frames of this request are its drive's. */
  | { readonly what: 'begin'; readonly id: string; readonly media: boolean }
  | {
      readonly what: 'over';
      readonly id: string;
      readonly end: DriveEnd;
      readonly code?: string;
      readonly why?: string;
    }
  /** The file reached its limit; nothing after this was recorded. */
  | { readonly what: 'full' };

export type Entry = Happening & { readonly at: number };

/** One line; its last member is a checksum over the JSON before it, so that a damaged line is found. */
export function writeLine(value: Entry | RecordingHeader): string {
  const text = JSON.stringify(value);
  return `${text.slice(0, -1)},"sum":"${checksum(text)}"}\n`;
}

export type LineReading = { readonly value: unknown } | { readonly fault: string };

const tailLength = ',"sum":"01234567"}'.length;

/** The value of a line, without its line end. */
export function readLine(line: string): LineReading {
  const tail = /^,"sum":"([0-9a-f]{8})"\}$/.exec(line.slice(-tailLength));
  if (tail === null) return { fault: 'the line is not complete' };
  const text = `${line.slice(0, -tailLength)}}`;
  if (checksum(text) !== tail[1]) return { fault: 'the checksum is wrong' };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { fault: 'the line is not JSON' };
  }
}

/** The first 32 bits of SHA-256, which no accident keeps. */
function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
