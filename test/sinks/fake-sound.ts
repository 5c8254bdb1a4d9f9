import {
  soundCounter,
  soundCounterLength,
  soundState,
  type NativeOpenedDevice,
  type NativeSoundCalls,
  type NativeSoundOutput,
} from '../../src/media/sound-binding.js';
import { stallMs } from '../../src/sinks/device/stall-watch.js';
import type { SoundDevice } from '../../src/sinks/device/pick-device.js';

/** Time between two callbacks, in ms. */
const blockMs = 10;

/**
 * A sound system under a PortAudioSink, in the place of the native one: a ring and a callback that tests move by
 * performance.now(), which they fake.
 */
export class FakeSound {
  devices: SoundDevice[] = [
    { name: 'speakers', host: 'Fake', channels: 2, sampleRate: 48_000, isDefault: true },
    { name: 'headphones', host: 'Fake', channels: 2, sampleRate: 48_000, isDefault: false },
  ];
  /** Whether the callback comes. */
  runs = true;
  /** How long the system takes to close a stream, in ms. */
  closeMs = 0;
  /** How long it takes to open one, in ms. */
  openMs = 0;
  opened: string[] = [];
  probes = 0;
  #state: number = soundState.none;
  #rate = 48_000;
  #capacity = 0;
  #written = 0;
  #heard = 0;
  #blockAt = -1;
  #playedFrom = 0;
  #silentFrom = -1;

  get isOpen(): boolean {
    return this.#state === soundState.playing || this.#state === soundState.ended;
  }

  /** The system ended the stream. */
  unplug(): void {
    this.#play();
    this.devices = [];
    if (this.#state === soundState.playing) this.#state = soundState.ended;
  }

  /** Blocks that are due, when the callback comes. */
  #play(): void {
    const now = performance.now();
    if (this.#state !== soundState.playing || !this.runs) {
      this.#playedFrom = now;
      return;
    }
    for (; this.#playedFrom + blockMs <= now; this.#playedFrom += blockMs) {
      this.#heard = Math.min(this.#written, this.#heard + (blockMs * this.#rate) / 1000);
      this.#blockAt = this.#playedFrom + blockMs;
      this.#silentFrom = -1;
    }
  }

  readonly probe = (): Promise<{ library: { path: string; origin: string }; devices: SoundDevice[] }> => {
    this.probes += 1;
    return Promise.resolve({ library: { path: 'fake', origin: 'fake' }, devices: [...this.devices] });
  };

  readonly calls = {
    create: (rate: number, _card: number, ringMs: number): NativeSoundOutput => {
      this.#rate = rate;
      this.#capacity = (ringMs * rate) / 1000;
      return {} as NativeSoundOutput;
    },
    open: async (_output: NativeSoundOutput, _path: string, name: string): Promise<NativeOpenedDevice> => {
      const device = this.devices.find((each) => (name === '' ? each.isDefault : each.name === name));
      if (device === undefined) throw Object.assign(new Error('gone'), { code: 'ERR_DEVICE_MISSING' });
      if (this.openMs > 0) {
        this.#state = soundState.busy;
        await new Promise((resolve) => setTimeout(resolve, this.openMs));
      }
      this.#state = soundState.playing;
      this.#blockAt = -1;
      this.#playedFrom = performance.now();
      this.#silentFrom = -1;
      this.opened.push(device.name);
      return { ...device, id: 0, latencyMs: 60 };
    },
    close: (): Promise<void> => {
      this.#play();
      this.#state = soundState.busy;
      return new Promise((resolve) => {
        setTimeout(() => {
          this.#state = soundState.none;
          resolve();
        }, this.closeMs);
      });
    },
    state: (): number => (this.#play(), this.#state),
    room: (): number => (this.#play(), this.#capacity - (this.#written - this.#heard)),
    write: (_output: NativeSoundOutput, audio: Float32Array): number => {
      this.#play();
      if (this.#written - this.#heard + audio.length > this.#capacity) return 0;
      this.#written += audio.length;
      return audio.length;
    },
    flush: (): number => ((this.#written = this.#heard), this.#heard),
    finish: (): number => 1,
    written: (): number => this.#written,
    position: (): number => (this.#play(), this.#heard),
    isDrained: (): number => 1,
    passSilently: (_output: NativeSoundOutput, pastMs: number): void => {
      this.#play();
      const now = performance.now();
      const stalls =
        this.#state === soundState.playing && this.#blockAt >= 0 && now - this.#blockAt >= stallMs;
      if (this.#state !== soundState.none && !stalls) return;
      const from = this.#silentFrom < 0 ? now - pastMs : this.#silentFrom;
      this.#heard = Math.min(this.#written, this.#heard + Math.round(((now - from) * this.#rate) / 1000));
      this.#silentFrom = now;
    },
    readCounters: (_output: NativeSoundOutput, out: Float64Array): void => {
      this.#play();
      out.fill(0, 0, soundCounterLength);
      out[soundCounter.blockAgeMs] = this.#blockAt < 0 ? -1 : performance.now() - this.#blockAt;
    },
    list: () => Promise.resolve([]),
  } satisfies NativeSoundCalls;
}
