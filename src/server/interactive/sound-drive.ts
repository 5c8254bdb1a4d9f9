import type { AudioCommand } from '../../wire/interactive/command-types.js';
import type { AudioEnd } from '../../wire/interactive/channel-types.js';
import { IdleTimer, type Clock } from '../../clock.js';
import { AudioRate } from './audio-rate.js';
import { badParameter, sessionCode, type Refusal } from './codes.js';
import { describeFailure } from './drive-failure.js';
import type { DriveReport, RunningDrive } from './drive-report.js';
import { FragmentOrder, mostEarly } from '../fragment-order.js';
import type { SoundEntry, Stage } from './stage.js';

export interface SoundDriveOptions {
  readonly requestId: string;
  readonly stage: Stage;
  readonly report: DriveReport;
  readonly clock: Clock;
  /** Ends by itself after this many ms without a packet. */
  readonly idleMs: number;
}

/** One utterance of the caller's own sound. */
export class SoundDrive implements RunningDrive {
  readonly kind = 'sound';
  readonly interruptible = true;
  readonly #options: SoundDriveOptions;
  readonly #entry: SoundEntry;
  readonly #rate: AudioRate;
  readonly #order = new FragmentOrder<AudioCommand>();
  readonly #idle: IdleTimer;
  /** Half a sample that waits for its other half. */
  #odd = new Uint8Array(0);
  #endedBy: AudioEnd | undefined;
  #started = false;
  #toldWaitingOver = false;
  #over = false;

  constructor(options: SoundDriveOptions) {
    this.#options = options;
    this.#entry = options.stage.sound();
    this.#rate = new AudioRate(options.clock);
    this.#idle = new IdleTimer(options.clock, options.idleMs, () => this.#timeOut());
  }

  get requestId(): string {
    return this.#options.requestId;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Takes one packet, or says why not; one that came too fast may come again. */
  push(packet: AudioCommand): Refusal | undefined {
    if (this.#endedBy !== undefined) {
      return {
        code: sessionCode.wrongTime,
        message: 'WrongTime: this sound has had its final packet; wait for AudioOver',
      };
    }
    this.#idle.restart();
    const refusal = this.#tooMuch(packet.pcm.byteLength >> 1);
    if (refusal !== undefined) return refusal;
    const ready = this.#order.push(packet);
    if (ready === undefined)
      return badParameter(`more than ${mostEarly} packets wait for one that is missing`);
    this.#take(ready);
    return undefined;
  }

  async run(): Promise<void> {
    const { report } = this.#options;
    report.status('waiting-audio-start');
    const started = await this.#entry.started;
    if (this.#over) return;
    if (started) report.status('audio-start');
    this.#started = started;
    this.#tellWaitingOver();
    await this.#entry.finished;
    if (this.#over) return;
    this.#finish();
    report.status('audio-over', { audioEnd: this.#endedBy ?? 'interrupted' });
  }

  stop(): void {
    if (this.#over) return;
    this.#finish();
    this.#options.stage.interrupt();
    this.#options.report.status('audio-over', { audioEnd: 'interrupted' });
  }

  /**
   * Sound may come faster than it is heard for as long as there is room for what waits. Then, as for any sound that is
   * too fast, the documents want the packet held back, not the drive ended.
   */
  #tooMuch(samples: number): Refusal | undefined {
    if (samples === 0) return undefined;
    let early = 0;
    for (const { pcm } of this.#order.early) early += pcm.byteLength >> 1;
    const roomMs = this.#entry.roomInMs(samples + early);
    if (roomMs > 0) return tooFast('too much sound waits to be heard', roomMs);
    const rateMs = this.#rate.admit(samples);
    if (rateMs === 0) return undefined;
    return tooFast('after the first 6 packets sound comes at most at 1/0.75 of real time', rateMs);
  }

  #take(packets: readonly AudioCommand[]): void {
    try {
      for (const { pcm, final } of packets) {
        this.#put(pcm);
        if (final) return this.#end('client');
      }
    } catch (thrown) {
      if (this.#over) return;
      this.#finish();
      const { code, message } = describeFailure(thrown);
      this.#options.stage.interrupt();
      this.#options.report.status('error', { errorCode: code, errorMessage: message });
    }
  }

  #put(pcm: Uint8Array): void {
    if (pcm.byteLength === 0) return;
    const bytes = this.#odd.byteLength === 0 ? pcm : Buffer.concat([this.#odd, pcm]);
    const even = bytes.byteLength - (bytes.byteLength % 2);
    this.#odd = bytes.slice(even);
    if (even > 0) this.#entry.push(bytes.subarray(0, even));
  }

  #end(by: AudioEnd): void {
    this.#endedBy = by;
    this.#idle.stop();
    this.#entry.end();
    this.#tellWaitingOver();
  }

  #tellWaitingOver(): void {
    if (!this.#started || this.#endedBy === undefined || this.#toldWaitingOver || this.#over) return;
    this.#toldWaitingOver = true;
    this.#options.report.status('waiting-audio-over');
  }

  /** The client forgot the final packet, or is gone. */
  #timeOut(): void {
    if (this.#over || this.#endedBy !== undefined) return;
    this.#take(this.#order.flush());
    if (!this.#isEnded()) this.#end('timeout');
  }

  #isEnded(): boolean {
    return this.#over || this.#endedBy !== undefined;
  }

  #finish(): void {
    this.#over = true;
    this.#idle.stop();
  }
}

function tooFast(why: string, waitMs: number): Refusal {
  const message = `TooFrequent: ${why}; send this packet again in ${waitMs} ms`;
  return { code: sessionCode.tooFrequent, message };
}
