/**
 * Every error that leaves Facewire carries one of these codes. The summary is
 * one sentence for the manual (docs/errors.md is checked against this table);
 * the remedy is what the reader of the message can do about it.
 */
export const errorTable = {
  ERR_OPTION_INVALID: {
    summary: 'An option has a value outside its documented range.',
    remedy: 'Correct the option named in the message.',
  },
  ERR_STATE: {
    summary: 'A method was called at a time when it cannot work.',
    remedy: 'Check the order of calls, for example that nothing is used after close().',
  },
  ERR_INTERNAL: {
    summary: 'Something happened that Facewire believed impossible.',
    remedy: 'Report it with the message and the stack.',
  },
  ERR_WIRE_MALFORMED: {
    summary: 'A frame or one of its fields does not have the documented form.',
    remedy: 'Check the peer; what could be read of the frame was kept.',
  },
  ERR_WIRE_LIMIT: {
    summary: 'A request breaks a documented limit and was not sent.',
    remedy: 'Shorten or correct the field named in the message.',
  },
  ERR_TEXT_INVALID: {
    summary: 'The markup of a text cannot be read or asks for something that does not exist.',
    remedy: 'Correct the tag named in the message; docs/protocol.md lists what is read.',
  },
  ERR_MESSAGE_TOO_LARGE: {
    summary: 'A message is larger than the limit.',
    remedy: 'Send less per message, or raise the limit on purpose.',
  },
  ERR_AUTH_REJECTED: {
    summary: 'The server refused the signature or the key.',
    remedy: 'Check the app key and FACEWIRE_ACCESSTOKEN; they must belong together.',
  },
  ERR_CLOCK_SKEW: {
    summary: 'The clocks of client and server are more than five minutes apart.',
    remedy: 'Set the clock of this machine, for example with NTP.',
  },
  ERR_CONNECT_FAILED: {
    summary: 'No connection to the cloud could be made.',
    remedy: 'Check the address and that the server is running (facewire serve).',
  },
  ERR_CONNECTION_LOST: {
    summary: 'The connection ended while a drive was running.',
    remedy: 'Start the drive again; what had arrived stays playable.',
  },
  ERR_TIMEOUT: {
    summary: 'Nothing came for longer than the set time.',
    remedy: 'Check the server and the network, or raise the timeout.',
  },
  ERR_DRIVE_FAILED: {
    summary: 'The server answered the drive with an error code.',
    remedy: 'Look the code up in docs/protocol.md.',
  },
  ERR_REQUEST_REFUSED: {
    summary: 'The cloud refused a request with a code that waiting will not change.',
    remedy: 'Look the code up in docs/protocol.md and correct the request.',
  },
  ERR_CLOUD_UNAVAILABLE: {
    summary: 'The cloud has trouble inside and could not serve the request.',
    remedy: 'Try again a little later.',
  },
  ERR_QUOTA_EXCEEDED: {
    summary: 'A quota of the account, the project or the server is used up or has expired.',
    remedy: 'Close other sessions and try again, or renew the quota.',
  },
  ERR_RATE_LIMITED: {
    summary: 'Requests came faster than the cloud allows.',
    remedy: 'Send them further apart: texts more than one second.',
  },
  ERR_SESSION_FAILED: {
    summary: 'An interactive session could not be created.',
    remedy: 'See the code in the message; check the asset, the pictures and the push address.',
  },
  ERR_SESSION_NOT_READY: {
    summary: 'An interactive session is not ready, or not any more.',
    remedy: 'Create a new session.',
  },
  ERR_SESSION_NOT_STARTED: {
    summary: 'A session was driven before it was started.',
    remedy: 'Call start first; InteractiveSession does so by itself.',
  },
  ERR_SESSION_UNKNOWN: {
    summary: 'The cloud knows no session with this id.',
    remedy: 'Create a new session.',
  },
  ERR_SESSION_CLOSED: {
    summary: 'The cloud closed the session.',
    remedy: 'Create a new session; the reason is in the message where the cloud tells one.',
  },
  ERR_SESSION_REPLACED: {
    summary: 'The session was closed because another one was created with the same user id.',
    remedy: 'Give every viewer a user id of its own.',
  },
  ERR_WRONG_MOMENT: {
    summary: 'A command came while it could not be done, and was dropped.',
    remedy: 'Wait until the running drive has ended, then send it again.',
  },
  ERR_INTERRUPTED: {
    summary: 'The drive was interrupted or aborted by the caller.',
    remedy: 'Nothing to do: this is what was asked for.',
  },
  ERR_NOT_INTERRUPTIBLE: {
    summary: 'The cloud says that what is spoken now must not be interrupted.',
    remedy: 'Wait for its end, or pass force: true.',
  },
  ERR_ADDON_MISSING: {
    summary: 'The native addon is not built or does not load here.',
    remedy: 'Install cmake and a C++20 compiler, then run: npm rebuild facewire (in a clone: npm run build).',
  },
  ERR_BASE64_INVALID: {
    summary: 'Audio is not valid base64.',
    remedy: 'Check the sender; the message was left out, everything before it is kept.',
  },
  ERR_SAMPLE_RATE_UNSUPPORTED: {
    summary: 'The sample rate is not one that Facewire converts.',
    remedy: 'Use 8000, 16000, 22050, 24000, 44100 or 48000 Hz.',
  },
  ERR_FEATURES_INVALID: {
    summary: 'Mouth-shape features cannot be used: wrong length, family or values.',
    remedy: 'Check the sender; sound goes on and the mouth rests.',
  },
  ERR_BUFFER_FULL: {
    summary: 'More text, sound or media is waiting than may be kept; nothing of the new was taken.',
    remedy: 'Let what waits go out or be played, then give the same again.',
  },
  ERR_OUT_OF_MEMORY: {
    summary: 'There is not enough memory; nothing was taken, and what there is goes on.',
    remedy: 'Close sessions, lower maxBufferedSeconds, or give the process more memory.',
  },
  ERR_VOICE_UNAVAILABLE: {
    summary: 'The local voice or one of its packages is not installed.',
    remedy: 'Install the package named in the message.',
  },
  ERR_VOICE_UNSPEAKABLE: {
    summary: 'The voice has no way to speak this text.',
    remedy: 'Choose another voice, or install the package named in the message.',
  },
  ERR_VOICE_FAILED: {
    summary: 'The voice stopped with an error.',
    remedy: 'Try again; if the same text fails twice, report it.',
  },
  ERR_CANVAS_MISSING: {
    summary: 'The drawing package of the built-in face is not installed.',
    remedy: 'Run: npm install @napi-rs/canvas',
  },
  ERR_RENDERER_FAILED: {
    summary: 'A renderer outside of Facewire gave no usable picture.',
    remedy: 'Run the renderer by itself; docs/renderers.md describes what it reads and writes.',
  },
  ERR_FFMPEG_MISSING: {
    summary: 'No working ffmpeg was found.',
    remedy:
      'Install ffmpeg (apt install ffmpeg), or set FFMPEG_BIN, or npm install @ffmpeg-installer/ffmpeg.',
  },
  ERR_FFMPEG_FAILED: {
    summary: 'ffmpeg stopped before its work was done.',
    remedy: 'See the last lines of ffmpeg in the detail.',
  },
  ERR_BROWSER_MISSING: {
    summary: 'No browser was found to show the page of the kiosk.',
    remedy: 'Install Chromium (apt install chromium), or set FACEWIRE_BROWSER, or picture.screen.browser.',
  },
  ERR_BROWSER_FAILED: {
    summary: 'The browser that shows the page of the kiosk ended, or does not show it any more.',
    remedy:
      'Nothing: another one follows. When none shows the page, start the browser by hand in that session.',
  },
  ERR_RTMP_URL: {
    summary: 'The push address is not a usable RTMP URL.',
    remedy: 'Use rtmp://host[:port]/app/stream.',
  },
  ERR_RTMP_CONNECT: {
    summary: 'The RTMP ingest could not be reached.',
    remedy: 'Check host and port, and that the ingest is running.',
  },
  ERR_RTMP_FORBIDDEN: {
    summary: 'The push address leads to a host that this server may not push to.',
    remedy: 'If the host is meant to get streams, add it to the allowed hosts named in the message.',
  },
  ERR_RTMP_REFUSED: {
    summary: 'The RTMP ingest refused the stream.',
    remedy: 'Check app, stream name and key; another publisher may hold the stream.',
  },
  ERR_RTMP_LOST: {
    summary: 'The RTMP ingest closed the connection or stopped reading, and did not come back in time.',
    remedy: 'Check the ingest and the network.',
  },
  ERR_OUTPUT_UNWRITABLE: {
    summary: 'An output file cannot be written.',
    remedy: 'Check the folder, the permissions and the free space.',
  },
  ERR_INPUT_UNREADABLE: {
    summary: 'An input file or stream cannot be read.',
    remedy: 'Check the path or address.',
  },
  ERR_DEVICE_MISSING: {
    summary: 'There is no sound device, or none with that name.',
    remedy: 'Run: facewire doctor. Without a device use --out or --rtmp.',
  },
  ERR_DEVICE_FAILED: {
    summary: 'The sound device or its driver failed.',
    remedy: 'Check that the device is free and connected.',
  },
  ERR_SECRET_EXPOSED: {
    summary: 'A secret is readable by others or was given where others can see it.',
    remedy: 'chmod 600 the secrets file, or use the environment variables.',
  },
  ERR_DESCRIPTORS_EXHAUSTED: {
    summary: 'The process has too few file descriptors left for another connection or session.',
    remedy: 'Raise the limit of open files (ulimit -n, LimitNOFILE), or serve fewer at once.',
  },
  ERR_PORT_UNAVAILABLE: {
    summary: 'The server cannot listen on that address.',
    remedy: 'Choose another port, or 0 for a free one.',
  },
} as const satisfies Record<string, { summary: string; remedy: string }>;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorDetail {
  /** What the caller should have given. */
  readonly expected?: string;
  /** What was given instead; never a secret. */
  readonly received?: string;
  /** A code of the far end, for example the cloud's `Header.Code`. */
  readonly remoteCode?: number;
  /** Byte or item position of the first bad input. */
  readonly position?: number;
  /** Overrides the table's remedy where a better one is known. */
  readonly remedy?: string;
  /** The part of the caller's text that was not spoken when a drive failed. */
  readonly unspoken?: string;
  readonly cause?: unknown;
}

