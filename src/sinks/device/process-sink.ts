import { fileURLToPath } from 'node:url';

import { MediaChild } from '../../child.js';
import { entryUrl } from '../../entry-url.js';
import { FacewireError } from '../../errors.js';
import { inRange } from '../../option-values.js';
import { toPcm16 } from '../pcm16.js';
import type { OutputFormat, Sink, SinkReport, SoundClock, Span } from '../sink.js';
import type { SoundDevice } from './pick-device.js';

export interface ProcessSinkOptions {
  /** Sound kept ready before the device, in ms, 60 to 2000. Default 120: none of it can be taken back. */
  readonly bufferMs?: number;
}

/** A device as a child tells it. */
interface ChildDevice {
  readonly id: number;
  readonly name: string;
  readonly maxOutputChannels: number;
  readonly defaultSampleRate: number;
  readonly hostAPIName: string;
}

/** What a child that plays reports. */
interface ChildMessage {
  readonly phase?: 'probing' | 'opening';
  readonly noModule?: string;
  readonly noDevice?: readonly string[];
  readonly failed?: string;
  readonly devices?: readonly ChildDevice[];
  readonly opened?: boolean;
  readonly taken?: number;
  readonly inserted?: number;
}

const openTimeoutMs = 10_000;
/** The child reports every 20 ms; a device that is silent for so long hangs. */
const silenceTimeoutMs = 3000;

/** The child that plays: its script under sinks/device, the package it loads, and the device it is to open. */
export interface PlayingChild {
  readonly script: string;
  readonly module: string;
  /** Empty: the system's default. */
  readonly device: string;
}

/**
 * Plays on a sound card through a package in a child process, which feeds the
 * card without a pause and takes the blame when the package hangs or aborts. The
 * card is the clock: `room` grows as it plays.
 */
export class ProcessSink implements Sink, SoundClock {
  readonly name = 'device';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #player: PlayingChild;
  readonly #bufferMs: number;
  #child: MediaChild | undefined;
  #depth = 0;
  #limit = 0;
  #sent = 0;
  #taken = 0;
  #inserted = 0;
  #spans = 0;
  #heardAt = 0;
  #watch: NodeJS.Timeout | undefined;
  #failed = false;
  #closing: Promise<SinkReport> | undefined;

  constructor(player: PlayingChild, { bufferMs = 120 }: ProcessSinkOptions = {}) {
    this.#player = player;
    this.#bufferMs = inRange('bufferMs', bufferMs, 60, 2000);
  }

  /** The device that was asked for. */
  get deviceName(): string {
    return this.#player.device === '' ? 'default' : this.#player.device;
  }

