interface CommandIds {
  /** 32 hex digits: one per drive, the same for all packets of a stream. */
  readonly requestId: string;
  readonly sessionId: string;
}

/** Speaks a text, or passes it to the dialogue service. Empty with `interrupt` it stops what is being said. */
export interface TextCommand extends CommandIds {
  readonly kind: 'text';
  /** At most `maxTextBytes` of UTF-8. */
  readonly text: string;
  /** Also past a mark that says 'not interruptible'. */
  readonly interrupt?: boolean;
  /** Speak the text as it is; false or left out: it is a question to the dialogue service, where one is bound. */
  readonly asIs?: boolean;
  /** Keeps rounds of a conversation apart; a large-model dialogue needs it. */
  readonly roundId?: string;
  /** Visitor of the knowledge engine, at most 64 characters. */
  readonly visitorId?: string;
  readonly smartActions?: boolean;
  /** JSON text that is carried in the picture's stream. */
  readonly seiInfo?: string;
}

/** One packet of a streamed text; only what is new. */
export interface StreamCommand extends CommandIds {
  readonly kind: 'stream';
  /** At most `maxFragmentBytes` of UTF-8. */
  readonly text: string;
  /** From 1. */
  readonly sequence: number;
  readonly final: boolean;
  /** With an empty text: stops the stream. */
  readonly interrupt?: boolean;
  readonly smartActions?: boolean;
  /** Clause mode: every packet is one clause, and the cloud does not regroup them. */
  readonly clause?: boolean;
  /** Clause mode: speak this one next. */
  readonly insert?: boolean;
}

/** One packet of sound; a final one is empty. */
export interface AudioCommand extends CommandIds {
  readonly kind: 'audio';
  /** Little-endian s16 at 16 kHz mono, at most `audioPacketBytes`. */
  readonly pcm: Uint8Array;
  /** From 1. */
  readonly sequence: number;
  readonly final: boolean;
  /** Newer documents only. */
  readonly interrupt?: boolean;
  readonly seiInfo?: string;
}

export interface HeartbeatCommand extends CommandIds {
  readonly kind: 'heartbeat';
}

export type Command = TextCommand | StreamCommand | AudioCommand | HeartbeatCommand;

/** Bytes of UTF-8 of one SEND_TEXT. */
export const maxTextBytes = 4000;
/** What a newer page allows for one packet of a stream, and what our server takes; our client keeps to `maxFragmentBytes`. */
export const newerFragmentBytes = 2000;
export const commandSampleRate = 16_000;
/** 160 ms of sound. */
export const audioPacketSamples = 2560;
export const audioPacketBytes = 2 * audioPacketSamples;
/**
 * Most bytes of one packet that our server takes: eight of the documented ones. In base64, with room for what else is
 * in the packet, they fit a message of 64 KiB; at the documented rate no more than seven pass at once anyhow.
 */
export const maxAudioBytes = 8 * audioPacketBytes;
export const audioPacketMs = 160;
/** Packets at the beginning of an utterance that may go out at once. */
export const audioBurstPackets = 6;
/** Bounds of packet interval / packet duration after the burst. */
export const audioPaceRange = [0.75, 1] as const;
/** Texts must be further apart than this. */
export const minTextGapMs = 1000;
export const maxVisitorIdCharacters = 64;
/** Heartbeats must be further apart than the first and closer than the second. */
export const heartbeatLimitsMs = [30_000, 600_000] as const;
/** The channel is cut after this long without traffic, the session closed after `sessionIdleMs`. */
export const channelIdleMs = 180_000;
export const sessionIdleMs = 600_000;
/** Drives whose statuses come again after a reconnect. */
export const replayedDrives = 3;
