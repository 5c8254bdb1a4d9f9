import { FacewireError } from '../errors.js';
import { OutputFile } from './output-file.js';
import { toPcm16 } from './pcm16.js';
import type { OutputFormat, Sink, SinkReport, Span } from './sink.js';

const headerLength = 44;
const maxDataBytes = 0xffffffff - headerLength;

/** Writes the sound to a 16 bit mono WAV file. The header is brought up to date every second. */
export class WavSink implements Sink {
  readonly name = 'wav';
  readonly wantsPictures = false;
  readonly isRecording = true;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #file: OutputFile;
  #rate = 0;
  #spans = 0;
  #frames = 0;
  #headerFrames = 0;
  #failed = false;
  #closing: Promise<SinkReport> | undefined;

  constructor(options: { readonly path: string }) {
    this.#file = new OutputFile(options.path, 4 << 20);
    this.#file.onError = (error) => this.#fail(error);
  }

  get room(): number {
    return Math.max(0, Math.floor(this.#file.room / 2) - 64);
  }

  async open(format: OutputFormat): Promise<void> {
    this.#rate = format.sampleRate;
    await this.#file.open();
    this.#file.write(wavHeader(this.#rate, 0), 0);
  }

  write(span: Span): void {
    if (this.#failed || this.#closing !== undefined) return;
    if ((this.#frames + span.audio.length) * 2 > maxDataBytes) {
      this.#fail(new FacewireError('ERR_OUTPUT_UNWRITABLE', 'a WAV file cannot be longer than 4 GiB'));
      return;
    }
    this.#file.write(toPcm16(span.audio), headerLength + this.#frames * 2);
    this.#frames += span.audio.length;
    this.#spans += 1;
    // A crash then costs at most the length in the header, and players stop a second early.
    if (this.#frames - this.#headerFrames >= this.#rate) this.#header();
  }

  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<SinkReport> {
    if (this.#rate > 0) this.#header();
    // A failure was reported by onError already.
    await this.#file.close().catch(() => undefined);
    return {
      name: this.name,
      videoFrames: this.#spans,
      audioFrames: this.#frames,
      repeatedFrames: 0,
      bytes: headerLength + this.#frames * 2,
    };
  }

  #header(): void {
    this.#headerFrames = this.#frames;
    this.#file.write(wavHeader(this.#rate, this.#frames), 0);
  }

  #fail(error: FacewireError): void {
    if (this.#failed) return;
    this.#failed = true;
    this.onError?.(error);
  }
}

function wavHeader(rate: number, frames: number): Buffer {
  const out = Buffer.alloc(headerLength);
  out.write('RIFF', 0, 'latin1');
  out.writeUInt32LE(headerLength - 8 + frames * 2, 4);
  out.write('WAVEfmt ', 8, 'latin1');
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(1, 20);
  out.writeUInt16LE(1, 22);
  out.writeUInt32LE(rate, 24);
  out.writeUInt32LE(rate * 2, 28);
  out.writeUInt16LE(2, 32);
  out.writeUInt16LE(16, 34);
  out.write('data', 36, 'latin1');
  out.writeUInt32LE(frames * 2, 40);
  return out;
}