  /** Audio frames that can be written now without making the sound later than bufferMs. */
  get room(): number {
    return Math.max(0, this.#depth - (this.#sent - this.#taken));
  }

  /** What was given cannot be taken back, so no more of it waits than has to. */
  get silenceRoom(): number {
    return this.room;
  }

  get next(): number {
    return this.#sent;
  }

  get heard(): number {
    return this.#taken;
  }

  get clock(): SoundClock {
    return this;
  }

  /** Frames of silence that were played because no sound was there in time. */
  get insertedFrames(): number {
    return this.#inserted;
  }

  async open(format: OutputFormat): Promise<void> {
    if (this.#child !== undefined) throw new FacewireError('ERR_STATE', 'the device was opened before');
    const { script, device, module } = this.#player;
    const span = Math.ceil((format.sampleRate * format.frameRateDenominator) / format.frameRateNumerator);
    this.#depth = Math.max(Math.round((format.sampleRate * this.#bufferMs) / 1000), 2 * span);
    this.#limit = this.#depth + 5 * format.sampleRate;
    const child = startChild(script, ['play', module, device, `${format.sampleRate}`]);
    this.#child = child;
    try {
      await converse(child, module, device, (message) => {
        this.#heardAt = performance.now();
        this.#taken = message.taken ?? this.#taken;
        this.#inserted = message.inserted ?? this.#inserted;
        return message.opened === true ? true : undefined;
      });
    } catch (thrown) {
      this.#failed = true;
      child.kill();
      throw thrown;
    }
    void child.exited.then(() => {
      if (this.#closing === undefined) this.#fail('the program that plays the sound ended');
    });
    this.#watch = setInterval(() => {
      if (performance.now() - this.#heardAt > silenceTimeoutMs) this.#fail('the device takes no more sound');
    }, 500);
    this.#watch.unref();
  }

  write(span: Span): void {
    this.#spans += 1;
    this.play(span.audio);
  }

  play(audio: Float32Array): void {
    if (this.#failed || this.#closing !== undefined || this.#child === undefined) return;
    this.#sent += audio.length;
    if (this.#sent - this.#taken > this.#limit) this.#fail('the device plays more slowly than sound comes');
    else this.#child.process.stdin?.write(toPcm16(audio));
  }

  /** Plays what waits and a little silence, which saves the last samples from being cut. */
  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<SinkReport> {
    clearInterval(this.#watch);
    const child = this.#child;
    if (this.#failed) child?.kill();
    child?.process.stdin?.end();
    await child?.stop(10_000);
    return {
      name: this.name,
      videoFrames: this.#spans,
      audioFrames: this.#sent,
      repeatedFrames: 0,
      bytes: this.#sent * 2,
    };
  }

  #fail(why: string): void {
    if (this.#failed) return;
    this.#failed = true;
    clearInterval(this.#watch);
    this.#child?.kill();
    const detail = { expected: 'a device that plays', received: why };
    this.onError?.(new FacewireError('ERR_DEVICE_FAILED', why, detail));
  }
}

/** The devices that a child finds. */
export async function listInChild(script: string, module: string): Promise<SoundDevice[]> {
  const child = startChild(script, ['list', module]);
  try {
    const found = await converse(child, module, '', (message) => message.devices);
    return found.map(({ name, hostAPIName, maxOutputChannels, defaultSampleRate }) => ({
      name,
      host: hostAPIName,
      channels: maxOutputChannels,
      sampleRate: defaultSampleRate,
      isDefault: false,
    }));
  } finally {
    await child.stop(1000);
  }
}

function startChild(name: string, args: readonly string[]): MediaChild {
  const script = fileURLToPath(entryUrl(`sinks/device/${name}`));
  // Its stdout is thrown away because PortAudio prints there.
  return new MediaChild(process.execPath, [script, ...args], { stdio: ['pipe', 'ignore', 'pipe', 'ipc'] });
}

/** Listens until `answer` finds what it waits for; turns every other end into a coded error. Goes on listening after. */
async function converse<T>(
  child: MediaChild,
  module: string,
  device: string,
  answer: (message: ChildMessage) => T | undefined,
): Promise<T> {
  let phase = 'loading';
  let timer: NodeJS.Timeout | undefined;
  const result = new Promise<T>((resolve, reject) => {
    const fail = (code: 'ERR_DEVICE_MISSING' | 'ERR_DEVICE_FAILED', why: string, remedy?: string): void =>
      reject(new FacewireError(code, why, { received: why, ...(remedy === undefined ? {} : { remedy }) }));
    timer = setTimeout(() => fail('ERR_DEVICE_FAILED', `the device did not open (${phase})`), openTimeoutMs);
    child.process.on('message', (message: ChildMessage) => {
      phase = message.phase ?? phase;
      if (message.noModule !== undefined)
        fail(
          'ERR_DEVICE_FAILED',
          `the package ${module} does not load: ${message.noModule}`,
          `Run: npm install ${module}`,
        );
      if (message.noDevice !== undefined) {
        const names = message.noDevice.map((name) => JSON.stringify(name)).join(', ');
        fail(
          'ERR_DEVICE_MISSING',
          names === ''
            ? 'there is no sound device'
            : `no device is called ${JSON.stringify(device)}; there are ${names}`,
        );
      }
      if (message.failed !== undefined)
        fail('ERR_DEVICE_FAILED', `the device did not open: ${message.failed}`);
      const found = answer(message);
      if (found !== undefined) resolve(found);
    });
    void child.exited.then(({ code, signal, error }) => {
      const how = error?.message ?? signal ?? `code ${code}`;
      // PortAudio aborts its process on some machines without any sound system.
      if (phase === 'probing') fail('ERR_DEVICE_MISSING', `looking for sound devices failed (${how})`);
      else fail('ERR_DEVICE_FAILED', `the program that plays the sound ended (${how})`);
    });
  });
  try {
    return await result;
  } finally {
    clearTimeout(timer);
  }
}
