import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { FacewireError } from '../errors.js';
import { recordingVersion, writeLine, type Happening } from './format.js';
import { redactor } from './redact.js';

export interface RecorderOptions {
  readonly path: string;
  /** Size at which the recording ends, in bytes. Default 256 MiB, about 40 minutes of speech. */
  readonly maxBytes?: number;
}

/** Where the recorded session goes to, and what must not be written down. */
export interface RecordedCloud {
  readonly cloud: string;
  readonly secrets: readonly string[];
  /** Default: drives of the endpoint API. */
  readonly session?: 'interactive';
}

const defaultMaxBytes = 256 * 1024 * 1024;
/** What may wait for a slow disk. */
const maxWaitingBytes = 16 * 1024 * 1024;

/**
 * Writes what passes on a wire into a file that only its owner can read. It
 * never disturbs the session: a full or slow disk and the size limit end the
 * recording, `onStop` tells why, and what is in the file can be replayed.
 */
export class Recorder {
  readonly path: string;
  readonly #file: WriteStream;
  readonly #maxBytes: number;
  readonly #redact: (text: string) => string;
  readonly #onStop: (why: FacewireError) => void;
  readonly #beganMs = performance.now();
  #bytes = 0;
  #stopped = false;
  #told = false;
  #closing: Promise<void> | undefined;

  /** Throws ERR_OUTPUT_UNWRITABLE, and ERR_OPTION_INVALID for a limit below 1 KiB. */
  constructor(options: RecorderOptions, from: RecordedCloud, onStop: (why: FacewireError) => void) {
    this.path = options.path;
    this.#maxBytes = options.maxBytes ?? defaultMaxBytes;
    if (!(this.#maxBytes >= 1024)) {
      throw new FacewireError('ERR_OPTION_INVALID', 'record.maxBytes is too small', {
        expected: 'at least 1024',
        received: String(this.#maxBytes),
      });
    }
    this.#onStop = onStop;
    this.#redact = redactor(from.secrets);
    let fd: number;
    try {
      fd = openSync(this.path, 'w', 0o600);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
    this.#file = createWriteStream('', { fd });
    this.#file.on('error', (cause) => this.#stop(unwritable(this.path, cause)));
    const began = new Date().toISOString();
    const { cloud, session } = from;
    this.#write(
      writeLine({
        facewireRecording: recordingVersion,
        began,
        cloud,
        ...(session !== undefined && { session }),
      }),
    );
  }

  /** Bytes of the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False once the recording has ended. */
  get isRunning(): boolean {
    return !this.#stopped;
  }

  note(happening: Happening): void {
    if (this.#stopped) return;
    const at = Math.round((performance.now() - this.#beganMs) * 1000) / 1000;
    const line = writeLine({ at, ...this.#clean(happening) });
    const last = writeLine({ at, what: 'full' });
    if (this.#bytes + Buffer.byteLength(line) + last.length > this.#maxBytes) {
      this.#write(last);
      this.#stop(stopped(`the recording has reached its limit of ${this.#maxBytes} bytes`));
    } else if (this.#file.writableLength > maxWaitingBytes) {
      this.#stop(stopped('the disk is slower than the session'));
    } else this.#write(line);
  }

  /** Takes a frame as it came. */
  received(data: Buffer): void {
    if (this.#stopped) return;
    const text = data.toString('utf8');
    const isText = Buffer.byteLength(text) === data.length && !text.includes('\uFFFD');
    this.note(isText ? { what: 'received', text } : { what: 'received', bytes: data.toString('base64') });
  }

  /** Resolves when everything is in the file. Idempotent; never rejects. */
  close(): Promise<void> {
    this.#stopped = true;
    this.#closing ??= new Promise((resolve) => {
      if (this.#file.destroyed) return resolve();
      this.#file.once('close', resolve);
      this.#file.end();
    });
    return this.#closing;
  }

  #clean(happening: Happening): Happening {
    if ('why' in happening && happening.why !== undefined)
      return { ...happening, why: this.#redact(happening.why) };
    if ('text' in happening && happening.text !== undefined)
      return { ...happening, text: this.#redact(happening.text) };
    if (!('bytes' in happening) || happening.bytes === undefined) return happening;
    const raw = this.#redact(Buffer.from(happening.bytes, 'base64').toString('latin1'));
    return { ...happening, bytes: Buffer.from(raw, 'latin1').toString('base64') };
  }

  #write(line: string): void {
    this.#bytes += Buffer.byteLength(line);
    this.#file.write(line);
  }

  #stop(why: FacewireError): void {
    this.#stopped = true;
    if (this.#told) return;
    this.#told = true;
    this.#onStop(why);
  }
}

function stopped(why: string): FacewireError {
  return new FacewireError('ERR_OUTPUT_UNWRITABLE', why, {
    expected: 'room for the recording',
    received: why,
    remedy: 'What is in the file can be replayed. Record less, or give record.maxBytes a larger value.',
  });
}

function unwritable(path: string, cause: unknown): FacewireError {
  return new FacewireError('ERR_OUTPUT_UNWRITABLE', `the recording ${path} cannot be written`, {
    expected: 'a file that can be written',
    received: (cause as NodeJS.ErrnoException).code ?? 'an unknown failure',
    cause,
  });
}
