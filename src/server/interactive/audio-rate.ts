import type { Clock } from '../../clock.js';
import {
  audioBurstPackets,
  audioPaceRange,
  audioPacketMs,
  commandSampleRate,
} from '../../wire/interactive/command-types.js';

/** What may come too early, because networks bunch packets together. */
const toleranceMs = audioPacketMs;

/**
 * The documented rate of sound: six packets at once, then no faster than 0.75
 * of real time for each packet. Counted in duration, so that small packets count less.
 */
export class AudioRate {
  readonly #clock: Clock;
  #startMs: number | undefined;
  #mediaMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a packet in and returns 0; or returns the milliseconds after which it may come, and counts nothing. */
  admit(samples: number): number {
    const now = this.#clock.now();
    this.#startMs ??= now;
    const mediaMs = this.#mediaMs + (1000 * samples) / commandSampleRate;
    const allowedMs =
      audioBurstPackets * audioPacketMs + toleranceMs + (now - this.#startMs) / audioPaceRange[0];
    if (mediaMs > allowedMs) return Math.ceil((mediaMs - allowedMs) * audioPaceRange[0]);
    this.#mediaMs = mediaMs;
    return 0;
  }
}
