import { FacewireError } from '../errors.js';
import { utf8Length, type BuiltRequest } from '../wire/index.js';
import { Drive } from './drive.js';
import type { DriveSetup } from './drive-setup.js';
import { TextSplitter } from './text-splitter.js';

/** Bytes of text that may wait for the connection. */
const maxWaitingBytes = 64 * 1024;
/** Bytes that may wait in the socket; beyond them no more text and no further drive is taken. */
export const maxSocketBytes = 1024 * 1024;

export interface StreamSetup extends DriveSetup {
  readonly build: (text: string, sequence: number, final: boolean) => BuiltRequest;
  readonly socketBytes: () => number;
  /** Counter of the fragments and the text so far, shared with the farewell. */
  readonly sequence: { last: number; ended: boolean; text: string };
}

/** A drive whose text comes in pieces, for example from a language model. */
export class StreamDrive extends Drive {
  readonly #setup: StreamSetup;
  readonly #splitter = new TextSplitter();
  #waitingBytes = 0;

  /** @internal Drives are made by EndpointDriver. */
  constructor(setup: StreamSetup) {
    super(setup);
    this.#setup = setup;
    this.setInputOpen(true);
  }

  /**
   * Sends more text, of any length; cut into fragments of at most 1000 bytes
   * on whole characters and outside tags. Throws ERR_STATE after end().
   */
  write(text: string): void {
    this.#checkOpen('write');
    const waiting = this.marks.requestSent === undefined || this.isResuming;
    const bytes = utf8Length(text);
    if (!waiting) this.#waitingBytes = 0;
    if (
      (waiting && this.#waitingBytes + bytes > maxWaitingBytes) ||
      (waiting && this.keptBytes > maxSocketBytes) ||
      this.#setup.socketBytes() > maxSocketBytes
    ) {
      throw new FacewireError('ERR_BUFFER_FULL', 'more text is waiting to be sent than is kept', {
        expected: waiting
          ? `at most ${maxWaitingBytes} bytes while the connection is not there`
          : 'a peer that reads',
        received: `${bytes} bytes more`,
        remedy: 'Write more slowly, or wait until the connection is there.',
      });
    }
    const fragments = this.#splitter.push(text);
    if (waiting) this.#waitingBytes += bytes;
    for (const fragment of fragments) this.#send(fragment, false);
  }

  /** Ends the text. The drive ends when everything has been answered. */
  end(): void {
    this.#checkOpen('end');
    const rest = this.#splitter.finish();
    // The closing fragment may be empty, and every stream must have one.
    if (rest.length === 0) rest.push('');
    rest.forEach((fragment, index) => this.#send(fragment, index === rest.length - 1));
    this.setInputOpen(false);
  }

  #send(text: string, final: boolean): void {
    const { sequence, build } = this.#setup;
    const built = build(text, sequence.last + 1, final);
    sequence.last++;
    sequence.ended = final;
    sequence.text += text;
    this.post(built.frame, sequence.last);
  }

  #checkOpen(call: string): void {
    if (!this.isOver && !this.#setup.sequence.ended) return;
    throw new FacewireError('ERR_STATE', `${call}() was called on a stream that has ended`, {
      expected: 'a stream that is running and not ended',
      received: this.isOver ? 'a drive that is over' : 'an ended stream',
    });
  }
}