/** The one error class. `message` says what happened; `remedy` what to do. */
export class FacewireError extends Error {
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly received: string | undefined;
  readonly remoteCode: number | undefined;
  readonly position: number | undefined;
  readonly remedy: string;
  readonly unspoken: string | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'FacewireError';
    this.code = code;
    this.expected = detail.expected;
    this.received = detail.received;
    this.remoteCode = detail.remoteCode;
    this.position = detail.position;
    this.remedy = detail.remedy ?? errorTable[code].remedy;
    this.unspoken = detail.unspoken;
  }
}

/** The same error with the text that was not spoken. */
export function withUnspoken(error: FacewireError, unspoken: string): FacewireError {
  const { code, message, expected, received, remoteCode, position, remedy, cause } = error;
  return new FacewireError(code, message, {
    remedy,
    unspoken,
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received }),
    ...(remoteCode !== undefined && { remoteCode }),
    ...(position !== undefined && { position }),
    ...(cause !== undefined && { cause }),
  });
}

/** Turns anything thrown into a FacewireError, keeping one that already is. */
export function toFacewireError(thrown: unknown, code: ErrorCode = 'ERR_INTERNAL'): FacewireError {
  if (thrown instanceof FacewireError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new FacewireError(code, message, { cause: thrown });
}
