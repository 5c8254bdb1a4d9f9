import type { ServerOptions } from 'ws';

/**
 * What the server takes from one client at a socket, of drives and of sessions alike. The longest text and the longest
 * packet of sound fit with room to spare (maxAudioBytes); the fragments are what 64 KiB need in single Ethernet packets.
 */
export const socketLimits = {
  maxPayload: 64 * 1024,
  maxFragments: 64,
  maxBufferedChunks: 1024,
  // Pings that come faster than a peer reads the answers end its socket.
  maxPendingAutoPongs: 60,
  // A peer that sends many messages at once does not keep the others waiting until all are read.
  allowSynchronousEvents: false,
  perMessageDeflate: false,
  closeTimeout: 2000,
} as ServerOptions;
