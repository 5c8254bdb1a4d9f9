import { cloudUrl, webSocketSchemes } from './cloud-url.js';

/** Path of the endpoint-rendering socket, the same in both regions and on our own server. */
export const drivePath = '/v2/ws/ivh/interactdriver/interactdriverservice/driverengine';

/** Public origins. Accounts of one region do not work in the other. */
export const publicOrigins = {
  china: 'wss://gw.tvs.qq.com',
  international: 'wss://gw-sg.tvs.qq.com',
} as const;

/** Most bytes of one downstream frame that is accepted; one second of speech is about 0.1 MB. */
export const maxFrameBytes = 16 * 1024 * 1024;

/** Times on the wire that belong together: 24 kHz mono and 25 mouth frames a second unless told otherwise. */
export const defaultSampleRate = 24_000;
export const defaultFeatureHopTicks = 400_000;
export const defaultFeatureDimension = 52;

/**
 * The socket's address without its query. `origin` is the scheme and host,
 * with or without a path prefix of a private deployment; http and https are read as ws and wss.
 */
export function driveUrl(origin: string): URL {
  return cloudUrl(origin, drivePath, webSocketSchemes);
}
