import { FacewireError, toFacewireError } from '../../errors.js';
import {
  soundCounter,
  soundCounterLength,
  soundState,
  type NativeOpenedDevice,
  type NativeSoundCalls,
  type NativeSoundOutput,
} from '../../media/sound-binding.js';
import { loadAddon } from '../../media/load-addon.js';
import { coded } from '../../media/native-error.js';
import type { OutputFormat, Sink, SinkReport, SoundClock, Span } from '../sink.js';
import {
  readSettings,
  type DeviceChange,
  type DeviceOptions,
  type DeviceSettings,
} from './device-options.js';
import { chooseDevice, type SoundDevice } from './pick-device.js';
import { probePortAudio } from './probe.js';
import { lookMs, StallWatch } from './stall-watch.js';
import { backgroundClock, pause, systemClock, within } from '../../clock.js';

const retryMs = 500;
/** A dead sound system may hold a call for ever; nothing waits for it longer. */
const closeMs = 3000;
/** More silence than any ring holds, in ms. */
const longestMs = 60_000;

/** What a device sink has counted. Frames are those of the card. */
export type DeviceCounters = { readonly [Name in keyof typeof soundCounter]: number } & {
  /** Times that no callback came for 250 ms while the device was open. */
  readonly stalls: number;
  /** Times that the device was gone. */
  readonly losses: number;
};

/**
 * Plays on a sound card through PortAudio: a native ring of `bufferMs`, played
 * by the card's own callback, so that a busy event loop does not interrupt it.
 * What is heard is told by the card's clock. A device that goes away is looked
 * for until it is back; meanwhile time passes silently, so that everything that
 * follows this sink stays in step.
 */
export class PortAudioSink implements Sink, SoundClock {
  readonly name = 'device';
  readonly wantsPictures = false;
  readonly isClock: boolean;
  onError: ((error: FacewireError) => void) | undefined;
  readonly #settings: DeviceSettings;
  readonly #sound: NativeSoundCalls;
  readonly #columns = new Float64Array(soundCounterLength);
  readonly #stall = new StallWatch();
  #format: OutputFormat | undefined;
  #output: NativeSoundOutput | undefined;
  #device: NativeOpenedDevice | undefined;
  #isLost = false;
  #losses = 0;
  /** While the lost device is closed the native output is not to be touched: what was heard then, and when that was. */
  #closingFrom: { readonly heard: number; readonly atMs: number } | undefined;
  /** Up to when time has passed silently. */
  #silentMs = 0;
  #sent = 0;
  /** From the frames of the native output to those written here. */
  #offset = 0;
  #heard = 0;
  /** Frames that the ring holds when it is full. */
  #ringFrames = 0;
  #watch: NodeJS.Timeout | undefined;
  #defaultCheck: NodeJS.Timeout | undefined;
  #failed = false;
  #closing: Promise<SinkReport> | undefined;

  /** Throws ERR_ADDON_MISSING or ERR_OPTION_INVALID. */
  constructor(options: DeviceOptions = {}) {
    this.#settings = readSettings(options);
    this.isClock = this.#settings.isClock;
    this.#sound = loadAddon().sound;
  }

  /** The device that plays, undefined while there is none. */
  get device(): SoundDevice | undefined {
    return this.#isLost ? undefined : this.#device;
  }

  get clock(): SoundClock | undefined {
    return this.isClock ? this : undefined;
  }

  get room(): number {
    return this.#roomFor(Math.max(this.#settings.bufferMs, 2 * this.#spanMs));
  }

  get silenceRoom(): number {
    return this.#roomFor(this.#settings.silenceMs);
  }

  get next(): number {
    return this.#sent;
  }

