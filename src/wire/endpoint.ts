import { FacewireError } from '../errors.js';

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
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    throw invalid('an address that cannot be read');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid('an address with a user, a query or a fragment');
  }
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw invalid(`the scheme ${url.protocol}`);
  if (!url.pathname.endsWith(drivePath)) url.pathname = url.pathname.replace(/\/+$/, '') + drivePath;
  return url;
}

// The text itself stays out of the error: it may hold a key.
function invalid(received: string): FacewireError {
  return new FacewireError('ERR_OPTION_INVALID', `the cloud address is not usable: ${received}`, {
    expected: 'ws://host[:port] or wss://host[:port], without user, query or fragment',
    received,
  });
}
