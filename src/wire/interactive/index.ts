/** Interactive sessions: the REST API and the command channel, for the client and for the server. */
export * from './paths.js';
export * from './session-types.js';
export * from './command-types.js';
export * from './channel-types.js';
export { sessionSpeechParam, writeRestRequest, type RestRequests } from './write-rest-request.js';
export { readRestRequest, type RestReading } from './read-rest-request.js';
export {
  readRestResponse,
  writeRestError,
  writeRestResponse,
  type RestAnswer,
  type RestResponses,
} from './rest-responses.js';
export { writeCommand } from './write-command.js';
export { readCommand, type CommandReading, type InteractiveRefusal } from './read-command.js';
export {
  readChannelMessage,
  writeChannelError,
  writeContent,
  writeStatus,
  writeUninterruptible,
} from './channel-messages.js';
