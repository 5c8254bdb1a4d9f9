import type {
  CreateByAsset,
  CreateByProject,
  SessionDriver,
  SessionOutput,
  SessionProtocol,
  SessionSpeech,
  VideoLayer,
} from '../../wire/index.js';
import {
  audioPacketMs,
  audioPaceRange,
  minTextGapMs,
  newRequestId,
  writeRestRequest,
} from '../../wire/index.js';
import type { RecorderOptions } from '../../record/recorder.js';
import { invalid } from '../options.js';
import type { ChannelTimes } from './channel.js';
import type { InteractiveTimes } from './drive.js';
import type { RestClientOptions } from './rest-client.js';

export interface InteractiveSessionOptions extends RestClientOptions {
  /** A project, or … */
  readonly projectId?: string;
  /** … an avatar without a project. Exactly one of the two. */
  readonly assetKey?: string;
  /** The caller's own name for the viewer; a new session with the same one closes the older. */
  readonly userId: string;
  /** How the picture comes out. Default rtmp. */
  readonly protocol?: SessionProtocol;
  /** `audio` also takes the caller's own sound. Default text. */
  readonly driver?: SessionDriver;
  /** Default: the cloud chooses. */
  readonly output?: SessionOutput;
  /** Only with `assetKey`; a project has its own. Default: the asset's settings. */
  readonly speech?: SessionSpeech;
  /** Pause in ms after which the cloud ends a stream or a sound by itself: 2000 to 6000. Default: the cloud's, 2000. */
  readonly streamMaxIntervalMs?: number;
  /** Default: the cloud's. */
  readonly alphaChannel?: boolean;
  readonly alphaPadDisabled?: boolean;
  /** Default none; at most 5 layers together. */
  readonly backgrounds?: readonly VideoLayer[];
  readonly foregrounds?: readonly VideoLayer[];
  readonly silenceActionsDisabled?: boolean;
  /** Only for a private deployment. Default: the cloud makes one. */
  readonly sessionId?: string;
  /** Interval of heartbeats in ms, 31 000 to 59 000. Default 45 000. */
  readonly heartbeatMs?: number;
  /** Least distance of two texts in ms, 1001 to 60 000. Default 1100. */
  readonly textGapMs?: number;
  /** Distance of two packets of sound after the first six, in ms, 120 to 160; 160 once 15 s are ahead. Default 120. */
  readonly audioIntervalMs?: number;
  /** Clauses of a stream in clause mode that may be under way before the cloud asks for the next, 1 to 16. Default 1. */
  readonly clausesAhead?: number;
  /** Drives with `when: 'queue'` that may wait for their turn, 1 to 10 000; one more is ERR_BUFFER_FULL. Default 256. */
  readonly maxQueuedDrives?: number;
  /**
   * Bytes of text, and of sound that was not given in pieces, that drives keep while they wait for their turn,
   * 65 536 to 1 073 741 824; more is ERR_BUFFER_FULL. Default 16 777 216 (16 MiB).
   */
  readonly maxQueuedBytes?: number;
  /** Events that a drive keeps for a reader, 1 to 100 000. Default 1024. */
  readonly maxQueuedEvents?: number;
  /** Waits in ms; see SessionTimes. */
  readonly timeouts?: Partial<SessionTimes>;
  /** Records what passes on the REST API and the channel into this file, without secrets; see docs/recording.md. */
  readonly record?: string | RecorderOptions;
  /** Closes the session, also while it is being opened. */
  readonly signal?: AbortSignal;
}

/** Waits of a session, all in ms. */
export interface SessionTimes extends ChannelTimes, InteractiveTimes {
  /** Between two questions whether the session is ready. */
  readonly pollMs: number;
  /** From the creation until it is given up. */
  readonly readyMs: number;
  /** Longest time that a command may wait for the channel. */
  readonly gapMs: number;
  /** For the call that closes the session, with all its attempts. */
  readonly closeMs: number;
}

