import type { AudioEnd, Content, SpeakStatus } from '../../wire/interactive/channel-types.js';

export interface StatusDetail {
  readonly sequence?: number;
  readonly audioEnd?: AudioEnd;
  readonly errorCode?: number;
  readonly errorMessage?: string;
}

/** Where a drive tells how far it is. */
export interface DriveReport {
  status(status: SpeakStatus, detail?: StatusDetail): void;
  content(content: Partial<Content> & Pick<Content, 'content'>): void;
}

/** What the commands need to know of the drive that runs. */
export interface RunningDrive {
  readonly requestId: string;
  readonly kind: 'text' | 'sound';
  /** False while it must not be interrupted. */
  readonly interruptible: boolean;
  /** Nothing more comes of it. */
  readonly isOver: boolean;
  /** Runs it to its end. Never rejects. */
  run(): Promise<void>;
  /** Silences it at once and reports its end. Idempotent. */
  stop(): void;
}
