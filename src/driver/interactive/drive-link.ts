import type { FacewireError } from '../../errors.js';
import type { Clock } from '../../clock.js';
import type { InteractiveDrive } from './drive.js';

/** Waits of a drive, all in ms. */
export interface InteractiveTimes {
  /** From the command (of a stream or a sound: from its end) to the first message. */
  readonly firstStatusMs: number;
  readonly betweenStatusMs: number;
  /** From an interrupt to the end of what it stops. */
  readonly interruptMs: number;
  /** From a reconnect to a status of a drive of which none had come. */
  readonly confirmMs: number;
}

/** What a drive needs of its session. */
export interface InteractiveLink {
  readonly clock: Clock;
  readonly times: InteractiveTimes;
  readonly isOpen: () => boolean;
  /** Sends a frame now or when the channel takes it; throws ERR_BUFFER_FULL. */
  readonly post: (drive: InteractiveDrive, sequence: number, frame: string) => void;
  /** Resolves when nothing waits for the channel. */
  readonly clear: () => Promise<void>;
  /** Bytes that drives may still keep while they wait for their turn. */
  readonly freeBytes: () => number;
  /** Counts a text that found no room. */
  readonly refused: () => void;
  readonly stop: (drive: InteractiveDrive) => Promise<void>;
  readonly released: (drive: InteractiveDrive) => void;
  readonly failureOf: (code: number, said: string) => FacewireError;
}
