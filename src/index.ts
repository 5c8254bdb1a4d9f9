// The media session with its errors and frame layout is an entry of its own, facewire/media.
export * from './media/index.js';
export {
  AudioDrive,
  Drive,
  EndpointDriver,
  InteractiveDrive,
  InteractiveSession,
  Recording,
  Replay,
  RestClient,
  SessionReplay,
  StreamDrive,
  StreamTextDrive,
} from './driver/index.js';
export type * from './driver/index.js';
export { publicOrigins } from './wire/endpoint.js';
export type { FrameMoment, Renderer } from './avatar/renderer.js';
export {
  CallbackRenderer,
  type CallbackRendererOptions,
  type DrawCallback,
  type PictureRequest,
} from './renderers/callback-renderer.js';
export type { Engine, EngineCommand, EngineStreams } from './renderers/engine-link.js';
export type { ForeignOptions, RendererCounts, RendererEvent } from './renderers/foreign-renderer.js';
export { PipeRenderer, type PipeRendererOptions } from './renderers/pipe-renderer.js';
export { Composition, type CompositionOptions } from './compose/composition.js';
export type { Caption, CaptionSource } from './compose/caption.js';
export type { CaptionStyle, LogoOptions } from './compose/overlay-options.js';
export type { Transparency } from './compose/transparency.js';
export { Subtitles, SubtitleTrack, type SubtitlesOptions } from './player/subtitles.js';
export type { AlphaKind, PixelFormat } from './pixel-format.js';
export { DrawnFace, type DrawnFaceOptions } from './avatar/drawn-face.js';
export { Player, type PlayerEvents, type PlayerOptions } from './player/player.js';
export { perform, type Performance, type PerformOptions } from './player/perform.js';
export type { InterruptedEvent, SpokenEvent } from './player/spoken-events.js';
export type { TextRange } from './driver/transcript.js';
export type { Cue } from './player/utterance-log.js';
export { Calibration, type CalibrationData, type ChannelCalibration } from './rigs/calibration.js';
export {
  faceChannels,
  faceWidth,
  makeRig,
  readRig,
  rigNamed,
  rigs,
  writeRig,
  type FaceChannel,
  type Rig,
  type RigName,
} from './rigs/rigs.js';
export { VisemeReader } from './rigs/viseme-reader.js';
export { visemeSets, type VisemeSet, type VisemeSetName } from './rigs/viseme-sets.js';
export { visemeTrack, type VisemeSpan } from './rigs/viseme-track.js';
export type { OutputFormat, Picture, Sink, SinkReport, SoundClock, Span } from './sinks/sink.js';
export { DeviceSink, listDevices, type DeviceSinkOptions, type SoundDevice } from './sinks/device-sink.js';
export type { DeviceChange, DeviceCounters } from './sinks/device-sink.js';
export { RevivingCard, type RevivingCardOptions } from './sinks/device/reviving-card.js';
export { RevivingSink, type RevivingSinkOptions } from './sinks/reviving-sink.js';
export { RtmpSink, type PushOptions, type RtmpSinkOptions } from './sinks/rtmp-sink.js';
export { signCssPushUrl, type CssPushOptions } from './sinks/rtmp/css-url.js';
export type { PushAddress } from './sinks/rtmp/connector.js';
export type { PushCounts, PushEvent, PushState } from './sinks/rtmp/push-events.js';
export { PushHosts } from './sinks/rtmp/push-hosts.js';
export type { DropCounts, DropReason } from './sinks/rtmp/send-queue.js';
export type { VideoEncoder } from './sinks/choose-codec.js';
export type { EncoderOptions } from './sinks/encoder-options.js';
export type { EncoderCounts, EncoderDrops, EncoderEvent, EncoderKind } from './sinks/encoder-events.js';
export { Mp4Sink, type Mp4SinkOptions } from './sinks/mp4-sink.js';
export { TimelineSink } from './sinks/timeline-sink.js';
export { WavSink } from './sinks/wav-sink.js';
export { NullSink } from './sinks/null-sink.js';
export {
  LocalCloud,
  startLocalCloud,
  type CloudConnection,
  type LocalCloudOptions,
} from './server/local-cloud.js';
export type { InteractiveOptions } from './server/interactive/options.js';
export type { PictureOptions } from './server/interactive/face-stage.js';
export type { AnswerSource, Question } from './server/answer-source.js';
export { ChatEndpoint, type ChatEndpointOptions } from './server/answers/chat-endpoint.js';
export { QuestionAnswers } from './server/answers/question-answers.js';
export { Script } from './server/script/script.js';
export { SensitiveWords } from './server/script/sensitive-words.js';
export { createVoice } from './voice/create-voice.js';
export type { SpokenClause, Voice } from './voice/voice.js';
export { verifyRecording, type VerifyReport } from './verify/report.js';
