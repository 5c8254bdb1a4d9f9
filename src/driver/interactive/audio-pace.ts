import { audioBurstPackets, audioPacketMs } from '../../wire/index.js';

/** As far ahead of what is heard the cloud is kept, in ms; more would only fill its memory. */
const mostAheadMs = 15_000;

/**
 * When a packet of a sound is due, in ms after the first: six at once, then one
 * each `intervalMs`, and, once 15 s are waiting at the cloud, one each 160 ms,
 * as fast as they are heard. So the documented range of 0.75 to 1 of real time
 * is kept at every moment, and a sound of any length fits.
 *
 * @param index from 0.
 */
export function audioDueMs(index: number, intervalMs: number): number {
  const after = Math.max(0, index - audioBurstPackets + 1);
  const gainMs = audioPacketMs - intervalMs;
  const fast = gainMs > 0 ? Math.min(after, Math.ceil(mostAheadMs / gainMs)) : after;
  return fast * intervalMs + (after - fast) * audioPacketMs;
}