  get waiting(): number {
    return Math.max(0, this.#sent - this.heard);
  }

  /** How many of the written frames are heard by now, or were made void. Never goes back. */
  get heard(): number {
    if (this.#output === undefined) return this.#heard;
    if (this.#closingFrom === undefined) {
      if (this.#isLost || this.#stall.isLong) this.#passSilently(this.#output);
      this.#heard = Math.max(this.#heard, this.#offset + this.#sound.position(this.#output));
    } else {
      const { heard, atMs } = this.#closingFrom;
      const passed = Math.floor(((performance.now() - atMs) * this.#format!.sampleRate) / 1000);
      this.#heard = Math.max(this.#heard, Math.min(this.#sent, heard + passed));
    }
    return this.#heard;
  }

  #passSilently(output: NativeSoundOutput): void {
    const now = performance.now();
    this.#sound.passSilently(output, Math.min(now - this.#silentMs, longestMs));
    if (this.#sound.state(output) !== soundState.busy) this.#silentMs = now;
  }

  get counters(): DeviceCounters {
    if (this.#output !== undefined) this.#sound.readCounters(this.#output, this.#columns);
    const columns = Object.entries(soundCounter).map(([name, column]) => [name, this.#columns[column]]);
    return {
      ...(Object.fromEntries(columns) as { [Name in keyof typeof soundCounter]: number }),
      stalls: this.#stall.count,
      losses: this.#losses,
    };
  }

  async open(format: OutputFormat): Promise<void> {
    if (this.#format !== undefined) throw new FacewireError('ERR_STATE', 'the device was opened before');
    this.#format = format;
    try {
      await this.#openDevice();
    } catch (thrown) {
      if (this.#settings.whenMissing === 'fail' || this.#closing !== undefined) {
        this.#failed = true;
        throw toFacewireError(thrown);
      }
      if (this.#output === undefined) this.#use(this.#create(format.sampleRate));
      void this.#lose();
    }
    this.#watch = setInterval(this.#look, lookMs);
    this.#watch.unref();
    if (this.#settings.device === '' && this.#settings.defaultCheckMs > 0) {
      const isOther = (devices: readonly SoundDevice[]): boolean =>
        devices.some((each) => each.isDefault && !this.#isPlaying(each));
      this.#defaultCheck = setInterval(() => {
        if (!this.#isLost) void this.#loseWhen(isOther);
      }, this.#settings.defaultCheckMs);
      this.#defaultCheck.unref();
    }
  }

  write(span: Span): void {
    this.play(span.audio, true);
  }

  play(audio: Float32Array, flows: boolean): void {
    if (this.#failed || this.#closing !== undefined || this.#output === undefined) return;
    this.#sent += audio.length;
    if (this.#sound.write(this.#output, audio, flows ? 1 : 0) === audio.length) return;
    this.#offset += audio.length;
    // While no device is open, and just behind a cut, the ring may stay full for a moment.
    if (this.#sound.state(this.#output) === soundState.playing && this.#stall.isCalm)
      this.#fail('the device plays more slowly than sound comes');
  }

  /**
   * Silences what waits with a ramp of 10 ms at the card's next block. Returns
   * the exact frame, counted as written, at which that ramp begins. What is
   * written next is the frame behind the ramp; see `next`.
   */
  cut(): number {
    if (this.#output === undefined) return this.#sent;
    const at = this.#offset + this.#sound.flush(this.#output);
    this.#sent = this.#offset + this.#sound.written(this.#output);
    return at;
  }

  /** Plays what waits to its end. */
  close(): Promise<SinkReport> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Frames that may be written so that `ms` wait in the ring. */
  #roomFor(ms: number): number {
    if (this.#format === undefined || this.#output === undefined) return 0;
    const depth = Math.ceil((this.#format.sampleRate * ms) / 1000);
    if (this.#closingFrom !== undefined) return Math.max(0, depth - this.waiting);
    const free = this.#sound.room(this.#output);
    return Math.max(0, Math.min(depth - (this.#ringFrames - free), free));
  }

  get #spanMs(): number {
    const { frameRateNumerator = 1, frameRateDenominator = 0 } = this.#format ?? {};
    return (1000 * frameRateDenominator) / frameRateNumerator;
  }

  #create(cardRate: number): NativeSoundOutput {
    const { bufferMs, isClock } = this.#settings;
    const ringMs = Math.max(1000, 2 * bufferMs + 500);
    try {
      return this.#sound.create(this.#format!.sampleRate, cardRate, ringMs, isClock ? 0 : bufferMs);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  /** Opens the device in the output there is, or in a new one when the device wants another rate. */
  async #openDevice(): Promise<void> {
    const { library, devices } = await probePortAudio(this.#settings.library);
    const chosen = chooseDevice(devices, this.#settings.device);
    // The sink may have been closed meanwhile, and nobody would close what is opened now.
    if (this.#closing !== undefined) throw new FacewireError('ERR_STATE', 'the device was closed');
    if (this.#output === undefined) this.#use(this.#create(this.#format!.sampleRate));
    let opened = await this.#openStream(this.#output!, library.path, chosen);
    if (opened.latencyMs < 0) {
      const heard = this.heard;
      const other = this.#create(opened.sampleRate);
      opened = await this.#openStream(other, library.path, chosen);
      if (opened.latencyMs < 0)
        throw new FacewireError('ERR_DEVICE_FAILED', 'the device refuses its own rate');
      this.#use(other);
      this.#offset = this.#sent;
      this.#heard = heard;
    }
    if (this.#closing !== undefined) {
      // Closed while the system hung, and close() did not wait for that.
      await within(closeMs, this.#sound.close(this.#output!));
      throw new FacewireError('ERR_STATE', 'the device was closed');
    }
    this.#device = opened;
    this.#isLost = false;
    this.#stall.restart(this.#losses > 0);
  }

  #use(output: NativeSoundOutput): void {
    this.#output = output;
    this.#ringFrames = this.#sound.room(output);
  }

  async #openStream(
    output: NativeSoundOutput,
    path: string,
    { name, host }: { readonly name: string; readonly host: string },
  ): Promise<NativeOpenedDevice> {
    const { latencyMs, blockMs } = this.#settings;
    const block = Math.round((blockMs * this.#format!.sampleRate) / 1000);
    try {
      return await this.#sound.open(output, path, name, host, latencyMs, block);
    } catch (thrown) {
      throw coded(thrown);
    }
  }

  readonly #look = (): void => {
    if (this.#output === undefined || this.#closing !== undefined) return;
    if (this.#isLost) {
      if (this.#closingFrom === undefined) this.#passSilently(this.#output);
      return;
    }
    const { blockAgeMs, hasNoClock } = this.counters;
    if (hasNoClock === 1)
      return this.#fail('the device has no clock: it takes sound faster than time passes');
    const state = this.#sound.state(this.#output);
    if (state === soundState.busy) return;
    const wasLong = this.#stall.isLong;
    if (this.#stall.look(blockAgeMs)) {
      this.#tell('stalled');
      // ALSA tells of one that is unplugged, and does not list one that plays.
      if (process.platform !== 'linux')
        void this.#loseWhen((devices) => !this.#stall.isCalm && !devices.some(this.#isPlaying));
    }
    if (state !== soundState.playing || this.#stall.isHopeless) return void this.#lose();
    if (!this.#stall.isLong) return;
    if (!wasLong) this.#silentMs = performance.now();
    this.#passSilently(this.#output);
  };

  readonly #isPlaying = ({ name, host }: SoundDevice): boolean =>
    name === this.#device?.name && host === this.#device.host;

  /** Goes on silently and looks for the device until it is back or the sink closes. */
  async #lose(): Promise<void> {
    this.#closingFrom = { heard: this.heard, atMs: performance.now() };
    this.#silentMs = this.#closingFrom.atMs;
    this.#isLost = true;
    this.#losses += 1;
    this.#tell('lost');
    if (!(await within(closeMs, this.#sound.close(this.#output!)))) {
      this.#fail('the sound system does not let go of the lost device');
      return;
    }
    this.#closingFrom = undefined;
    while (this.#closing === undefined && !this.#failed) {
      await pause(backgroundClock, retryMs);
      if (this.#closing !== undefined) return;
      try {
        await this.#openDevice();
      } catch {
        continue;
      }
      return this.#tell('back');
    }
  }

  /** What devices there are now is known only to a process that starts looking now. */
  async #loseWhen(isLost: (devices: readonly SoundDevice[]) => boolean): Promise<void> {
    const device = this.#device;
    try {
      const { devices } = await probePortAudio(this.#settings.library);
      const goesOn = !this.#isLost && this.#closing === undefined && this.#device === device;
      if (goesOn && isLost(devices)) void this.#lose();
    } catch {
      // What plays goes on; whether it is lost is seen elsewhere.
    }
  }

  async #close(): Promise<SinkReport> {
    clearInterval(this.#watch);
    clearInterval(this.#defaultCheck);
    const output = this.#output;
    if (output !== undefined && !this.#failed && !this.#isLost) await this.#drain(output);
    if (output !== undefined) await this.#release(output);
    return {
      name: this.name,
      videoFrames: Math.floor((1000 * this.#sent) / (this.#format?.sampleRate ?? 1) / (this.#spanMs || 1)),
      audioFrames: this.#sent,
      repeatedFrames: 0,
      bytes: this.#sent * 2,
    };
  }

  async #drain(output: NativeSoundOutput): Promise<void> {
    const patience = (1000 * this.waiting) / this.#format!.sampleRate + 2000;
    const deadline = performance.now() + patience;
    while (this.#sound.finish(output) === 0 && performance.now() < deadline) await pause(systemClock, 5);
    while (this.#sound.isDrained(output) === 0 && performance.now() < deadline) {
      if (this.#sound.state(output) !== soundState.playing) return;
      await pause(systemClock, 5);
    }
  }

  /** Also when the device is being opened at this moment. */
  async #release(output: NativeSoundOutput): Promise<void> {
    const deadline = performance.now() + closeMs;
    while (this.#sound.state(output) === soundState.busy && performance.now() < deadline)
      await pause(systemClock, 5);
    if (this.#sound.state(output) !== soundState.busy) await within(closeMs, this.#sound.close(output));
  }

  #tell(change: DeviceChange['change']): void {
    this.#settings.onChange?.({ change, device: this.device });
  }

  #fail(why: string): void {
    if (this.#failed) return;
    this.#failed = true;
    clearInterval(this.#watch);
    const detail = { expected: 'a device that plays', received: why };
    this.onError?.(new FacewireError('ERR_DEVICE_FAILED', why, detail));
  }
}
