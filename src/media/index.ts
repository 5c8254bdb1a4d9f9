/** What `facewire/media` offers: the media session alone, without driver, ffmpeg or canvas. */
export { FacewireError, errorTable, type ErrorCode, type ErrorDetail } from '../errors.js';
export {
  arkitIndex,
  arkitNames,
  frameWidth,
  pitchIndex,
  rollIndex,
  weightCount,
  yawIndex,
  type ArkitName,
} from '../frame.js';
export {
  counter as sessionCounter,
  counterLength as sessionCounterLength,
  phase as sessionPhase,
  warning as pushWarning,
} from './binding.js';
export { poolFlag } from './pool-binding.js';
export { expressionShapes, type ExpressionShape } from './expressions.js';
export { loadAddon } from './load-addon.js';
export { featureOrders, type FeatureOrderName } from './orders.js';
export { SessionPool } from './pool.js';
export { PushReport, type PushKind, type PushPart } from './push-report.js';
export { loudnessOf } from './loudness.js';
export { renderPhones, type PhoneSpan, type RenderPhonesOptions } from './render-phones.js';
export { MediaSession } from './session.js';
export type { MediaSessionOptions, ParsedSpeech } from './session-options.js';
export type { ExpressionCue, ExpressionOptions } from './worn-expressions.js';
