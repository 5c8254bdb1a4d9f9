import { FacewireError } from '../errors.js';
import type { Markup, SpeechSettings } from '../wire/index.js';
import { defaultConnectionTimes, type ConnectionTimes, type Environment } from './connection.js';
import type { RecorderOptions } from '../record/recorder.js';
import type { DriveMedia } from './drive-media.js';
import type { DriveTimes } from './drive-setup.js';
import type { TimeReference } from './time-base.js';

export interface EndpointDriverOptions {
  /** Scheme and host of the cloud, for example ws://127.0.0.1:8700 or one of `publicOrigins`. */
  readonly url: string;
  readonly appkey: string;
  /** Kept out of every error and inspection. */
  readonly accessToken: string;
  readonly projectId: string;
  /** Names the conversation. Default: a fresh random one. */
  readonly streamId?: string;
  /** Settings of every drive; those of a drive go over them. */
  readonly speech?: SpeechSettings;
  /** Language of the cloud's error texts, zh-CN or en-US. Default: not sent. */
  readonly language?: string;
  /** Waits in ms; see ConnectionTimes and DriveTimes. */
  readonly timeouts?: Partial<ConnectionTimes & DriveTimes>;
  /** Follow the server's clock when ours is more than 5 minutes off. Default true. */
  readonly correctClock?: boolean;
  /** What times of later clauses count from. Default: found out. */
  readonly timeReference?: TimeReference;
  /** Text of the fragment that ends an interrupted stream. Default empty; the vendor's own client sends "end". */
  readonly closingText?: string;
  /** Events kept for a reader, 1 to 100 000. Default 1024. */
  readonly maxQueuedEvents?: number;
  /** Records everything that passes on the wire into this file, without secrets; see docs/recording.md. */
  readonly record?: string | RecorderOptions;
  /** Wall clock, dice and the clock of the connection's waits, for tests. */
  readonly environment?: Partial<Environment>;
}

export interface DriveOptions {
  /** Takes sound and mouth; without it the events carry them. */
  readonly media?: DriveMedia;
  readonly signal?: AbortSignal;
  readonly speech?: SpeechSettings;
  /**
   * Interrupt the drive that is running; `force` also one that must not be
   * interrupted (ERR_NOT_INTERRUPTIBLE). Default: ERR_STATE when one is running.
   */
  readonly interrupt?: boolean | 'force';
}

export interface TextDriveOptions extends DriveOptions {
  /** Default markdown, which includes plain text. */
  readonly markup?: Markup;
}

export const defaultTimes: ConnectionTimes & DriveTimes = {
  ...defaultConnectionTimes,
  firstMessageMs: 10_000,
  betweenMessagesMs: 10_000,
  silentGraceMs: 1000,
  missingFinalMs: 2000,
  quietMs: 1000,
  resumeMs: 30_000,
};

/** The times with defaults filled in; throws ERR_OPTION_INVALID. */
export function readTimes(given: Partial<ConnectionTimes & DriveTimes> = {}): ConnectionTimes & DriveTimes {
  const times: Record<string, number> = { ...defaultTimes };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaultTimes, name))
      throw invalid(`timeouts.${name}`, Object.keys(defaultTimes).join(', '), name);
    if (!(value >= 1 && value <= 0x7fffffff))
      throw invalid(`timeouts.${name}`, '1 to 2147483647 ms', String(value));
    times[name] = value;
  }
  return times as unknown as ConnectionTimes & DriveTimes;
}

/** Checks a string that must not be empty; the value is never shown, because it may be in the wrong place. */
export function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(name, 'a string that is not empty', value === '' ? 'an empty string' : typeof value);
}

export function invalid(name: string, expected: string, received: string): FacewireError {
  return new FacewireError('ERR_OPTION_INVALID', `${name}: expected ${expected}, received ${received}`, {
    expected,
    received,
  });
}
