import { toFacewireError } from '../../errors.js';
import { audioBurstPackets, audioPacketSamples } from '../../wire/index.js';
import { pause } from '../../clock.js';
import { audioDueMs } from './audio-pace.js';
import { InteractiveDrive, type InteractiveLink } from './drive.js';

export interface AudioParts {
  readonly requestId: string;
  readonly link: InteractiveLink;
  readonly maxQueuedEvents: number;
  /** Sound at 16 kHz. */
  readonly pieces: AsyncIterable<Int16Array>;
  /** Time between two packets after the first six, in ms; see audioDueMs. */
  readonly intervalMs: number;
  readonly build: (packet: AudioPacket) => string;
}

export interface AudioPacket {
  /** Little-endian s16. */
  readonly pcm: Uint8Array;
  readonly sequence: number;
  readonly final: boolean;
  readonly interrupt?: boolean;
}

/**
 * The caller's own sound. Packets of 160 ms: six at once, then by an absolute
 * schedule, so that a late timer shifts nothing after it. After a longer delay
 * (the source or the channel was slow) the schedule begins anew instead of catching up.
 */
export class AudioDrive extends InteractiveDrive {
  readonly #parts: AudioParts;
  #sequence = 0;
  #finalSent = false;
  #halted = false;

  /** @internal Drives are made by InteractiveSession. */
  constructor(parts: AudioParts) {
    super('audio', parts.requestId, parts.link, parts.maxQueuedEvents, parts.intervalMs);
    this.#parts = parts;
    this.setInputOpen(true);
  }

  /** @internal The frame that stops it, undefined when nothing was sent or its end went out. */
  stopFrame(): string | undefined {
    if (this.#sequence === 0 || this.#finalSent) return undefined;
    return this.#finalFrame(true);
  }

  protected override onBegin(): void {
    void this.#run().catch((thrown: unknown) => {
      if (this.isOver) return;
      if (this.isSent) void this.interrupt();
      this.fail(toFacewireError(thrown));
    });
  }

  protected override onHalt(): void {
    this.#halted = true;
  }

  // Statuses carry no packet numbers.
  protected override confirmsUpTo(): number {
    return 0;
  }

  async #run(): Promise<void> {
    const { clock } = this.link;
    let began = clock.now();
    let count = 0;
    for await (const pcm of packets(this.#parts.pieces)) {
      do {
        await this.link.clear();
        await this.refused.settle();
        const due = began + audioDueMs(count, this.#parts.intervalMs);
        const late = clock.now() - due;
        if (late > audioBurstPackets * this.#parts.intervalMs) began += late;
        else await pause(clock, -late, this.overSignal);
        if (this.#halted) return;
      } while (!this.refused.isEmpty);
      this.#post({ pcm, final: false });
      count++;
    }
    if (this.#halted) return;
    await this.link.clear();
    await this.refused.settle();
    if (this.#halted) return;
    if (count === 0) {
      this.cancel('there was no sound to play');
      return;
    }
    this.link.post(this, this.#sequence + 1, this.#finalFrame(false));
    this.setInputOpen(false);
  }

  #post(packet: { readonly pcm: Uint8Array; readonly final: boolean }): void {
    const sequence = this.#sequence + 1;
    const frame = this.#parts.build({ ...packet, sequence });
    this.#sequence = sequence;
    this.link.post(this, sequence, frame);
  }

  #finalFrame(interrupt: boolean): string {
    this.#finalSent = true;
    this.#sequence++;
    return this.#parts.build({
      pcm: new Uint8Array(0),
      sequence: this.#sequence,
      final: true,
      ...(interrupt && { interrupt }),
    });
  }
}

/** Packets of 2560 samples; the last may be shorter. */
async function* packets(pieces: AsyncIterable<Int16Array>): AsyncGenerator<Uint8Array> {
  let packet = new Int16Array(audioPacketSamples);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + audioPacketSamples - filled);
      packet.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < audioPacketSamples) break;
      yield littleEndian(packet);
      packet = new Int16Array(audioPacketSamples);
      filled = 0;
    }
  }
  if (filled > 0) yield littleEndian(packet.subarray(0, filled));
}

function littleEndian(samples: Int16Array): Uint8Array {
  const bytes = Buffer.alloc(2 * samples.length);
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i], 2 * i);
  return bytes;
}
