/** Interactive sessions: a cloud-rendered avatar, driven by text, streams and sound. */
export { AudioDrive } from './audio-drive.js';
export type { ChannelTimes } from './channel.js';
export type { Clock } from '../../clock.js';
export {
  InteractiveDrive,
  type InteractiveEvent,
  type InteractiveKind,
  type InteractiveResult,
  type InteractiveTimes,
} from './drive.js';
export { RestClient, type CallOptions, type RestClientOptions, type RestEnvironment } from './rest-client.js';
export { InteractiveSession } from './session.js';
export { SessionReplay, type SessionMoment } from './session-replay.js';
export type * from './session-types.js';
export type { InteractiveSessionOptions, SessionTimes } from './session-options.js';
export type { Sound } from './sound-source.js';
export { StreamTextDrive } from './stream-drive.js';
