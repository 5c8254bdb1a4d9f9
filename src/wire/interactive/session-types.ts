import type { VideoLayer } from './video-layer.js';

export type { VideoLayer };

export const sessionProtocols = ['rtmp', 'trtc', 'webrtc'] as const;
/** How the picture comes out of the cloud. */
export type SessionProtocol = (typeof sessionProtocols)[number];

/** `text`: driven by text only. `audio`: by the caller's own sound, and by text. */
export type SessionDriver = 'text' | 'audio';

/** How the avatar of a session sounds. Other ranges than `SpeechSettings`; never share one object between the two APIs. */
export interface SessionSpeech {
  /** In percent, 50 to 200; 100 is normal. */
  readonly speedPercent?: number;
  /** Name of the timbre. */
  readonly timbre?: string;
  /** In dB, -10 to 10, whole; 0 is normal. */
  readonly volumeDb?: number;
  /** Language of a timbre that has several. */
  readonly language?: string;
}

/** Where the picture goes. */
export interface SessionOutput {
  /** Push to this RTMP address (rtmp://host/app/stream?key…). No play address comes back then. A secret. */
  readonly pushUrl?: string;
  /** Use an app of the caller's own. Without it the platform's is used, which is for debugging only. */
  readonly trtcExternalApp?: boolean;
  /** Required with an external app. */
  readonly trtcAppId?: string;
  /** 0 to 4294967294; the cloud chooses one when it is left out. Wins over `trtcRoomName`. */
  readonly trtcRoomId?: number;
  /** Room with a name instead of a number; one of the two is required with an external app. */
  readonly trtcRoomName?: string;
  /** Kind of room id that the cloud makes by itself. */
  readonly trtcAutoRoom?: 'number' | 'name';
  /** Required with an external app. A secret. */
  readonly trtcUserSignature?: string;
  /** Required with an external app. A secret. */
  readonly trtcPrivateKey?: string;
}

interface SessionSettings {
  readonly requestId: string;
  /** Only a private deployment takes one; the public cloud makes its own. */
  readonly sessionId?: string;
  /** The caller's own name for the viewer. A new session with the same one closes the older. */
  readonly userId: string;
  readonly protocol: SessionProtocol;
  readonly driver: SessionDriver;
  readonly output?: SessionOutput;
  /** Pause in ms after which the cloud ends streamed text and sound by itself: 2000 to 6000; its default is 2000. */
  readonly streamMaxIntervalMs?: number;
  readonly alphaChannel?: boolean;
  readonly alphaPadDisabled?: boolean;
  /** Together with `foregrounds` at most 5; only for avatars that were cut out. */
  readonly backgrounds?: readonly VideoLayer[];
  readonly foregrounds?: readonly VideoLayer[];
  /** No gestures while the avatar is silent. */
  readonly silenceActionsDisabled?: boolean;
}

export interface CreateByProject extends SessionSettings {
  readonly projectId: string;
}

export interface CreateByAsset extends SessionSettings {
  readonly assetKey: string;
  readonly speech?: SessionSpeech;
}

export interface SessionRequest {
  readonly requestId: string;
  readonly sessionId: string;
}

export interface TimbresRequest {
  /** From 1. */
  readonly page: number;
  /** 1 to 100. */
  readonly pageSize: number;
}

export const maxLayers = 5;
export const maxTimbrePage = 100;
export const speedPercentRange = [50, 200] as const;
export const volumeDbRange = [-10, 10] as const;
export const streamMaxIntervalRangeMs = [2000, 6000] as const;
export const defaultStreamMaxIntervalMs = 2000;
export const maxTrtcRoomId = 4_294_967_294;

/** `timed-out` is from an older API. A number that is in no document reads as `unknown`. */
export type SessionStatus = 'ready' | 'closed' | 'preparing' | 'failed' | 'timed-out' | 'unknown';
export const statusNumbers: Readonly<Record<SessionStatus, number>> = {
  ready: 1,
  closed: 2,
  preparing: 3,
  failed: 4,
  'timed-out': 5,
  unknown: 0,
};

/** Why a session was closed: by its owner, idle, nobody took the picture, a restart of the service, or the same user id. */
export type CloseReason = 'owner' | 'idle' | 'downstream-gone' | 'restart' | 'replaced';
export const closeNumbers: Readonly<Record<CloseReason, number>> = {
  owner: 1,
  idle: 2,
  'downstream-gone': 3,
  restart: 4,
  replaced: 5,
};

export const driverNumbers: Readonly<Record<SessionDriver, number>> = { text: 1, audio: 3 };

export interface CreatedSession {
  readonly requestId: string;
  readonly sessionId: string;
  readonly status: SessionStatus;
  /** May come only when the session is ready, and never with a push address of the caller's. May hold a secret. */
  readonly playAddress?: string;
}

export interface SessionState {
  readonly requestId: string;
  readonly status: SessionStatus;
  readonly playAddress?: string;
  /** As the wire has it. */
  readonly speakStatus?: string;
  /** Stays true after the session was closed: look at `status` for life. */
  readonly started: boolean;
  /** Code of what happened to the session, 0 for nothing. */
  readonly errorCode: number;
  readonly errorMessage?: string;
  readonly closeReason?: CloseReason;
}

export interface ListedSession {
  readonly userId: string;
  readonly sessionId: string;
  readonly status: SessionStatus;
  readonly playAddress?: string;
  /** Undefined for a number that is in no document. */
  readonly driver?: SessionDriver;
  readonly started: boolean;
  readonly projectId?: string;
  readonly assetKey?: string;
  readonly avatarKey?: string;
}

export interface SessionList {
  readonly requestId: string;
  readonly sessions: readonly ListedSession[];
}

export interface Timbre {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** Address of a sample of its sound, or empty. */
  readonly sample: string;
  readonly gender?: 'male' | 'female';
  /** Emotions that it can speak with. */
  readonly emotions: readonly string[];
  readonly languages: readonly string[];
}

export interface TimbrePage {
  readonly total: number;
  readonly timbres: readonly Timbre[];
}

export interface AvatarAction {
  readonly name: string;
  /** What SSML and the action cues call it. */
  readonly code: string;
  readonly sample: string;
}

export interface Acknowledged {
  readonly requestId: string;
}
