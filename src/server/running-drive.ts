import type { Drive } from './drive.js';
import type { FrameJournal } from './frame-journal.js';
import type { StreamText } from './stream-text.js';

/** Whoever the frames of a drive go to. */
export interface DriveOwner {
  /** Another socket takes the drive over. */
  letGo(running: RunningDrive): void;
  finished(running: RunningDrive): void;
}

/** A drive of the server with what belongs to it; moves from socket to socket when it is resumed. */
export interface RunningDrive {
  readonly drive: Drive;
  /** Only of a streamed text. */
  readonly stream: StreamText | undefined;
  /** Only when the client asked for numbered frames. */
  readonly journal: FrameJournal | undefined;
  /** Undefined while the socket is lost. */
  owner: DriveOwner | undefined;
  isOver: boolean;
}
