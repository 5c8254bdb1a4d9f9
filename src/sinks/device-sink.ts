import { FacewireError, toFacewireError } from '../errors.js';
import { AudioIoSink } from './device/audio-io-sink.js';
import { backendsFor, type Backend } from './device/backends.js';
import type { DeviceOptions } from './device/device-options.js';
import { listNaudiodonDevices, NaudiodonSink } from './device/naudiodon-sink.js';
import { pickDevice, type SoundDevice } from './device/pick-device.js';
import { PortAudioSink } from './device/portaudio-sink.js';
import { probePortAudio } from './device/probe.js';
import type { ProcessSink } from './device/process-sink.js';
import type { OutputFormat, Sink, SinkReport, SoundClock, Span } from './sink.js';

export { pickDevice, type SoundDevice };
export type { DeviceChange, DeviceOptions } from './device/device-options.js';
export type { DeviceCounters } from './device/portaudio-sink.js';

export interface DeviceSinkOptions extends DeviceOptions {
  /**
   * portaudio: our own ring on a PortAudio found at run time. naudiodon, audio-io: those
   * packages' streams, in a process of their own. auto (default): the first that opens.
   */
  readonly backend?: 'auto' | Backend;
  /** Package with naudiodon's interface. Default naudiodon. */
  readonly module?: string;
}

/** Plays on a sound card by the backend that works here. The card is the clock unless told otherwise. */
export class DeviceSink implements Sink {
  readonly name = 'device';
  readonly wantsPictures = false;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #options: DeviceSinkOptions;
  #card: PortAudioSink | ProcessSink | undefined;
  #closing: Promise<SinkReport> | undefined;

  constructor(options: DeviceSinkOptions = {}) {
    this.#options = options;
    // Bad options are told now, not when the device opens.
    this.#card = this.#candidates()[0]?.({});
  }

  /** The backend in use once it is open: counters and device are there. */
  get card(): PortAudioSink | ProcessSink | undefined {
    return this.#card;
  }

  get room(): number {
    return this.#card?.room ?? 0;
  }

  get clock(): SoundClock | undefined {
    return this.#card?.clock;
  }

  async open(format: OutputFormat): Promise<void> {
    const { whenMissing = 'fail' } = this.#options;
    let first: FacewireError | undefined;
    for (const make of this.#candidates()) {
      try {
        await this.#use(make({ whenMissing: 'fail' }), format);
        return;
      } catch (thrown) {
        const error = toFacewireError(thrown);
        // Who was closed meanwhile tries no other.
        if (this.#closing !== undefined) throw error;
        if (error.code === 'ERR_OPTION_INVALID') throw error;
        first ??= error;
        // No other backend finds a device that PortAudio does not find.
        if (error.code === 'ERR_DEVICE_MISSING') break;
      }
    }
    first ??= new FacewireError('ERR_DEVICE_FAILED', 'no sound backend works here');
    const [make] = this.#candidates();
    if (whenMissing === 'fail' || make === undefined) throw first;
    await this.#use(make({ whenMissing }), format);
  }

  async #use(card: PortAudioSink | ProcessSink, format: OutputFormat): Promise<void> {
    this.#card = card;
    card.onError = (error) => this.onError?.(error);
    try {
      await card.open(format);
    } catch (thrown) {
      await card.close();
      throw thrown;
    }
  }

  write(span: Span): void {
    this.#card?.write(span);
  }

  close(): Promise<SinkReport> {
    this.#closing ??=
      this.#card?.close() ??
      Promise.resolve({ name: this.name, videoFrames: 0, audioFrames: 0, repeatedFrames: 0, bytes: 0 });
    return this.#closing;
  }

  #candidates(): ((more: Pick<DeviceOptions, 'whenMissing'>) => PortAudioSink | ProcessSink)[] {
    const { backend = 'auto', ...options } = this.#options;
    const { isClock = true, device = '' } = options;
    const makers: Record<Backend, (more: Pick<DeviceOptions, 'whenMissing'>) => PortAudioSink | ProcessSink> =
      {
        portaudio: (more) => new PortAudioSink({ ...options, ...more }),
        naudiodon: () => new NaudiodonSink(options),
        'audio-io': () => new AudioIoSink(options),
      };
    return backendsFor({ backend, isClock, isNamed: device !== '' }, process).map((each) => makers[each]);
  }
}

/** The devices that can play. An empty list when there is none. */
export async function listDevices(
  options: Pick<DeviceSinkOptions, 'library' | 'module'> = {},
): Promise<SoundDevice[]> {
  try {
    const { devices } = await probePortAudio(options.library ?? process.env['FACEWIRE_PORTAUDIO']);
    return [...devices];
  } catch (thrown) {
    const isClosed = toFacewireError(thrown).code === 'ERR_DEVICE_MISSING';
    if (
      isClosed ||
      !backendsFor({ backend: 'auto', isClock: true, isNamed: true }, process).includes('naudiodon')
    )
      throw thrown;
    return listNaudiodonDevices(options.module);
  }
}
