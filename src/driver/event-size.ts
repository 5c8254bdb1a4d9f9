import type { DriveEvent } from './events.js';

/** Bytes that an event holds, about. */
export function sizeOfEvent(event: DriveEvent): number {
  if (event.type !== 'speech' || event.packet === undefined) return 1024;
  return 1024 + event.packet.pcm.byteLength + event.packet.features.byteLength;
}
