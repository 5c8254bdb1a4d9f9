export { FacewireError, errorTable, type ErrorCode, type ErrorDetail } from './errors.js';
export { arkitNames, arkitIndex, frameWidth, weightCount, type ArkitName } from './frame.js';
