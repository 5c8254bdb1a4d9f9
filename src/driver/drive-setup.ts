import type { Happening } from '../record/format.js';
import type { DriveMedia } from './drive-media.js';
import type { Drive } from './drive.js';
import type { TimeReference } from './time-base.js';

/** Waits of a drive, all in ms. */
export interface DriveTimes {
  /** From the request (of a stream: from its end) to the first message. */
  readonly firstMessageMs: number;
  readonly betweenMessagesMs: number;
  /** After the last of only silent clauses, before the drive counts as over. */
  readonly silentGraceMs: number;
  /** After the last sound of a text that was spoken whole: the cloud forgot to say that it is the end. */
  readonly missingFinalMs: number;
  /** After a chat command that needs no answer. */
  readonly quietMs: number;
  /** To go on with a drive whose socket was lost, where the cloud can. */
  readonly resumeMs: number;
}

/** What a drive needs of its driver. */
export interface DriveLink {
  send(frame: string): void;
  pause(): void;
  resume(): void;
  /** The socket can no longer be trusted. */
  abandon(): void;
  /** Goes on with the drive on another socket, from the frame after `received` on; false when the cloud has no way to. */
  recover(drive: Drive): boolean;
  /** Frame `received` of the drive is here. */
  acknowledge(requestId: string, received: number): void;
  note(happening: Happening): void;
  /** True for the id of a drive that is over; its late failures concern nobody. */
  isPast(requestId: string): boolean;
  released(drive: Drive): void;
  readonly secrets: readonly string[];
}

/** `speak` waits for speech, `command` may stay unanswered, `farewell` also ignores what comes. */
export type Expectation = 'speak' | 'command' | 'farewell';

export interface DriveSetup {
  readonly requestId: string;
  readonly expectation: Expectation;
  readonly media: DriveMedia | undefined;
  readonly signal: AbortSignal | undefined;
  readonly times: DriveTimes;
  readonly timeReference: TimeReference | undefined;
  readonly maxQueuedEvents: number;
  readonly link: DriveLink;
  /** The frame that tells the cloud to stop, undefined when there is nothing to tell. */
  readonly farewell: () => string | undefined;
  /** What is asked to be spoken, without markup; undefined when nobody knows ahead. */
  readonly source: () => string | undefined;
}
