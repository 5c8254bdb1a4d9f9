import type { FacewireError } from '../../errors.js';
import type { DropCounts } from './send-queue.js';

/** Where a push is: `connecting` for the first time, `live`, `down` and trying again, `failed` for good, or `closed`. */
export type PushState = 'connecting' | 'live' | 'down' | 'failed' | 'closed';

/** What happens to a push, told as it happens. No event holds the address. */
export type PushEvent =
  /** The ingest takes the stream. */
  | { readonly type: 'live' }
  /** The ingest is lost; the encoder runs on and new attempts follow. */
  | { readonly type: 'down'; readonly error: FacewireError }
  /** An attempt did not succeed; the next one follows after `waitMs`. `refused`: the ingest was there and said no. */
  | {
      readonly type: 'unreachable' | 'refused';
      readonly error: FacewireError;
      readonly attempt: number;
      readonly waitMs: number;
    }
  /** On the air again, after `offAirMs` without. */
  | { readonly type: 'back'; readonly offAirMs: number; readonly attempts: number }
  /** The line is slower than the stream: pictures are given up. Told once until `inTime`. */
  | { readonly type: 'late'; readonly lateMs: number }
  /** Nothing had to be given up for 5 s. */
  | { readonly type: 'inTime' }
  /** No further attempts. The sink fails with the same error. */
  | { readonly type: 'failed'; readonly error: FacewireError };

/** What a push has done since it was opened. */
export interface PushCounts {
  /** Attempts to connect, and those that succeeded. */
  readonly attempts: number;
  readonly connections: number;
  /** Attempts that an ingest answered with a no. */
  readonly refusals: number;
  /** Times that an ingest was lost, and how many of these because it stopped reading. */
  readonly breaks: number;
  readonly stalls: number;
  /** Time without an ingest after the first connection, in ms. */
  readonly offAirMs: number;
  /** Sound frames and pictures given to the network. */
  readonly sent: { readonly audio: number; readonly video: number };
  /** Those that were given up before. */
  readonly dropped: DropCounts;
  readonly bytesSent: number;
  /** Bytes that ingests said they have; 0 when they send no receipts. */
  readonly bytesConfirmed: number;
  /** Bytes that wait, now and at most ever. */
  readonly bytesWaiting: number;
  readonly mostBytesWaiting: number;
}
