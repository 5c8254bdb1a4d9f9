import { flag, kind } from '../media/binding.js';

export type TimingName = 'phones' | 'words' | 'subtitles' | 'actions' | 'expressions';

/** What the media session says about one pushed message; valid until the next push. */
export interface PushReportLike {
  /** See `kind` of media/binding.ts. */
  readonly kind: number;
  /** Bits of `flag` of media/binding.ts. */
  readonly flags: number;
  readonly clause: number;
  /** Errc of result.h, 0 = fine. */
  readonly errorCode: number;
  readonly audioFrames: number;
  /** In Hz, of this message's audio. */
  readonly sampleRate: number;
  /** Bits of MessageWarning of message.h. */
  readonly warnings: number;
  /** Source sample at which the clause of this message begins. */
  readonly clauseStart: number;
  /** The JSON text of one small array inside the pushed bytes; undefined or empty when absent. */
  range(name: TimingName): Uint8Array | undefined;
}

/** Where a drive puts sound and mouth. A media session fits, or anything of the same form. */
export interface DriveMedia {
  /** A drive begins; messages of other request ids are stale from now on. */
  begin(requestId: string): void;
  /** Takes one wire frame as it came; must not throw for bad input. */
  push(bytes: Uint8Array): PushReportLike;
  /** No more audio will come in this drive. */
  end(): void;
}

export const mediaKind = kind;
export const mediaFlag = flag;

/** Errc::buffer_full: nothing was taken, push the same message again later. */
export const mediaFull = 7;

/** MessageWarning bits of message.h and the names that warnings carry here. */
export const mediaWarnings = [
  [1 << 0, 'features-length'],
  [1 << 1, 'features-not-finite'],
  [1 << 2, 'features-out-of-range'],
  [1 << 3, 'features-family-unknown'],
  [1 << 4, 'audio-odd-byte'],
  [1 << 5, 'field-type'],
] as const;

/** Errc of result.h and the warning for it, where one is not an end. */
export const mediaErrors: Readonly<Record<number, string>> = {
  1: 'frame-malformed',
  2: 'frame-malformed',
  3: 'base64-invalid',
  4: 'audio-rate-unsupported',
  5: 'features-invalid',
  6: 'message-too-large',
};