export const defaultSessionTimes: SessionTimes = {
  pollMs: 5000,
  readyMs: 180_000,
  gapMs: 30_000,
  closeMs: 10_000,
  handshakeMs: 10_000,
  connectMs: 10_000,
  pingMs: 10_000,
  serviceMs: 30_000,
  reconnectCapMs: 10_000,
  giveUpMs: 600_000,
  firstStatusMs: 30_000,
  betweenStatusMs: 300_000,
  interruptMs: 5000,
  confirmMs: 5000,
};

export interface SessionSettings {
  readonly heartbeatMs: number;
  readonly textGapMs: number;
  readonly audioIntervalMs: number;
  readonly clausesAhead: number;
  readonly maxQueuedDrives: number;
  readonly maxQueuedBytes: number;
  readonly maxQueuedEvents: number;
  readonly driver: SessionDriver;
  readonly times: SessionTimes;
}

/** The options with defaults filled in; throws ERR_OPTION_INVALID. */
export function readSettings(options: InteractiveSessionOptions): SessionSettings {
  const whole = (
    name: keyof InteractiveSessionOptions,
    fallback: number,
    low: number,
    high: number,
  ): number => {
    const value = (options[name] as number | undefined) ?? fallback;
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw invalid(name, `a whole number of ${low} to ${high}`, String(value));
  };
  const [fastest, slowest] = audioPaceRange;
  return {
    heartbeatMs: whole('heartbeatMs', 45_000, 31_000, 59_000),
    textGapMs: whole('textGapMs', minTextGapMs + 100, minTextGapMs + 1, 60_000),
    audioIntervalMs: whole(
      'audioIntervalMs',
      audioPacketMs * fastest,
      audioPacketMs * fastest,
      audioPacketMs * slowest,
    ),
    clausesAhead: whole('clausesAhead', 1, 1, 16),
    maxQueuedDrives: whole('maxQueuedDrives', 256, 1, 10_000),
    maxQueuedBytes: whole('maxQueuedBytes', 16 * 1024 * 1024, 64 * 1024, 1024 ** 3),
    maxQueuedEvents: whole('maxQueuedEvents', 1024, 1, 100_000),
    driver: options.driver ?? 'text',
    times: readSessionTimes(options.timeouts),
  };
}

function readSessionTimes(given: Partial<SessionTimes> = {}): SessionTimes {
  const times: Record<string, number> = { ...defaultSessionTimes };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaultSessionTimes, name)) {
      throw invalid(`timeouts.${name}`, Object.keys(defaultSessionTimes).join(', '), name);
    }
    if (!(value >= 1 && value <= 0x7fffffff)) {
      throw invalid(`timeouts.${name}`, '1 to 2147483647 ms', String(value));
    }
    times[name] = value;
  }
  return times as unknown as SessionTimes;
}

export type Creation =
  | { readonly call: 'createByProject'; readonly request: Omit<CreateByProject, 'requestId'> }
  | { readonly call: 'createByAsset'; readonly request: Omit<CreateByAsset, 'requestId'> };

/** The request that creates the session, checked against every documented limit. */
export function readCreation(options: InteractiveSessionOptions): Creation {
  const { projectId, assetKey, speech } = options;
  if ((projectId === undefined) === (assetKey === undefined)) {
    throw invalid(
      'projectId and assetKey',
      'exactly one of them',
      projectId === undefined ? 'neither' : 'both',
    );
  }
  if (projectId !== undefined && speech !== undefined) {
    throw invalid('speech', 'none with projectId, which has its own', 'settings of speech');
  }
  const names = [
    'sessionId',
    'output',
    'streamMaxIntervalMs',
    'alphaChannel',
    'alphaPadDisabled',
    'backgrounds',
    'foregrounds',
    'silenceActionsDisabled',
  ] as const;
  const settings = {
    userId: options.userId,
    protocol: options.protocol ?? ('rtmp' as const),
    driver: options.driver ?? ('text' as const),
    ...Object.fromEntries(
      names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
    ),
    ...(speech !== undefined && { speech }),
  };
  const requestId = newRequestId();
  if (projectId !== undefined) {
    const request = { ...settings, projectId };
    writeRestRequest('createByProject', { ...request, requestId });
    return { call: 'createByProject', request };
  }
  const request = { ...settings, assetKey: assetKey! };
  writeRestRequest('createByAsset', { ...request, requestId });
  return { call: 'createByAsset', request };
}
