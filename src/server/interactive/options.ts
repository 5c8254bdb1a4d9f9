import { availableParallelism } from 'node:os';
import { channelIdleMs, sessionIdleMs } from '../../wire/interactive/command-types.js';
import { backgroundClock, type Clock } from '../../clock.js';
import type { PictureOptions } from './face-stage.js';
import type { StageMaker } from './stage.js';

/** Interactive (cloud-rendered) sessions of the local cloud. */
export interface InteractiveOptions {
  /** Sessions that may run at once; one takes 0.4 of a core at 720p (measured, idle). Default two for each core. */
  readonly maxSessions?: number;
  /** Default 1280x720 at 25 pictures a second, 2500 kbit/s. */
  readonly picture?: PictureOptions;
  /** Ports of the built-in ingest, which starts with the first session that needs it. Default free ones, on the host of the server. */
  readonly ingest?: { readonly rtmpPort?: number; readonly httpPort?: number };
  /** A second channel on a session takes over from the first (default), or is refused while the first is there. */
  readonly secondChannel?: 'take-over' | 'refuse';
  /** A channel is cut after this many ms without a command; default 180 000. */
  readonly channelIdleMs?: number;
  /** A session is closed after this many ms without a command; default 600 000. */
  readonly sessionIdleMs?: number;
  /** The other end of a channel is pinged this often, in ms, and gone when it misses two; default 10 000. */
  readonly pingMs?: number;
  /** A session that shows no picture after this many ms has failed; default 30 000. */
  readonly creationMs?: number;
  /** Asset keys that are known; default all, with the same face. */
  readonly assetKeys?: readonly string[];
  /** Marks texts that must not be interrupted unless the client forces it, beside the marks of the script; default none. */
  readonly isUninterruptible?: (text: string) => boolean;
  /** Told once each what clients ask for and the server does not do; holds no secret. Default a warning of the process. */
  readonly onWarning?: (message: string) => void;
  /** Time for the timers above; for tests. */
  readonly clock?: Clock;
  /** What renders a session; for tests of order and time alone. */
  readonly stage?: StageMaker;
}

export const interactiveDefaults = {
  maxSessions: 2 * availableParallelism(),
  picture: {},
  ingest: {},
  secondChannel: 'take-over',
  channelIdleMs,
  sessionIdleMs,
  pingMs: 10_000,
  creationMs: 30_000,
  isUninterruptible: () => false,
  onWarning: (message) => process.emitWarning(message, 'FacewireWarning'),
  clock: backgroundClock,
} as const satisfies InteractiveOptions;
